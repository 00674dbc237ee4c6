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
import zoo  # noqa: E402  pylint: disable=wrong-import-position

AT_ONCE, SECONDS, AGAIN = 12, 120, 2


def load():
    for path in sorted(glob.glob(os.path.join(HERE, 'scenes_*.py'))):
        importlib.import_module(os.path.basename(path)[:-3])


NAMESPACES = ['--net', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']
MAPPED = ['unshare', '--user', '--map-root-user', *NAMESPACES]
# An ordinary user, who has what it takes to make namespaces until play.py drops it.
UNMAPPED = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--keep-caps', *NAMESPACES]
NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'env', 'HOME=/']


def works(command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def namespaces():
    """How to get namespaces here: as root, or as anybody in a user namespace; None where that is refused."""
    return next((command for command in (['unshare', *NAMESPACES], MAPPED) if works([*command, 'true'])), None)


def anybody(sockctl):
    """How root plays as an ordinary user, up to the name of the play, and why it does not."""
    if os.geteuid() != 0:
        return None, 'this is an ordinary user'
    if not works([*NOBODY, *UNMAPPED, 'true']):
        return None, 'an ordinary user gets no namespaces here, or setpriv is missing'
    for python in (sys.executable, '/usr/bin/python3'):         # root's own may not be for others
        play = [python, *stage.PLAY[1:]]
        if works([*NOBODY, sockctl, 'options']) and works([*NOBODY, *play[:-1], '-c', f'open({play[-1]!r})']):
            return [*NOBODY, *UNMAPPED, *play, 'without-capabilities'], None
    return None, 'this directory, or python3, is not for everybody to read'


def end_with_parent():
    """As with this thread, which must be the first: the kernel ends it then. Before anything is started: a parent that has ended by
    then is not missed."""
    death_signal = 1            # PR_SET_PDEATHSIG
    parent = os.getppid()
    ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def within(*arguments):
    """play.py in namespaces; how it ended."""
    end_with_parent()
    command = namespaces()
    if not command:
        print('1..0 # SKIP no namespaces here: unprivileged user namespaces are switched off')
        return 0
    leash, _held = os.pipe()
    programs.fetch(arguments[-1])
    return subprocess.run([*command, *stage.PLAY, 'as-it-is', *arguments], stdin=leash, check=False).returncode


class Theatre:
    """Where the plays are given: by whom, and on what leash they are."""

    def __init__(self, sockctl, root):
        self.sockctl, self.root = sockctl, root
        self.command = namespaces()
        self.anybody, self.no_anybody = anybody(sockctl)
        self.leash, self.held = os.pipe()       # the other end is nobody else's, and closed when this process ends

    def prepare(self):
        """What needs an archive, and what must be built; compilers leave as little behind as plays."""
        programs.fetch(self.root)
        subprocess.run([*self.command, *stage.PLAY, 'as-it-is', 'build', self.root], stdin=self.leash, check=False)

    def perform(self, play):
        """The doctor's answer, {'skip': why} or {'failed': why}."""
        if not self.command:
            return {'skip': 'no namespaces here: unprivileged user namespaces are switched off'}
        if play.as_anybody and not self.anybody:
            return {'skip': self.no_anybody}
        command = self.anybody if play.as_anybody else [*self.command, *stage.PLAY, 'as-it-is']
        argv = [*command, 'scenario', play.function.__module__, play.function.__name__, self.sockctl, self.root]
        try:
            done = subprocess.run(argv, stdin=self.leash, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return {'failed': f'not over after {SECONDS} s'}
        try:
            return json.loads(done.stdout)
        except ValueError:
            lines = done.stderr.strip().splitlines() or ['it said nothing']
            return {'failed': ' | '.join(lines[-3:])}


class Play:
    """One scenario, and how it went: the first time, which is what counts in the zoo, and again, alone, if that was bad."""

    def __init__(self, function, as_anybody=False):
        self.function, self.as_anybody, self.answers = function, as_anybody, []

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
        whose = ', an ordinary user' if self.as_anybody else ''
        kind = 'fault' if self.function.expects else 'healthy'
        name = f'{kind}: {self.function.__name__} ({self.function.program}{whose})'
        skip = f' # SKIP {self.answers[-1]["skip"]}' if 'skip' in self.answers[-1] else ''
        print(f'{"" if self.good() else "not "}ok {number} - {name}{skip}')
        for turn, answer in enumerate(self.answers, 1):
            for line in self.faults(answer):
                print(f'# {"" if len(self.answers) == 1 else f"play {turn}: "}{line}')


def play_all(plays, theatre, again):
    """All, several at a time; then those that went wrong alone, since on a busy machine paths are not what was asked for.
    Where many went wrong it is not the machine."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for play, answer in zip(plays, pool.map(theatre.perform, plays)):
            play.answers.append(answer)
    for _ in range(AGAIN if again else 0):
        bad = [play for play in plays if not play.good()]
        if len(bad) > max(2, len(plays) // 10):
            return
        for play in bad:
            play.answers.append(theatre.perform(play))


def programme(names, times):
    """Those first that take long, as they need a path; then as an ordinary user what any can play."""
    load()
    scenarios = [s for s in stage.SCENARIOS if not names or s.__name__ in names]
    scenarios.sort(key=lambda scenario: 'across' not in scenario.__code__.co_names)
    plays = [(s, as_anybody) for s in scenarios for as_anybody in ([False, True] if s.anybody else [False])]
    return [Play(*play) for _ in range(times) for play in plays]


def main(sockctl, root, names, times=1):
    """Played several times, a few may fail: 2 % of the alarms, a tenth of the faults, of no rule more than a fifth."""
    end_with_parent()
    plays = programme(names, times)
    print(f'1..{len(plays)}')
    sys.stdout.flush()
    theatre = Theatre(sockctl, root)
    if theatre.command:
        theatre.prepare()
    play_all(plays, theatre, times == 1)
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
    many = 1
    if sys.argv[1] == '--times':
        many = int(sys.argv[2])
        del sys.argv[1:3]
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:], many))
