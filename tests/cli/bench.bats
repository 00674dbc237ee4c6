# sockctl bench on the command line. SOCKCTL: the program.
bats_require_minimum_version 1.5.0

setup() {
	if ! unshare -Un true 2>/dev/null && ! unshare -n true 2>/dev/null; then
		needs='namespaces are restricted here'
	fi
}

needs_namespaces() { [ -z "${needs:-}" ] || skip "$needs"; }

@test "what is missing, unknown or too much is a usage error" {
	run -2 "$SOCKCTL" bench
	[[ $output == *"WORKLOAD is missing; there are wwr rr stream"* ]]
	run -2 "$SOCKCTL" bench nosuch
	[[ $output == *"nosuch: no such workload"* ]]
	run -2 "$SOCKCTL" bench rr stream
	[[ $output == *"stream: one workload at a time"* ]]
	run -2 "$SOCKCTL" bench rr --repeat 0
	[[ $output == *"--repeat 0: expected 1 to 100"* ]]
	run -2 "$SOCKCTL" bench rr --connections 99999999999999999999
	[[ $output == *"--connections"* ]]
	run -2 "$SOCKCTL" bench rr --duration soon
	[[ $output == *"--duration soon: expected a time"* ]]
	run -2 "$SOCKCTL" bench rr --nonsense
	[[ $output == *"no such flag"* ]]
}

@test "bad specs and paths are named" {
	run -2 "$SOCKCTL" bench rr --spec nodely
	[[ $output == *nodely* && $output == *nodelay* ]]
	run -2 "$SOCKCTL" bench rr --path rtt=soon
	[[ $output == *"rtt=soon"* ]]
	specs=()
	for i in $(seq 17); do specs+=(--spec ''); done
	run -2 "$SOCKCTL" bench rr "${specs[@]}"
	[[ $output == *"more than 16 specs"* ]]
}

@test "-j has what was run, where, and how it went" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" bench rr --repeat 2 --duration 100ms --spec '' --spec nodelay -j
	python3 - "$output" <<-'END'
	import json, sys
	d = json.loads(sys.argv[1])
	assert d['workload'] == 'rr' and d['path'] is None
	assert d['host']['kernel'] and d['host']['cpus'] >= 1 and d['host']['cc']
	assert 'CPU' in d['placement']
	assert d['metric'] == {'name': 'requests_per_s', 'lower_is_better': False}
	assert d['plan']['measure_us'] == 100000
	assert [a['spec'] for a in d['arms']] == ['', 'nodelay']
	for a in d['arms']:
	    assert len(a['runs']) == 2 and min(a['runs']) <= a['median'] <= max(a['runs'])
	    l = a['latency']
	    assert l['p50_us'] <= l['p90_us'] <= l['max_us']
	    assert (l['p99_us'] is None) == (l['samples'] < 1000)
	    assert a['evidence']['sender'] == 'client'
	    assert a['evidence']['server_counters']['in_segs'] > 0
	assert d['arms'][0]['gain']['median'] == 1
	assert [v['option'] for v in d['arms'][1]['report']['client']] == ['nodelay']
	assert d['arms'][1]['report']['client'][0]['outcome'] in ('granted', 'inherited')
	END
}

@test "a page for people: few samples show no p99, refusals are told" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" bench wwr --path rtt=4ms --repeat 1 --duration 50ms --spec '' --spec try:cc=nosuchcc
	[[ $output == *"wwr over rtt=4ms"* ]]
	[[ $output == *"placement  link on CPU"* ]]
	[[ $output == *"delayed acks per request"* ]]
	[[ $output == *"try:cc=nosuchcc, client:"* ]]
	python3 - "$output" <<-'END'
	import sys
	row = [l for l in sys.argv[1].splitlines() if l.startswith('(none)')][0].split()
	assert '-' in row[5:8], row
	END
}

@test "a required setting that is refused ends it with the reason" {
	needs_namespaces
	run -2 "$SOCKCTL" bench rr --repeat 1 --spec cc=nosuchcc
	[[ $output == *cc* && $output != *MEDIAN* ]]
}

descendants() {
	local child count=0
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		count=$((count + 1 + $(descendants "$child")))
	done
	echo "$count"
}

@test "an interrupt ends it in good order" {
	needs_namespaces
	"$SOCKCTL" bench stream --duration 60s 2>"$BATS_TEST_TMPDIR/err" &
	pid=$!
	for _ in {1..400}; do
		[ "$(descendants "$pid")" -ge 4 ] && break       # pid 1, the runner, its server and client
		sleep 0.05
	done
	kill -TERM "$pid"
	wait "$pid" && status=0 || status=$?
	[ "$status" = 143 ]
	grep -q interrupted "$BATS_TEST_TMPDIR/err"
}

@test "signals that came ignored stay ignored" {
	needs_namespaces
	sh -c 'trap "" TERM INT HUP; exec "$SOCKCTL" bench rr --repeat 1 --duration 2s' >"$BATS_TEST_TMPDIR/out" &
	pid=$!
	for _ in {1..400}; do
		[ "$(descendants "$pid")" -ge 4 ] && break
		sleep 0.05
	done
	kill -TERM "$pid"
	kill -HUP "$pid"
	wait "$pid"
	grep -q MEDIAN "$BATS_TEST_TMPDIR/out"
}

@test "nobody reads the output: an error, no crash" {
	needs_namespaces
	run -1 --separate-stderr sh -c "\"\$SOCKCTL\" bench rr --repeat 1 --duration 10ms >/dev/full"
	[[ $stderr == *"standard output"* ]]
}

@test "connections to any of many shards are served" {
	needs_namespaces
	run -0 "$SOCKCTL" bench rr --spec shards=200 --connections 16 --repeat 1 --duration 50ms
}
