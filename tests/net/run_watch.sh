#!/bin/bash
# The processes that watch a program: signals, exit statuses, either of ours killed with a call in flight, nothing left behind.
# shellcheck source=tests/net/run_lib.sh
. "$(dirname "$0")/run_lib.sh"
listen=50                        # its number in /proc/PID/syscall
[ "$(uname -m)" = x86_64 ] || listen=201

# start SPEC STEP...: in the background; sets front, supervisor and program. Output goes to $work/out and $work/err.
start()
{
	local spec=$1
	shift
	: >"$work/out"
	"$sockctl" run "$spec" -- "$subject" "$@" >"$work/out" 2>"$work/err" &
	front=$!
	started+=("$front")
	until_true line_in "$work/out" wait
	supervisor=$(child_of "$front")
	program=$(sed -n 's/^wait: //p' "$work/out" | head -n 1)
	started+=("$supervisor" "$program")
}

# Lets the program go on from its `wait` into listen() while the supervisor is stopped, so that the call is in flight.
listen_unanswered()
{
	kill -STOP "$supervisor"
	kill -USR1 "$program"
	until_true calling "$program" "$listen"
}

standby_of()
{
	[ "$(cat "/proc/$(children "$1" | cut -d' ' -f1)/comm")" = sockctl-standby ] || [ "$(cat "/proc/$(children "$1" |
		cut -d' ' -f2)/comm")" = sockctl-standby ]
}

for signal in INT TERM HUP USR2 WINCH; do
	: >"$work/out"
	env --default-signal "$sockctl" run nodelay -- python3 -c "
import signal, sys
signal.signal(signal.SIG$signal, lambda *_: sys.exit(42))
print('ready', flush=True)
while True: signal.pause()" >"$work/out" &
	started+=($!)
	until_true line_in "$work/out" ready
	kill "-$signal" $!
	wait $!
	is "$signal reaches the program, and its status comes back" $? 42
done 2>/dev/null
{ "$sockctl" run nodelay -- "$subject" raise:9; } 2>/dev/null
is "killed by a signal, so is the front" $? 137
{ "$sockctl" run nodelay -- "$subject" raise:11; } 2>/dev/null
is "a program that crashes" $? 139

start nodelay wait tcp bind listen get:6:1 wait exit:5
kill -STOP "$program"
until_true grep -q 'State:.T' "/proc/$front/status"
is "when the program is stopped, so is the front" "$(sed -n 's/^State:.\(.\).*/\1/p' "/proc/$front/status")" T
is "the supervisor is not" "$(sed -n 's/^State:.\(.\).*/\1/p' "/proc/$supervisor/status")" S
kill -CONT "$front"
kill -USR1 "$program"
until_true line_in "$work/out" get
kill -USR1 "$program"
wait "$front"
is "continued, both go on" "$? $(tail -n 2 "$work/out" | head -n 1)" "5 get: 1"

start nodelay,backlog=9 wait tcp bind listen get:6:1 wait tcp bind listen get:6:1 exit:6
listen_unanswered
kill -KILL "$supervisor"
until_true line_in "$work/out" get
is "supervisor killed with a call in flight" "$(grep -v wait "$work/out" | tr '\n' ' ')" "bind: 0 listen: 0 get: 1 "
like "the stand-by says that it took over" "$(cat "$work/err")" 'stand-by \[[0-9]+\] serves on'
until_true standby_of "$front"
is "it has a stand-by of its own" "$(standby_of "$front" && echo yes)" yes
kill -USR1 "$program"
wait "$front"
is "it serves on, and returns the status" "$? $(tail -n 1 "$work/out")" "6 get: 1"

start nodelay,backlog=9 wait tcp bind listen get:6:1 wait exit:7
listen_unanswered
kill -KILL "$front"
kill -CONT "$supervisor"
until_true line_in "$work/out" get
is "front killed with a call in flight" "$(grep -v wait "$work/out" | tr '\n' ' ')" "bind: 0 listen: 0 get: 1 "
until_true standby_of "$supervisor"
standby=$(children "$supervisor" | tr ' ' '\n' | grep -v "^$program\$" | head -n 1)
started+=("$standby")
is "the supervisor has a stand-by" "$(cat "/proc/$standby/comm")" sockctl-standby
kill -USR1 "$program"
until_true gone "$supervisor"
until_true gone "$standby"
is "nothing is left when the program has ended" "$(gone "$supervisor" && gone "$standby" && gone "$program" && echo gone)" gone

start nodelay,backlog=9 wait tcp bind listen get:6:1 exit:8
kill -KILL "$front"
until_true standby_of "$supervisor"
standby=$(children "$supervisor" | tr ' ' '\n' | grep -v "^$program\$" | head -n 1)
started+=("$standby")
listen_unanswered
kill -KILL "$supervisor"
until_true line_in "$work/out" get
is "front, then supervisor killed" "$(grep -v wait "$work/out" | tr '\n' ' ')" "bind: 0 listen: 0 get: 1 "
until_true gone "$program"
until_true gone "$standby"
is "the last stand-by goes too" "$(gone "$standby" && echo gone)" gone

: >"$work/out"
"$sockctl" run nodelay -- "$subject" tcp bind listen storm:4000 >"$work/out" 2>/dev/null &
front=$!
started+=("$front")
supervisor=$(child_of "$front")
until_true line_in "$work/out" listen
kill -KILL "$supervisor"
wait "$front"
is "supervisor killed amid connections: every one is made and tuned" "$? $(tail -n 1 "$work/out")" "0 storm: 4000"

# A daemon outlives its starter. Nobody waits for the pipe that it was started with.
# shellcheck disable=SC2034 # the substitution is that pipe
output=$("$sockctl" run nodelay -- sh -c "'$subject' wait tcp bind listen get:6:1 wait </dev/null >'$work/out' 2>&1 & exit 3")
is "the starter's status, without waiting for the daemon" $? 3
until_true line_in "$work/out" wait
program=$(sed -n 's/^wait: //p' "$work/out")
supervisor=$(sed -n 's/^PPid:.//p' "/proc/$program/status")
standby=$(children "$supervisor" | tr ' ' '\n' | grep -v "^$program\$" | head -n 1)
started+=("$program" "$supervisor" "$standby")
is "the supervisor has adopted it" "$(cat "/proc/$supervisor/comm") $(cat "/proc/$standby/comm")" "sockctl-serve sockctl-standby"
listen_unanswered
kill -KILL "$supervisor"
until_true line_in "$work/out" get
is "a daemon's supervisor killed with a call in flight" "$(grep -v wait "$work/out" | tr '\n' ' ')" "bind: 0 listen: 0 get: 1 "
kill -USR1 "$program"
until_true gone "$program"
until_true gone "$standby"
is "nothing is left when the daemon has ended" "$(gone "$standby" && gone "$supervisor" && echo gone)" gone
done_testing
