#!/bin/bash
# What tools/tally and tools/tapify must never let pass: crashes, hangs, broken plans and silent programs, as meson logs them.
# $1: a cmocka program that misbehaves as its argument says.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
tools=$(cd "$(dirname "$0")/../../tools" && pwd)
program=$(realpath "$1")

# expect NAME WANTED-LAST-LINE WANTED-STATUS: tally over $scratch/meson-logs/testlog.json.
expect()
{
	local status last
	"$tools/tally" "$scratch/build/meson-logs/testlog.json" >"$scratch/out" 2>&1
	status=$?
	last=$(tail -n 1 "$scratch/out")
	# shellcheck disable=SC2053 # $2 is a pattern
	[[ $last == $2 && $status = "$3" ]]
	result "$1" $?
}

# log RESULT TAP: one program's record, as meson writes it.
log()
{
	mkdir -p "$scratch/build/meson-logs"
	printf '{"name": "x", "result": "%s", "stdout": "%s"}\n' "$1" "$2" >"$scratch/build/meson-logs/testlog.json"
}

# through_meson ARGUMENT: the real thing: a program under tapify in a project of its own.
through_meson()
{
	rm -rf "$scratch/build"
	cat >"$scratch/meson.build" <<-END
	project('broken', meson_version: '>=1.0')
	test('broken', find_program('$tools/tapify'), args: ['$program', '$1'], protocol: 'tap', timeout: 2)
	END
	meson setup "$scratch/build" "$scratch" >"$scratch/log" 2>&1 || sed 's/^/# /' "$scratch/log"
	meson test -C "$scratch/build" >"$scratch/log" 2>&1
}

echo 1..17
log OK 'ok 1 - a\nok 2 - b # SKIP no kernel\n1..2';        expect 'a skip is counted as one' '1 passed, 0 failed, 1 skipped' 0
log OK 'TAP version 13\n1..1\nok 1';                       expect 'a plan in front' '1 passed, 0 failed, 0 skipped' 0
log FAIL '1..2\nnot ok 1 - a\nok 2 - b';                   expect 'a failure' '1 passed, 1 failed, 0 skipped' 1
log OK '1..2\nnot ok 1 - a # SKIP sure\nok 2 - b';         expect 'a failure is not skipped' '1 passed, 1 failed, 0 skipped' 1
log OK '1..3\nok 1\nok 2';                                 expect 'a result missing' '2 passed, 1 failed, 0 skipped' 1
log OK '1..1\nok 1\nok 2';                                 expect 'a result too many' '2 passed, 1 failed, 0 skipped' 1
log OK '1..2\nok 1\nok 1';                                 expect 'a number twice' '2 passed, 1 failed, 0 skipped' 1
log SKIP '';                                               expect 'a silent program' '0 passed, 1 failed, 0 skipped' 1
log ERROR '1..1\nok 1';                                    expect 'a bad exit after good results' '1 passed, 1 failed, 0 skipped' 1
log TIMEOUT '1..2\nok 1';                                  expect 'a hang' '1 passed, 1 failed, 0 skipped' 1
log ERROR '1..2\nok 1\nBail out! no';                      expect 'bailing out' '1 passed, 1 failed, 0 skipped' 1
echo garbage >"$scratch/build/meson-logs/testlog.json";    expect 'a log that is none' '0 passed, 1 failed, 0 skipped' 1
through_meson skip;                                        expect 'cmocka, run: a skip with its reason' '1 passed, 0 failed, 1 skipped' 0
through_meson assert;                                      expect 'cmocka, run: a failed assertion' '1 passed, 1 failed, 0 skipped' 1
through_meson kill;                                        expect 'cmocka, run: killed half-way' '1 passed, 1 failed, 0 skipped' 1
through_meson hang;                                        expect 'cmocka, run: hangs' '? passed, 1 failed, 0 skipped' 1
through_meson exit;                                        expect 'cmocka, run: exits 0 half-way' '1 passed, 1 failed, 0 skipped' 1
