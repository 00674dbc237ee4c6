#!/bin/bash
# Everything compiles with clang too, without a warning; the library with nothing but a small libc, and it keeps the promises
# of sockctl.h: no malloc, no output, no name resolution, no globals.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
mkdir -p build
exec 8>build/.compilers.lock
flock 8

# The build directory is kept, so that only the first time is slow.
with_clang()
{
	{
		[ -f build/clang/build.ninja ] || CC=clang meson setup build/clang -Dwerror=true -Dbuildtype=plain -Doptimization=0
	} >"$scratch/out" 2>&1 && ninja -C build/clang >>"$scratch/out" 2>&1
}

# library_with COMPILER DIRECTORY: its objects, as constant as they can be (no position independence).
library_with()
{
	local source
	mkdir -p "$2"
	for source in src/base/*.c src/catalog/*.c src/socket/*.c; do
		$1 -std=gnu11 -O1 -fno-pic -fno-pie -Wall -Wextra -Werror -Wno-missing-field-initializers -Wno-format-truncation \
			-D_GNU_SOURCE -DSOCKCTL_VERSION='"0"' -Iinclude -Isrc -c "$source" -o "$2/$(echo "$source" | tr / _).o" || return 1
	done >"$scratch/out" 2>&1
}

# Undefined symbols that would break a promise; writable data likewise. Prints them.
promises_broken()
{
	nm -u "$1"/*.o | awk '$1 == "U" { print $2 }' | sort -u |
		grep -xE 'malloc|calloc|realloc|free|strdup|(v|f|d)*printf|f?puts|fd?open|std(out|err|in)|syslog|(get|free)addrinfo|exit|abort|pthread_.*'
	nm --defined-only "$1"/*.o | awk '$2 ~ /^[bBdDC]$/ { print "writable:", $3 }'
}

echo 1..4
name='clang builds everything, and warns of nothing'
if command -v clang >/dev/null; then
	with_clang
	result "$name" $?
else
	skip "$name" 'no clang here'
fi
name='the library builds with musl'
if command -v musl-gcc >/dev/null; then
	library_with musl-gcc "$scratch/musl"
	result "$name" $?
else
	skip "$name" 'no musl-gcc here'
fi
name='the library keeps its promises'
if library_with "${CC:-gcc}" "$scratch/objects"; then
	promises_broken "$scratch/objects" >"$scratch/out"
	[ ! -s "$scratch/out" ]
fi
result "$name" $?
name='sockctl.h is C++ too'
if command -v clang++ >/dev/null || command -v g++ >/dev/null; then
	compiler=$(command -v g++ || command -v clang++)
	echo '#include "sockctl.h"' | "$compiler" -Wall -Wextra -Werror -Iinclude -x c++ -fsyntax-only - >"$scratch/out" 2>&1
	result "$name" $?
else
	skip "$name" 'no C++ compiler here'
fi
