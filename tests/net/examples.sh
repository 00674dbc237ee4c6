#!/bin/bash
# The examples do what they print: each is run under strace, and the echo server under load, beside ss. Arguments: SOCKCTL
# DIRECTORY-OF-THE-EXAMPLES ROOT ECHO-CLIENT BUILD LOAD-CLIENT.
# shellcheck source=tests/net/run_lib.sh
. "$(dirname "$0")/run_lib.sh"
examples=$subject client=$4 build=$5 load=$6
# The leak checker cannot work beside strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# example NAME: its output in $out, its exit code in $code, its system calls in $work/trace.
if strace -o "$work/trace" true 2>/dev/null; then
	example() { out=$(strace -f -o "$work/trace" "$examples/example-$1" 2>&1); code=$?; }
else
	why='no strace, or it may not trace here'
	example() { out=$("$examples/example-$1" 2>&1); code=$?; }
fi

# traced NAME PATTERN...: the patterns stand in the trace, in this order.
traced()
{
	local name=$1 missing
	shift
	if [ -n "${why:-}" ]; then
		skip "$name" "$why"
		return
	fi
	missing=$(awk -v wanted="$(printf '%s\n' "$@")" '
		BEGIN { n = split(wanted, pattern, "\n"); at = 1 }
		at <= n && index($0, pattern[at]) { at++ }
		END { if (at <= n) print pattern[at] }' "$work/trace")
	is "$name" "$missing" ''
}

# echo_start SPEC: the server in the background; its port in $port, what it says in $work/said.
echo_start()
{
	rm -f "$work/port" # of the server before
	"${tracer[@]}" "$examples/example-echo" '[::]:0' "$1" >"$work/port" 2>"$work/said" &
	server=$!
	started+=("$server")
	until_true line_in "$work/port" port
	port=$(sed -n 's/^port //p' "$work/port")
}
tracer=()

example 01-nodelay
is '01-nodelay' "$code $out" '0 accepted socket: asked on, inherited on
client socket: asked on, granted on'
traced '01-nodelay: set on the listener, before listen()' 'TCP_NODELAY, [1]' 'listen(' 'accept(' 'TCP_NODELAY, [1]'
example 02-reuseport
like '02-reuseport: every shard has connections' "$code $(tr '\n' ' ' <<<"$out")" \
	'^0 (shard [0-3] on port [0-9]+: [1-9][0-9]* connections ){4}$'
traced '02-reuseport: four listeners' 'SO_REUSEPORT, [1]' 'listen(' 'listen(' 'listen(' 'listen('
example 03-buffers
if [ "$(cat /proc/sys/net/core/rmem_max 2>/dev/null || echo 0)" -ge 500000 ]; then
	like '03-buffers: granted, or left to autotuning' "$code $(tr '\n' ' ' <<<"$out")" \
		'^0 bandwidth x RTT: 500000 bytes rcvbuf: (granted|left to autotuning: net.ipv4.tcp_rmem maximum [0-9]+ >= 2 x 500000);.* one-liner: granted'
	traced '03-buffers: the kernel agrees' 'SO_RCVBUF, [500000]' 'SO_RCVBUF, [1000000]' 'SO_SNDBUF, [1000000]'
else
	like '03-buffers: clamped, and it says so' "$code $out" '^1 .*|clamped'
	traced '03-buffers: the kernel was asked' 'SO_RCVBUF, [500000]' 'listen('
fi
example 04-keepalive
like '04-keepalive: granted' "$code $(tail -n 1 <<<"$out")" '^0 one-liner: granted$'
traced '04-keepalive: the kernel agrees' 'SO_KEEPALIVE, [1]' 'TCP_KEEPIDLE, [30]' 'TCP_KEEPINTVL, [10]' 'TCP_KEEPCNT, [3]' 'listen('
example 05-backlog
is '05-backlog: granted' "$code $out" '0 backlog: granted; asked 1024, got 1024'
echo 64 >/proc/sys/net/core/somaxconn
example 05-backlog
is '05-backlog: clamped by a lower somaxconn' "$code $out" '1 backlog: clamped by net.core.somaxconn = 64; asked 1024, got 64
write net/core/somaxconn = 1024 into /etc/sysctl.d, and start the server again'
traced '05-backlog: listen() was asked for all of it' 'listen(3, 1024)'
example 06-control-hook
like '06-control-hook: called at every phase' "$code $(tail -n 1 <<<"$out")" '^0 asked on, granted on, after 8 calls'
traced '06-control-hook: before bind()' 'IP_BIND_ADDRESS_NO_PORT, [1]' 'bind('

echo_start 'nodelay keepalive=30s/10s/3 backlog=1024 shards=4 dscp=ef'
is 'echo: ss sees its four listeners, with the backlog that it says' "$(ss -ltnH "sport = :$port" | awk '{ print $3 }' | tr '\n' ' ')" \
	'64 64 64 64 '
like 'echo: it says so' "$(cat "$work/said")" 'backlog: clamped by net.core.somaxconn = 64; asked 1024, got 64'
is 'echo: a load over IPv4' "$("$client" "127.0.0.1:$port" 50 40)" '50 connections, 40 turns: all came back'
is 'echo: a load over IPv6' "$("$client" "[::1]:$port" 50 40)" '50 connections, 40 turns: all came back'
out=$("$examples/example-dialer" 127.0.0.1 "$port" 'nodelay,user-timeout=5s' 2>&1)
is 'dialer: connects, and tells of attempts and verdicts' "$? $out" "0 127.0.0.1 port $port: won
nodelay: granted; asked on, got on
user-timeout: granted; asked 5s, got 5s"
out=$("$examples/example-dialer" 127.0.0.1 1 2>&1 >/dev/null)
is 'dialer: says why it cannot' "$? $out" '1 dialer: connect 127.0.0.1:1: Connection refused; nothing listens there'
kill "$server"
wait "$server" 2>/dev/null

# address_in FILE: where the server whose output it is listens, once it does.
address_in()
{
	until_true line_in "$1" 'listens on'
	sed -n 's/.*listens on //p' "$1" | tail -n 1
}

# lines_are COUNT PATTERN: so many lines of the server's output have it.
lines_are()
{
	[ "$(grep -c -- "$2" "$work/out")" = "$1" ]
}

listens_on()
{
	ss -ltnH "sport = :$1" | grep -q .
}

# server_start NAME ARGUMENT...: an example in the background; $server, $address.
server_start()
{
	local name=$1
	shift
	rm -f "$work/out"
	"$examples/example-$name" "$@" >"$work/out" 2>"$work/said" &
	server=$!
	started+=("$server")
	address=$(address_in "$work/out")
}

if ! [ -x "$examples/example-uring" ]; then
	skip 'uring: a load' 'built without liburing'
else
	"$examples/example-uring" '127.0.0.1:0 [::1]:0' >"$work/out" 2>"$work/said" &
	server=$!
	started+=("$server")
	until_true [ -s "$work/out" -o -s "$work/said" ]
	if grep -q forbids "$work/said"; then
		skip 'uring: a load' "$(cat "$work/said")"
	else
		until_true line_in "$work/out" '::1'
		for address in $(sed -n 's/.*listens on //p' "$work/out"); do
			is "uring: a load over ${address%:*}" "$("$client" "$address" 50 40)" '50 connections, 40 turns: all came back'
		done
	fi
	kill "$server"
fi

server_start udp udp:127.0.0.1:0 'shards=2 rcvbuf=100K udp-gro'
is 'udp: ten datagrams in one call, and back in one' "$("$load" "$address" 1)" '10 of 10 datagrams came back'
like 'udp: the buffer is judged' "$(cat "$work/said")" 'rcvbuf: granted'
kill "$server"
cat >"$work/asked.py" <<'END'
import socket, sys
for family, host in (socket.AF_INET, "127.0.0.2"), (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
    s.connect((host, int(sys.argv[1]))) # takes nothing from another address
    s.settimeout(10)
    s.send(b"x")
    print(s.recv(2).decode(), end="")
END
for at in udp::0 udp:0.0.0.0:0; do
	server_start udp "$at" 'udp-gro pktinfo'
	[ "$at" = udp::0 ] && wanted=xxx || wanted=xx
	is "udp: $at answers from the address that was asked" "$(python3 "$work/asked.py" "${address##*:}" 2>/dev/null)" "$wanted"
	kill "$server"
done

# More connections than a server has descriptors: the rest waits, without a spin, and is served when there is room. And one
# peer that reads nothing keeps nobody else waiting.
cat >"$work/crowd.py" <<'END'
import os, select, socket, sys
host, port = sys.argv[1].rsplit(":", 1)
ticks = lambda: sum(map(int, open(f"/proc/{sys.argv[2]}/stat").read().rsplit(")", 1)[1].split()[11:13]))
crowd = [socket.create_connection((host, int(port)), timeout=20) for i in range(30)]
for c in crowd:
    c.sendall(b"x")
while len(select.select(crowd, [], [], 20)[0]) < 5:
    pass
before = ticks()
select.select([], [], [], 0.5) # a spin needs time to be seen; on a busy machine it is seen less
print("spins" if (ticks() - before) / os.sysconf("SC_CLK_TCK") > 0.2 else "quiet", end=", ")
print("some wait" if len(select.select(crowd, [], [], 0)[0]) < 30 else "nobody waits", end=", ")
while crowd:
    ready = select.select(crowd, [], [], 20)[0]
    for c in ready:
        assert c.recv(1) == b"x"
        crowd.remove(c)
        c.close()
    assert ready
print("all served", end=", ")
deaf, other = [socket.create_connection((host, int(port)), timeout=20) for i in range(2)]
deaf.settimeout(0.3)
try:
    while True:
        deaf.send(bytes(65536))
except TimeoutError:
    other.sendall(b"x")
    print("all but the deaf" if other.recv(1) == b"x" else "?")
END
# crowd NAME ADDRESS: what becomes of them with the server that was started.
crowd()
{
	is "$1: more connections than descriptors" "$(python3 "$work/crowd.py" "$2" "$server" 2>&1)" \
		'quiet, some wait, all served, all but the deaf'
}
for name in echo uring restart; do
	if ! [ -x "$examples/example-$name" ]; then
		skip "$name: more connections than descriptors" 'built without liburing'
		continue
	fi
	(ulimit -Sn 16 && exec "$examples/example-$name" 127.0.0.1:0 'nodelay') >"$work/out" 2>"$work/said" &
	server=$!
	started+=("$server")
	until_true grep -qE 'listens on|port [0-9]|forbids' "$work/out" "$work/said"
	if grep -q forbids "$work/said"; then
		skip "$name: more connections than descriptors" "$(cat "$work/said")"
		continue
	fi
	crowd "$name" "127.0.0.1:$(sed -nE 's/.*(port |listens on .*:)//p' "$work/out")"
	kill "$server"
done

# systemd's protocol: descriptors from 3 on, and the process id of the program itself.
"$examples/example-activated" >"$work/out" 2>"$work/said"
is 'activated: passed nothing' "$? $(grep -c 'no sockets were passed' "$work/said")" '2 1'
cat >"$work/passes.py" <<'END'
import os, socket, sys
web, dns = socket.socket(), socket.socket(socket.AF_INET6)
web.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
web.bind(("127.0.0.1", 0)), dns.bind(("::1", 0))
web.listen(16), dns.listen(16)
fds = [os.dup2(fd, 20 + i) for i, fd in enumerate((web.fileno(), dns.fileno()))]
for i, fd in enumerate(fds):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="web:alt")
os.execv(sys.argv[1], sys.argv[1:])
END
python3 "$work/passes.py" "$examples/example-activated" 'nodelay backlog=64' >"$work/out" 2>"$work/said" &
server=$!
started+=("$server")
until_true line_in "$work/out" 'alt listens on'
until_true lines_are 4 adopted
like 'activated: names its sockets' "$(cat "$work/out")" '^web listens on 127.0.0.1:[0-9]+$'
is 'activated: how they differ from the spec, and that it could be made' "$(grep -v listens "$work/out" | sort | uniq -c | sed 's/^ *//')" \
	'2   adopted: backlog: granted; asked 64, got 64
2   adopted: nodelay: granted; asked on, got on
2   found: backlog: differs: the socket reads back another value; asked 64, got 16
1   found: nodelay: differs: the socket reads back another value; asked on, got off
1   found: nodelay: granted; asked on, got on'
for address in $(sed -n 's/.*listens on //p' "$work/out"); do
	is "activated: a load over ${address%:*}" "$("$client" "$address" 20 5)" '20 connections, 5 turns: all came back'
done
kill "$server"
: >"$work/out" # of the one before, which named the same
(ulimit -Sn 26 && exec python3 "$work/passes.py" "$examples/example-activated" 'nodelay') >"$work/out" 2>"$work/said" &
server=$!
started+=("$server")
until_true line_in "$work/out" 'alt listens on'
crowd activated "$(sed -n 's/^web listens on //p' "$work/out")"
kill "$server"

if command -v systemd-socket-activate >/dev/null; then
	systemd-socket-activate -l 127.0.0.1:7003 --fdname=echo "$examples/example-activated" 'nodelay' >"$work/out" 2>"$work/said" &
	server=$!
	started+=("$server")
	until_true listens_on 7003
	is 'activated: started by its first connection' "$("$client" 127.0.0.1:7003 20 5)" '20 connections, 5 turns: all came back'
	like "activated: the name that systemd's own launcher gave" "$(cat "$work/out")" '^echo listens on 127.0.0.1:7003$'
	kill "$server"
else
	skip "activated: by systemd's own launcher" 'no systemd-socket-activate'
fi
if command -v systemd-analyze >/dev/null; then
	mkdir "$work/units"
	cp "$root"/examples/activated.s* "$work/units"
	sed -i "s|^ExecStart=.*|ExecStart=$examples/example-activated|" "$work/units/activated.service"
	is 'activated: systemd takes its units' "$(systemd-analyze verify "$work/units/activated.socket" "$work/units/activated.service" 2>&1 |
		grep -F "$work/units")" ''
else
	skip 'activated: systemd takes its units' 'no systemd-analyze'
fi

server_start restart 127.0.0.1:0
mkfifo "$work/until"
exec 9<>"$work/until"
"$load" "$address" 4 <"$work/until" 9>&- >"$work/load" 2>"$work/figures" &
loading=$!
started+=("$loading")
for turn in 1 2 3; do
	before=$(sed -n 's/ listens on.*//p' "$work/out" | tail -n 1)
	kill -HUP "$before"
	until_true lines_are $((turn + 1)) 'listens on'
	started+=("$(sed -n 's/ listens on.*//p' "$work/out" | tail -n 1)")
	until_true gone "$before"
done
exec 9>&-
wait "$loading"
echo "# restart, three times under load: $(cat "$work/figures")"
is 'restart: a new process each time, on the same address' \
	"$(awk '{ print $1 }' "$work/out" | sort -u | wc -l) $(awk '{ print $4 }' "$work/out" | sort -u)" "4 $address"
is 'restart: nobody is lost' "$(cat "$work/load")" 'more than 100 connections, 0 lost'
kill "$(sed -n 's/ listens on.*//p' "$work/out" | tail -n 1)"

if [ -z "${why:-}" ]; then
	spec=nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=64K,backlog=64
	tracer=(strace -f -o "$work/calls")
	for shards in 1 3; do
		echo_start "$spec,shards=$shards"
		is "echo: a load under strace, $shards shards" "$("$client" "127.0.0.1:$port" 30 2)" '30 connections, 2 turns: all came back'
		kill "$(child_of "$server")"
		wait "$server" 2>/dev/null
		opening=$(sed 's/^[0-9]* *//' "$work/calls" | sed -n '/^socket(/,/^write(/p' | grep -vc '^write(')
		echo "# $shards shards: $opening calls to open; the least is socket, bind, listen and one for each option"
		[ "$opening" -gt 5 ] && [ "$opening" -le $((shards * (2 * 7 + 6))) ]
		is "opening $shards shards costs at most 2 calls per option and 6 per shard" "$?" 0
		serving=$(sed 's/^[0-9]* *//' "$work/calls" | awk '
			/^accept4\(/ { accepts++ }
			accepts && /^(setsockopt|getsockopt|getsockname|getpeername|fcntl|ioctl|accept)\(/ { print }
			END { print accepts }')
		is "30 connections cost 30 calls of accept4 and none for options, $shards shards" "$serving" 30
	done
else
	skip 'calls of a listener' "$why"
fi

if grep -qs -e -fsanitize "$build/compile_commands.json"; then
	skip 'examples against the installed library' 'the library of this build needs the sanitizers'
elif ! [ -w "$build/meson-logs" ]; then
	skip 'examples against the installed library' 'the build directory is somebody else'"'"'s'
else
	DESTDIR=$work/root meson install -C "$build" --no-rebuild >"$work/install" 2>&1
	pc=$(dirname "$(find "$work/root" -name libsockctl.pc)")
	lib=$(dirname "$(find "$work/root" -name libsockctl.so)")
	flags=$(PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_PATH=$pc pkg-config --cflags --libs libsockctl)
	built=0 wanted=0
	for source in "$root"/examples/*.c; do
		case $source in
		*/uring.c) [ -x "$examples/example-uring" ] || continue ;;
		esac
		wanted=$((wanted + 1))
		# shellcheck disable=SC2086 # several words
		"${CC:-cc}" -Wall -Wextra "$source" -o "$work/$(basename "$source" .c)" -pthread $flags $(case $source in */uring.c) pkg-config --libs liburing ;; esac) >>"$work/install" 2>&1 && built=$((built + 1))
	done
	is 'all examples build against the installed library' "$built" "$wanted"
	is 'and without a warning' "$(grep -i warning "$work/install")" ''
	is 'either library shows its own names and no other' \
		"$( (nm -g --defined-only "$lib/libsockctl.a"; nm -D --defined-only "$lib/libsockctl.so") |
			awk 'NF == 3 { print $3 == "sockctl_listen" || $3 !~ /^sockctl_/ ? $3 : "" }' | grep . | tr '\n' ' ')" \
		'sockctl_listen sockctl_listen '
	is 'and run with it' "$(LD_LIBRARY_PATH=$lib "$work/01-nodelay" | head -n 1)" 'accepted socket: asked on, inherited on'
fi
done_testing
