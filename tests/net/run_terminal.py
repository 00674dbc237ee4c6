#!/usr/bin/env python3
"""run_terminal SOCKCTL: a supervised program at a terminal, under a shell with job control: Ctrl-Z, fg, Ctrl-C; and without
a shell: a hangup, and Ctrl-C while it starts."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

sockctl = sys.argv[1]
signal.signal(signal.SIGHUP, signal.SIG_DFL)    # a caller that ignores hangups (nohup) would pass that on to the programs
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
os.close(terminal)


def start(*command):
    """The leader of a session with a terminal of its own."""
    global child, terminal
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.write(1, b'.')                 # before, a Ctrl-C would reach nobody
        os.execvp(sockctl, [sockctl, *command])
    os.read(terminal, 1)


def ended(seconds=20):
    """Its exit code; None, and killed, if it goes on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def result(name, good, why=''):
    global failures, count
    count, failures = count + 1, failures + (not good)
    print(f'{"ok" if good else "not ok"} {count} - {name}{why}')


waits = ('sh', '-c', 'trap "exit 7" HUP; echo ready; while :; do sleep 0.02; done')
restricted = subprocess.run([sockctl, 'path', 'rtt=1ms', '--', 'true'], stderr=subprocess.DEVNULL).returncode
for command in ('run', 'nodelay'), ('path', 'rtt=1ms'):
    name = f'{command[0]}, the leader of a session: a hangup of the terminal reaches the program'
    if command[0] == 'path' and restricted:
        result(name, True, f' # SKIP path ends with {restricted} here')
        continue
    start(*command, '--', *waits)
    expect(f'{command[0]} starts it', 'ready')
    os.close(terminal)
    code = ended()
    result(name, code == 7, f' ({code})')

codes = []
for delay_ms in range(0, 80, 4) if not restricted else ():
    start('path', 'rtt=1ms', '--', 'sleep', '1000')
    time.sleep(delay_ms / 1000)
    send('\x03')
    codes.append(ended(10))
    os.close(terminal)
skip = f' # SKIP path ends with {restricted} here'
result('Ctrl-C while path starts ends it, whenever', None not in codes, skip if restricted else f' ({codes})')
print(f'1..{count}')
sys.exit(failures > 0)
