#!/usr/bin/env python3
"""run.py [--times N] SOCKCTL ROOT [NAME...]: plays the scenarios, planted faults and their healthy twins, each in namespaces
of its own, several at a time. TAP; at the end how many faults each rule found and how many alarms were false. However it ends,
by SIGKILL too, or with its parent, nothing stays behind: plays end with the pipe that it holds, and files with the namespaces."""
import concurrent.futures
import ctypes
import glob
import importlib
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import programs  # noqa: E402  pylint: disable=wrong-import-position
import stage  # noqa: E402  pylint: disable=wrong-import-position
import words  # noqa: E402  pylint: disable=wrong-import-position
import zoo  # noqa: E402  pylint: disable=wrong-import-position

AT_ONCE, SECONDS, AGAIN = 12, 120, 2


def load():
    for path in sorted(glob.glob(os.path.join(HERE, 'scenes_*.py'))):
        importlib.import_module(os.path.basename(path)[:-3])


def namespaces():
    """How to get namespaces here: as root, or as anybody in a user namespace; None where that is refused."""
    for user in ([], ['--user', '--map-root-user']):
        command = ['unshare', *user, '--net', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
        if subprocess.run([*command, 'true'], capture_output=True, check=False).returncode == 0:
            return command
    return None


def end_with_parent():
    """As with this thread, which must be the first: the kernel ends it then."""
    death_signal = 1            # PR_SET_PDEATHSIG
    parent = os.getppid()
    ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def perform(command, leash, function, sockctl, root):
    """The doctor's answer, {'skip': why} or {'failed': why}. leash: what the play ends with."""
    argv = [*command, sys.executable, os.path.abspath(__file__), '--play', function.__name__, sockctl, root]
    try:
        done = subprocess.run(argv, stdin=leash, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {'failed': f'not over after {SECONDS} s'}
    try:
        return json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ['it said nothing']
        return {'failed': ' | '.join(lines[-3:])}


def within(*arguments):
    """This program once more, in namespaces; how it ended."""
    command = namespaces()
    if not command:
        print('1..0 # SKIP no namespaces here: unprivileged user namespaces are switched off')
        return 0
    end_with_parent()
    leash, _held = os.pipe()
    programs.fetch(arguments[-1])
    return subprocess.run([*command, sys.executable, os.path.abspath(__file__), *arguments], stdin=leash, check=False).returncode


def prepare(command, leash, root):
    """What needs an archive, and what must be built; compilers leave as little behind as plays."""
    programs.fetch(root)
    subprocess.run([*command, sys.executable, os.path.abspath(__file__), '--build', root], stdin=leash, check=False)


class Play:
    """One scenario, and how it went: the first time, which is what counts in the zoo, and again, alone, if that was bad."""

    def __init__(self, function):
        self.function, self.answers = function, []

    def faults(self, answer):
        """What is not as it should be: lines. None of a play that was skipped."""
        if 'skip' in answer:
            return []
        if 'failed' in answer:
            return [answer['failed']]
        missed, false = zoo.differences(self.function.expects, self.function.may, answer)
        lines = [f'not found: {rule}; checks: {[c for c in answer.get("checks", []) if c["rule"] == rule]}' for rule in missed]
        return lines + [f'false: {f["rule"]}: {f["who"]} {f["what"]}: {f["evidence"]}'
                        for f in answer['findings'] if f['rule'] in false]

    def good(self):
        return not self.faults(self.answers[-1])

    def count(self, animals):
        answer = self.answers[0]
        if 'failed' in answer:
            animals.broken += 1
        elif 'skip' not in answer:
            animals.add(self.function.expects, self.function.may, answer)

    def tell(self, number):
        """One line of TAP, and what was wrong, also where it was well later."""
        kind = 'fault' if self.function.expects else 'healthy'
        name = f'{kind}: {self.function.__name__} ({self.function.program})'
        skip = f' # SKIP {self.answers[-1]["skip"]}' if 'skip' in self.answers[-1] else ''
        print(f'{"" if self.good() else "not "}ok {number} - {name}{skip}')
        for turn, answer in enumerate(self.answers, 1):
            for line in self.faults(answer):
                print(f'# {"" if len(self.answers) == 1 else f"play {turn}: "}{line}')


def play_all(plays, perform_one, again):
    """All, several at a time; then those that went wrong alone, since on a busy machine paths are not what was asked for.
    Where many went wrong it is not the machine."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for play, answer in zip(plays, pool.map(lambda play: perform_one(play.function), plays)):
            play.answers.append(answer)
    for _ in range(AGAIN if again else 0):
        bad = [play for play in plays if not play.good()]
        if len(bad) > max(2, len(plays) // 10):
            return
        for play in bad:
            play.answers.append(perform_one(play.function))


def main(sockctl, root, names, times=1):
    """Played several times, a few may fail: 2 % of the alarms, a tenth of the faults, of no rule more than a fifth."""
    load()
    plays = [Play(s) for s in stage.SCENARIOS if not names or s.__name__ in names]
    plays = [Play(play.function) for _ in range(times) for play in plays]
    print(f'1..{len(plays)}')
    sys.stdout.flush()
    command = namespaces()
    if not command:
        for number, play in enumerate(plays, 1):
            play.answers.append({'skip': 'no namespaces here: unprivileged user namespaces are switched off'})
            play.tell(number)
        return 0
    end_with_parent()
    leash, _held = os.pipe()    # the other end is nobody else's, and closed when this process ends
    prepare(command, leash, root)
    play_all(plays, lambda function: perform(command, leash, function, sockctl, root), times == 1)
    animals = zoo.Zoo()
    for number, play in enumerate(plays, 1):
        play.count(animals)
        play.tell(number)
    for line in animals.report():
        print(f'# {line}')
    if times > 1:
        weak = animals.weak(0.8)
        for rule in weak:
            print(f'# not good enough: {rule} found {animals.found[rule]}')
        good = animals.alarms.share() <= 0.02 and animals.recall.share() >= 0.9 and not weak and not animals.broken
    else:
        good = all(play.good() for play in plays)
    return 0 if good else 1


if __name__ == '__main__':
    if sys.argv[1] == '--words':
        stage.enclose(sys.argv[-1])
        sys.exit(words.ask_all(*sys.argv[2:]))
    if sys.argv[1] == '--play':
        load()
        stage.enclose(os.path.abspath(sys.argv[-1]))
        stage.play(*sys.argv[2:])
    if sys.argv[1] == '--build':
        stage.enclose(os.path.abspath(sys.argv[-1]))
        sys.exit(programs.build(*sys.argv[2:]))
    if sys.argv[1] == '--end':
        load()
        stage.play_end(*sys.argv[2:])
    many = 1
    if sys.argv[1] == '--times':
        many = int(sys.argv[2])
        del sys.argv[1:3]
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:], many))
