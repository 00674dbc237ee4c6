#!/bin/bash
# `run` with a static program: what is set when, what is pinned, exit codes, signals.
# shellcheck source=tests/net/run_lib.sh
. "$(dirname "$0")/run_lib.sh"

# run SPEC STEP...: the steps of a subject under supervision, as one line.
run()
{
	local spec=$1
	shift
	"$sockctl" run "$spec" -- "$subject" "$@" 2>&1 | tr '\n' ' '
}

is "a listener and what it accepts" \
	"$(run nodelay,keepalive=30s/10s/3 tcp bind listen:5 get:6:1 get:6:4 accept get:6:1 get:1:9 get:6:4 get:6:5 get:6:6)" \
	"bind: 0 listen: 0 get: 1 get: 30 get: 1 get: 1 get: 30 get: 10 get: 3 "
is "an outgoing connection" "$(run nodelay,keepalive-idle=30s tcp bind listen:5 dial get:6:1 get:6:4)" \
	"bind: 0 listen: 0 get: 1 get: 30 "
"$sockctl" run backlog=300 -- "$subject" tcp bind listen:5 port wait >"$work/out" &
started+=($!)
until_true line_in "$work/out" wait
port=$(sed -n 's/^port: //p' "$work/out")
like "listen() is performed with the backlog of the spec" "$(ss -tlnH "sport = :$port")" "LISTEN 0 +300 "
kill -USR1 "$(sed -n 's/^wait: //p' "$work/out")"
wait $!
is "a program that was resumed ends well" $? 0
is "an option that must precede bind()" "$(run reuseport tcp get:1:15 bind get:1:15)" "get: 0 bind: 0 get: 1 "
is "a listener that was never bound" "$(run nodelay,backlog=9 tcp listen get:6:1)" "listen: 0 get: 1 "
is "IPv6, dual stack" "$(run tos=0x10,nodelay tcp6 bind listen get:0:1 get:41:67 get:6:1)" \
	"bind: 0 listen: 0 get: 16 get: 16 get: 1 "
is "errors of listen() reach the program" \
	"$(run backlog=9 tcp bind:7001 listen tcp bind:7001 udp listen use:99 listen)" \
	"bind: 0 listen: 0 bind: EADDRINUSE listen: EOPNOTSUPP listen: EBADF "
is "UDP and unix sockets pass" "$(run nodelay,rcvbuf=64K,backlog=9,reuseport udp bind get:1:15 unix bind listen get:1:15)" \
	"bind: 0 get: 0 bind: 0 listen: 0 get: 0 "

is "TCP's options are pinned" "$(run nodelay tcp bind listen set:6:1:0 get:6:1 accept set:6:1:0 get:6:1)" \
	"bind: 0 listen: 0 set: 0 get: 1 set: 0 get: 1 "
is "options of the socket level are pinned" "$(run keepalive tcp bind listen set:1:9:0 get:1:9 accept set:1:9:0 get:1:9)" \
	"bind: 0 listen: 0 set: 0 get: 1 set: 0 get: 1 "
is "a buffer cannot be forced past the spec" "$(run rcvbuf=64K tcp set:1:8:9999 get:1:8 set:1:33:9999 get:1:8)" \
	"set: 0 get: 131072 set: 0 get: 131072 "
is "nor on an accepted socket" "$(run rcvbuf=64K tcp bind listen accept set:1:8:9999 get:1:8)" \
	"bind: 0 listen: 0 set: 0 get: 131072 "
is "other kinds of sockets are not pinned" "$(run rcvbuf=64K,keepalive udp set:1:8:10000 get:1:8 unix set:1:9:0 get:1:9)" \
	"set: 0 get: 20000 set: 0 get: 0 "
is "other options are not pinned" "$(run nodelay tcp set:6:4:77 get:6:4 set:6:99:1)" "set: 0 get: 77 set: ENOPROTOOPT "
is "what the kernel refuses is not pinned" "$(run try:nodelay,try:cc=no-such tcp set:6:13:1)" "set: ENOENT "
is "--program-wins" "$("$sockctl" run --program-wins nodelay,keepalive -- "$subject" tcp bind listen accept get:6:1 set:6:1:0 \
	get:6:1 set:1:9:0 get:1:9 | tr '\n' ' ')" "bind: 0 listen: 0 get: 1 set: 0 get: 0 set: 0 get: 0 "

is "a thread" "$(run nodelay tcp bind thread get:6:1)" "bind: 0 thread: 0 get: 1 "
is "a thread with descriptors of its own" "$(run nodelay,backlog=7 tcp bind thread:alone get:6:1)" "bind: 0 thread: 0 get: 1 "
is "a child" "$(run nodelay tcp fork bind listen get:6:1)" "fork: 0 bind: 0 listen: 0 get: 1 "
is "vfork and exec" "$(run reuseport,nodelay vfork:listen tcp bind get:1:15)" "bind: 0 listen: 0 get: 1 bind: 0 get: 1 "
native=$("$subject" tcp bind i386:direct)
for how in direct socketcall; do
	if [ "$native" = "${native%i386: 0}" ]; then
		skip "i386, $how" "this kernel runs no i386 programs"
	else
		is "i386, $how" "$(run nodelay,backlog=9 tcp bind "i386:$how" get:6:1)" "bind: 0 i386: 0 get: 1 "
	fi
done

is "closed stdin, stdout and stderr stay closed" \
	"$("$sockctl" run nodelay,keepalive -- "$subject" sink:"$work/sink" tcp bind listen set:1:9:0 get:6:1 <&- >&- 2>&-
	cat "$work/sink" | tr '\n' ' ')" "sink: 0 bind: 0 listen: 0 set: 0 get: 1 "

report=$("$sockctl" run --report nodelay,backlog=9 -- "$subject" tcp bind listen 2>&1 >/dev/null)
like "--report names call, address and task" "$report" '^sockctl: listen 127.0.0.1:[0-9]+ by [a-z-]*subject\[[0-9]+\] fd 3$'
like "--report tells each verdict" "$report" '^sockctl:   nodelay: granted'
"$sockctl" run "--report=$work/report" -j nodelay,fastopen=5,priority=3 -- "$subject" tcp bind listen dial >/dev/null
is "-j is one object per event" "$(jq_lines=$(wc -l <"$work/report"); grep -c '^{.*}$' "$work/report"; echo "$jq_lines")" \
	"$(printf '2\n2')"
like "what accepted sockets do not inherit is marked" "$(cat "$work/report")" '"option": ?"priority".*"per_connection": ?true'
is "a refused setting warns, and the program goes on" \
	"$("$sockctl" run cc=no-such,nodelay -- "$subject" tcp bind listen get:6:1 2>"$work/err" | tr '\n' ' ')" \
	"bind: 0 listen: 0 get: 1 "
like "the warning names option, call and program" "$(cat "$work/err")" '^sockctl: setsockopt cc at listen of [a-z-]*subject\[[0-9]+\]: '
is "--strict: the call fails" "$("$sockctl" run --strict cc=no-such -- "$subject" tcp bind listen 2>/dev/null | tr '\n' ' ')" \
	"bind: 0 listen: ENOENT "
is "--strict: try: may be refused" "$("$sockctl" run --strict try:cc=no-such -- "$subject" tcp bind listen 2>/dev/null |
	tr '\n' ' ')" "bind: 0 listen: 0 "
done_testing
