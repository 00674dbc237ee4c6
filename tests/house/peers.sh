#!/bin/bash
# tools/peers against an archive of one package that this script serves itself, by an apt-get of its own: needs no network.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
peers=$(cd "$(dirname "$0")/../../tools" && pwd)/peers

if ! command -v dpkg-deb >/dev/null || ! command -v flock >/dev/null; then
	echo '1..0 # SKIP no dpkg-deb or no flock here'
	exit 0
fi

# A package "greeter" with the library path shown by its program.
mkdir -p "$scratch/package/DEBIAN" "$scratch/package/usr/bin" "$scratch/bin" "$scratch/tree/tools"
printf 'Package: greeter\nVersion: 1.0\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' \
	>"$scratch/package/DEBIAN/control"
printf '#!/bin/sh\necho "hello $* ${LD_LIBRARY_PATH:+with libraries}"\n' >"$scratch/package/usr/bin/greeter"
chmod 755 "$scratch/package/usr/bin/greeter"
dpkg-deb -b "$scratch/package" "$scratch/greeter_1.0_all.deb" >/dev/null 2>&1
cat >"$scratch/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$scratch/apt.log"
case "\$*" in
*greeter*) ;;
*update*) exit 0 ;;
*) echo "E: Unable to locate package" >&2; exit 100 ;;
esac
case "\$*" in
*' install '*) echo 'Inst greeter (1.0 test [all])' ;;
*' download '*) cp "$scratch/greeter_1.0_all.deb" . ;;
esac
END
chmod 755 "$scratch/bin/apt-get"
cp "$peers" "$scratch/tree/tools/peers"
cd "$scratch/tree" || exit 1
: >"$scratch/apt.log"

with_archive()
{
	PATH=$scratch/bin:$PATH tools/peers "$@" >"$scratch/out" 2>&1
}

greets()
{
	[ "$(build/peers/bin/greeter a 'b c')" = 'hello a b c with libraries' ]
}

echo 1..8
with_archive greeter & first=$!
with_archive greeter & second=$!
wait $first && wait $second && greets
result 'two at once get one working program' $?
[ "$(grep -c ' download ' "$scratch/apt.log")" = 1 ]
result 'and download it once' $?
: >"$scratch/apt.log"
with_archive greeter && [ ! -s "$scratch/out" ] && [ ! -s "$scratch/apt.log" ] && greets
result 'later runs say nothing and ask nobody' $?
with_archive no-such-package
[ $? = 1 ] && tail -n 1 "$scratch/out" | grep -q 'no-such-package: cannot download'
result 'a package that is not to be had: the reason, and exit 1' $?
[ ! -e build/peers/bin/no-such-package ] && [ ! -e build/peers/have/no-such-package ]
result 'and no trace of it' $?
with_archive 'Bad;Name'
[ $? = 1 ] && grep -q usage "$scratch/out"
result 'a name that is none is refused' $?

# A system without apt-get: only what these tools need is in PATH.
mkdir "$scratch/other"
for tool in bash sh basename dirname mkdir flock chmod mv rm cat uname id; do
	ln -s "$(command -v $tool)" "$scratch/other/$tool"
done
rm -rf build
cp "$scratch/package/usr/bin/greeter" "$scratch/other/greeter"
PATH=$scratch/other tools/peers greeter >"$scratch/out" 2>&1 && build/peers/bin/greeter x >"$scratch/out" && grep -q 'hello x' "$scratch/out"
result 'without apt-get the host serves' $?
PATH=$scratch/other tools/peers absent-program >"$scratch/out" 2>&1
[ $? = 1 ] && grep -q 'no apt-get; install absent-program' "$scratch/out"
result 'and what it lacks is named' $?
