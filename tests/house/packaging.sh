#!/bin/bash
# That debian/ says what is true of this source: version, licence, the library's symbols, and that each installed file goes into just
# one package; and that the static program lacks no call of libmnl. Builds no package: tests/soak/packages does.
# $1: the build directory, $2: the program, $3: a program that has the static program's calls of libmnl.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
source_root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "$1")
program=$(realpath "$2")
mnl=$(realpath "$3")
cd "$source_root/debian" || exit 1

echo 1..6
packaged=$(sed -nE '1s/^sockctl \(([^)]+)\).*/\1/p' changelog)
"$program" --version >"$scratch/out" && echo "sockctl $packaged" | diff "$scratch/out" - >"$scratch/diff"
status=$?
cp "$scratch/diff" "$scratch/out"
result 'the changelog is about this version' $status

sed '1,/^$/d; s/^$/./' ../LICENSE | sed '/^Copyright/,/^\.$/d' >"$scratch/licence"
sed '1,/^License: Expat$/d' copyright | sed '1,/^License: Expat$/d; s/^ //' | diff "$scratch/licence" - >"$scratch/out" &&
	grep -qF "Copyright: $(sed -nE 's/^Copyright \(c\) //p' ../LICENSE)" copyright
result 'copyright has the text of LICENSE' $?

# What is installed, as paths of a package.
DESTDIR=$scratch/root meson install -C "$build" --no-rebuild >"$scratch/out" 2>&1
status=$?
prefix=$(meson introspect --buildoptions "$build" | sed -nE 's/.*"name": "prefix", "value": "([^"]*)".*/\1/p')
(cd "$scratch/root${prefix}" && find . ! -type d | sed 's|^\./|usr/|') >"$scratch/installed"
[ $status = 0 ] && [ -s "$scratch/installed" ]
result 'installs' $?

# owners FILE: how many lists of packages have it.
owners()
{
	local pattern lists=0
	while read -r pattern; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 == $pattern ]] && lists=$((lists + 1))
	done < <(cat ./*.install)
	echo "$lists"
}
name='each installed file is in just one package, and each line of a package names one'
if ! grep -q '^usr/lib/.*/libsockctl.so$' "$scratch/installed"; then
	skip "$name" 'the libraries of this system are not in a folder per architecture'
elif ! command -v scdoc >/dev/null; then
	skip "$name" 'no scdoc here, and so no manual'
else
	while read -r file; do
		lists=$(owners "$file")
		[ "$lists" = 1 ] || echo "$file: in $lists packages"
	done <"$scratch/installed" >"$scratch/out"
	while read -r pattern; do
		# shellcheck disable=SC2053 # a pattern
		while read -r file; do
			[[ $file == $pattern ]] && continue 2
		done <"$scratch/installed"
		echo "$pattern: nothing is installed there"
	done < <(cat ./*.install) >>"$scratch/out"
	[ ! -s "$scratch/out" ]
	result "$name" $?
fi

nm -D --defined-only "$(find "$scratch/root" -name libsockctl.so)" | awk '$3 ~ /^sockctl_/ { print $3 }' | LC_ALL=C sort >"$scratch/exported"
sed -nE 's/^ ([a-z0-9_]+)@Base .*/\1/p' libsockctl0.symbols | LC_ALL=C sort | diff - "$scratch/exported" >"$scratch/out" &&
	[ -s "$scratch/exported" ]
result 'libsockctl0.symbols has the functions of the library' $?

nm "$program" | sed -nE 's/.* U (mnl_[a-z0-9_]+).*/\1/p' | LC_ALL=C sort -u >"$scratch/called"
nm "$mnl" | sed -nE 's/.* [Tt] (mnl_[a-z0-9_]+)$/\1/p' | LC_ALL=C sort -u | comm -13 - "$scratch/called" >"$scratch/out"
[ ! -s "$scratch/out" ] && [ -s "$scratch/called" ]
result 'src/static/mnl.c has each call of libmnl that the program makes' $?
