#!/usr/bin/env python3
"""run.py [--times N] SOCKCTL ROOT [NAME...]: plays the scenarios, planted faults and their healthy twins, each in namespaces
of its own, several at a time. TAP; at the end how many faults each rule found and how many alarms were false."""
import concurrent.futures
import glob
import importlib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import programs  # noqa: E402  pylint: disable=wrong-import-position
import stage  # noqa: E402  pylint: disable=wrong-import-position
import zoo  # noqa: E402  pylint: disable=wrong-import-position

AT_ONCE, SECONDS = 8, 120


def load():
    for path in sorted(glob.glob(os.path.join(HERE, 'scenes_*.py'))):
        importlib.import_module(os.path.basename(path)[:-3])


def namespaces():
    """How to get namespaces here: as root, or as anybody in a user namespace; None where that is refused."""
    for user in ([], ['--user', '--map-root-user']):
        command = ['unshare', *user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
        if subprocess.run([*command, 'true'], capture_output=True, check=False).returncode == 0:
            return command
    return None


def perform(command, function, sockctl, root):
    """The doctor's answer, {'skip': why} or {'failed': why}."""
    with tempfile.TemporaryDirectory(prefix='sockctl-doctor-') as directory:
        os.chmod(directory, 0o755)
        argv = [*command, sys.executable, os.path.abspath(__file__), '--play', function.__name__, sockctl, root]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False,
                                  env={**os.environ, 'TMPDIR': directory})
        except subprocess.TimeoutExpired:
            return {'failed': f'not over after {SECONDS} s'}
    try:
        return json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ['it said nothing']
        return {'failed': ' | '.join(lines[-3:])}


def judge(number, function, answer, animals):
    """One line of TAP. True if it is as it should be."""
    kind = 'fault' if function.expects else 'healthy'
    name = f'{kind}: {function.__name__} ({function.program})'
    if 'skip' in answer:
        print(f'ok {number} - {name} # SKIP {answer["skip"]}')
        return True
    missed, false = [], []
    if 'failed' in answer:
        animals.broken += 1
    else:
        missed, false = animals.add(function.expects, function.may, answer)
    good = 'failed' not in answer and not missed and not false
    print(f'{"" if good else "not "}ok {number} - {name}')
    if 'failed' in answer:
        print(f'# {answer["failed"]}')
    for rule in missed:
        print(f'# not found: {rule}; checks: {[c for c in answer.get("checks", []) if c["rule"] == rule]}')
    for finding in (f for rule in false for f in answer['findings'] if f['rule'] == rule):
        print(f'# false: {finding["rule"]}: {finding["who"]} {finding["what"]}: {finding["evidence"]}')
    return good


def main(sockctl, root, names, times=1):
    """Played several times, a few may fail: 2 % of the alarms, a tenth of the faults."""
    load()
    cast = [s for s in stage.SCENARIOS if not names or s.__name__ in names] * times
    print(f'1..{len(cast)}')
    command = namespaces()
    if not command:
        for number, function in enumerate(cast, 1):
            print(f'ok {number} - {function.__name__} # SKIP no namespaces here: unprivileged user namespaces are switched off')
        return 0
    programs.prepare(root)
    animals, good = zoo.Zoo(), True
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda function: perform(command, function, sockctl, root), cast)
        for number, (function, answer) in enumerate(zip(cast, answers), 1):
            good &= judge(number, function, answer, animals)
            sys.stdout.flush()
    for line in animals.report():
        print(f'# {line}')
    if times > 1:
        good = animals.alarms.share() <= 0.02 and animals.recall.share() >= 0.9 and not animals.broken
    return 0 if good else 1


if __name__ == '__main__':
    if sys.argv[1] == '--play':
        load()
        stage.play(*sys.argv[2:])
    if sys.argv[1] == '--end':
        load()
        stage.play_end(*sys.argv[2:])
    many = 1
    if sys.argv[1] == '--times':
        many = int(sys.argv[2])
        del sys.argv[1:3]
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:], many))
