#!/usr/bin/env bats
# sockctl show as it is typed: flags of ss, columns, order, wrong input. The sockets are those of zoo.py, in a namespace of its own.

export SOCKCTL=${SOCKCTL:?path of the program}
export PICK=$BATS_TEST_DIRNAME/pick.py
zoo=$BATS_TEST_DIRNAME/zoo.py

# Runs lines of shell, the second after some sockets have changed, beside the sockets; $show is the command.
beside()
{
	command -v python3 >/dev/null || skip "python3 is not installed"
	unshare -rn ip link set lo up 2>/dev/null || skip "no user namespaces with a loopback here"
	show="$SOCKCTL show" run unshare -rn sh -c 'ip link set lo up && exec python3 "$@"' sh "$zoo" "$@"
	# of what else runs on this machine: no answer to what is asked here
	output=$(grep -v '^sockctl show: [0-9]* process\(es\)\? could not be looked into' <<<"$output")
	mapfile -t lines <<<"$output"
}

# The lines of the output that hold all of these words.
lines_with()
{
	local lines=$output word
	for word in "$@"; do
		lines=$(grep -F -e "$word" <<<"$lines") || return 1
	done
	printf '%s\n' "$lines"
}

count_with()
{
	lines_with "$@" | grep -c .
}

@test "-tlnp: queues, limits, owners; the full queue first" {
	beside '$show -tlnp'
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "NOTE "*" LOCAL "*" QUEUE "*" LIMIT "*" DROPS "*" OWNER"* ]]
	[[ ${lines[1]} == "queue full"*" 2      1 "* ]]
	[ "$(count_with '[::1]:' ' 7 ')" -eq 1 ]
}

@test "listeners on one address stand together under their sum" {
	beside 'echo $PORT_SHARDS; $show -tl'
	port=${lines[0]}
	[ "$(count_with "127.0.0.1:$port x3" ' 150 ')" -eq 1 ]
	[ "$(count_with "127.0.0.1:$port " ' 50 ')" -eq 3 ]
}

@test "-u, -t, -4, -6, -a: what is asked for and nothing else" {
	beside '$show -uan4H'
	[ "$status" -eq 0 ]
	[ "$(count_with udp 127.0.0.1)" -eq 2 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == "drops "* ]]
	beside '$show -unl4p'
	[[ ${lines[0]} == "NOTE "*" LOCAL "*" RECV-Q  DROPS  OWNER"* ]]
	beside '$show -ux; $show -xlj | python3 "$PICK" "[s[\"uid\"] for s in d[\"sockets\"]]"'
	[[ ${lines[0]} == *" RECV-Q  SEND-Q" ]] # and none of the columns of TCP
	[ "${lines[-1]}" = "[0]" ]
	beside '$show -ta6H'
	[ "$(count_with '[::1]')" -eq "${#lines[@]}" ]
	[ "${#lines[@]}" -eq 3 ]
	beside '$show -H | wc -l; $show -tuH | wc -l; $show -aH | wc -l'
	[ "${lines[0]}" -eq "${lines[1]}" ]
	[ "${lines[2]}" -gt "${lines[0]}" ]
	beside '$show -taH4 | wc -l; $show -taH6 | wc -l; $show -taH46 | wc -l'
	[ "${lines[2]}" -eq $((lines[0] + lines[1])) ]
}

@test "-e, -i, -m: more columns, with what the socket has" {
	beside '$show -teim6 sport = :$PORT_CLIENT'
	[[ ${lines[0]} == *" TIMER "*" USER "*" COOKIE "*" CWND "*" RCVBUF_BYTES "*" SNDBUF_BYTES "* ]]
	[[ ${lines[1]} == *keepalive* ]]
	[[ ${lines[1]} == *" 195K"* ]] # 200000 bytes: what was asked for, doubled
}

@test "-e: the cgroup in which a socket was made, as a filter takes it; its number where no path is seen" {
	beside 'echo "$($show -tlH -o cgroup_id,cgroup sport = :$PORT_FULL)"; awk -F: "/^0::/ {print \$3}" /proc/self/cgroup
		path=$($show -tlH -o cgroup sport = :$PORT_FULL); $show -tleH sport = :$PORT_FULL and cgroup "$path"'
	read -r id path <<<"${lines[0]}"
	[ "$id" != '?' ] || skip "this kernel does not tell the cgroup of a socket"
	[[ $path != id:* ]] || skip "no cgroups of version 2 are mounted here"
	[ "$path" = "${lines[1]}" ]
	[[ ${lines[2]} == *" $path "* ]]
	unshare -rm mount -t tmpfs none /sys/fs/cgroup 2>/dev/null || skip "no mounting here"
	beside 'unshare -rm sh -c "mount -t tmpfs none /sys/fs/cgroup && $show -tlH -o cgroup_id,cgroup sport = :$PORT_FULL"'
	read -r id path <<<"${lines[0]}"
	[ "$path" = "id:$id" ]
}

@test "names of programs are harmless on a terminal, and whole in JSON" {
	beside '$show -tlp; $show -tlpj'
	[[ $output == *'zo?[31mo"\['* ]]
	[[ $output == *'"comm":"zo\u001b[31mo\"\\"'* ]]
	[[ $output != *$'\033'* ]]
}

@test "owners in JSON: there where they are asked for, and null with the reason where nobody could be seen" {
	beside '$show -taj sport = :$PORT_FULL or sport = :$PORT_CLIENT | python3 "$PICK" "[key for s in d[\"sockets\"] for key in s if key.startswith(\"owners\")]" "len(d[\"sockets\"]) > 2"
		$show -tapj sport = :$PORT_FULL or sport = :$PORT_CLIENT | python3 "$PICK" "all(s[\"owners_why\"] for s in d[\"sockets\"] if s[\"owners\"] is None)" "d[\"hidden_processes\"] == 0 or all(s[\"owners_why\"] or not s[\"inode\"] for s in d[\"sockets\"])" "sum(s[\"owners\"] == [] or s[\"owners\"] is None for s in d[\"sockets\"]), [s[\"owners\"][0][\"pid\"] for s in d[\"sockets\"] if s[\"state\"] == \"listening\"]"
		$show -taj pid = $PID_ZOO and sport = :$PORT_CLIENT | python3 "$PICK" "[s[\"owners\"][0][\"pid\"] for s in d[\"sockets\"]]"; echo $PID_ZOO'
	pid=${lines[6]}
	[ "${lines[0]} ${lines[1]}" = "[] true" ]
	[ "${lines[2]} ${lines[3]}" = "true true" ]
	[ "${lines[4]}" = "[2,[$pid]]" ] # two wait for accept()
	[ "${lines[5]}" = "[$pid]" ]
}

@test "-o: facts, options and owners by name; the rest is left out" {
	beside '$show -H -o local-port,nodelay,keepalive-idle,cwnd,pid sport = :$PORT_CLIENT; echo $PORT_CLIENT $PID_ZOO'
	read -r port pid <<<"${lines[1]}"
	read -ra cell <<<"${lines[0]}"
	[ "${cell[0]}" = "$port" ]
	[ "${cell[3]}" -gt 0 ]
	[ "${cell[4]}" = "$pid" ]
	[ "${cell[1]}" != '?' ] || skip "the options of another process cannot be read here"
	[ "${cell[1]} ${cell[2]}" = "on 30s" ]
}

@test "-o help lists every column, and each of them is taken" {
	run "$SOCKCTL" show -o help
	[ "$status" -eq 0 ]
	mapfile -t columns < <(sed -n 's/^  \([^ ]*\) .*/\1/p' <<<"$output")
	[ "${#columns[@]}" -gt 100 ]
	for ((i = 0; i < ${#columns[@]}; i += 30)); do
		"$SOCKCTL" show -o "$(IFS=,; echo "${columns[*]:i:30}")" dport = :1 >/dev/null
	done
}

@test "--sort shows its column, and -i what it has room for: the rest is named" {
	command -v script >/dev/null || skip "script is not installed"
	beside '$show -ta --sort -sndbuf_bytes; script -qec "stty cols 80; $show -ti" /dev/null; script -qec "stty cols 250; $show -ti" /dev/null'
	[[ ${lines[0]} == *" SNDBUF_BYTES" ]]
	[ "$(count_with 'sockctl show: no room for ' ', DELIVERY_RATE; ')" -eq 1 ]
	[ "$(count_with ' RTO ' ' DELIVERY_RATE')" -eq 1 ]
}

@test "--sort orders by a column, - the other way round; --top takes the first" {
	beside '$show -H -a -o local-port --sort local-port'
	[ "$(sort -n <<<"$output")" = "$output" ]
	beside '$show -H -a -o local-port --sort -local-port'
	[ "$(sort -rn <<<"$output")" = "$output" ]
	beside '$show -H -a --top 1; $show -H -a -o local-port --sort -sport --top 2'
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == "queue full"* ]]
}

@test "-x: unix sockets, the name cut on a terminal only" {
	beside '$show -xl; script -qec "stty cols 80; $show -xlp" /dev/null; $show -xj'
	[ "$(count_with "@zoo-long-" ' 2 ' ' 3 ')" -ge 1 ]
	[[ $output == *'@zoo-'*'~'*long-* ]]
	[[ $output == *'"protocol":"unix","family":"unix"'* ]]
}

@test "-N: the sockets of another namespace; all of them have its name beside" {
	beside '$show -N pid:$PID_ZOO -tlH; $show -N all -tl; $show -N pid:0; $show -N nowhere'
	[ "$(count_with 'queue full' "pid:")" -ge 1 ]
	[[ $output == *' NETNS'* ]]
	[[ $output == *'netns pid:0: '* ]]
	[[ $output == *'there is no /run/netns/nowhere'* ]]
}

@test "-v: buffers fixed, cut by the cap, at the kernel's least, and left to it; the window that the handshake settled" {
	beside '$show -v sport = :$PORT_FIXED; cat /proc/sys/net/core/rmem_max'
	max=${lines[-1]}
	[[ $output != *"unknown: whether it was fixed"* ]] || skip "the options of another process cannot be read here"
	[ "$(count_with granted "($((2 * max)) bytes), fixed")" -eq 1 ]
	[ "$(count_with asked ' or more: it is what the cap leaves' net.core.rmem_max)" -eq 1 ]
	[ "$(count_with asked ' or less: ')" -eq 1 ]
	[ "$(count_with window 'The buffer would hold more')" -eq 1 ]
	beside '$show -v sport = :$PORT_CLIENT'
	[ "$(count_with asked '97.7K, and it was granted')" -eq 1 ]
	[ "$(count_with asked 'nothing: the kernel tunes it')" -eq 1 ]
	[ "$(count_with nodelay on 'set (default off)')" -eq 1 ]
	[ "$(count_with keepalive-idle 30s 'set (default 2h)')" -eq 1 ]
	[ "$(count_with 'reuseaddr=off' 'cork=off')" -eq 1 ]
	beside '$show -vl sport = :$PORT_SIX'
	[ "$(count_with backlog '7 was asked for')" -eq 1 ]
}

@test "-v: what nobody set is at its default" {
	beside '$show -v sport = :$PORT_SIX'
	[[ $output != *"Options that nothing tells"*nodelay* ]] || skip "the options of another process cannot be read here"
	# python's create_server() sets these two
	[ "$(sed -n 's/^  \([^ ]*\) .* set (default.*/\1/p' <<<"$output" | tr '\n' ' ')" = "reuseaddr v6only " ]
}

@test "-jv: what -v derives, with units in the keys" {
	beside '$show -jv sport = :$PORT_CLIENT | python3 "$PICK" "d[\"sockets\"][0][\"send_buffer\"]" "d[\"sockets\"][0][\"options\"] and [d[\"sockets\"][0][\"options\"][\"nodelay\"][key] for key in (\"setting\", \"default\")]" "d[\"sockets\"][0][\"receive_buffer\"][\"asked\"]"'
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *'"granted_bytes":200000,"usable_bytes":100000'*'"sysctl":"net.core.wmem_max"'* ]]
	[ "${lines[1]}" != null ] || skip "the options of another process cannot be read here"
	[[ ${lines[0]} == *'"setting":"fixed","asked":"exactly","asked_bytes":100000'* ]]
	[ "${lines[1]} ${lines[2]}" = '["set",0] "nothing"' ]
}

@test "-j: where, when and what was asked for stand around the sockets" {
	beside '$show -tj sport = :1 | python3 "$PICK" "[d[\"schema\"], d[\"query\"][\"filter\"], d[\"complete\"], d[\"time\"][\"unix_us\"] > 1700000000000000, d[\"sockets\"]]" "d[\"host\"][\"boot_id\"]"; cat /proc/sys/kernel/random/boot_id; $show -t --ndjson sport = :1 | python3 "$PICK" "d[\"host\"][\"netns\"]"; stat -Lc %i /proc/self/ns/net'
	[ "${lines[0]}" = '["sockctl.show/1","sport = :1",true,true,[]]' ]
	[ "${lines[1]}" = "\"${lines[2]}\"" ]
	[ "${lines[3]}" = "${lines[4]}" ]
}

# Those of this very socket, as it was told before: of another process they cannot be read everywhere.
options_are_hidden()
{
	python3 -c '
import json, sys
text = sys.stdin.read()
try:
    records = json.loads(text)["sockets"]
except ValueError:
    records = [json.loads(line) for line in text.splitlines()]
mine = [r for r in records if r.get("local", {}).get("port") == int(sys.argv[1]) and r["state"] == "established"]
sys.exit(not mine or any(r["options"] for r in mine))' "$1"
}

@test "--diff: new, gone and changed, with -j and --ndjson as the earlier look" {
	export earlier=$BATS_TEST_TMPDIR/earlier
	for form in -j --ndjson; do
		beside "\$show -aO $form >\$earlier" '$show -a --diff $earlier; echo new $PORT_NEW client $PORT_CLIENT udp $PORT_UDP six $PORT_SIX'
		read -r _ new _ client _ udp _ six <<<"${lines[-1]}"
		[ "$(count_with "new " "127.0.0.1:$new ")" -eq 1 ]
		[ "$(count_with "gone " "127.0.0.1:$udp ")" -eq 1 ]
		[ "$(count_with "changed " "[::1]:$six " "[::1]:$client " "rqueue_bytes 4.88K to 0")" -eq 1 ]
		[ "$(count_with "changed " "[::1]:$six " "queue_limit 7 to 9")" -eq 1 ]
		[[ $output =~ "In "[0-9.]+m?s": 1 new, 1 gone, "[0-9]+" changed, "[0-9]+" as before" ]]
		[[ $(lines_with "changed " "[::1]:$client ") == *"nodelay on to off"* ]] || options_are_hidden "$client" <"$earlier"
	done
}

@test "--diff -j: numbers from and to, counters with their rate" {
	export earlier=$BATS_TEST_TMPDIR/earlier
	beside '$show -taj >$earlier' '$show -taj --diff $earlier | python3 "$PICK" "[d[\"schema\"], d[\"since\"][\"elapsed_us\"] > 0, d[\"new\"], d[\"gone\"]]" "[s[\"numbers\"][\"queue_limit\"] for s in d[\"sockets\"] if \"queue_limit\" in s.get(\"numbers\", {})]" "[s[\"socket\"][\"state\"] for s in d[\"sockets\"] if s[\"change\"] == \"new\"]"'
	[ "${lines[*]}" = '["sockctl.show.diff/1",true,1,0] [{"from":7,"to":9}] ["listening"]' ]
}

@test "--diff -j: rates are those between the two looks at the socket, by its place among those of the file" {
	export earlier=$BATS_TEST_TMPDIR/earlier
	# as if the first look had begun 100 s before, and its walk had taken those 100 s
	slowly='import json, sys
look = json.load(sys.stdin)
assert look["time"]["since_boot_us"] <= look["read"]["first_us"] <= look["read"]["last_us"]
look["read"]["first_us"] -= 10**8
look["time"]["since_boot_us"] -= 10**8
json.dump(look, sys.stdout)'
	export slowly
	beside '$show -taj | python3 -c "$slowly" >$earlier' '$show -taj --diff $earlier >$earlier.now'
	python3 -c '
import json, sys
then, now = (json.load(open(name)) for name in sys.argv[1:])
place = {s["cookie"]: i for i, s in enumerate(then["sockets"])}
first, last = then["read"]["first_us"], then["read"]["last_us"]
assert now["since"]["elapsed_us"] >= 10**8
found = 0
for s in now["sockets"]:
    if s["change"] != "changed":
        continue
    read = first + (last - first) * (place[s["cookie"]] + 0.5) / len(place)
    least = now["time"]["since_boot_us"] - read
    assert least <= s["elapsed_us"] < least + 60 * 10**6, (least, s)
    for name, counter in s["counters"].items():
        rate = counter["difference"] / s["elapsed_us"] * 10**6
        assert abs(counter["per_second"] - rate) <= rate / 10**4, (name, counter, s["elapsed_us"])
        found += 1
assert found >= 2' "$earlier" "$earlier.now"
}

@test "--diff where nothing has changed: one line" {
	export earlier=$BATS_TEST_TMPDIR/earlier
	beside '$show -xj >$earlier; $show -x --diff $earlier'
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "In "*": 0 new, 0 gone, 0 changed, "*" as before" ]]
}

@test "--diff at 80 columns: addresses are shortened, and what has changed is wrapped" {
	command -v script >/dev/null || skip "script is not installed"
	export earlier=$BATS_TEST_TMPDIR/earlier
	beside '$show -xaj >$earlier; $show -taj >$earlier.tcp' 'script -qec "stty cols 80; $show -xa --diff $earlier; $show -tav --diff $earlier.tcp" /dev/null'
	[ "$(tr -d '\r' <<<"$output" | awk 'length($0) > 80' | wc -l)" -eq 0 ]
	[ "$(count_with changed)" -ge 2 ]
}

@test "--diff: what cannot be compared is refused by name" {
	export earlier=$BATS_TEST_TMPDIR/earlier
	refused()
	{
		beside "\$show -aj >\$earlier; $2"
		[ "$status" -eq 2 ] || return 1
		[[ $output == *"$1"* ]]
	}
	refused 'it has other sockets' '$show -t --diff $earlier'
	refused 'it has other sockets' '$show -a --diff $earlier sport = :1'
	refused 'it is cut off' 'head -c 2000 $earlier | $show -a --diff -'
	refused 'it is cut off' 'head -c -2 $earlier | $show -a --diff -'
	refused 'cut off: the object with schema' '$show -a --ndjson | sed \$d | $show -a --diff -'
	refused 'cut off: the object with schema' '$show -a --diff /dev/null'
	refused 'its schema is "sockctl.show/9"' 'sed s,show/1,show/9, $earlier | $show -a --diff -'
	refused 'another host or before another boot' 'sed s/boot_id\":\"......../boot_id\":\"00000000/ $earlier | $show -a --diff -'
	refused 'another network namespace' 'sed s/netns\":[0-9]*/netns\":1/ $earlier | $show -a --diff -'
	refused 'its times do not fit' 'sed s/last_us\":[0-9]*/last_us\":1/ $earlier | $show -a --diff -'
	refused 'its times do not fit' 'sed s/since_boot_us\":/since_boot_us\":-/ $earlier | $show -a --diff -'
	refused 'its times do not fit' 'sed s/last_us\":/last_us\":999/ $earlier | $show -a --diff -'
	refused "read $BATS_TEST_TMPDIR: it is a directory; an earlier look is what \`sockctl show -j >FILE\` has written" "\$show -a --diff $BATS_TEST_TMPDIR"
	refused 'no output of' 'echo [] | $show -a --diff -'
	refused 'No such file' '$show -a --diff $earlier.not'
	refused 'no --ndjson' '$show -a --ndjson --diff $earlier'
	refused '-o is of lines' '$show -a -o local --diff $earlier'
	refused '-p, -e, -i and -m are of a list' '$show -ai --diff $earlier'
}

@test "wrong input names what is wrong, and what was meant" {
	wrong()
	{
		run "$SOCKCTL" show "${@:2}"
		[ "$status" -eq 2 ] || return 1
		[[ $output == *"$1"* ]]
	}
	wrong '"rtt_us" is' -o local,rtts
	wrong '-o needs a value' -tano
	wrong 'timer' -tano
	wrong 'no column is called ""' -o ''
	wrong '"state" is' --sort stat
	wrong '--top 0' --top 0
	wrong '--top many' --top many
	wrong 'more than 40 columns' -o "$(printf 'rtt,%.0s' {1..41})"
	wrong '-o is of lines' -j -o local
	wrong '-O is of JSON' -O
	wrong 'leave out -l' -tl state established
	wrong 'no socket is in both' -ta state established and state listening
	wrong '--sort is of lines' --ndjson --sort rtt
}

@test "letters that mean something else to ss are refused with what to do" {
	for letter in r K s f A F D E d S w 0 M Z b T B Q V z -tos -cgroup -oneline -inet-sockopt -vsock; do
		run "$SOCKCTL" show "-$letter"
		[ "$status" -eq 2 ]
		[[ ${lines[0]} == "sockctl show: -$letter: "?????* ]]
		[[ ${lines[0]} != *"no such flag"* ]]
	done
	run "$SOCKCTL" show --kill
	[ "$status" -eq 2 ]
	[[ $output == *"changes nothing"* ]]
	run "$SOCKCTL" show --nonsense
	[[ $output == *"--nonsense: no such flag"* ]]
}

@test "colours are for terminals, and not even there with NO_COLOR" {
	command -v script >/dev/null || skip "script is not installed"
	beside '$show -tl | cat -v; script -qec "stty cols 80; $show -tl" /dev/null | cat -v; NO_COLOR=1 script -qec "$show -tl" /dev/null | cat -v'
	[ "$(count_with '^[[1;31mqueue full^[[0m')" -eq 1 ]
	[ "$(count_with 'queue full')" -eq 3 ]
}

@test "a reader that leaves ends it silently; a full disk is an error" {
	beside '$show -aj --pretty | head -n 1 >/dev/null; (trap "" PIPE; $show -aj | true); $show -aj >/dev/full; echo status $?'
	[ "${lines[0]}" = "sockctl: standard output: No space left on device" ]
	[ "${lines[1]}" = "status 1" ]
	[ "${#lines[@]}" -eq 2 ]
	run bash -c '"$SOCKCTL" show -a >/dev/full'
	[ "$status" -eq 1 ]
	[ "$output" = "sockctl: standard output: No space left on device" ]
}

@test "without memory for the list: what there is, an error, no crash" {
	(ulimit -v 40000 && "$SOCKCTL" --version) >/dev/null 2>&1 || skip "limits of memory are not for this build"
	beside 'kb=2000; while [ $kb -le 32000 ]; do
			(ulimit -v $kb && exec $SOCKCTL --version) >/dev/null 2>&1 && (
				ulimit -v $kb
				text=$($show -tl 2>&1)
				echo "status $? of $text" | tr "\n" " "; echo)
			kb=$((kb + 400))
		done'
	[ "$(count_with status)" -ge 10 ]
	[ "$(count_with 'sockctl: print a table: there is not enough memory')" -ge 1 ]
	[ "$(count_with 'status 1 ' 'sockctl: print a table: there is not enough memory')" -eq "$(count_with 'print a table')" ]
	[ "$(count_with 'status 0 ' '150')" -ge 1 ]
	[ "$(count_with status)" -eq $(($(count_with 'status 0 ') + $(count_with 'status 1 ') + $(count_with 'status 3 '))) ]
}
