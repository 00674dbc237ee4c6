"""The stage of a scenario: a network and pid namespace of its own, in which it starts programs and asks the doctor.

A scenario is a function of one argument, the stage, marked with @scenario. It returns what the doctor said (a dict), or a
Skip with its reason. All that it started dies with its pid namespace, however it ends."""
import json
import os
import resource
import shlex
import shutil
import socket
import subprocess
import sys
import time

PLAY = [sys.executable, '-I', '-S', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'play.py')]
SCENARIOS = []


class Skip(Exception):
    """What is missing here."""


def scenario(expects=(), may=(), program='python3', anybody=False):
    """expects: the rules that must speak, none for a healthy one. may: those that may speak as well, since the fault
    has that consequence. program: the real program that it is about. anybody: if root plays it, an ordinary user does as well."""
    def mark(function):
        function.expects, function.may, function.program, function.anybody = tuple(expects), tuple(may), program, anybody
        SCENARIOS.append(function)
        return function
    return mark


def wait_until(condition, what, seconds=20):
    """Until it returns something true, which is returned. A condition that costs a process is asked less often: many that
    wait at once would leave no time for what they wait for."""
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        value = condition()
        now = time.monotonic()
        if value:
            return value
        if now > deadline:
            raise TimeoutError(f'waited {seconds} s for {what}')
        time.sleep(min(0.5, max(0.01, 8 * (now - asked))))


class Stage:
    """What a scenario works with."""

    def __init__(self, sockctl, root):
        self.sockctl, self.root = sockctl, root
        self.directory = os.environ['TMPDIR']
        self.kept = []                  # sockets that live as long as the scenario
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else soft, hard))

    def keep(self, thing):
        self.kept.append(thing)
        return thing

    def peer(self, program):
        """The path of a real program, or Skip."""
        path = os.path.join(self.root, 'build/peers/bin', program)
        if not os.path.exists(path):
            path = shutil.which(program)
        if not path:
            raise Skip(f'{program} is not here')
        return path

    def start(self, argv, **how):
        """A program that lives as long as the scenario."""
        how.setdefault('stdout', subprocess.DEVNULL)
        how.setdefault('stderr', subprocess.DEVNULL)
        return self.keep(subprocess.Popen(argv, stdin=subprocess.DEVNULL, **how))

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def sysctl(self, name, value):
        """Of the scenario's own network namespace."""
        try:
            with open('/proc/sys/' + name.replace('.', '/'), 'w', encoding='ascii') as file:
                file.write(str(value))
        except OSError as error:
            raise Skip(f'{name} cannot be written here: {error.strerror}') from error

    def listens(self, port):
        """Waits until somebody listens on the port."""
        wait_until(lambda: self.show('-tl', f'sport = :{port}'), f'a listener on port {port}')

    def show(self, *arguments):
        """Sockets as `sockctl show -j` tells them."""
        out = subprocess.run([self.sockctl, 'show', '-j', *arguments], check=False, capture_output=True, text=True).stdout
        return json.loads(out)['sockets']

    def connect(self, port, host='127.0.0.1', wait=True):
        """A client; without `wait` it may still be connecting."""
        client = self.keep(socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET))
        client.settimeout(10 if wait else None)
        if not wait:
            client.setblocking(False)
            client.connect_ex((host, port))
        else:
            client.connect((host, port))
        return client

    def listen(self, port, backlog=128, host='127.0.0.1', options=()):
        """A listener of the scenario's own process. options: (level, number, value) before listen()."""
        listener = self.keep(socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for level, number, value in options:
            listener.setsockopt(level, number, value)
        listener.bind((host, port))
        listener.listen(backlog)
        return listener

    def doctor(self, *arguments, during=None, seconds='1s'):
        """What it says; `during` is called between its looks, over and over."""
        with subprocess.Popen([self.sockctl, 'doctor', '-j', '--for', seconds, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as doctor:
            while during and doctor.poll() is None:
                during()
                time.sleep(0.001)       # others have to play too
            out, err = doctor.communicate(timeout=60)
        if doctor.returncode not in (0, 1):
            raise RuntimeError(f'sockctl doctor exited with {doctor.returncode}: {err}')
        return json.loads(out)

    def across(self, path, server, client):
        """Two hosts with a link between them: server(stage, host, port) on the one, client(stage, host, port) on the
        other. Both are functions of a file of scenarios, or tuples of one and more arguments for it. What either of
        them returns is the answer. All ends with the client, which may have to wait for the other's."""
        def command(end):
            function, *arguments = end if isinstance(end, tuple) else (end,)
            return [*PLAY, 'end', 'end', function.__module__, function.__name__, self.sockctl, self.root, '{server}', '{port}',
                    json.dumps(arguments)]
        done = subprocess.run([self.sockctl, 'path', path, '--wait', '60s', '--server', shlex.join(command(server)), '--',
                               *command(client)], capture_output=True, text=True, timeout=90, check=False)
        if not self.is_answered():
            raise RuntimeError(' | '.join((done.stdout + done.stderr).strip().splitlines()[-4:]))
        with open(self.answer_path(), encoding='utf-8') as file:
            answer = json.load(file)
        if 'skip' in answer:
            raise Skip(answer['skip'])
        return answer

    def is_answered(self):
        """Has one of the ends of across() returned its answer?"""
        return os.path.exists(self.answer_path())

    def until_sent(self, port, size):
        """Waits until a connection of the server on the port has sent so much."""
        wait_until(lambda: self.show('-t', f'sport = :{port} and bytes_acked gt {size}'), f'{size} bytes sent', 60)

    def until_received(self, port, size):
        """Waits until one has received so much."""
        wait_until(lambda: self.show('-t', f'sport = :{port} and bytes_received gt {size}'), f'{size} bytes received', 60)

    def answer_path(self):
        return os.path.join(self.directory, 'answer.json')


def play_end(module, function, sockctl, root, host, port, arguments):
    """One end of stage.across()."""
    stage = Stage(sockctl, root)
    try:
        answer = getattr(sys.modules[module], function)(stage, host, int(port), *json.loads(arguments))
    except Skip as skip:
        answer = {'skip': str(skip)}
    if answer is not None:
        with open(stage.answer_path() + '.new', 'w', encoding='utf-8') as file:
            json.dump(answer, file)
        os.rename(stage.answer_path() + '.new', stage.answer_path())
    os._exit(0)


def play_scenario(module, function, sockctl, root):
    """One scenario, in the namespaces where this process is: a JSON line."""
    try:
        print(json.dumps(getattr(sys.modules[module], function)(Stage(sockctl, root))))
    except Skip as skip:
        print(json.dumps({'skip': str(skip)}))
    sys.stdout.flush()
    os._exit(0)         # without destructors: the pid namespace takes everything along
