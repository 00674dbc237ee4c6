#!/usr/bin/env bats
# sockctl check: says yes to what works, no with the reason to what is forbidden, and leaves nothing behind.

sockctl=${SOCKCTL:?path of the program}
deny=${DENY:?program that forbids system calls}

# answer NAME: yes or no, as the last output has it
answer()
{
	grep "^$1  " <<<"$output" | grep -o '  \(yes\|no\)  ' | tr -d ' '
}

@test "every row has an answer, and no without a reason does not occur" {
	run "$sockctl" check
	[ "$status" -le 1 ]
	[ "${#lines[@]}" -ge 8 ]
	[ "$(grep -c '  yes  \|  no  ' <<<"$output")" -eq "$((${#lines[@]} - 1))" ]
	! grep '  no  [^ ]*  *$' <<<"$output"
}

@test "what works under a plain user works as the commands say" {
	run "$sockctl" check
	if [ "$(answer supervision)" = yes ]; then
		"$sockctl" run nodelay -- true
	else
		! "$sockctl" run nodelay -- true
	fi
	if [ "$(answer 'emulated link')" = yes ]; then
		"$sockctl" path rtt=1ms -- true
	else
		! "$sockctl" path rtt=1ms -- true
	fi
}

@test "without seccomp: supervision does not work, the rest does" {
	run "$sockctl" check
	[ "$(answer supervision)" = yes ] || skip "supervision does not work here anyway"
	run "$deny" seccomp=1 -- "$sockctl" check
	[ "$status" -eq 1 ]
	[ "$(answer supervision)" = no ]
	[[ $(grep '^supervision' <<<"$output") == *seccomp* ]]
	[ "$(answer 'TCP sockets')" = yes ]
}

@test "without pidfd_getfd: other processes' sockets are out of reach" {
	run "$deny" pidfd_getfd=1 -- "$sockctl" check
	[ "$status" -eq 1 ]
	[ "$(answer "other processes' sockets")" = no ]
}

@test "at 80 columns the reasons stand below, and lines fit" {
	command -v script >/dev/null || skip "script is not installed"
	run script -qec "stty cols 80; '$deny' bpf=1 -- '$sockctl' check" /dev/null
	output=$(tr -d '\r' <<<"$output")
	[[ $output == "WHAT "*" WORKS  FOR"$'\n'* ]]
	[[ $output == *$'\n\nowners by BPF: no\n  bpf iter/task_file: '* ]]
	[ "$(awk 'length($0) > 80' <<<"$output" | wc -l)" -eq 0 ]
	[ "$(grep -c ' $' <<<"$output")" -eq 0 ]
}

@test "without namespaces: no link" {
	run "$deny" unshare=1 clone=1:0:10000000 clone=1:0:40000000 clone3=38 -- "$sockctl" check
	[ "$status" -eq 1 ]
	[ "$(answer namespaces)" = no ]
	[ "$(answer 'emulated link')" = no ]
}

@test "without bpf(): options through the owners' fds, and it is said why" {
	run "$deny" bpf=1 -- "$sockctl" check
	[ "$(answer 'options by BPF')" = no ]
	[ "$(answer 'owners by BPF')" = no ]
	run "$deny" bpf=1 -- "$sockctl" show -tlOj
	[ "$status" -eq 0 ]
	[[ $output == *'"options_source":"getsockopt","options_why":"bpf iter/tcp: '* ]]
}

@test "in a user namespace: BPF is not for it, the rest works" {
	unshare --user --map-root-user true || skip "no user namespaces here"
	run unshare --user --map-root-user "$sockctl" check
	[ "$(answer 'options by BPF')" = no ]
	[ "$(answer 'TCP sockets')" = yes ]
	run unshare --user --map-root-user "$sockctl" show -tlOj
	[ "$status" -eq 0 ]
	[[ $output == *'"options_source":"getsockopt","options_why":"bpf iter/tcp: '* ]]
}

@test "-j: one object that says what it is, where and for whom; the rows of the table, in its order" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	run "$sockctl" check
	table=$output
	run "$sockctl" check -j
	[ "$status" -le 1 ]
	TABLE=$table UID_NOW=$(id -u) STATUS=$status python3 -c '
import json, os, platform, re, sys
found = json.load(sys.stdin)
assert found["schema"] == "sockctl.check/1"
assert found["host"]["name"] == platform.node() and found["host"]["kernel"] == platform.release()
assert found["host"]["netns"] == os.stat("/proc/self/ns/net").st_ino
assert found["uid"] == int(os.environ["UID_NOW"])
checks = found["checks"]
assert all(set(check) == {"name", "works", "for", "why"} for check in checks)
assert all(check["works"] == (check["why"] is None) for check in checks)
assert int(os.environ["STATUS"]) == (not all(check["works"] for check in checks))
rows = [re.split("  +", line)[:2] for line in os.environ["TABLE"].splitlines()[1:]]
assert rows == [[check["name"], "yes" if check["works"] else "no"] for check in checks], rows' <<<"$output"
}

@test "operands are a usage error; a full disk is an error" {
	run "$sockctl" check tcp
	[ "$status" -eq 2 ]
	[ -c /dev/full ] || skip "no /dev/full"
	run sh -c "'$sockctl' check >/dev/full"
	[ "$status" -ne 0 ]
}
