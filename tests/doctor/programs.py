"""Real programs in the scenarios' namespaces, each with the little configuration that it needs."""
import glob
import os
import shutil
import signal
import subprocess
import sys
from stage import Skip, wait_until

PEERS = ['redis', 'nginx', 'haproxy', 'iperf3', 'golang']
HOSTS_OWN = {'node': 'nodejs', 'postgres': 'postgresql'}      # large: only where the host has not got them


def fetch(root):
    """Before the scenarios, which have no way to an archive: what cannot be had is a skip there."""
    for name in PEERS + [package for program, package in HOSTS_OWN.items() if not shutil.which(program)]:
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


def haproxy(stage, port, back, frontend='', defaults='', backend='', address='127.0.0.1', server='127.0.0.1'):
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
    server one {server}:{back}
''')
    started = stage.start([stage.peer('haproxy'), '-db', '-f', configuration])
    stage.listens(port)
    return started


def python(stage, code, **how):
    """Another Python process."""
    return stage.start([sys.executable, '-I', '-S', '-c', code], **how)


NODE_SERVER = '''
const server = require("net").createServer(%s);
server.on("connection", function (socket) { %s });
server.listen(%s);
'''


def node(stage, port, connected='', options='{}', backlog=None, host='127.0.0.1'):
    """A server of node's own module; connected: what it does with a `socket` that has come."""
    listen = f'{{port: {port}, host: "{host}"' + (f', backlog: {backlog}}}' if backlog else '}')
    server = stage.start([stage.peer('node'), '-e', NODE_SERVER % (options, connected, listen)])
    stage.listens(port)
    return server


# It refuses to run as root; in a user namespace of its own nobody is.
NOT_ROOT = ['unshare', '--user', '--map-user=1000', '--map-group=1000']


def postgres_program(stage, name):
    """What Debian keeps out of PATH: the argv that starts it."""
    found = sorted(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'))
    if found:
        return [*NOT_ROOT, found[-1]]
    if shutil.which(name):
        return [*NOT_ROOT, shutil.which(name)]
    root = os.path.join(stage.root, 'build/peers/root')
    found = sorted(glob.glob(f'{root}/usr/lib/postgresql/*/bin/{name}'))
    if not found:
        raise Skip(f'{name} is not here')
    libraries = ':'.join(glob.glob(f'{root}/usr/lib/*-linux-gnu*') + [f'{root}/usr/lib'])
    return [*NOT_ROOT, 'env', f'LD_LIBRARY_PATH={libraries}', found[-1]]


def postgres_data(stage):
    """Its directory, made once."""
    data = os.path.join(stage.directory, 'postgres')
    if os.path.exists(data):
        return data
    done = subprocess.run([*postgres_program(stage, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '-N', '--no-locale',
                           '--no-instructions', '--wal-segsize=1'], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    with open(f'{data}/pg_hba.conf', 'w', encoding='ascii') as file:
        file.write('host all all all trust\n')
    return data


def postgres(stage, port, host='127.0.0.1', **settings):
    """settings: of postgresql.conf."""
    settings |= {'listen_addresses': host, 'port': port, 'unix_socket_directories': '', 'dynamic_shared_memory_type': 'mmap'}
    told = [word for name, value in settings.items() for word in ('-c', f'{name}={value}')]
    server = stage.start([*postgres_program(stage, 'postgres'), '-D', postgres_data(stage), *told])
    stage.listens(port)
    return server


def postgres_session(connect):
    """As far as "ready for a query", by the protocol's own messages; again while it is starting up."""
    words = b'user\0postgres\0database\0postgres\0\0'

    def is_ready():
        sock, said = connect(), b''
        sock.sendall((8 + len(words)).to_bytes(4, 'big') + (3 << 16).to_bytes(4, 'big') + words)
        while b'Z\0\0\0\5I' not in said:
            piece = sock.recv(4096)
            said += piece
            if not piece:
                sock.close()
                assert b'starting up' in said, said
                return False
        return True
    wait_until(is_ready, 'a session', 60)
