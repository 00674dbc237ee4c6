#!/usr/bin/env bats
# sockctl doctor as a command: flags, wrong input, exit codes, JSON, signals, users, names that would write to a terminal. What the
# rules find is in tests/doctor.

sockctl=${SOCKCTL:?path of the program}

setup()
{
	command -v python3 >/dev/null || skip "python3 is not installed"
}

# In a network namespace of its own, so that what else happens on this host has no say.
alone()
{
	unshare -rn true 2>/dev/null || skip "no user namespaces here"
	unshare -rn sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

# A program that does not read what has come, 40000 bytes, at port 7001; then the arguments, with its pid as $program.
unread='
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
server = listener.accept()[0]
client.sendall(b"x" * 40000)
sys.exit(subprocess.call(sys.argv[1:], env={**os.environ, "program": str(os.getpid())}))'

# json EXPRESSION: does it hold for `o`, what is in $output?
json()
{
	python3 -c "import json, sys; o = json.load(sys.stdin); sys.exit(not ($1))" <<<"$output"
}

@test "nothing found: what was looked at is said, exit 0" {
	run alone "$sockctl" doctor --for 50ms
	[ "$status" -eq 0 ]
	[[ $output == "Nothing found. 0 sockets, two looks "* ]]
}

@test "a finding: who, what, evidence, why with its source, fix, rule; exit 1" {
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s -r unread-data
	[ "$status" -eq 1 ]
	grep -qE '^warning  received data is not read: python3\[[0-9]+\], 127.0.0.1:7001 to 127.0.0.1:[0-9]+$' <<<"$output"
	grep -qE '^  evidence  39.1K waiting, and nothing read in [0-9.]+ s' <<<"$output"
	grep -qE '^  why       .*tcp\(7\)' <<<"$output"
	grep -qE '^  fix       no setting mends it' <<<"$output"
	grep -qE '^  rule      unread-data$' <<<"$output"
}

@test "JSON: schema, findings with numbers and fix, checks of the rules that were asked" {
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s -r unread-data -r close-wait-leak -j
	[ "$status" -eq 1 ]
	json 'o["schema"] == "sockctl.doctor/1" and o["complete"] is True and o["why"] is None and o["host"]["netns"] and o["time"]["unix_us"] and o["interval_us"] >= 1000000 and o["sockets"] == 3'
	json '[c["rule"] for c in o["checks"]] == ["unread-data", "close-wait-leak"]'
	json 'all(set(c) == {"rule", "examined", "sick", "unknown", "why"} for c in o["checks"])'
	json 'len(o["findings"]) == 1 and o["findings"][0]["numbers"]["rqueue_bytes"] == 40000'
	json 'set(o["findings"][0]) == {"rule", "severity", "title", "who", "what", "sockets", "evidence", "numbers", "why", "source", "fix"}'
	json 'set(o["findings"][0]["fix"]) == {"spec", "sysctl", "config", "advice"}'
}

@test "--pretty is the same JSON with one member a line" {
	run alone "$sockctl" doctor --for 50ms --pretty
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -gt 20 ]
	json 'o["schema"] == "sockctl.doctor/1" and o["findings"] == []'
}

@test "--all: a line for every rule" {
	run alone "$sockctl" doctor --for 50ms -a
	[ "$status" -eq 0 ]
	while read -r rule _; do
		grep -q "^$rule  *[0-9]" <<<"$output" || { echo "no $rule"; return 1; }
	done < <("$sockctl" doctor --rules | tail -n +2)
}

@test "--rules lists each once, --rules --json all that is to be said of them" {
	run "$sockctl" doctor --rules
	[ "$status" -eq 0 ]
	names=$(tail -n +2 <<<"$output" | awk '{ print $1 }')
	[ "$(sort <<<"$names" | uniq -d)" = "" ]
	run "$sockctl" doctor --rules --json
	[ "$status" -eq 0 ]
	[ "$(python3 -c 'import json, sys; print("\n".join(r["name"] for r in json.load(sys.stdin)))' <<<"$output")" = "$names" ]
	json 'all(r["title"] and r["why"] and r["source"] and r["when"] and r["mends"] and r["severity"] in ("note", "warning", "fault") for r in o)'
}

@test "--severity leaves out what is less, in findings and exit code" {
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s --severity fault -j
	[ "$status" -eq 0 ]
	json 'o["findings"] == [] and o["less_severe"] == 1 and any(c["sick"] for c in o["checks"])'
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s --severity fault -r unread-data
	[ "$status" -eq 0 ]
	[[ $output == *"1 of 1 rules"* && $output != *"Nothing found"* && $output == *"not shown: 1 finding that is less than a fault"* ]]
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s --severity warning -r unread-data
	[ "$status" -eq 1 ]
}

@test "a filter says which sockets are looked at" {
	run alone python3 -c "$unread" "$sockctl" doctor --for 200ms -j dport = :7001
	[ "$status" -eq 0 ]
	json 'o["sockets"] == 1 and o["findings"] == []'
	run alone python3 -c "$unread" sh -c "exec \"$sockctl\" doctor --for 1s -j -r unread-data pid = \$program and sport = :7001"
	[ "$status" -eq 1 ]
}

@test "wrong input: exit 2, what is wrong and what is expected" {
	for flags in "--for 0" "--for 2d" "--for fast" "--for" "--idle 0s" "--idle" "-r no-such-rule" "--rule" "--severity bad" "--severity" "--no-such-flag" "sport = " "and"; do
		# shellcheck disable=SC2086
		run "$sockctl" doctor $flags
		[ "$status" -eq 2 ] || { echo "$flags: $status"; return 1; }
		[ -n "$output" ]
	done
	run "$sockctl" doctor --for fast
	[[ $output == "sockctl doctor: --for fast: expects a time such as"* ]]
	run "$sockctl" doctor -r no-such-rule
	[[ $output == *"sockctl doctor --rules"* ]]
}

@test "a signal ends the waiting, and the second look comes at once" {
	for signal in INT TERM; do
		run alone python3 -c '
import signal, subprocess, sys, time
number = getattr(signal, "SIG" + sys.argv[2])
doctor = subprocess.Popen([sys.argv[1], "doctor", "--for", "1h", "-j"], stdout=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
status = f"/proc/{doctor.pid}/status"
for turn in range(2000):        # until it has its handlers
    caught = int(next(line for line in open(status) if line.startswith("SigCgt")).split()[1], 16)
    if caught >> (number - 1) & 1 and "sockctl" in open(f"/proc/{doctor.pid}/comm").read():
        break
    time.sleep(0.01)
doctor.send_signal(number)
print(doctor.communicate(timeout=30)[0].decode())
sys.exit(doctor.returncode)' "$sockctl" "$signal"
		[ "$status" -eq 0 ]
		json 'o["interval_us"] < 60e6 and o["complete"]'
	done
}

@test "sockets for which a filter cannot be decided are told, on the page, with -a and in JSON" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
	hidden='
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
def other():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(subprocess.call(sys.argv[1:], preexec_fn=other))'
	run unshare -n sh -c 'ip link set lo up && exec "$@"' sh python3 -c "$hidden" "$sockctl" doctor --for 50ms nodelay eq off
	[[ $output == *"not seen: "*" sockets for which the filter could not be decided"* ]]
	run unshare -n sh -c 'ip link set lo up && exec "$@"' sh python3 -c "$hidden" "$sockctl" doctor --for 50ms -a nodelay eq off
	[[ $output == *"not seen: "*" sockets for which the filter could not be decided"* ]]
	run unshare -n sh -c 'ip link set lo up && exec "$@"' sh python3 -c "$hidden" "$sockctl" doctor --for 50ms -j nodelay eq off
	json 'o["undecided"] > 0'
}

@test "one that is not seen is told as one, two as two" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
	hidden='
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
others = [subprocess.Popen(["cat"], stdin=subprocess.PIPE) for _ in range(int(sys.argv[1]))]
def other():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(subprocess.call(sys.argv[2:], preexec_fn=other))'
	among()		# OTHERS FILTER: so many more processes of somebody else
	{
		run unshare -n -p -f --kill-child --mount-proc sh -c 'ip link set lo up && exec "$@"' sh python3 -c "$hidden" "$1" \
			"$sockctl" doctor --for 50ms "nodelay eq off and sport = :7001 $2"
	}
	among 0 "and state listening"
	[[ $output == *"not seen: 1 socket for which the filter could not be decided: what it asks for is not known of it"* ]]
	[[ $output == *"not seen: the sockets of 1 process cannot be told to be its own"* ]]
	among 1 ""
	[[ $output == *"not seen: 2 sockets for which the filter could not be decided: what it asks for is not known of them"* ]]
	[[ $output == *"not seen: the sockets of 2 processes cannot be told to be theirs"* ]]
}

@test "the interval is that over which the numbers are" {
	run alone python3 -c "$unread" "$sockctl" doctor --for 1s -r unread-data -j
	json 'abs(float(o["findings"][0]["evidence"].split(" read in ")[1].split(" s")[0]) - o["interval_us"] / 1e6) < 0.11'
}

@test "a filter that leaves out what waits for accept() is told" {
	waits='
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
sys.exit(subprocess.call([*sys.argv[1:], "pid", "=", str(os.getpid())]))'
	run alone python3 -c "$waits" "$sockctl" doctor --for 1s -j -r program-not-accepting
	json 'o["checks"][0]["unknown"] == 1 and "filter" in o["checks"][0]["why"]'
}

@test "without a filter none is blamed for what waits unseen: a connection that was reset before it was accepted" {
	reset='
import socket, struct, subprocess, sys
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
sys.exit(subprocess.call(sys.argv[1:]))'
	run alone python3 -c "$reset" "$sockctl" show -tlH -o queue
	[ "$(tr -d ' ' <<<"$output")" = 1 ]
	run alone python3 -c "$reset" "$sockctl" doctor --for 1s -j -r program-not-accepting
	json '"filter" not in str(o["checks"][0]["why"]) + str(o["findings"])'
	run alone python3 -c "$reset" "$sockctl" doctor --for 1s -j -r program-not-accepting sport = :7001
	json '"filter" in o["checks"][0]["why"]'
}

@test "names that would write to a terminal are harmless, on the page and in JSON" {
	hostile='
import ctypes, socket, subprocess, sys
ctypes.CDLL(None).prctl(15, b"\x1b[31mred\n\x9bx\xff")
listener = socket.create_server(("127.0.0.1", 7001))
client = socket.create_connection(listener.getsockname())
server = listener.accept()[0]
client.sendall(b"x" * 40000)
sys.exit(subprocess.call(sys.argv[1:]))'
	run alone python3 -c "$hostile" "$sockctl" doctor --for 1s -r unread-data
	[ "$status" -eq 1 ]
	[ "$(LC_ALL=C tr -d '\n -~' <<<"$output" | wc -c)" -eq 0 ]
	[ "$(grep -c '^warning' <<<"$output")" -eq 1 ]
	run alone python3 -c "$hostile" "$sockctl" doctor --for 1s -r unread-data -j
	[ "$status" -eq 1 ]
	[ "$(LC_ALL=C tr -d '\n -~' <<<"$output" | wc -c)" -eq 0 ]
	json '"red" in o["findings"][0]["who"]'
}

@test "of other users' programs what is hidden is unknown, with why" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be another user"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	cp "$sockctl" "$BATS_TEST_TMPDIR/sockctl"
	chmod 755 "$BATS_TEST_TMPDIR/sockctl" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/sockctl" --version >/dev/null 2>&1 || skip "another user cannot run it from here"
	run unshare -n sh -c 'ip link set lo up && exec "$@"' sh python3 -c "$unread" \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/sockctl" doctor --for 1s -r fastopen-inert
	[ "$status" -eq 0 ]
	[[ $output == *"not checked: fastopen-inert for 1: the options of other users' sockets are not to be read"* ]]
	[[ $output == *"CAP_SYS_PTRACE"* ]]
}

@test "without /proc it says so, and exits with 3" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here"
	! grep -qa __asan_init "$sockctl" || skip "a sanitizer cannot do without /proc either"
	run unshare -rm sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$sockctl" doctor --for 50ms
	[ "$status" -eq 3 ]
	[[ $output == *"/proc"* ]]
}

@test "the page fits 80 and 200 columns" {
	for columns in 80 200; do
		run alone python3 -c "$unread" script -qec "stty cols $columns; '$sockctl' doctor --for 1s" /dev/null
		[ "$(tr -d '\r' <<<"$output" | sed 's/\x1b\[[0-9]*m//g' | awk '{ if (length($0) > n) n = length($0) } END { print n }')" -le "$columns" ]
		[[ $output == *"received data is not read"* ]]
	done
}
