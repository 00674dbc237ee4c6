#!/usr/bin/env python3
"""killed.py SOCKCTL ROOT: run.py is ended in the middle of a scenario, with two hosts and a doctor at work: by SIGKILL, by
SIGTERM, and by the death of its parent; by that before the first scenario too. Nothing stays: no process, no file. TAP."""
import contextlib
import os
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import run  # noqa: E402  pylint: disable=wrong-import-position
from stage import wait_until  # noqa: E402  pylint: disable=wrong-import-position

SCENARIO = 'a_server_that_thinks_for_50_ms'


def words(pid):
    """Of its command line; none if it is gone."""
    with contextlib.suppress(OSError), open(f'/proc/{pid}/cmdline', encoding='utf-8', errors='replace') as file:
        return file.read().split('\0')
    return []


def identity(pid):
    """The process as it is told from a later one of the same number, by its start; None if it is gone, or nobody waited for it."""
    with contextlib.suppress(OSError), open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
        fields = file.read().rpartition(')')[2].split()
        return None if fields[0] in 'ZX' else (pid, fields[19])
    return None


def descendants(pid):
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f'/proc/{pid}/task'):
            with contextlib.suppress(OSError), open(f'/proc/{pid}/task/{task}/children', encoding='ascii') as file:
                for child in file.read().split():
                    found += [int(child), *descendants(int(child))]
    return found


def at_start(started, said):
    """The processes of the run when it has said how many plays it has, and looks what it can play; False when it is over."""
    def look():
        return descendants(started.pid) if os.pread(said.fileno(), 1, 0) else started.poll() is not None
    found = wait_until(look, 'its first words')
    return found if found is not True else False


def at_work(started, _said):
    """All processes of the run, once the doctor is among them; False when the run is over."""
    def look():
        pids = descendants(started.pid)
        return pids if any('doctor' in words(pid)[1:2] for pid in pids) else started.poll() is not None
    found = wait_until(look, 'the doctor at work', 400)        # programs may have to be fetched first
    return found if found is not True else False


def kill(number):
    return lambda started: os.kill(next(pid for pid in descendants(started.pid) if 'python3' in ''.join(words(pid)[:1])), number)


def remains(argv, moment, end, directory):
    """Starts run.py below a shell and ends it by `end` when `moment` has come; what is there of it afterwards. None: it was over too
    soon."""
    environment = {**os.environ, 'TMPDIR': directory}
    with tempfile.TemporaryFile() as said, subprocess.Popen(argv, stdout=said, stderr=said, env=environment) as started:
        pids = moment(started, said)
        if not pids:
            return None
        processes = [process for process in map(identity, pids) if process]
        end(started)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not any(identity(pid) == (pid, start) for pid, start in processes), 'their end', 30)
        left = [words(pid) for pid, start in processes if identity(pid) == (pid, start)]
        started.kill()
        said.seek(0)
        left += [line for line in said.read().decode().splitlines() if 'ok ' in line]       # it has gone on to its end
    return left + os.listdir(directory)


def orphan(started):
    started.kill()


ENDS = {
    'SIGKILL': (at_work, kill(signal.SIGKILL)),
    'SIGTERM': (at_work, kill(signal.SIGTERM)),
    'the death of its parent': (at_work, orphan),
    'the death of its parent before the first play': (at_start, orphan),
}


def main(sockctl, root):
    print(f'1..{len(ENDS)}')
    # The shell has something to do afterwards, so that it does not become what it starts.
    argv = ['sh', '-c', '"$@"; exit $?', 'sh', sys.executable, os.path.join(HERE, 'run.py'), sockctl, root, SCENARIO]
    bad = 0
    for number, (name, (moment, end)) in enumerate(ENDS.items(), 1):
        if not run.namespaces():
            print(f'ok {number} - {name} # SKIP no namespaces here')
            continue
        with tempfile.TemporaryDirectory(prefix='sockctl-killed-') as directory:
            left = None
            for _ in range(5):
                left = remains(argv, moment, end, directory) if left is None else left
        bad += left != []
        print(f'{"" if left == [] else "not "}ok {number} - a run that is ended by {name} leaves nothing behind', flush=True)
        for thing in left or ([] if left == [] else ['each time it was over before its moment was seen']):
            print(f'# {thing}')
    return bad != 0


if __name__ == '__main__':
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
