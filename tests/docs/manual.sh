#!/bin/bash
# Help, man pages and completion say the same: every command, and every flag of its --help with the same words; every option of
# the catalogue. $1: sockctl, $2: the generator, $3: the completion file.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
sockctl=$(realpath "$1") generator=$(realpath "$2") completion=$(realpath "$3")
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$completion"

# What completion offers at the end of these words.
offers()
{
	COMP_WORDS=(sockctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_sockctl
	printf '%s\n' "${COMPREPLY[@]}"
}

# scdoc source without its marks, on one line with single blanks.
plain()
{
	sed -E 's/(^|[^\\])[*_]/\1/g; s/(^|[^\\])[*_]/\1/g; s/\\(.)/\1/g' | tr -s ' \t\n' ' '
}

# The flags of --help: "-x --name VALUE<tab>help". A value is one word.
help_flags()
{
	"$sockctl" "$1" --help | sed -nE '/^Flags:/,/^$/ {
		s/^  (-.|  )(, |  )(--[a-z0-9-]+)?( [^ ]+)? +([^ ].*)/\1 \3\4\t\5/p
	}'
}

# Each flag of --help is in the page, with its words, and offered by completion.
flags_agree()
{
	local command=$1 flags help word
	"$generator" page "$command" | plain >"$scratch/page"
	offers "$command" - | tr '\n' ' ' >"$scratch/offered"
	help_flags "$command" >"$scratch/flags"
	: >"$scratch/out"
	[ -s "$scratch/flags" ] || echo "no flags in the help" >>"$scratch/out"
	while IFS=$'\t' read -r flags help; do
		grep -qF -e "$help" "$scratch/page" || echo "not in the page: $help" >>"$scratch/out"
		for word in $flags; do
			grep -qF -e "$word" "$scratch/page" || echo "not in the page: $word" >>"$scratch/out"
			[[ $word != -* ]] || grep -qwF -e "$word" "$scratch/offered" || echo "not offered: $word" >>"$scratch/out"
		done
	done <"$scratch/flags"
	[ ! -s "$scratch/out" ]
}

usage_agrees()
{
	local usage
	usage=$("$sockctl" "$1" --help | sed -n 's/^usage: //p')
	echo "usage in help: $usage" >"$scratch/out"
	"$generator" page "$1" | plain | grep -qF -e "SYNOPSIS $usage # DESCRIPTION"
}

# Whatever the text, the page must be one.
scdoc_takes()
{
	if ! command -v scdoc >/dev/null; then
		echo 'no scdoc here' >"$scratch/out"
		return 0
	fi
	"$generator" "$@" | scdoc >"$scratch/roff" 2>"$scratch/out"
}

mapfile -t commands < <("$sockctl" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
# shellcheck disable=SC1003 # a backslash, no quote
mapfile -t options < <("$generator" options | sed -nE 's/^\*([a-z][^*]*)\*$/\1/p' | tr -d '\\')
echo "1..$((4 * ${#commands[@]} + 6))"

"$generator" names >"$scratch/out"
[ "${#commands[@]}" -gt 0 ] && [ "$(printf '%s\n' "${commands[@]}")" = "$(cat "$scratch/out")" ]
result 'the list of commands is that of --help' $?
for command in "${commands[@]}"; do
	flags_agree "$command"
	result "$command: flags of help, page and completion" $?
	usage_agrees "$command"
	result "$command: usage of help and page" $?
	scdoc_takes page "$command"
	result "$command: the page is one" $?
	offers "${command:0:2}" >"$scratch/out"
	grep -qx "$command" "$scratch/out"
	result "$command: completion offers it" $?
done

scdoc_takes options
result 'the page of options is one' $?
grep -oE '^OPTION\([a-z_0-9]+, \.name = "[^"]+"' "$root/src/catalog/options.def" | sed -E 's/.*"(.*)"/\1/' >"$scratch/rows"
printf '%s\n' "${options[@]}" | sort | diff <(sort "$scratch/rows") - >"$scratch/out"
result 'the page of options has every row of the catalogue' $?
_sockctl_setting nodelay,keepalive-i
[ "${COMPREPLY[*]}" = 'nodelay,keepalive-idle nodelay,keepalive-interval' ]
result 'completion of the last setting of a spec' $?
_sockctl_setting try:user-
[ "${COMPREPLY[*]}" = 'try:user-timeout' ]
result 'completion behind try:' $?
offers show -o local,keepalive-i >"$scratch/out"
[ "$(tr '\n' ' ' <"$scratch/out")" = 'local,keepalive-idle local,keepalive-interval ' ]
result 'completion of the last column of a list' $?
