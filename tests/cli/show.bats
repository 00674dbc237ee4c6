#!/usr/bin/env bats
# sockctl show as it is typed: flags of ss, columns, order, wrong input. The sockets are those of zoo.py, in a namespace of its own.

export SOCKCTL=${SOCKCTL:?path of the program}
zoo=$BATS_TEST_DIRNAME/zoo.py

# Runs a line of shell beside the sockets; $show is the command.
beside()
{
	command -v python3 >/dev/null || skip "python3 is not installed"
	unshare -rn ip link set lo up 2>/dev/null || skip "no user namespaces with a loopback here"
	show="$SOCKCTL show" run unshare -rn sh -c 'ip link set lo up && exec python3 "$@"' sh "$zoo" "$1"
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
	beside '$show -ta6H'
	[ "$(count_with '[::1]')" -eq "${#lines[@]}" ]
	[ "${#lines[@]}" -eq 3 ]
	beside '$show -H | wc -l; $show -tuH | wc -l; $show -aH | wc -l'
	[ "${lines[0]}" -eq "${lines[1]}" ]
	[ "${lines[2]}" -gt "${lines[0]}" ]
}

@test "-e, -i, -m: more columns, with what the socket has" {
	beside '$show -teim6 sport = :$PORT_CLIENT'
	[[ ${lines[0]} == *" TIMER "*" USER "*" COOKIE "*" CWND "*" RCVBUF_BYTES "*" SNDBUF_BYTES "* ]]
	[[ ${lines[1]} == *keepalive* ]]
	[[ ${lines[1]} == *" 195K"* ]] # 200000 bytes: what was asked for, doubled
}

@test "names of programs are harmless on a terminal, and whole in JSON" {
	beside '$show -tlp; $show -tlpj'
	[[ $output == *'zo?[31mo"\['* ]]
	[[ $output == *'"comm":"zo\u001b[31mo\"\\"'* ]]
	[[ $output != *$'\033'* ]]
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

@test "--sort orders by a column, - the other way round; --top takes the first" {
	beside '$show -H -a -o local-port --sort local-port'
	[ "$(sort -n <<<"$output")" = "$output" ]
	beside '$show -H -a -o local-port --sort -local-port'
	[ "$(sort -rn <<<"$output")" = "$output" ]
	beside '$show -H -a --top 1; $show -H -a -o local-port --sort -sport --top 2'
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == "queue full"* ]]
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
	wrong 'more than 32 columns' -o "$(printf 'rtt,%.0s' {1..33})"
	wrong '-o is of lines' -j -o local
	wrong '--sort is of lines' --ndjson --sort rtt
}

@test "letters that mean something else to ss are refused with what to do" {
	for letter in r K s f A F D E d S w 0 M Z b T; do
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
