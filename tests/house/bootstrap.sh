#!/bin/bash
# tools/bootstrap on systems that lack everything, played by a PATH with nothing in it and an apt-get that only notes its calls.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
bootstrap=$(cd "$(dirname "$0")/../../tools" && pwd)/bootstrap

mkdir "$scratch/bin"
for tool in bash sed cut cat; do
	ln -s "$(command -v $tool)" "$scratch/bin/$tool"
done
: >"$scratch/calls"

# fake NAME LINE...: a program of the bare system.
fake()
{
	local name=$1
	shift
	printf '%s\n' "#!$scratch/bin/bash" "$@" >"$scratch/bin/$name"
	chmod 755 "$scratch/bin/$name"
}

# The script adds the system's own folders to PATH; here it must not.
sed "s|^PATH=.*|PATH=$scratch/bin|" "$bootstrap" >"$scratch/bootstrap"
bare()
{
	"$scratch/bin/bash" "$scratch/bootstrap" "$@" >"$scratch/out" 2>&1
}

echo 1..7
"$bootstrap" >"$scratch/out" 2>&1 && [ ! -s "$scratch/out" ]
result 'silent where all is there' $?
bare
[ $? = 1 ] && grep -q libmnl-dev "$scratch/out" && grep -q 'no Debian' "$scratch/out"
result 'another system: lists what is needed, exit 1' $?

fake id 'echo 0'
fake apt-get "echo \"\$*\" >>'$scratch/calls'"
bare --check
[ $? = 1 ] && grep -q meson "$scratch/out" && [ ! -s "$scratch/calls" ]
result '--check installs nothing' $?
bare
[ $? = 1 ] && grep -q 'about to install' "$scratch/out" && grep -q '^install .*gcc.*libseccomp-dev' "$scratch/calls"
result 'root: installs' $?
grep -q 'still missing' "$scratch/out"
result 'and does not believe an installation that changed nothing' $?

fake id 'echo 1000'
: >"$scratch/calls"
bare
[ $? = 1 ] && grep -q 'no sudo; as root: ' "$scratch/out" && ! grep -v -e --simulate "$scratch/calls" | grep -q .
result 'no root, no sudo: says what root would do' $?
fake sudo "echo sudo >>'$scratch/calls'" 'shift' '"$@"'
: >"$scratch/calls"
bare
grep -q '^sudo$' "$scratch/calls" && grep -q '^install .*gcc' "$scratch/calls"
result 'no root: through sudo' $?
