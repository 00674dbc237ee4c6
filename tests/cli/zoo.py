"""zoo.py COMMAND [COMMAND]: makes sockets whose truth is known in a network namespace of its own, and runs COMMAND by the shell, with
PORT_... and PID_ZOO in its environment. Before a second one some of the sockets change, see change(). Ends with the last one's status;
all sockets end with it."""
import os
import select
import socket
import subprocess
import sys

held = []


def keep(*sockets):
    held.extend(sockets)
    return sockets[0]


def name(key, sock):
    os.environ['PORT_' + key] = str(sock.getsockname()[1])


def await_readable(sock):
    if not select.select([sock], [], [], 10)[0]:
        sys.exit('nothing came in 10 s')


def pair(listener):
    client = keep(socket.create_connection(listener.getsockname()[:2]))
    server = keep(listener.accept()[0])
    return client, server


def change():
    """CLIENT loses its TCP_NODELAY, its unread bytes are read and 1000 come back, UDP is gone, NEW is new, BACKLOG's listener has another limit."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    server.recv(100000)
    server.send(b'y' * 1000)
    await_readable(client)
    udp.close()
    six.listen(9)
    name('NEW', keep(socket.create_server(('127.0.0.1', 0))))


full = keep(socket.create_server(('127.0.0.1', 0), backlog=1))
for _ in range(2):
    keep(socket.create_connection(full.getsockname()))
name('FULL', full)

shards, port = [], 0
for _ in range(3):
    shard = keep(socket.socket())
    shard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shard.bind(('127.0.0.1', port))
    port = shard.getsockname()[1]
    shard.listen(50)
    shards.append(shard)
name('SHARDS', shards[0])

six = keep(socket.create_server(('::1', 0), family=socket.AF_INET6, backlog=7))
name('SIX', six)
client, server = pair(six)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100000)
client.send(b'x' * 5000)
await_readable(server)
name('CLIENT', client)

udp = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
udp.bind(('127.0.0.1', 0))
sender = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
sender.connect(udp.getsockname())
for _ in range(30):
    sender.send(b'x' * 1000)
name('UDP', udp)

local = keep(socket.socket(socket.AF_UNIX))
local.bind('\0zoo-' + 'long-' * 16 + str(os.getpid()))
local.listen(3)
for _ in range(2):
    keep(socket.socket(socket.AF_UNIX)).connect(local.getsockname())

fixed = keep(socket.socket())
fixed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100000)
fixed.bind(('127.0.0.1', 0))
fixed.listen(1)
name('FIXED', fixed)
wide, small = pair(fixed)
small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 30)
small.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)

with open('/proc/self/comm', 'w', encoding='ascii') as comm:
    comm.write('zo\033[31mo"\\')
os.environ['PID_ZOO'] = str(os.getpid())
status = subprocess.call(sys.argv[1], shell=True)
for command in sys.argv[2:]:
    change()
    status = subprocess.call(command, shell=True)
sys.exit(status)
