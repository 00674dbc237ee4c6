#!/bin/bash
# What accepted connections get from libsockctl's listeners, by the instruments of bench/accept and bench/listen-race in a few rounds:
# every option, at no system call, and none comes too early for it. No times are judged here.
# $1 $2 $3: bench-accept, bench-accept-plain, bench-listen-race.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
accept=$1 plain=$2 race=$3
strace=$(command -v strace)

# row NAME: its columns behind the intervals: calls, setsockopt, what is not in effect.
row()
{
	grep "^$1 " "$scratch/accept" | sed -E 's/.*\) +//'
}

echo 1..4
"$accept" 1 "$strace" base base "exec $plain \$PORT \$HOW none" ours ours "exec $plain \$PORT \$HOW sockctl" \
	each reference "exec $plain \$PORT \$HOW each" >"$scratch/accept" 2>&1
status=$?
if [ $status = 77 ]; then
	skip 'options' "$(tail -n 1 "$scratch/accept")"
	skip 'calls' 'as above'
else
	cp "$scratch/accept" "$scratch/out"
	[[ $(row ours) == *' -' && $(row each) == *' -' ]]
	result 'every option is in effect on an accepted connection, by libsockctl as by hand' $?
	if [ -z "$strace" ]; then
		skip 'no system call for it' 'no strace here'
	elif grep -q 'system calls unknown' "$scratch/accept"; then
		skip 'no system call for it' "$(grep -m 1 'system calls unknown' "$scratch/accept")"
	else
		[[ $(row ours | tr -s ' ') == '3.0 0.0 -' && $(row each | tr -s ' ') == '11.0 8.0 -' ]]
		result 'no system call for it, and eight by hand' $?
	fi
fi
"$race" 100 >"$scratch/race" 2>&1
status=$?
if [ $status = 77 ]; then
	skip 'race' "$(tail -n 1 "$scratch/race")"
	skip 'shards' 'as above'
else
	cp "$scratch/race" "$scratch/out"
	[ $status = 0 ] && grep -qE "^libsockctl: options.* 0 in 0$" "$scratch/race"
	result 'no connection comes before its options' $?
	[ $status = 0 ] && grep -qE "^libsockctl, 4 shards.* 0 in 0$" "$scratch/race"
	result 'nor with shards' $?
fi
