"""Listeners: fastopen, SYN queues, what their connections inherit."""
import ctypes
import os
import socket
import struct
import subprocess
from programs import haproxy, go_server, nginx, redis
from stage import Skip, scenario

HTTP = b'GET / HTTP/1.1\r\nHost: here\r\n\r\n'


@scenario(expects=['fastopen-inert'], program='nginx')
def nginx_with_fastopen_where_the_sysctl_forbids_it(stage):
    stage.sysctl('net.ipv4.tcp_fastopen', 1)
    nginx(stage, ['127.0.0.1:7080 fastopen=16'])
    return stage.doctor()


@scenario(program='nginx')
def nginx_with_fastopen_that_works(stage):
    stage.sysctl('net.ipv4.tcp_fastopen', 3)
    nginx(stage, ['127.0.0.1:7080 fastopen=16'])
    return stage.doctor()


@scenario(expects=['fastopen-inert'], program='haproxy')
def haproxy_with_fastopen_where_the_sysctl_forbids_it(stage):
    stage.sysctl('net.ipv4.tcp_fastopen', 1)
    go_server(stage, 7002)
    haproxy(stage, 7003, 7002, frontend='bind 127.0.0.1:7013 tfo')
    return stage.doctor()


def borrowed(stage, port):
    """The listener of another process, to set options on it while it runs."""
    owner = stage.show('-tlp', f'sport = :{port}')[0]['owners'][0]
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(owner['pid'])
    fd = libc.syscall(438, pidfd, owner['fd'], 0)       # pidfd_getfd
    os.close(pidfd)
    if fd < 0:
        raise Skip(f'pidfd_getfd: {os.strerror(ctypes.get_errno())}')
    return stage.keep(socket.socket(fileno=fd))


@scenario(expects=['children-lack-option'], program='redis', anybody=True)
def redis_whose_listener_got_keepalive_late(stage):
    redis(stage, 7001, '--tcp-keepalive', '0')
    clients = [stage.connect(7001) for _ in range(5)]
    for client in clients:
        client.send(b'PING\r\n')
        assert client.recv(10)
    borrowed(stage, 7001).setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    answer = stage.doctor()
    assert answer['findings'][0]['fix']['spec'] == 'keepalive', answer
    return answer


@scenario(program='redis', anybody=True)
def redis_whose_listener_had_keepalive_before(stage):
    redis(stage, 7001, '--tcp-keepalive', '0')
    borrowed(stage, 7001).setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for _ in range(5):
        client = stage.connect(7001)
        client.send(b'PING\r\n')
        assert client.recv(10)
    return stage.doctor()


@scenario(expects=['children-lack-option'], program='nginx', anybody=True)
def nginx_whose_listener_got_a_timeout_late(stage):
    nginx(stage, ['127.0.0.1:7080 so_keepalive=60s:10s:3'])
    for _ in range(5):
        client = stage.connect(7080)
        client.send(HTTP)
        assert client.recv(65536)
    borrowed(stage, 7080).setsockopt(socket.IPPROTO_TCP, 18, 85000)     # TCP_USER_TIMEOUT
    answer = stage.doctor()
    assert answer['findings'][0]['fix']['spec'] == 'user-timeout=85s', answer
    return answer


@scenario(program='nginx', anybody=True)
def nginx_with_keepalive_and_connections(stage):
    nginx(stage, ['127.0.0.1:7080 so_keepalive=60s:10s:3'])
    for _ in range(5):
        client = stage.connect(7080)
        client.send(HTTP)
        assert client.recv(65536)
    return stage.doctor()


@scenario(program='go')
def go_that_sets_its_own_options(stage):
    go_server(stage, 7002)
    for _ in range(5):
        client = stage.connect(7002)
        client.send(HTTP)
        assert client.recv(65536)
    return stage.doctor()


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def flood(stage, port, backlog=16):
    """SYNs from addresses that answer nothing, to a listener: half-open connections."""
    made = subprocess.run(['ip', 'link', 'add', 'silent', 'type', 'veth', 'peer', 'name', 'deaf'], capture_output=True, check=False,
                          text=True)
    if made.returncode:
        raise Skip(f'no veth devices here: {made.stderr.strip()}')
    subprocess.run(['ip', 'address', 'add', '10.1.0.1/16', 'dev', 'silent'], check=True)
    for device in ('silent', 'deaf'):
        subprocess.run(['ip', 'link', 'set', device, 'arp', 'off', 'up'], check=True)
    stage.listen(port, backlog=backlog, host='10.1.0.1')
    raw = stage.keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
    sent = [0]

    def turn():
        if sent[0] == 3000:
            return
        sent[0] += 1
        source, to = struct.pack('!I', 0x0a010100 + sent[0]), socket.inet_aton('10.1.0.1')
        tcp = struct.pack('!HHIIBBHHH', 1024 + sent[0], port, sent[0], 0, 5 << 4, 2, 1000, 0, 0)
        total = checksum(source + to + struct.pack('!HH', 6, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack('!H', total) + tcp[18:]
        raw.sendto(struct.pack('!BBHHHBBH4s4s', 0x45, 0, 40, 1, 0, 64, 6, 0, source, to) + tcp, ('10.1.0.1', 0))
    return turn


@scenario(expects=['syn-queue-full'])
def a_flood_of_syns(stage):
    answer = stage.doctor(during=flood(stage, 7007))
    assert answer['findings'][0]['severity'] == 'warning', answer
    return answer


@scenario(expects=['syn-queue-full'])
def a_flood_of_syns_without_cookies(stage):
    stage.sysctl('net.ipv4.tcp_syncookies', 0)
    answer = stage.doctor(during=flood(stage, 7007))
    assert answer['findings'][0]['severity'] == 'fault', answer
    return answer


@scenario()
def handshakes_that_do_not_end(stage):
    """A few clients that never answer, of a listener with room."""
    turn = flood(stage, 7007, backlog=4000)
    for _ in range(20):
        turn()
    return stage.doctor()
