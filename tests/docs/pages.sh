#!/bin/bash
# What the documents say can be followed: links lead somewhere, commands and flags exist, make knows its targets, and the examples
# of commands that need nothing run. $1: sockctl.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
sockctl=$(realpath "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
# DESIGN of the commands: these read, need no privilege and end by themselves.
needs_nothing='options check show doctor host'

# Relative links of a Markdown file that lead nowhere.
dead_links()
{
	grep -oE '\]\([^)#: ]+' "$1" | sed 's/^](//' | sort -u | while read -r target; do
		[ -e "$(dirname "$1")/$target" ] || echo "$1: no $target"
	done
}

# "sockctl WORD" in code, where WORD is no command; "make WORD", where WORD is no target.
unknown_words()
{
	grep -hoE '(`|^ +(\$ )?|^\| *`)(build/)?sockctl +[a-z]+' "$1" | awk '{ print $NF }' | sort -u | while read -r word; do
		grep -qx "$word" "$scratch/commands" || echo "$1: sockctl $word is no command"
	done
	grep -hoE '(`|^ +(\$ )?)make +[a-z]+' "$1" | awk '{ print $NF }' | sort -u | while read -r word; do
		grep -qE "^$word:" Makefile || echo "$1: make $word is no target"
	done
}

# The examples of a command, without their comments. A probe needs namespaces.
examples()
{
	"$sockctl" "$1" --help | sed -n '/^Examples:/,$ { /^Examples:/d; s/  *# .*//; s/^ *//; /--probe/d; /./p; }'
}

"$sockctl" --help | sed -nE 's/^  ([a-z]+) .*/\1/p' >"$scratch/commands"
echo help >>"$scratch/commands"
mapfile -t documents < <(find . -name '*.md' -not -path './build/*' -not -path './.git/*' | sed 's|^\./||' | sort)
: >"$scratch/runs"
for command in $needs_nothing; do
	grep -qx "$command" "$scratch/commands" && examples "$command" >>"$scratch/runs"
done
mapfile -t runs <"$scratch/runs"

echo "1..$((2 * ${#documents[@]} + ${#runs[@]} + 1))"
for document in "${documents[@]}"; do
	dead_links "$document" >"$scratch/out"
	[ ! -s "$scratch/out" ]
	result "$document: links" $?
	unknown_words "$document" >"$scratch/out"
	[ ! -s "$scratch/out" ]
	result "$document: commands and targets" $?
done
for line in "${runs[@]}"; do
	# 1 means findings: the command worked.
	(cd "$scratch" && PATH=$(dirname "$sockctl"):$PATH timeout 20 bash -c "$line" >"$scratch/out" 2>&1)
	status=$?
	[ $status -le 1 ] && [ -s "$scratch/out" ]
	result "example: $line" $?
done
[ ${#documents[@]} -gt 2 ] && [ ${#runs[@]} -gt 0 ]
result 'there are documents and examples' $?
