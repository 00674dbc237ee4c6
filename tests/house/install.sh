#!/bin/bash
# What `make install` installs is usable: a program is built against header, pkg-config file and library, shared and static, and
# runs; the program, its manual and its completion are in their places. $1: the build directory.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
build=$(realpath "$1")

# user_builds LIBRARY-FLAGS...: compiles and runs a program of somebody else's.
user_builds()
{
	local flags
	flags=$(PKG_CONFIG_SYSROOT_DIR=$scratch/root PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags libsockctl 2>"$scratch/out") || return 1
	# shellcheck disable=SC2086 # several words
	"${CC:-cc}" $flags "$scratch/user.c" -o "$scratch/user" "$@" 2>>"$scratch/out" &&
		LD_LIBRARY_PATH=$(dirname "$library") "$scratch/user" 2>>"$scratch/out"
}

echo 1..5
DESTDIR=$scratch/root meson install -C "$build" --no-rebuild >"$scratch/out" 2>&1
result 'installs into DESTDIR' $?

pc=$(find "$scratch/root" -name libsockctl.pc)
library=$(find "$scratch/root" -name 'libsockctl.so')
cat >"$scratch/user.c" <<-'END'
	#include <sockctl.h>
	int main(void)
	{
		struct sockctl_spec spec;
		struct sockctl_error error;

		return sockctl_spec_parse(&spec, "nodelay,keepalive=30s/10s/3", &error) != 0;
	}
END
name='a program builds with pkg-config and runs with'
if grep -qs -e -fsanitize "$build/compile_commands.json"; then
	why='the library of this build needs the sanitizers'
	skip "$name the shared library" "$why"
	skip "$name the static library" "$why"
else
	user_builds -L"$(dirname "$library")" -lsockctl
	result "$name the shared library" $?
	user_builds "$(dirname "$library")/libsockctl.a"
	result "$name the static library" $?
fi

find "$scratch/root" -path '*/bin/sockctl' -perm -111 >"$scratch/out"
[ -s "$scratch/out" ] && "$(cat "$scratch/out")" --version >>"$scratch/out" 2>&1
result 'the program runs' $?

find "$scratch/root" >"$scratch/out"
name='manual and completion'
grep -q 'bash-completion/completions/sockctl$' "$scratch/out" && grep -q 'man3/sockctl_listen.3$' "$scratch/out"
found=$?
if command -v scdoc >/dev/null; then
	grep -q 'man1/sockctl.1$' "$scratch/out" && grep -q 'man7/sockctl-options.7$' "$scratch/out" || found=1
fi
result "$name" $found
