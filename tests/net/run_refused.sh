#!/bin/bash
# `run` where it is forbidden, where the kernel is older, and where it is asked for nonsense: a clear word, the right exit
# code, nothing left running.
# shellcheck source=tests/net/run_lib.sh
. "$(dirname "$0")/run_lib.sh"
deny=$4
eperm=1 enosys=38 einval=22

# forbidden NAME HOW PATTERN
forbidden()
{
	"$deny" "$2" -- "$sockctl" run nodelay -- touch "$work/ran" >"$work/out" 2>"$work/err"
	is "$1: exit 3, and the program did not run" "$? $(ls "$work/ran" 2>/dev/null)" "3 "
	like "$1: says why" "$(cat "$work/err")" "$3"
}

forbidden "seccomp forbidden" "seccomp=$eperm" '^sockctl: seccomp.*(profile|kernel)'
forbidden "pidfd_getfd forbidden" "pidfd_getfd=$eperm" '^sockctl: pidfd_getfd.*profile'
forbidden "pidfd_open missing" "pidfd_open=$enosys" '^sockctl: pidfd_getfd.*profile'
"$sockctl" run nodelay -- "$sockctl" run nodelay -- touch "$work/ran" 2>"$work/err"
is "supervised already: exit 3, and the program did not run" "$? $(ls "$work/ran" 2>/dev/null)" "3 "
like "supervised already: says so" "$(cat "$work/err")" 'supervised already'

# older LINUX HOW: must work all the same
older()
{
	is "as on $1" "$("$deny" "$2" -- "$sockctl" run nodelay,backlog=9 -- "$subject" tcp bind thread listen get:6:1 2>&1 | tr '\n' ' ')" \
		"bind: 0 thread: 0 listen: 0 get: 1 "
}
older "Linux 6.8, no PIDFD_THREAD" "pidfd_open=$einval:1:80"
older "Linux 5.18, no WAIT_KILLABLE_RECV" "seccomp=$einval:1:20"

if unshare --user true 2>/dev/null; then
	is "a program out of reach: its calls are left alone" "$(unshare --user "$sockctl" run nodelay,backlog=9 -- "$subject" hide \
		tcp bind listen get:6:1 2>"$work/err" | tr '\n' ' ')" "hide: 0 bind: 0 listen: 0 get: 0 "
	like "and the user is told" "$(cat "$work/err")" '^sockctl: pidfd_getfd .*subject\[[0-9]+\]: '
else
	skip "a program out of reach" "no user namespace here"
fi

"$sockctl" run nodelay -- "$work/missing" 2>"$work/err"
is "a program that is missing" "$? $(cat "$work/err")" "127 sockctl: exec $work/missing: No such file or directory"
: >"$work/plain"
"$sockctl" run nodelay -- "$work/plain" 2>"$work/err"
is "a file that is not executable" "$? $(cat "$work/err")" "126 sockctl: exec $work/plain: Permission denied"
is "nothing to intercept: the program runs all the same" "$("$sockctl" run '' -- sh -c 'echo ran; exit 4'; echo $?)" "$(printf 'ran\n4')"
"$sockctl" run shards=4 -- true 2>"$work/err"
like "what run cannot do is said" "$? $(cat "$work/err")" '^0 sockctl: run shards: is not made'
done_testing
