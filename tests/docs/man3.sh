#!/bin/bash
# Section 3 of the manual is the public header: every function that the library exports has its page, which says what it does
# and returns, and renders without a complaint. $1: the shared library, $2: the pages.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
library=$(realpath "$1") pages=$(realpath "$2")
root=$(cd "$(dirname "$0")/../.." && pwd)
header=$root/include/sockctl.h

# rendered PAGE: as people see it, links followed; what the formatter has against it is in $scratch/out.
rendered()
{
	(cd "$scratch" && groff -man -ww -Tascii -P-cbou "$pages/$1.3" 2>>"$scratch/out")
}

# With its links inside: groff looks for man3/ where it is run.
ln -s "$pages" "$scratch/man3"

nm -D --defined-only "$library" | awk '$2 == "T" { print $3 }' | grep '^sockctl_' | sort >"$scratch/exported"
find "$pages" -name 'sockctl_*.3' -printf '%f\n' | sed 's/\.3$//' | sort >"$scratch/paged"

echo 1..5
comm -23 "$scratch/exported" "$scratch/paged" >"$scratch/out"
[ -s "$scratch/exported" ] && [ ! -s "$scratch/out" ]
result 'every exported function has a page' $?
comm -13 "$scratch/exported" "$scratch/paged" >"$scratch/out"
[ ! -s "$scratch/out" ]
result 'every page is of an exported function' $?

"$root/tools/man3" --check "$header" >"$scratch/out"
result 'every function says what it does and returns' $?

name='every page renders, without a warning, and describes its function'
if command -v groff >/dev/null; then
	: >"$scratch/out"
	while read -r function; do
		rendered "$function" >"$scratch/text"
		for wanted in "$function" 'SYNOPSIS' 'DESCRIPTION' "^ *$function()\|, $function()\|$function(), "; do
			grep -q -e "$wanted" "$scratch/text" || echo "$function: no $wanted" >>"$scratch/out"
		done
	done <"$scratch/paged"
	rendered sockctl >"$scratch/text"
	grep -q 'FUNCTIONS' "$scratch/text" || echo 'sockctl: no FUNCTIONS' >>"$scratch/out"
	[ ! -s "$scratch/out" ]
	result "$name" $?
else
	skip "$name" 'no groff here'
fi

# A declaration that the parser does not understand must not vanish without a word.
grep -oE '\bsockctl_[a-z_0-9]+\(' "$header" | tr -d '(' | sort -u | grep -vxFf "$scratch/paged" >"$scratch/out"
[ ! -s "$scratch/out" ]
result 'every function that the header names has a page' $?
