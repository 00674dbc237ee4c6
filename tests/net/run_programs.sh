#!/bin/bash
# `run` with real programs: nginx as a daemon with reload, redis, iperf3, python, a static Go server and dialer; inherited
# listeners; as pid 1; as an ordinary user. `ss` and the sockets themselves say what is in effect.
# shellcheck disable=SC2034 # run_lib.sh reads it
peers_wanted='nginx redis iperf3 golang'
# shellcheck source=tests/net/run_lib.sh
. "$(dirname "$0")/run_lib.sh"

listening()
{
	[ -n "$(ss -tlnH "sport = :$1")" ]
}

# backlog PORT
backlog()
{
	ss -tlnH "sport = :$1" | awk '{ print $3 }' | sort -u
}

# accepted_timer PORT: connects, and shows the keepalive timer of the accepted socket while the connection lives.
accepted_timer()
{
	exec 5<>"/dev/tcp/127.0.0.1/$1" || return
	until_true has_timer "$1"
	ss -tonH state established "sport = :$1" | grep -o 'keepalive,[0-9]*' | head -n 1
	exec 5>&-
}

has_timer()
{
	ss -tonH state established "sport = :$1" | grep -q timer
}

# --- nginx, which daemonises, drops root, and starts new workers at each reload
nginx=$(peer nginx nginx)
if [ -n "$nginx" ]; then
	# In a user namespace of one user there is nobody to drop root to.
	as=
	grep -q 4294967295 /proc/self/uid_map || as='user root root;'
	cat >"$work/nginx.conf" <<-END
		$as daemon on; worker_processes 2; pid $work/nginx.pid; error_log $work/nginx.log;
		events { worker_connections 64; }
		http {
			access_log off; client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
			uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
			server { listen 127.0.0.1:7080 backlog=77; return 200 "one\n"; }
		}
	END
	"$sockctl" run "--report=$work/report" nodelay,keepalive=30s/10s/3,backlog=300 -- "$nginx" -c "$work/nginx.conf" -p "$work"
	is "nginx: the starter ends as ever" $? 0
	until_true listening 7080
	until_true test -s "$work/nginx.pid"
	master=$(cat "$work/nginx.pid")
	started+=("$master")
	is "nginx: backlog" "$(backlog 7080)" 300
	like "nginx: accepted connections have the keepalive timer" "$(accepted_timer 7080)" 'keepalive,(29|30)'
	worker=$(child_of "$master")
	sed -i 's/7080/7081/; s/"one/"two/' "$work/nginx.conf"
	kill -HUP "$master"
	until_true listening 7081
	until_true gone "$worker"
	is "nginx: reloaded, the new listener too" "$(backlog 7081)" 300
	like "nginx: and its connections" "$(accepted_timer 7081)" 'keepalive,(29|30)'
	supervisor=$(sed -n 's/^PPid:.//p' "/proc/$master/status")
	kill -TERM "$master"
	until_true gone "$supervisor"
	is "nginx: with it, its supervisor ends" "$(gone "$supervisor" && echo gone)" gone
	like "nginx: the report goes on in a file" "$(cat "$work/report")" 'listen 127.0.0.1:7081 by nginx'
else
	skip "nginx" "$(tail -n 1 "$work/why")"
fi

# --- redis, which sets keepalive and nodelay itself
redis=$(peer redis redis-server)
if [ -n "$redis" ]; then
	"$sockctl" run user-timeout=55s,keepalive=33s/11s/4,backlog=200 -- "$redis" --port 7082 --save '' --dir "$work" \
		--tcp-keepalive 300 >"$work/redis.log" 2>&1 &
	front=$!
	started+=("$front")
	until_true listening 7082
	is "redis: backlog" "$(backlog 7082)" 200
	like "redis: the spec wins over its own keepalive" "$(accepted_timer 7082)" 'keepalive,3[23]'
	kill -TERM "$front"
	wait "$front"
	is "redis: ends on SIGTERM with its own status" $? 0
else
	skip "redis" "$(tail -n 1 "$work/why")"
fi

# --- iperf3, both ends
iperf3=$(peer iperf3 iperf3)
if [ -n "$iperf3" ]; then
	"$sockctl" run rcvbuf=64K,backlog=33 -- "$iperf3" -s -1 -p 7083 >"$work/server.log" 2>&1 &
	started+=($!)
	until_true listening 7083
	is "iperf3: backlog" "$(backlog 7083)" 33
	"$sockctl" run --report -j sndbuf=80K -- "$iperf3" -c 127.0.0.1 -p 7083 -n 1M 2>"$work/report" >/dev/null
	is "iperf3: transfers" $? 0
	is "iperf3: each of its connections is tuned" "$(grep '"connect"' "$work/report" | grep -c '"outcome": *"granted", *"asked": *"80K"')" 2
	wait $!
else
	skip "iperf3" "$(tail -n 1 "$work/why")"
fi

# --- Go, static, which sets nodelay and keepalive on each connection
go=$(peer golang go)
if [ -n "$go" ] && "$go" build -o "$work/dial" "$root/tests/net/dial.go" 2>"$work/err"; then
	is "Go: dials and accepts, and cannot undo the spec" \
		"$("$sockctl" run nodelay=off,keepalive=44s/11s/4 -- "$work/dial" 2>&1 | tr '\n' ' ')" \
		"dialled nodelay 0 keepalive 44 accepted nodelay 0 keepalive 44 "
	is "Go: --program-wins" "$("$sockctl" run --program-wins nodelay=off -- "$work/dial" 2>&1 | tr '\n' ' ')" \
		"dialled nodelay 1 keepalive 15 accepted nodelay 1 keepalive 15 "
else
	skip "Go" "${why:-$(head -n 1 "$work/err")}"
fi

# --- python, dynamic
if command -v python3 >/dev/null; then
	is "python: a thread's listener" "$("$sockctl" run nodelay,backlog=12 -- python3 -c '
import socket, threading
def serve():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        print(client.getsockopt(6, 1), listener.accept()[0].getsockopt(6, 1))
thread = threading.Thread(target=serve); thread.start(); thread.join()' 2>&1)" "1 1"
	# A service manager's listener: bound and listening before the program starts.
	is "an inherited listener is adopted, and LISTEN_PID follows" "$(python3 -c '
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 7084), backlog=5)
os.dup2(listener.fileno(), 3); os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], [sys.argv[1], "run", "--report=" + sys.argv[3], "nodelay,backlog=222", "--", sys.argv[2],
                       "use:3", "get:6:1", "env:LISTEN_PID", "accept", "get:6:1"])' "$sockctl" "$subject" "$work/adopt" |
		tr '\n' ' ')" "get: 1 env: 1 get: 1 "
	like "and reported" "$(cat "$work/adopt")" 'sockctl: adopt 127.0.0.1:7084 fd 3'
	# And one behind more descriptors than any table would hold.
	if [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -gt 2100 ]; then
		is "of however many descriptors" "$(python3 -c '
import os, resource, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (2100, hard))
null = os.open("/dev/null", os.O_RDONLY)
listener = socket.create_server(("127.0.0.1", 7085), backlog=5)
for fd in range(10, 2000):
    os.dup2(null, fd)
os.dup2(listener.fileno(), 2000)
os.execv(sys.argv[1], [sys.argv[1], "run", "--report=" + sys.argv[3], "nodelay", "--", sys.argv[2], "use:2000", "get:6:1"])' \
			"$sockctl" "$subject" "$work/adopt" | tr '\n' ' ') $(grep -c 'adopt 127.0.0.1:7085 fd 2000' "$work/adopt")" "get: 1  1"
	else
		skip "of however many descriptors" "no more than $(ulimit -Hn) are allowed here"
	fi
else
	skip "python" "python3 is not installed"
fi

# --- as pid 1
if unshare --pid --fork true 2>/dev/null; then
	# shellcheck disable=SC2016
	is "as pid 1: the program's status" "$(unshare --pid --fork --mount-proc "$sockctl" run nodelay -- sh -c 'exit 12'; echo $?)" 12
	is "as pid 1: reaps orphans" "$(unshare --pid --fork --mount-proc "$sockctl" run nodelay -- sh -c \
		'(sh -c "exit 1" & exec sh -c "exit 0"); for i in 1 2 3 4 5 6 7 8 9; do
			grep -qs "^State:.Z" /proc/[0-9]*/status || break; sleep 0.1; done
		cat /proc/[0-9]*/status 2>/dev/null | grep -c "^State:.Z"')" 0
	: >"$work/out"
	unshare --pid --fork --kill-child "$sockctl" run nodelay -- sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done' \
		>"$work/out" &
	started+=($!)
	until_true line_in "$work/out" ready
	kill -TERM "$(child_of $!)"
	wait $!
	is "as pid 1: passes signals" $? 9
else
	skip "as pid 1" "no pid namespace here"
fi

# --- an ordinary user: nobody of a fresh user namespace
if unshare --user true 2>/dev/null; then
	is "an ordinary user" "$(unshare --user "$sockctl" run nodelay -- "$subject" tcp bind listen get:6:1 2>&1 | tr '\n' ' ')" \
		"bind: 0 listen: 0 get: 1 "
else
	skip "an ordinary user" "no user namespace here"
fi
done_testing
