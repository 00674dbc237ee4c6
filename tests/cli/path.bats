# sockctl path on the command line. SOCKCTL: the program.
bats_require_minimum_version 1.5.0

setup() {
	if ! unshare -Un true 2>/dev/null && ! unshare -n true 2>/dev/null; then
		needs='namespaces are restricted here'
	fi
}

needs_namespaces() { [ -z "${needs:-}" ] || skip "$needs"; }

@test "an unknown key names its neighbour" {
	run -2 "$SOCKCTL" path rtt=40ms,rte=1gbit -- true
	[[ $output == *"rte=1gbit: unknown; did you mean rate=?"* ]]
}

@test "a bad value says what is expected" {
	run -2 "$SOCKCTL" path rate=fast -- true
	[[ $output == *"rate=fast: expects a rate such as 100mbit"* ]]
	run -2 "$SOCKCTL" path loss=120% -- true
	[[ $output == *"out of range; loss takes 0% to 100%"* ]]
}

@test "no PATH, no client, a bad flag or time are usage errors" {
	run -2 "$SOCKCTL" path
	[[ $output == *"usage: sockctl path"* ]]
	run -2 "$SOCKCTL" path rtt=1ms --
	[[ $output == *"which client?"* ]]
	run -2 "$SOCKCTL" path --nonsense rtt=1ms -- true
	[[ $output == *"no such flag"* ]]
	run -2 "$SOCKCTL" path rtt=1ms --wait soon -- true
	[[ $output == *"expects a time"* ]]
}

@test "--help tells of PATH" {
	run -0 "$SOCKCTL" path --help
	[[ $output == *"rtt=40ms"* && $output == *"--server CMD"* ]]
}

@test "the exit code is the client's" {
	needs_namespaces
	run -0 "$SOCKCTL" path "" -- true
	run -7 "$SOCKCTL" path rtt=1ms -- sh -c 'exit 7'
	run -137 "$SOCKCTL" path rtt=1ms -- sh -c 'kill -9 $$'
}

@test "a client that cannot be run is 127 or 126" {
	needs_namespaces
	# A PATH with a folder that may not be looked into gives 126, as it does with env(1).
	PATH=/usr/bin:/bin run -127 "$SOCKCTL" path rtt=1ms -- no-such-program
	[[ $output == *"no-such-program: No such file or directory"* ]]
	run -126 "$SOCKCTL" path rtt=1ms -- /
	[[ $output == *"Permission denied"* ]]
}

@test "standard input and output are the client's; flags after it too" {
	needs_namespaces
	run -0 sh -c 'echo in | "$SOCKCTL" path rtt=1ms cat'
	[ "$output" = in ]
	run -0 "$SOCKCTL" path rtt=1ms echo -v --server x
	[ "$output" = "-v --server x" ]
}

@test "{server} and {port} are filled in, other braces are not" {
	needs_namespaces
	run -0 "$SOCKCTL" path rtt=1ms -- echo '{server}' 'http://{server}:{port}/{x}'
	[ "$output" = '10.77.0.2 http://10.77.0.2:5001/{x}' ]
	run -0 "$SOCKCTL" path -6 rtt=1ms -- echo '{server}'
	[ "$output" = fd77::2 ]
}

@test "what a server prints goes to standard error" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" path rtt=1ms --server "echo server; exec $TRAFFIC echo-server {port}" -- echo client
	[ "$output" = client ]
	[ "$stderr" = server ]
}

@test "a server without {port} chooses one, and the client learns it" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" path rtt=1ms --server "$TRAFFIC echo-server 6123" -- echo '{port}'
	[ "$output" = 6123 ]
}

@test "the client starts when the server listens" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" path rtt=1ms --server "sleep 0.3; exec $TRAFFIC echo-server {port}" -- "$TRAFFIC" echo '{server}' '{port}' 3
	[[ $output =~ ^[0-9]+\ [0-9]+$ ]]
}

@test "a server that ends is reported with its exit code, and nothing runs" {
	needs_namespaces
	run -125 "$SOCKCTL" path rtt=1ms --server 'exit 3' -- echo client
	[[ $output == *"exit 3: ended with exit code 3 before it listened"* && $output != *client* ]]
	run -125 "$SOCKCTL" path rtt=1ms --server 'kill -9 $$' -- echo client
	[[ $output == *"ended by signal 9"* ]]
}

@test "a server that never listens is reported" {
	needs_namespaces
	run -125 "$SOCKCTL" path rtt=1ms --wait 0.2s --server 'exec sleep 1000' -- true
	[[ $output == *"does not listen on any port after 200ms; --wait gives it longer"* ]]
	run -125 "$SOCKCTL" path rtt=1ms --wait 0.2s --server "$TRAFFIC echo-server 6123 # {port}" -- true
	[[ $output == *"does not listen on port 5001, its {port}"* ]]
}

@test "a server in the background is found, and ends with the client" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" path rtt=1ms --server "$TRAFFIC echo-server {port} &" -- "$TRAFFIC" echo '{server}' '{port}' 1
}

@test "--stats tells what the link did" {
	needs_namespaces
	run -0 "$SOCKCTL" path --stats rtt=1ms --server "$TRAFFIC echo-server {port}" -- "$TRAFFIC" echo '{server}' '{port}' 10
	[[ $output =~ "up: ".*"packets".*"dropped by the queue 0, lost 0" ]]
	[[ $output == *"delivered late by"* ]]
}

@test "a signal to sockctl reaches the client, who may end in peace" {
	needs_namespaces
	cat >"$BATS_TEST_TMPDIR/client" <<-'END'
		trap 'echo ended in peace; exit 5' TERM
		echo ready
		while :; do sleep 0.05; done
	END
	"$SOCKCTL" path rtt=1ms -- sh "$BATS_TEST_TMPDIR/client" >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	until grep -q ready "$BATS_TEST_TMPDIR/out"; do sleep 0.02; done
	kill -TERM $pid
	code=0; wait $pid || code=$?
	[ $code = 5 ]
	grep -q 'ended in peace' "$BATS_TEST_TMPDIR/out"
}

@test "a signal while the server is awaited ends it all" {
	needs_namespaces
	"$SOCKCTL" path rtt=1ms --server "echo started >$BATS_TEST_TMPDIR/out; exec sleep 1000" -- true 3>&- &
	pid=$!
	until [ -s "$BATS_TEST_TMPDIR/out" ]; do sleep 0.02; done
	kill -TERM $pid
	code=0; wait $pid || code=$?
	[ $code = 143 ]
}
