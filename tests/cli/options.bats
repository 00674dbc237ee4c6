#!/usr/bin/env bats
# sockctl options: the table, one option in full, records, and what is no option.

sockctl=${SOCKCTL:?path of the program}

# records EXPRESSION ARGUMENTS...: does the Python expression over `o`, the list of records, hold?
records()
{
	local expression=$1
	shift
	"$sockctl" options -j "$@" | python3 -c "import json, sys; o = json.load(sys.stdin); sys.exit(not ($expression))"
}

# on_terminal COLUMNS ARGUMENTS...: what a terminal of that width shows.
on_terminal()
{
	local columns=$1
	shift
	script -qec "stty cols $columns; $sockctl options $*" /dev/null | tr -d '\r'
}

longest()
{
	awk '{ if (length($0) > n) n = length($0) } END { print n }'
}

@test "the table has a line for every option" {
	run "$sockctl" options
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == NAME* ]]
	[ "${#lines[@]}" -eq $((1 + $("$sockctl" options -j | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'))) ]
	grep -q '^nodelay .*TCP_NODELAY' <<<"$output"
}

@test "the table fits 80 columns and 200 columns" {
	[ "$(on_terminal 80 | longest)" -le 80 ]
	[ "$(on_terminal 200 | longest)" -le 200 ]
	on_terminal 200 | grep -q net.core.rmem_max
}

@test "pages fit 80 columns" {
	[ "$(on_terminal 80 rcvbuf keepalive tos fastopen cc | longest)" -le 80 ]
}

@test "a page tells the limit's value on this host" {
	run "$sockctl" options backlog
	[ "$status" -eq 0 ]
	grep -q "net.core.somaxconn.*here that is $(cat /proc/sys/net/core/somaxconn)" <<<"$output"
	grep -q '^sources .*listen(2)' <<<"$output"
}

@test "a page has what one must know" {
	run "$sockctl" options rcvbuf
	[ "$status" -eq 0 ]
	for label in use avoid value example aliases protocols works 'too late' children 'capped by' 'reads back' privilege kernel since sources; do
		grep -q "^$label  *" <<<"$output" || { echo "no $label"; return 1; }
	done
}

@test "aliases name the same option" {
	[ "$("$sockctl" options -j TCP_NODELAY)" = "$("$sockctl" options -j nodelay)" ]
	[ "$("$sockctl" options -j KeepAliveTimeSec)" = "$("$sockctl" options -j keepalive-idle)" ]
}

@test "records have exactly the documented keys" {
	records '{tuple(x) for x in o} == {("name", "symbol", "level", "number", "also", "kind", "unit", "words", "min", "max",
		"protocols", "late", "never", "udp_works", "needs", "twin", "overruled_by", "after", "readback", "inherited", "limit",
		"limit_value", "autotune", "autotune_max", "capability", "capability_also", "capability_host", "irreversible", "since", "system", "summary")}'
	records 'len(o) > 25 and len({x["name"] for x in o}) == len(o)'
}

@test "records: places, pseudo options, limits" {
	records '[(x["symbol"], x["level"], x["number"], x["also"]) for x in o] ==
		[("IP_TOS", 0, 1, {"symbol": "IPV6_TCLASS", "level": 41, "number": 67})]' tos
	records 'all(x["symbol"] is x["level"] is x["number"] is x["also"] is x["inherited"] is None for x in o)' backlog shards
	records '[x["limit_value"] for x in o] == [int(open("/proc/sys/net/core/somaxconn").read())]' backlog
	records '[x["inherited"] for x in o] == [True, False]' nodelay priority
	records 'o[0]["never"] == ["pre-listen", "listening", "connected", "accepted"] and o[0]["late"] == []' v6only
}

@test "--pretty is the same, one member a line" {
	[ "$("$sockctl" options --pretty nodelay | python3 -c 'import json, sys; print(json.load(sys.stdin))')" = \
	  "$("$sockctl" options -j nodelay | python3 -c 'import json, sys; print(json.load(sys.stdin))')" ]
	[ "$("$sockctl" options --pretty nodelay | wc -l)" -gt 18 ]
}

@test "records keep the order that was asked for" {
	records '[x["name"] for x in o] == ["sndbuf", "cc", "nodelay"]' sndbuf cc nodelay
}

@test "an unknown name: exit 2, the nearest name, nothing on stdout" {
	run bash -c "'$sockctl' options nodelya 2>&1 >/dev/null"
	[[ $output == *"nodelya: no such option; nearest: nodelay"* ]]
	run bash -c "'$sockctl' options nodelay nodelya 2>/dev/null"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	run "$sockctl" options ""
	[ "$status" -eq 2 ]
	run "$sockctl" options xyzzy
	[ "$status" -eq 2 ]
	[[ $output == *"\`sockctl options\` lists them"* ]]
}

@test "an unknown flag and too many names: exit 2" {
	run "$sockctl" options --no-such-flag
	[ "$status" -eq 2 ]
	mapfile -t many < <(yes nodelay | head -n 300)
	run "$sockctl" options "${many[@]}"
	[ "$status" -eq 2 ]
}

@test "control characters of a name do not reach the terminal" {
	run "$sockctl" options $'\033[31mred'
	[ "$status" -eq 2 ]
	[[ $output != *$'\033'* ]]
	[[ $output == *'?[31mred'* ]]
}

@test "a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	run bash -c "'$sockctl' options >/dev/full"
	[ "$status" -ne 0 ]
}

@test "--help names every flag" {
	run "$sockctl" options --help
	[ "$status" -eq 0 ]
	[[ $output == *--json* && $output == *--pretty* ]]
}
