# What the shell tests of the house and its documents share: a scratch folder that goes with the script, and results in TAP.
# Sourced. What a check has to say in case it fails it leaves in $scratch/out.
# shellcheck shell=bash
set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/out"
count=0

# result NAME STATUS
result()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		tail -n 40 "$scratch/out" | sed 's/^/# /'
	fi
}

# skip NAME REASON
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
