#!/bin/bash
# The emulated link with real traffic: rate, delay, queue, loss, families, and that nothing outlives sockctl.
# link.sh SOCKCTL TRAFFIC
sockctl=$1 traffic=$2
tests=0
scratch=$(mktemp -d)
export LINK_TEST_MARK=$scratch            # in the environment of all that this script starts
trap 'rm -rf "$scratch"' EXIT

result() {                                # result STATUS NAME [DIAGNOSIS]
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; echo "# ${3//$'\n'/$'\n'# }"; fi
}
skip() { tests=$((tests + 1)); echo "ok $tests - $1 # SKIP $2"; }

# try NAME COMMAND: a claim about time holds if one of four attempts shows it, the machine being what it is.
try() {
	local name=$1 attempt; shift
	for attempt in 1 2 3 4; do
		said=$("$@" 2>&1) && { result 0 "$name"; return; }
		echo "# attempt $attempt: ${said//$'\n'/$'\n'# }"
	done
	result 1 "$name" "$said"
}

# between VALUE LOW HIGH
between() { awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v >= l && v <= h) }' || { echo "$1 is not in $2 to $3"; return 1; }; }

# across PATH SERVER CLIENT...: sockctl's flags may stand before PATH in $flags.
across() {
	local path=$1 server=$2; shift 2
	"$sockctl" path $flags -v "$path" --server "$traffic $server {port}" -- "$traffic" "$@"
}

goodput() {                               # of 20 Mbit/s: 19.3 of payload
	local bytes wrong bits
	read -r bytes wrong bits <<<"$(across rtt=4ms,rate=20mbit tcp-server tcp {server} {port} 1500)"
	[ "$wrong" = 0 ] || { echo "$wrong of $bytes bytes are wrong"; return 1; }
	between "$bits" 17400000 21200000
}

intact() {                                # cut super-packets, losses and drops leave the bytes as they were
	read -r bytes wrong bits <<<"$(across rtt=1ms,rate=200mbit,loss=1%,queue=40K tcp-server tcp {server} {port} 1000 2>"$scratch/intact")"
	cat "$scratch/intact"
	[ "$wrong" = 0 ] && [ "$bytes" -gt 1000000 ] && grep -q 'up:.*lost [1-9]' "$scratch/intact"
}

delay() {
	read -r least middle <<<"$(across rtt=20ms echo-server echo {server} {port} 50 2>/dev/null)"
	[ "$least" -ge 20000 ] && between "$middle" 20000 23000
}

one_way_delay() {                         # the sum counts, however it is shared
	read -r least middle <<<"$(across up.delay=3ms,down.delay=17ms echo-server echo {server} {port} 20 2>/dev/null)"
	[ "$least" -ge 20000 ] && between "$middle" 20000 23000
}

# 100 packets of 1428 bytes at once into a queue of 32 KB: 22 fit, and those that leave meanwhile.
queue_drops() {
	read -r got bytes <<<"$(across rate=5mbit,queue=32K udp-server udp {server} {port} -100 1400 1 2>"$scratch/drops")"
	dropped=$(sed -n 's/.*up:.*queue \([0-9]*\),.*/\1/p' "$scratch/drops")
	cat "$scratch/drops"
	echo "got $got, dropped $dropped"
	[ "$dropped" -gt 0 ] && between "$got" 22 60 && [ $((got + dropped)) -ge 100 ]
}

loss() {                                  # 4 deviations of 2000 packets at 10 %
	read -r got bytes <<<"$(across loss=10% udp-server udp {server} {port} 2000 100 1 2>"$scratch/loss")"
	lost=$(sed -n 's/.*up:.*lost \([0-9]*\)/\1/p' "$scratch/loss")
	echo "got $got, lost $lost"
	between "$lost" 146 256 && between "$got" $((2000 - lost)) $((2000 - 146))
}

datagrams() {                             # datagrams DATAGRAMS BYTES COUNT SIZE SEGMENTS
	local want="$1 $2"; shift 2
	got=$(across rtt=1ms,rate=1gbit udp-server udp {server} {port} "$@" 2>/dev/null)
	echo "got $got"
	[ "$got" = "$want" ]
}

together() {
	(goodput) & first=$!
	(goodput) & second=$!
	wait $first; one=$?
	wait $second && [ $one = 0 ]
}

# --- nothing left behind ---------------------------------------------------------------------------------------------------

marked() {                                # processes with our mark, but for this script's own
	grep -lzsF "LINK_KILL=$1" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|'
}
holders() { readlink /proc/[0-9]*/ns/net 2>/dev/null | grep -cF "$1"; }

wait_until() {                            # wait_until COMMAND...: 10 s at most
	local end=$((SECONDS + 10))
	until "$@"; do [ $SECONDS -lt $end ] || return 1; done
}
nobody() { [ -z "$(marked "$1")" ]; }
unheld() { [ "$(holders "$1")" = 0 ]; }

killed() {                                # kill -9 while client and server run
	local mark=$scratch/killed.$RANDOM
	LINK_KILL=$mark "$sockctl" path rtt=1ms,rate=1mbit --server "$traffic tcp-server {port}" -- \
		sh -c "readlink /proc/self/ns/net >$mark; sleep 1000 & sleep 1000" &
	local pid=$!
	wait_until test -s "$mark" || { echo "the client never ran"; return 1; }
	local netns; netns=$(cat "$mark")
	[ "$(holders "$netns")" -ge 1 ] && [ "$(marked "$mark" | wc -l)" -ge 5 ] || { echo "not as it should be before"; return 1; }
	kill -9 $pid; wait $pid 2>/dev/null
	wait_until nobody "$mark" || { echo "left: $(marked "$mark")"; return 1; }
	wait_until unheld "$netns" || { echo "$netns is still held"; return 1; }
}

killed_early() {                          # kill -9 at any moment of the beginning
	local mark=$scratch/early.$RANDOM i
	for i in $(seq 25); do
		LINK_KILL=$mark "$sockctl" path rtt=1ms --server "$traffic tcp-server {port}" -- sleep 1000 &
		read -rt "0.0$((i / 10))$((i % 10))" <>"$scratch/never"      # 1 to 25 ms
		kill -9 $!; wait $! 2>/dev/null
	done
	wait_until nobody "$mark" || { echo "left: $(marked "$mark" | tr '\n' ' ')"; return 1; }
}

devices() { ls /sys/class/net | tr '\n' ' '; }

# --- other users -----------------------------------------------------------------------------------------------------------

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

restricted() {                            # user.max_user_namespaces is per user namespace: 0 in one of our own
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"' - \
		"$sockctl" path rtt=1ms -- true >"$scratch/restricted" 2>&1
	local code=$?
	cat "$scratch/restricted"
	[ $code = 3 ] && grep -q 'user.max_user_namespaces is 0' "$scratch/restricted"
}

# --- the tests -------------------------------------------------------------------------------------------------------------

mkfifo "$scratch/never"
said=$("$sockctl" path rtt=1ms -- true 2>&1)
if [ $? = 3 ]; then echo "1..0 # SKIP ${said#*: }"; exit 0; fi

before=$(devices)
flags= try "20 Mbit/s carry 19.3 Mbit/s of TCP, within 10 %" goodput
flags=-6 try "the same over IPv6" goodput
flags= try "bytes are intact over loss and drops, IPv4" intact
flags=-6 try "bytes are intact over loss and drops, IPv6" intact
flags= try "20 ms there and back, never less" delay
flags= try "3 ms there and 17 ms back are 20 ms" one_way_delay
flags= try "a queue of 32 KB drops what does not fit" queue_drops
flags= try "10 % loss lose 10 %" loss
flags= try "UDP datagrams pass" datagrams 200 20000 200 100 1
flags= try "UDP fragments pass" datagrams 50 400000 50 8000 1
flags=-6 try "UDP super-packets pass as their datagrams" datagrams 50 70000 5 1400 10
flags= try "two links at once do not disturb each other" together
try "SIGKILL of sockctl leaves no process and no namespace" killed
try "SIGKILL while it starts leaves no process" killed_early
[ "$(devices)" = "$before" ]; result $? "no device is left on the host" "before: $before; after: $(devices)"
if [ "$(id -u)" != 0 ]; then
	skip "an ordinary user can do it" "this is an ordinary user already"
elif ! as_nobody test -x "$sockctl" 2>/dev/null || ! as_nobody unshare -Un true 2>/dev/null; then
	skip "an ordinary user can do it" "another user cannot reach $sockctl, or has no user namespaces"
else
	said=$(as_nobody "$sockctl" path rtt=1ms -- id -u 2>&1); [ "$said" = 65534 ]; result $? "an ordinary user can do it" "$said"
fi
if ! unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces' 2>/dev/null; then
	skip "without user namespaces it says so, exit 3" "cannot make the restriction here"
else
	said=$(restricted); result $? "without user namespaces it says so, exit 3" "$said"
fi
echo "1..$tests"
