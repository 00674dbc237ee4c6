# What the tests of `run` share: TAP, a private network namespace, waiting for conditions. Sourced with the script's own
# arguments: SOCKCTL SUBJECT ROOT.
# shellcheck shell=bash
set -u
sockctl=$1 subject=$2 root=$3
unset GREP_OPTIONS
export LC_ALL=C

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# A network namespace of one's own; root keeps what root has, others become root of a user namespace.
if [ -z "${RUN_PRIVATE:-}" ]; then
	namespaces=(--net)
	[ "$(id -u)" = 0 ] || namespaces+=(--user --map-root-user)
	unshare "${namespaces[@]}" true 2>/dev/null || skip_all "no network namespaces here: $(unshare "${namespaces[@]}" true 2>&1)"
	# In the namespace there is no way to an archive; what fails here is a skip there.
	[ -z "${peers_wanted:-}" ] || for name in $peers_wanted; do "$root/tools/peers" "$name" >/dev/null 2>&1; done
	RUN_PRIVATE=1 exec unshare "${namespaces[@]}" "$0" "$@"
fi
ip link set lo up || skip_all "cannot set up lo"
work=$(mktemp -d) || exit 1
count=0
started=()

# Ends only what this script started.
cleanup()
{
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid"
	done 2>/dev/null
	wait
	rm -rf "$work"
}
trap cleanup EXIT

# verdict NAME STATUS GOT WHAT WANTED: ok if STATUS is 0.
verdict()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		printf 'not ok %d - %s\n' "$count" "$1"
		printf 'got:\n%s\n%s%s\n' "$3" "$4" "$5" | sed 's/^/# /'
	fi
}

# is NAME GOT WANTED
is()
{
	[ "$2" = "$3" ]
	verdict "$1" $? "$2" $'wanted:\n' "$3"
}

# like NAME TEXT PATTERN: an extended regular expression.
like()
{
	grep -Eq -- "$3" <<<"$2"
	verdict "$1" $? "$2" 'no match for: ' "$3"
}

skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# until_true COMMAND...: looks again every 20 ms, gives up after 20 s.
until_true()
{
	local i
	for ((i = 0; i < 1000; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.02
	done
	echo "# gave up waiting for: $*"
	return 1
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

children()
{
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

# The first child of a process, once it has one.
child_of()
{
	until_true has_child "$1" || return 1
	children "$1" | cut -d' ' -f1
}

has_child()
{
	[ -n "$(children "$1")" ]
}

# The named program is somewhere below a process.
descendant()
{
	local pid
	for pid in $(children "$1"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && echo "$pid" && return
		descendant "$pid" "$2" && return
	done
	return 1
}

# Is the process inside a system call of this number?
calling()
{
	grep -q "^$2 " "/proc/$1/syscall"
}

line_in()
{
	grep -q -- "$2" "$1"
}

# peer NAME PROGRAM: the path of a real program, or nothing with the reason in $work/why.
peer()
{
	"$root/tools/peers" "$1" >/dev/null 2>"$work/why" && [ -x "$root/build/peers/bin/$2" ] && echo "$root/build/peers/bin/$2"
}

done_testing()
{
	echo "1..$count"
}
