"""Real programs in the scenarios' namespaces, each with the little configuration that it needs."""
import os
import signal
import subprocess
import sys

PEERS = ['redis', 'nginx', 'haproxy', 'iperf3', 'golang']


def fetch(root):
    """Before the scenarios, which have no way to an archive: what cannot be had is a skip there."""
    for name in PEERS:
        subprocess.run([os.path.join(root, 'tools/peers'), name], capture_output=True, check=False)


def build(root):
    """The Go program."""
    source = os.path.join(root, 'tests/doctor/peer/main.go')
    binary = os.path.join(root, 'build/peers/doctor/peer')
    go = os.path.join(root, 'build/peers/bin/go')
    if not os.path.exists(go) or (os.path.exists(binary) and os.path.getmtime(binary) > os.path.getmtime(source)):
        return
    os.makedirs(os.path.dirname(binary), exist_ok=True)
    new = f'{binary}.{os.getpid()}'
    built = subprocess.run([go, 'build', '-o', new, source], check=False, capture_output=True, text=True, timeout=400, env={
        **os.environ, 'GO111MODULE': 'off', 'GOFLAGS': '', 'CGO_ENABLED': '0', 'GOCACHE': os.path.join(os.path.dirname(binary), 'cache')})
    if built.returncode == 0:
        os.rename(new, binary)
    else:
        print('# the Go program cannot be built: ' + built.stderr.strip().replace('\n', ' | '))


def hang(process):
    """A program that hangs: it is stopped where it is."""
    process.send_signal(signal.SIGSTOP)


def go_on(process):
    process.send_signal(signal.SIGCONT)


def redis(stage, port, *arguments):
    server = stage.start([stage.peer('redis-server'), '--bind', '127.0.0.1', '--port', str(port), '--save', '', *arguments])
    stage.listens(port)
    return server


def go(stage, *arguments, **how):
    """peer/main.go."""
    return stage.start([stage.peer('../doctor/peer'), *arguments], **how)


def go_server(stage, port, **how):
    server = go(stage, 'serve', f'127.0.0.1:{port}', **how)
    stage.listens(port)
    return server


def nginx_configuration(stage, listen, server, http='', workers=1, events='worker_connections 512;'):
    path = stage.directory
    temporary = ' '.join(f'{name}_temp_path {path}/{name};' for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
    return stage.file('nginx.conf', f'''
        user root root; daemon off; worker_processes {workers}; pid {path}/nginx.pid; error_log {path}/nginx.log;
        events {{ {events} }}
        http {{ access_log off; keepalive_requests 1000000; {temporary} {http}
            server {{ {' '.join(f'listen {one};' for one in listen)} location / {{ {server} }} }} }}''')


def nginx(stage, listen, server='return 200 "hello\\n";', **how):
    """listen: all that stands after the word. The port that the first of them has must be listened on."""
    configuration = nginx_configuration(stage, listen, server, **how)
    master = stage.start([stage.peer('nginx'), '-c', configuration, '-p', stage.directory])
    stage.listens(int(listen[0].split()[0].split(':')[-1]))
    return master


def children(process):
    with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='ascii') as file:
        return [int(pid) for pid in file.read().split()]


def takes(stage, program, *arguments):
    """The program takes its configuration: its own check says so."""
    done = subprocess.run([stage.peer(program), *arguments], check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


def nginx_takes(stage, words):
    """What the doctor says it is to be told: `listen ADDRESS ...;` and directives of the http block."""
    directives = [word for word in words.split(';') if word.strip()]
    listen = [word.strip().replace('listen ADDRESS', '127.0.0.1:9') for word in directives if 'listen ADDRESS' in word]
    http = ' '.join(f'{word};' for word in directives if 'listen ADDRESS' not in word)
    path = nginx_configuration(stage, listen or ['127.0.0.1:9'], 'return 200;', http)
    takes(stage, 'nginx', '-t', '-c', path, '-p', stage.directory)


def haproxy_takes(stage, words):
    """The same: lines of the frontend or the backend, and what stands behind `bind ...` or `server ...`."""
    lines = [line for part in words.split('; ') for line in part.split(' (')[0].split(', ')]
    in_front = [line for line in lines if 'srv' not in line and not line.startswith(('bind', 'server'))]
    behind = [line for line in lines if 'srv' in line]
    bind, server = (' '.join(line.replace(word + ' ... ', '') for line in lines if line.startswith(word)) for word in ('bind', 'server'))
    takes(stage, 'haproxy', '-c', '-f', stage.file('haproxy.cfg', '\n'.join([
        'defaults', 'timeout connect 5s', 'timeout client 60s', 'timeout server 60s', 'frontend in', f'bind 127.0.0.1:9 {bind}',
        *in_front, 'default_backend out', 'backend out', *behind, f'server one 127.0.0.1:8 {server}', ''])))


def redis_takes(stage, words, port):
    path = stage.file('redis.conf', '\n'.join(line.split(' (')[0] for line in words.split('; ')) + '\n')
    server = stage.start([stage.peer('redis-server'), path, '--bind', '127.0.0.1', '--port', str(port), '--save', ''])
    stage.listens(port)
    return server


def haproxy(stage, port, back, frontend='', defaults='', backend='', address='127.0.0.1'):
    configuration = stage.file('haproxy.cfg', f'''
global
    maxconn 2000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    {defaults}
frontend in
    bind {address}:{port}
    {frontend}
    default_backend out
backend out
    {backend}
    server one 127.0.0.1:{back}
''')
    server = stage.start([stage.peer('haproxy'), '-db', '-f', configuration])
    stage.listens(port)
    return server


def python(stage, code, **how):
    """Another Python process."""
    return stage.start([sys.executable, '-c', code], **how)
