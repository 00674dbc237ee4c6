#!/usr/bin/env python3
"""run_terminal SOCKCTL: a supervised program at a terminal, under a shell with job control: Ctrl-Z, fg, Ctrl-C."""
import os
import pty
import re
import select
import sys
import time

sockctl = sys.argv[1]
failures = 0
count = 0


def expect(name, pattern, seconds=20):
    """Reads on until the pattern has come."""
    global failures, count
    text, end, count = '', time.monotonic() + seconds, count + 1
    while time.monotonic() < end and not re.search(pattern, text):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 4096).decode(errors='replace')
            except OSError:
                break
    found = re.search(pattern, text)
    failures += not found
    print(f'{"ok" if found else "not ok"} {count} - {name}')
    if not found:
        print(f'# wanted {pattern!r}, got {text!r}')


def send(text):
    os.write(terminal, text.encode())


child, terminal = pty.fork()
if child == 0:
    os.environ.update(PS1='shell> ', TERM='dumb')
    os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])
expect('a shell', 'shell> ')
send(f"{sockctl} run nodelay -- sh -c 'echo $((41 + 1)); exec cat'\n")
expect('a program', '42\r')
send('hello\n')
expect('the program reads and writes the terminal', 'hello\r\n(.*\r\n)*hello\r\n')
send('\x1a')
expect('Ctrl-Z stops it, and the shell takes over', 'Stopped.*\n.*shell> ')
send('fg\n')
expect('fg', 'run nodelay -- sh')
send('again\n')
expect('it goes on', 'again\r\n(.*\r\n)*again\r\n')
send('\x03')
expect('Ctrl-C', 'shell> ')
send('echo status=$?\n')
expect('ends it, as the shell sees', 'status=130\r')
send('exit\n')
os.waitpid(child, 0)
print(f'1..{count}')
sys.exit(failures > 0)
