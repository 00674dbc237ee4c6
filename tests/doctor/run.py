#!/usr/bin/env python3
"""run.py SOCKCTL ROOT [NAME...]: plays the scenarios, planted faults and their healthy twins, each in namespaces of its
own, four at a time. TAP; at the end how many faults were found and how many alarms were false, with exact bounds."""
import concurrent.futures
import glob
import importlib
import json
import math
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import programs  # noqa: E402  pylint: disable=wrong-import-position
import stage  # noqa: E402  pylint: disable=wrong-import-position

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


def binomial_tail(n, k, p):
    """P(X >= k)."""
    return sum(math.comb(n, i) * p ** i * (1 - p) ** (n - i) for i in range(k, n + 1))


def bounds(k, n, confidence=0.95):
    """Clopper and Pearson's exact interval of a share."""
    def solve(f):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if f(middle) else (low, middle)
        return low
    alpha = (1 - confidence) / 2
    lower = 0.0 if k == 0 else solve(lambda p: binomial_tail(n, k, p) < alpha)
    upper = 1.0 if k == n else solve(lambda p: 1 - binomial_tail(n, k + 1, p) > alpha)
    return lower, upper


class Count:
    """Hits among so many."""

    def __init__(self):
        self.hits = self.of = 0

    def add(self, hits, of):
        self.hits, self.of = self.hits + hits, self.of + of

    def __str__(self):
        if not self.of:
            return '0 of 0'
        lower, upper = bounds(self.hits, self.of)
        return f'{self.hits} of {self.of} ({100 * self.hits / self.of:.1f} %; 95 % bounds {100 * lower:.1f} to {100 * upper:.1f} %)'


def judge(number, function, answer, recall, alarms):
    """One line of TAP. True if it is as it should be."""
    kind = 'fault' if function.expects else 'healthy'
    name = f'{kind}: {function.__name__} ({function.program})'
    if 'skip' in answer:
        print(f'ok {number} - {name} # SKIP {answer["skip"]}')
        return True
    found = {} if 'failed' in answer else {f['rule']: f for f in answer['findings']}
    missed = [rule for rule in function.expects if rule not in found]
    false = [rule for rule in found if rule not in function.expects + function.may]
    recall.add(len(function.expects) - len(missed), len(function.expects))
    if not function.expects:
        alarms.add(bool(false), 1)
    good = 'failed' not in answer and not missed and not false
    print(f'{"" if good else "not "}ok {number} - {name}')
    if 'failed' in answer:
        print(f'# {answer["failed"]}')
    for rule in missed:
        print(f'# not found: {rule}; checks: {[c for c in answer.get("checks", []) if c["rule"] == rule]}')
    for rule in false:
        print(f'# false: {rule}: {found[rule]["who"]} {found[rule]["what"]}: {found[rule]["evidence"]}')
    return good


def main(sockctl, root, names):
    load()
    cast = [s for s in stage.SCENARIOS if not names or s.__name__ in names]
    print(f'1..{len(cast)}')
    command = namespaces()
    if not command:
        for number, function in enumerate(cast, 1):
            print(f'ok {number} - {function.__name__} # SKIP no namespaces here: unprivileged user namespaces are switched off')
        return 0
    programs.prepare(root)
    recall, alarms, good = Count(), Count(), True
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda function: perform(command, function, sockctl, root), cast)
        for number, (function, answer) in enumerate(zip(cast, answers), 1):
            good &= judge(number, function, answer, recall, alarms)
            sys.stdout.flush()
    print(f'# faults found: {recall}')
    print(f'# healthy scenarios with a false alarm: {alarms}')
    return 0 if good else 1


if __name__ == '__main__':
    if sys.argv[1] == '--play':
        load()
        stage.play(*sys.argv[2:])
    if sys.argv[1] == '--end':
        load()
        stage.play_end(*sys.argv[2:])
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]))
