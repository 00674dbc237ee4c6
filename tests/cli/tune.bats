# sockctl tune on the command line. SOCKCTL: the program.
bats_require_minimum_version 1.5.0

setup() {
	if ! unshare -Un true 2>/dev/null && ! unshare -n true 2>/dev/null; then
		needs='namespaces are restricted here'
	fi
}

needs_namespaces() { [ -z "${needs:-}" ] || skip "$needs"; }

# holds EXPRESSION: is it true of $output, JSON, as o?
holds() {
	printf '%s' "$output" | python3 -c "import json, sys; o = json.load(sys.stdin); sys.exit(not ($1))"
}

@test "what is to be tuned must be said, once" {
	run -2 "$SOCKCTL" tune
	[[ $output == *"what is to be tuned?"* && $output == *"usage: sockctl tune"* ]]
	run -2 "$SOCKCTL" tune strem
	[[ $output == *"no such workload; there are: wwr rr stream"* ]]
	run -2 "$SOCKCTL" tune rr wwr
	[[ $output == *"one workload at a time"* ]]
	run -2 "$SOCKCTL" tune rr --client true
	[[ $output == *"its own client"* ]]
	run -2 "$SOCKCTL" tune --client true
	[[ $output == *"--metric READER is missing"* ]]
	run -2 "$SOCKCTL" tune --client true --metric guess
	[[ $output == *"no such reader; there are: iperf3 redis-benchmark wall"* ]]
}

@test "bad flags, specs, paths, budgets and lists are usage errors that say what is expected" {
	run -2 "$SOCKCTL" tune rr --nonsense
	[[ $output == *"no such flag"* ]]
	run -2 "$SOCKCTL" tune rr --budget soon
	[[ $output == *"expected a time"* ]]
	run -2 "$SOCKCTL" tune rr --budget 1us
	[[ $output == *"1s to 24h"* ]]
	run -2 "$SOCKCTL" tune rr --seed x
	[[ $output == *"expected a number"* ]]
	run -2 "$SOCKCTL" tune rr --path rtt
	run -2 "$SOCKCTL" tune rr --base nodely
	[[ $output == *nodelay* ]]
	run -2 "$SOCKCTL" tune rr --vary sndbfu=1M
	[[ $output == *"vary sndbfu=1M"*"did you mean sndbuf?"* ]]
	run -2 "$SOCKCTL" tune rr --vary sndbuf=4M..1M
	[[ $output == *"goes up"* ]]
	run -2 "$SOCKCTL" tune rr --vary sysctl:wmem_max=8M
	[[ $output == *"whole host"* ]]
	run -2 "$SOCKCTL" tune rr --vary nodelay --base nodelay
	[[ $output == *"the base sets that value already"* ]]
	run -2 "$SOCKCTL" tune rr --save /nonexistent/file
	[[ $output == *"/nonexistent/file"* ]]
}

@test "a load on which nothing helps: null, and what would have been found" {
	needs_namespaces
	run -0 --separate-stderr "$SOCKCTL" tune --client 'sleep 0.02' --metric wall --vary nodelay,quickack --budget 25s -j
	[ -z "$stderr" ]
	holds 'o["recommendation"] is None and o["alternatives"] == []'
	holds 'o["complete"] is False or o["detectable_effect"] > 0'
	holds 'o["baseline"]["wall_time_us"] > 20000 and o["baseline"]["runs"] >= 1'
	holds 'o["runs"] > 0 and o["path"] is None and o["host"]["cpus"] > 0'
	holds 'o["metric"] == {"name": "wall_time_us", "lower_is_better": True}'
	holds '{a["factor"] for a in o["arms"]} <= {"nodelay", "quickack"}'
}

@test "a load that a sysctl decides: it is found, and the page says so" {
	needs_namespaces
	run -0 "$SOCKCTL" tune --client 'case $(cat /proc/sys/net/ipv4/tcp_syn_retries) in 1) sleep 0.02 ;; *) sleep 0.1 ;; esac' \
		--metric wall --vary sysctl:tcp_syn_retries=1 --budget 40s --save "$BATS_TEST_TMPDIR/result"
	[[ $output == *"VARIED"* && $output == *"sysctl:tcp_syn_retries"* ]]
	[[ $output == *"Recommended: net.ipv4.tcp_syn_retries=1"* ]]
	[[ $output == *"placement"* && $output == *"baseline"* && $output == *"seed 1"* ]]
	output=$(cat "$BATS_TEST_TMPDIR/result")
	holds 'o["recommendation"]["sysctl"] == "net.ipv4.tcp_syn_retries=1" and o["recommendation"]["spec"] == ""'
	holds 'o["recommendation"]["interval"][0] <= o["recommendation"]["effect"] <= o["recommendation"]["interval"][1]'
	holds 'o["recommendation"]["pairs"] >= 8 and o["recommendation"]["requires"] == [] and o["recommendation"]["cost"] is not None'
}

# On a busy machine a single run of a rung may be so bad that nobody thinks it a rival: then once more.
@test "where the ladder levels off, the next rung is run against it" {
	needs_namespaces
	local seed
	for seed in 1 2 3 4 5; do
		run -0 "$SOCKCTL" tune --client 'case $(cat /proc/sys/net/ipv4/tcp_syn_retries) in 1) sleep 0.1 ;; 2 | 3) sleep 0.05 ;; *) sleep 0.2 ;; esac' \
			--metric wall --vary 'sysctl:tcp_syn_retries=1|2|3' --budget 60s --seed $seed --save "$BATS_TEST_TMPDIR/result"
		[[ $output != *"directly over"* ]] || break
	done
	[[ $output == *" 3 "*"directly over 2 ("*" to "*"): "*kept* ]]
	output=$(cat "$BATS_TEST_TMPDIR/result")
	holds '[d["value"] for a in o["arms"] if a["value"] == "3" for d in a["against"]] == ["2"]'
	holds 'sum(d["kept"] for a in o["arms"] for d in a["against"]) * 2 == sum(len(a["against"]) for a in o["arms"])'
	holds 'all(d["pairs"] == 8 and d["interval"][0] <= d["gain"] <= d["interval"][1] for a in o["arms"] for d in a["against"])'
	holds 'all(a["on_top_of"] is None for a in o["arms"])'
}

@test "a budget that is too small is said, and kept" {
	needs_namespaces
	run -0 "$SOCKCTL" tune --client 'sleep 1' --metric wall --vary nodelay --budget 3s -j
	holds 'o["complete"] is False and "budget" in o["why_incomplete"] and o["recommendation"] is None'
	holds 'o["detectable_effect"] is None and o["elapsed_s"] < 8'
}

@test "programs that are missing, fail, or print no metric" {
	needs_namespaces
	run ! "$SOCKCTL" tune --client no-such-program-here --metric wall --vary nodelay
	[[ $output == *"no-such-program-here"* ]]
	run ! "$SOCKCTL" tune --client 'echo hurt >&2; exit 3' --metric wall --vary nodelay
	[[ $output == *hurt* ]]
	run ! "$SOCKCTL" tune --client 'echo nothing' --metric iperf3 --vary nodelay
	[[ $output == *"sockctl: "*iperf3* ]]
	run ! "$SOCKCTL" tune --server 'exit 4' --client true --metric wall --vary nodelay
	[[ $output == *"before it listened"* ]]
}

@test "programs that hang are a failure, told by the end of the budget" {
	needs_namespaces
	local began=$SECONDS seed
	for seed in 1 2 3; do           # either of two equal arms may be the first
		run -1 "$SOCKCTL" tune --client 'exec sleep 1000' --metric wall --vary nodelay --budget 1s --seed $seed
		[[ $output == *"sleep 1000"*"still running"* ]]
	done
	run -1 "$SOCKCTL" tune --server 'exec sleep 1000' --client true --metric wall --vary nodelay --budget 1s
	[[ $output == *"never listened"* ]]
	((SECONDS - began < 40))
}

@test "output that cannot be written is said" {
	needs_namespaces
	[ -c /dev/full ] || skip "there is no /dev/full"
	run -1 bash -c '"$1" tune --client "sleep 0.3" --metric wall --vary nodelay --budget 1s -j >/dev/full' - "$SOCKCTL"
	[[ $output == *"standard output: No space left on device"* ]]
}

@test "Ctrl-C ends it with what is known" {
	needs_namespaces
	run -0 python3 - "$SOCKCTL" "$BATS_TEST_TMPDIR/ran" <<-'END'
		import json, os, signal, subprocess, sys, time
		program, ran = sys.argv[1:]
		tune = subprocess.Popen([program, 'tune', '--client', f'echo >>{ran}; sleep 0.05', '--metric', 'wall', '--vary', 'nodelay',
		                         '--budget', '5m', '-j'], stdout=subprocess.PIPE)
		end = time.monotonic() + 20
		while time.monotonic() < end and not (os.path.exists(ran) and os.path.getsize(ran) >= 3):
		    time.sleep(0.02)
		tune.send_signal(signal.SIGINT)
		output = tune.communicate(timeout=20)[0]
		result = json.loads(output)
		assert tune.returncode == 1, tune.returncode
		assert result['complete'] is False and result['why_incomplete'] == 'stopped', result
		assert result['recommendation'] is None and result['runs'] >= 2, result
	END
}

@test "--help lists the flags and what LIST is" {
	run -0 "$SOCKCTL" tune --help
	[[ $output == *"--vary LIST"* && $output == *"sysctl:tcp_wmem"* && $output == *"Exit: 0"* ]]
}
