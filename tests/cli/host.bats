#!/usr/bin/env bats
# sockctl host: its values are those of /proc/sys, its file is one that sysctl(8) can read, and it changes nothing.

sockctl=${SOCKCTL:?path of the program}

@test "every value is what /proc/sys says" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	run "$sockctl" host -j
	[ "$status" -eq 0 ]
	python3 -c '
import json, sys
rows = json.load(sys.stdin)["sysctls"]
assert len(rows) > 50
for row in rows:
    try:
        with open("/proc/sys/" + row["name"].replace(".", "/")) as file:
            value = file.read().rstrip("\n").replace("\t", " ")
    except OSError:
        value = None
    assert row["value"] == value, (row["name"], row["value"], value)' <<<"$output"
}

# In a namespace with one listener that asked for more than somaxconn, and one that did not.
in_namespace() {
	unshare -rn sh -c 'ip link set lo up 2>/dev/null
		python3 -c "
import socket, subprocess, sys
listener = socket.create_server((\"127.0.0.1\", 7001), backlog=2000000)
modest = socket.create_server((\"127.0.0.1\", 7002), backlog=5)
listener.setsockopt(6, 23, 16) # TCP_FASTOPEN
sys.exit(subprocess.call(sys.argv[1:]))" "$@"' sh "$@"
}

needs_namespace() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	unshare -rn true 2>/dev/null || skip "no user namespaces here"
}

@test "a listener cut by somaxconn is counted" {
	needs_namespace
	run in_namespace "$sockctl" host
	[ "$status" -eq 0 ]
	[[ $(grep '^net.core.somaxconn' <<<"$output") == *" 1 listener whose accept queue is exactly this long;"* ]]
}

@test "-p says which socket, and whose; fastopen without its sysctl too" {
	needs_namespace
	run in_namespace "$sockctl" host -p
	[ "$status" -eq 0 ]
	grep -q '^net.core.somaxconn  *tcp  *127.0.0.1:7001 .*python3\[' <<<"$output"
	[ "$(grep -c '127.0.0.1:7002' <<<"$output")" -eq 0 ]
	grep -q '^net.ipv4.tcp_fastopen  *tcp  *127.0.0.1:7001 .*python3\[' <<<"$output"
}

@test "-p in JSON: each socket under its limit" {
	needs_namespace
	run in_namespace "$sockctl" host -pj
	[ "$status" -eq 0 ]
	python3 -c '
import json, sys
host = json.load(sys.stdin)
assert host["schema"] == "sockctl.host/1" and host["complete"] and host["why"] is None
limit = next(row for row in host["sysctls"] if row["name"] == "net.core.somaxconn")
assert limit["capped_sockets"] == 1
assert [s["local"] for s in limit["sockets"]] == ["127.0.0.1:7001"]
assert limit["sockets"][0]["owners"][0]["comm"] == "python3"
assert {"name": "backlog", "role": "caps"} in limit["options"]
assert host["use"]["tcp_sockets"] == 2' <<<"$output"
}

@test "another namespace: its values and its sockets, and all of them as an array" {
	needs_namespace
	run unshare -rn bash -c 'coproc unshare -n sh -c "echo 77 >/proc/sys/net/core/somaxconn; echo ready; read -r _"
		read -r _ <&"${COPROC[0]}"
		"$1" host -N "pid:$COPROC_PID" && "$1" host -N all -j 2>/dev/null
		status=$?
		echo >&"${COPROC[1]}"
		exit $status' bash "$sockctl"
	# of what else runs on this machine some may be for others to know: that is said
	[[ $output == *'"complete":true,"why":null}' && $status -eq 0 ]] || [[ $output == *'"complete":false,"why":"'* && $status -eq 1 ]]
	[[ $output == "network namespace pid:"* ]]
	grep -q '^net.core.somaxconn  *77 ' <<<"$output"
	tail -n 1 <<<"$output" | python3 -c '
import json, os, sys
hosts = json.load(sys.stdin)
assert hosts["schema"] == "sockctl.host/1" and hosts["host"]["kernel"] == os.uname().release
assert all(one["schema"] == "sockctl.host/1" and one["netns"]["inode"] and one["netns"]["name"] for one in hosts["namespaces"])'
}

@test "in JSON the namespace has its inode and a name that -N takes; without /proc the reason is there" {
	needs_namespace
	run unshare -rn sh -c '"$1" host -j; exec stat -Lc %i /proc/self/ns/net' sh "$sockctl"
	name=$(python3 -c '
import json, sys
host, inode = sys.stdin.read().splitlines()
host = json.loads(host)
assert host["netns"]["inode"] == host["host"]["netns"] == int(inode) and host["netns_why"] is None
print(host["netns"]["name"])' <<<"$output")
	[ "$name" = pid:self ]
	run "$sockctl" host -N "$name"
	[ "$status" -eq 0 ]
	[[ $output == "network namespace pid:self (net:["* ]]
	unshare -rm mount -t tmpfs none /proc || skip "no mounting here"
	run unshare -rm sh -c 'mount -t tmpfs none /proc && exec "$1" host -j' sh "$sockctl"
	[[ $output == *'"netns":null,"netns_why":"No such file or directory"'* ]]
}

# What an ordinary user may not know of: processes of others, and with hidepid= not even that there are some. What else
# runs on this machine may have namespaces that can be seen and not entered, which is told before.
of_all_namespaces() { # COMMAND WHY BEFORE...
	local command=$1 why=$2
	shift 2
	run "$@" setpriv --reuid 64321 --regid 64321 --clear-groups "$BATS_TEST_TMPDIR/sockctl" "$command" -N all -j
	[ "$status" -eq 1 ]
	[[ $output == *'"complete":false,"why":"'*$why* || $output == *'"complete":false,"why":"setns '* ]]
	[[ $output == *"sockctl $command: not complete: "*$why* || $output == *"sockctl $command: not complete: setns "* ]]
}

@test "-N all: what may be missing is told, in the words of show" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be another user"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	cp "$sockctl" "$BATS_TEST_TMPDIR/sockctl"
	chmod 755 "$BATS_TEST_TMPDIR/sockctl" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	setpriv --reuid 64321 --regid 64321 --clear-groups "$BATS_TEST_TMPDIR/sockctl" --version >/dev/null 2>&1 || skip "another user cannot run it from here"
	for command in host show; do
		of_all_namespaces "$command" 'may be in namespaces that are not for this user to know'
	done
	# before Linux 5.8 hidepid= is for all mounts of /proc at once: not to be tried
	[ "$(printf '%s\n' 5.8 "$(uname -r)" | sort -V | head -n 1)" = 5.8 ] || return 0
	hiding=(unshare -m sh -c 'mount -t proc -o hidepid=2 none /proc && exec "$@"' sh)
	"${hiding[@]}" true || skip "no mount namespace here"
	for command in host show; do
		of_all_namespaces "$command" '/proc leaves out processes of others (hidepid)' "${hiding[@]}"
	done
}

@test "a namespace that there is not, or that is not ours" {
	run "$sockctl" host -N no-such-namespace
	[ "$status" -eq 2 ]
	[[ $output == *"/run/netns/no-such-namespace"* ]]
	run "$sockctl" host -N ../x
	[ "$status" -eq 2 ]
	run "$sockctl" host -N pid:x
	[ "$status" -eq 2 ]
}

@test "80 columns are enough, and 200 make a table" {
	needs_namespace
	command -v script >/dev/null || skip "script(1) is not installed"
	for width in 80 200; do
		NO_COLOR=1 run in_namespace script -qec "stty cols $width; '$sockctl' host -a --rate 100gbit --rtt 40ms --connections 1000000" /dev/null
		[ "$status" -eq 1 ]
		[ "$(tr -d '\r' <<<"$output" | awk -v most=$width 'length($0) > most' | wc -l)" -eq 0 ]
	done
	[[ $output == *"SYSCTL "*"VALUE "*"DEFAULT "*"OPTIONS "*"NOW "* ]]
}

@test "a load is judged, and the file has one line for each limit that is too low" {
	run "$sockctl" host --rate 100gbit --rtt 200ms --connections 1000000 --sysctl.d
	[ "$status" -eq 0 ]
	[ "$(grep -vc '^#' <<<"$output")" -eq "$(grep -c '^net\.[a-z0-9_.]* = [0-9 ]*$' <<<"$output")" ]
	[[ $output == *"net.ipv4.tcp_rmem = "* ]]
	[[ $output == *"one connection cannot fill this path"* ]]
	run "$sockctl" host --rate 100gbit --rtt 200ms --connections 1000000
	[ "$status" -eq 1 ]
	[[ $output == *"FOR THIS LOAD "*" ENOUGH "*" HAS "*" NEEDS "*" WHY"* ]]
	run "$sockctl" host --connections 1
	[ "$status" -eq 0 ]
	run "$sockctl" host --connections 1 --sysctl.d
	[[ $output == "# what is set on this host suffices"* ]]
}

@test "what the file says, the kernel takes and has" {
	needs_namespace
	run unshare -rn sh -c '"$1" host --rate 100gbit --rtt 200ms --connections 60000 --sysctl.d |
		sed -n "s/^\(net[^ ]*\) = /\1 /p" | { lines=0
		while read -r name value; do
			file=/proc/sys/$(echo "$name" | tr . /)
			echo "$value" >"$file" && [ "$(tr "\t" " " <"$file")" = "$value" ] || exit 1
			lines=$((lines + 1))
		done
		[ $lines -ge 3 ]; }' sh "$sockctl"
	[ "$status" -eq 0 ]
}

@test "wrong input: half a path, no number, a file without a load, operands" {
	for flags in "--rate 1gbit" "--rtt 40ms" "--rate fast --rtt 1ms" "--connections 0" "--connections 99999999999999999999" --sysctl.d "--connections 1 --sysctl.d -j" net.core.somaxconn; do
		# shellcheck disable=SC2086
		run "$sockctl" host $flags
		[ "$status" -eq 2 ]
	done
}
