#!/bin/bash
# What libsockctl asks of libc: the system calls of calls.def, and functions that do nothing but compute. No allocator, no
# stream, no resolver, no thread, no process. $1: the build directory.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
build=$1
calls=$(dirname "$0")/calls.def

# Functions of the C library that compute, or look up a number that the system has; and what the compiler puts in by itself.
computes='mem(chr|cmp|cpy|mem|move|set)|str(casecmp|chr|cmp|cspn|error|len|ncasecmp|ncmp|nlen|pbrk|rchr|spn|str|verscmp)|strto(ll|l|ul|ull)|v?snprintf|
inet_(ntop|pton)|sysconf|getenv|getpid|__errno_location|__ctype_(b|tolower|toupper)_loc|clock_get(res|time)|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|
__(cxa_finalize|gmon_start__)|_ITM_(de)?registerTMCloneTable'

# Undefined symbols of a library that are on neither list; a checked variant (__snprintf_chk) counts as what it checks.
strangers()
{
	nm -u "$@" | awk '$1 == "U" || $1 == "w" { sub(/@.*/, "", $2); print $2 }' | sort -u |
		sed -E 's/^__(isoc(99|23)_)?(.*)_chk$/\3/; s/^__isoc(99|23)_//; s/^(open|fcntl)64$/\1/' |
		grep -vxE "${computes//$'\n'/}|$(sed -nE 's/^CALL\([a-z_]*, -?[01], ([a-z0-9_]*),.*/\1/p' "$calls" | paste -sd '|')"
}

echo 1..2
for library in libsockctl.a libsockctl.so; do
	name="$library needs system calls and computation only"
	if grep -qs -e -fsanitize "$build/compile_commands.json"; then
		skip "$name" 'the library of this build needs the sanitizers'
		continue
	fi
	strangers "$build/$library" >"$scratch/out" 2>&1
	nm -u "$build/$library" | grep -qw setsockopt || echo 'no symbols to be seen' >>"$scratch/out"
	[ ! -s "$scratch/out" ]
	result "$name" $?
done
