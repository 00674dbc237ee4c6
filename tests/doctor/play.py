#!/usr/bin/env python3
"""play.py HOW KIND ...: what run.py and words.py start in namespaces of its own. HOW: `as-it-is`, or `without-capabilities`, as an
ordinary user. KIND: `scenario MODULE NAME SOCKCTL ROOT`, `build ROOT`, `words SOCKCTL LIST ROOT`; and `end`, one end of a path, which
a scenario starts. Python without its site-packages, and one file of scenarios only: there are hundreds of these."""
import importlib
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def end_with_runner():
    """Standard input is a pipe whose other end only the runner has, who never writes. This process is the first of its pid
    namespace, and takes all others along."""
    def wait():
        os.read(0, 1)
        os._exit(1)
    threading.Thread(target=wait, daemon=True).start()


def enclose(root):
    """A network that is up, and temporary files in a file system that goes with the mount namespace, where the source tree is
    not hidden by it."""
    place = next(path for path in ('/dev/shm', '/mnt', '/srv', '/media') if os.path.isdir(path) and not root.startswith(path + '/'))
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'sockctl-doctor', place], check=True)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    os.environ['TMPDIR'] = place


def main(how, kind, *arguments):
    if how != 'end':
        end_with_runner()
    if how in ('as-it-is', 'without-capabilities'):
        enclose(arguments[-1])
    if how == 'without-capabilities':
        os.execvp('setpriv', ['setpriv', '--ambient-caps', '-all', '--inh-caps', '-all', '--bounding-set', '-all', sys.executable, '-I', '-S',
                              __file__, 'enclosed', kind, *arguments])
    if kind == 'build':
        importlib.import_module('programs').build(*arguments)
    elif kind == 'words':
        sys.exit(importlib.import_module('words').ask_all(*arguments))
    else:
        importlib.import_module(arguments[0])
        getattr(importlib.import_module('stage'), 'play_' + kind)(*arguments)


if __name__ == '__main__':
    main(*sys.argv[1:])
