#!/usr/bin/env bats
# sockctl run: its command line, exit codes and reports. What it does to programs is tested in tests/net.

sockctl=${SOCKCTL:?path of the program}

setup()
{
	"$sockctl" run nodelay -- true 2>/dev/null || skip "supervision is not possible here: $("$sockctl" run nodelay -- true 2>&1)"
}

listener='
import socket
listener = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listener.getsockname())'

@test "help shows flags and examples" {
	run "$sockctl" run --help
	[ "$status" -eq 0 ]
	[[ $output == *"--report[=FILE]"* ]]
	[[ $output == *"sockctl run nodelay,keepalive=30s/10s/3,backlog=4096 -- nginx"* ]]
}

@test "the program's status is passed on" {
	run "$sockctl" run nodelay -- sh -c 'exit 42'
	[ "$status" -eq 42 ]
	run "$sockctl" run nodelay -- sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
}

@test "the program's arguments are its own" {
	run "$sockctl" run nodelay -- echo -j --strict -- nodelay
	[ "$status" -eq 0 ]
	[ "$output" = "-j --strict -- nodelay" ]
}

@test "stdin and stdout are the program's" {
	run bash -c "echo hello | '$sockctl' run nodelay -- cat | tr a-z A-Z"
	[ "$output" = HELLO ]
}

@test "what cannot be started: 127 and 126" {
	run "$sockctl" run nodelay -- ./no-such-program
	[ "$status" -eq 127 ]
	[ "$output" = "sockctl: exec ./no-such-program: No such file or directory" ]
	run "$sockctl" run nodelay -- /
	[ "$status" -eq 126 ]
}

@test "usage errors: 2, and nothing runs" {
	for arguments in "" "nodelay" "nodelay true" "nodelay --" "--no-such-flag nodelay -- echo ran" "nodelya -- echo ran" \
		"nodelay keepalive -- echo ran" "keepalive=30s/99999999s/3 -- echo ran" "@no-such-profile -- echo ran" \
		"--report=/no/such/directory/file nodelay -- echo ran"; do
		# shellcheck disable=SC2086 # words
		run "$sockctl" run $arguments
		echo "$arguments: $status: $output"
		[ "$status" -eq 2 ]
		[[ $output == sockctl* ]]
		[[ $output != *$'\n'ran* ]]
	done
}

@test "profiles and settings mix" {
	run "$sockctl" run @reliable,backlog=4096 -- true
	[ "$status" -eq 0 ]
}

@test "--report goes to stderr" {
	run bash -c "'$sockctl' run --report nodelay -- python3 -c '$listener' 2>&1 >/dev/null"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^sockctl:\ listen\ 127.0.0.1:[0-9]+\ by\ python3\[[0-9]+\]\ fd\ [0-9]+$ ]]
	[[ ${lines[1]} == "sockctl:   nodelay: granted"* ]]
	[[ ${lines[2]} =~ ^sockctl:\ connect ]]
}

@test "-j --report=FILE appends objects, each a line" {
	for _ in 1 2; do
		"$sockctl" run -j "--report=$BATS_TEST_TMPDIR/report" nodelay,backlog=9 -- python3 -c "$listener"
	done
	run python3 -c '
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert [event["call"] for event in events] == ["listen", "connect"] * 2
assert all(event["comm"] == "python3" and event["pid"] > 0 and event["error"] is None for event in events)
assert [s["option"] for s in events[0]["settings"]] == ["nodelay", "backlog"]
assert all(s["outcome"] == "granted" for s in events[0]["settings"])' "$BATS_TEST_TMPDIR/report"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a report that nobody reads does not stop the program" {
	run bash -c "'$sockctl' run --report nodelay -- python3 -c '$listener; print(\"done\")' 2> >(exec true)"
	[ "$status" -eq 0 ]
	[ "$output" = "done" ]
}
