#!/usr/bin/env bats
# sockctl options --probe: the table, one option in full, records, as the user and as an ordinary one; nothing is left behind.
bats_require_minimum_version 1.5.0

sockctl=${SOCKCTL:?path of the program}

setup_file()
{
	unshare -Urn true 2>/dev/null || unshare -n true 2>/dev/null || skip 'namespaces are restricted here'
	"$sockctl" options --probe -j >"$BATS_FILE_TMPDIR/records" 2>"$BATS_FILE_TMPDIR/departures" || :
}

# holds EXPRESSION: does the Python expression hold over `r`, the list of records, and `by`, them by name and family?
holds()
{
	python3 -c "
import json, sys
r = json.load(open('$BATS_FILE_TMPDIR/records'))
by = {(o['name'], o['family']): o for o in r}
sys.exit(not ($1))"
}

@test "records: exactly the documented keys, one object for each option and family" {
	holds "r and all(list(o) == ['name', 'symbol', 'family', 'accepted', 'effective', 'inherited', 'readback', 'min', 'max', 'needs'] for o in r)"
	holds "len(by) == len(r) and {f for n, f in by} == {'tcp4', 'tcp6', 'udp4', 'udp6'}"
	holds "all(list(o['inherited']) == ['before_listen', 'after_listen', 'after_handshake'] for o in r)"
	holds "all(list(o['accepted']) == list(o['effective']) for o in r)"
}

@test "records: the phases are those that the family has" {
	holds "list(by['nodelay', 'tcp4']['accepted']) == ['unbound', 'bound', 'listening', 'connecting', 'established', 'accepted', 'close_wait']"
	holds "list(by['tos', 'udp4']['accepted']) == ['unbound', 'bound', 'established']"
	holds "set(v for o in r for v in o['accepted'].values()) >= {'ok', 'EINVAL'}"
}

@test "records: what this kernel makes of well-known options" {
	holds "by['nodelay', 'tcp4']['inherited'] == {'before_listen': True, 'after_listen': True, 'after_handshake': False}"
	holds "by['priority', 'tcp6']['inherited']['before_listen'] is False"
	holds "by['rcvbuf', 'tcp4']['effective']['listening'] is True and by['rcvbuf', 'tcp4']['effective']['accepted'] is False"
	holds "[102400, 204800] in by['rcvbuf', 'udp6']['readback']"
	holds "(by['keepalive-idle', 'tcp4']['min'], by['keepalive-idle', 'tcp4']['max']) == (1, 32767)"
	holds "by['v6only', 'tcp6']['accepted']['bound'] == 'EINVAL' and ('v6only', 'tcp4') not in by"
	holds "'CAP_NET_ADMIN' in by['mark', 'tcp4']['needs'] and by['nodelay', 'tcp4']['needs'] is None"
}

@test "this kernel departs from the catalogue nowhere" {
	cat "$BATS_FILE_TMPDIR/departures"
	[ ! -s "$BATS_FILE_TMPDIR/departures" ]
}

@test "the table has a line for each option and family, and fits 80 columns" {
	script -qec "stty cols 80; $sockctl options --probe nodelay" /dev/null | tr -d '\r' >"$BATS_TEST_TMPDIR/page"
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' "$BATS_TEST_TMPDIR/page")" -le 80 ]
	run -0 "$sockctl" options --probe
	grep -qE '^rcvbuf +tcp6 +\+\+\+---- +\+\+-' <<<"$output"
	[ "$(grep -cE ' (tcp|udp)[46] ' <<<"$output")" -eq "$(python3 -c "import json; print(len(json.load(open('$BATS_FILE_TMPDIR/records'))))")" ]
}

@test "one option in full, by alias" {
	run -0 "$sockctl" options --probe SO_PRIORITY
	grep -qE '^priority +SO_PRIORITY of tcp4, tcp6$' <<<"$output"
	grep -qE '^priority +SO_PRIORITY of udp4, udp6$' <<<"$output"
	grep -q '^needs  *nothing up to 6, above CAP_NET_ADMIN or CAP_NET_RAW' <<<"$output"
	grep -q 'departs from the catalogue nowhere' <<<"$output"
}

@test "an ordinary user may, too" {
	[ "$(id -u)" -eq 0 ] || skip 'an ordinary user runs all the rest'
	setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn true 2>/dev/null || skip 'user namespaces are restricted here'
	cp "$sockctl" "$BATS_TEST_TMPDIR/sockctl"
	chmod 755 "$BATS_TEST_TMPDIR/sockctl" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR/test"
	run -0 setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/sockctl" options --probe -j mark nodelay
	grep -q '"name":"mark".*"needs":"CAP_NET_ADMIN or CAP_NET_RAW"' <<<"$output"
}

@test "killed, it leaves nothing behind" {
	"$sockctl" options --probe >"$BATS_TEST_TMPDIR/out" 2>&1 &
	local probe=$! child
	# pgrep is in no package that the tests may count on
	until child=$(cat "/proc/$probe/task/$probe/children") && [ -n "$child" ]; do kill -0 $probe; done
	child=${child%% *}
	kill -9 $probe
	for _ in {1..200}; do
		[ -e "/proc/$child" ] || return 0
		read -rt 0.05 <> <(:) || :
	done
	false
}

@test "a wrong name is a usage error" {
	run -2 "$sockctl" options --probe nodealy
	[[ $output == *"nearest: nodelay"* ]]
}
