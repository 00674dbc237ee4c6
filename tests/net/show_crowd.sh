#!/bin/bash
# `sockctl show` among many sockets, those of bench/show: all are there, memory does not grow with them, and they go with whoever made
# them.
# $1 $2 $3: sockctl, bench-show-sockets, bench-show-time.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
sockctl=$1 sockets=$2 took=$3
few=2000 many=40000

# ends_with PATTERN FILE: the end of a record that matches.
ends_with()
{
	tail -c 2000 "$2" >"$scratch/out"
	grep -qE "$1" "$scratch/out"
}

# peak NUMBER: of memory among so many sockets, in KiB.
peak()
{
	"$sockets" "$1" -- "$took" "$sockctl" show -taj 2>&1 | tee "$scratch/out" | awk '{ print $4 }'
}

echo 1..5
"$sockets" $few -- "$sockctl" show -taj >"$scratch/json" 2>"$scratch/why"
status=$?
if [ $status = 77 ]; then
	for name in json lines ndjson memory end; do
		skip "$name" "$(tail -n 1 "$scratch/why")"
	done
	exit
fi
[ $status = 0 ] && ends_with "\"shown\":$few,.*\"complete\":true" "$scratch/json" &&
	[ "$(grep -o '"cookie":[0-9]*' "$scratch/json" | sort -u | wc -l)" = $few ]
result "of $few sockets each is shown, once" $?

"$sockets" $few 300 -- "$sockctl" show -tlj >"$scratch/json" 2>&1 && ends_with '"shown":300,.*"complete":true' "$scratch/json"
result 'and the listeners among them' $?

"$sockets" $few -- "$sockctl" show -ta --ndjson >"$scratch/json" 2>&1 && ends_with "\"shown\":$few," "$scratch/json" &&
	[ "$(wc -l <"$scratch/json")" = $((few + 1)) ]
result 'a line for each' $?

small=$(peak $few) large=$(peak $many)
echo "peak of memory: $small KiB among $few, $large KiB among $many" >>"$scratch/out"
[ -n "$small" ] && [ -n "$large" ] && [ "$large" -lt $((small + 8192)) ]
result "memory is the same among $many, but for what is read ahead" $?

# Whatever was started holds the pipe open as long as it lives.
mkfifo "$scratch/alive" "$scratch/ready"
timeout 30 cat "$scratch/alive" &
reader=$!
"$sockets" $few -- sh -c "echo >'$scratch/ready'; exec tail -f /dev/null" 9>"$scratch/alive" &
maker=$!
read -r -t 30 <"$scratch/ready"
{ kill -KILL $maker && wait $maker; } 2>/dev/null
wait $reader
result 'killed, it leaves nothing' $?
