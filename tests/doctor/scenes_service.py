"""Programs in ordinary service: nothing to be found."""
import contextlib
import os
import signal
import socket
import sys
import time
from programs import go, go_server, haproxy, nginx, python, redis
from stage import Skip, scenario, wait_until



def busy(stage, port, least):
    """Waits for as many connections on the port."""
    wait_until(lambda: len(stage.show('state established', 'and', f'sport = :{port}')) >= least, f'{least} connections on port {port}')


@scenario(program='nginx')
def nginx_under_load(stage):
    nginx(stage, ['127.0.0.1:7080'], workers=2)
    go(stage, 'load', 'http://127.0.0.1:7080/', '100')
    busy(stage, 7080, 50)
    return stage.doctor()


@scenario(program='nginx')
def nginx_with_a_connection_for_each_request(stage):
    nginx(stage, ['127.0.0.1:7080'], workers=2)
    go(stage, 'churn', 'http://127.0.0.1:7080/', '50')
    wait_until(lambda: len(stage.show('state time-wait')) > 50, 'TIME_WAIT')
    return stage.doctor()


@scenario(program='nginx')
def nginx_that_is_reloaded(stage):
    master = nginx(stage, ['127.0.0.1:7080 reuseport', '[::1]:7080'], workers=2)
    go(stage, 'load', 'http://127.0.0.1:7080/', '20')
    busy(stage, 7080, 10)

    def turn():
        master.send_signal(signal.SIGHUP)
        time.sleep(0.3)             # reloads follow one another
    return stage.doctor(during=turn)


@scenario(program='redis')
def redis_under_its_own_benchmark(stage):
    redis(stage, 7001)
    stage.start([stage.peer('redis-benchmark'), '-p', '7001', '-c', '50', '-n', '100000000', '-t', 'get', '-q'])
    busy(stage, 7001, 50)
    return stage.doctor()


@scenario(program='redis')
def redis_with_pipelines(stage):
    redis(stage, 7001)
    stage.start([stage.peer('redis-benchmark'), '-p', '7001', '-c', '20', '-P', '32', '-d', '3000', '-n', '100000000', '-t', 'set,get', '-q'])
    busy(stage, 7001, 20)
    return stage.doctor()


@scenario(program='redis')
def redis_with_idle_clients(stage):
    redis(stage, 7001)
    for _ in range(500):
        stage.connect(7001)
    wait_until(lambda: len(stage.show('state established', 'and', 'sport = :7001')) == 500, 'the clients')
    wait_until(lambda: not any(s['tcp']['unacked_segs'] for s in stage.show('-tl')), 'an empty queue')
    return stage.doctor()


@scenario(program='haproxy')
def haproxy_before_nginx(stage):
    nginx(stage, ['127.0.0.1:7080'])
    haproxy(stage, 7003, 7080)
    go(stage, 'load', 'http://127.0.0.1:7003/', '50')
    busy(stage, 7003, 30)
    return stage.doctor()


@scenario(program='haproxy')
def haproxy_with_many_backends_idle(stage):
    go_server(stage, 7002)
    haproxy(stage, 7003, 7002, defaults='option http-server-close', frontend='bind [::1]:7003')
    return stage.doctor()


@scenario(program='iperf3')
def iperf3_over_loopback(stage):
    stage.start([stage.peer('iperf3'), '-s', '-p', '5201'])
    stage.listens(5201)
    stage.start([stage.peer('iperf3'), '-c', '127.0.0.1', '-p', '5201', '-t', '60'])
    busy(stage, 5201, 2)
    return stage.doctor()


@scenario(program='iperf3')
def iperf3_the_other_way_with_several_streams(stage):
    stage.start([stage.peer('iperf3'), '-s', '-p', '5201'])
    stage.listens(5201)
    stage.start([stage.peer('iperf3'), '-c', '127.0.0.1', '-p', '5201', '-t', '60', '-R', '-P', '4'])
    busy(stage, 5201, 5)
    return stage.doctor()


ASYNCIO = '''
import asyncio
async def serve(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()
async def client():
    reader, writer = await asyncio.open_connection("127.0.0.1", 7008)
    while True:
        writer.write(b"x" * 2000)
        await reader.readexactly(2000)
        await asyncio.sleep(0.002)
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 7008)
    await asyncio.gather(*(client() for _ in range(30)))
asyncio.run(main())
'''


@scenario()
def asyncio_server_and_clients(stage):
    python(stage, ASYNCIO)
    wait_until(lambda: len(stage.show('state established', 'and', 'sport = :7008')) == 30, 'the clients')
    return stage.doctor()


@scenario()
def a_thread_for_each_connection(stage):
    stage.file('page', 'x' * 10000)
    stage.start([sys.executable, '-I', '-S', '-m', 'http.server', '7009', '--bind', '127.0.0.1', '--directory', stage.directory])
    stage.listens(7009)
    go(stage, 'churn', 'http://127.0.0.1:7009/page', '4')
    wait_until(lambda: stage.show('state time-wait'), 'TIME_WAIT')
    return stage.doctor()


@scenario()
def long_downloads_over_half_closed_connections(stage):
    """The client has said all that it wants (shutdown), and is sent much for a long time."""
    listener = stage.listen(8001)
    pairs = []
    for _ in range(15):
        client = stage.connect(8001)
        server = stage.keep(listener.accept()[0])
        client.shutdown(socket.SHUT_WR)
        server.recv(1)
        pairs.append((client, server))
    wait_until(lambda: len(stage.show('sport = :8001 and last_ack_received gt 1s')) == 15, 'what the doctor is told to call idle')

    def turn():
        for client, server in pairs:
            server.send(b'x' * 100)
            client.recv(1000)
        time.sleep(0.02)
    return stage.doctor('--idle', '1s', during=turn)


@scenario()
def programs_that_come_and_go(stage):
    """Processes, listeners and connections that live for a moment, by the hundred."""
    code = ('import socket\nl = socket.create_server(("127.0.0.1", 0))\n'
            'for i in range(30):\n    c = socket.create_connection(l.getsockname()); s = l.accept()[0]; c.close(); s.close()')
    running = []

    def turn():
        running[:] = [p for p in running if p.poll() is None]
        if len(running) < 4 and len(stage.kept) < 400:
            running.append(python(stage, code))
        time.sleep(0.01)
    return stage.doctor(during=turn)


@scenario()
def thousands_of_sockets_churning(stage):
    listener = stage.listen(8001, backlog=4096)
    pairs = []
    for _ in range(2000):
        client = stage.connect(8001)
        pairs.append((client, stage.keep(listener.accept()[0])))
    left = iter(range(4000))

    def turn():
        number = next(left, None)
        if number is None:
            return
        old = pairs[number % 2000]
        for end in old:
            end.close()
            stage.kept.remove(end)
        client = stage.connect(8001)
        pairs[number % 2000] = (client, stage.keep(listener.accept()[0]))
    return stage.doctor(during=turn)


@scenario(program='redis')
def only_what_a_filter_leaves(stage):
    """The connections without their listener: the doctor takes them for outgoing ones, and says nothing wrong."""
    redis(stage, 7001)
    clients = [stage.connect(7001) for _ in range(50)]

    def turn():
        for client in clients:
            client.send(b'PING\r\n')
            assert client.recv(100)
    return stage.doctor('state', 'established', during=turn)


@scenario(program='redis')
def a_filter_that_leaves_nothing(stage):
    redis(stage, 7001)
    return stage.doctor('dport', '=', ':1')


@scenario()
def unix_sockets(stage):
    """They are none of the doctor's business."""
    path = os.path.join(stage.directory, 'socket')
    listener = stage.keep(socket.socket(socket.AF_UNIX))
    listener.bind(path)
    listener.listen(1)
    client = stage.keep(socket.socket(socket.AF_UNIX))
    client.connect(path)
    client.send(b'never read')
    return stage.doctor()


@scenario()
def a_program_of_another_user(stage):
    """Its options are unknown, and so not judged."""
    if '4294967295' not in open('/proc/self/uid_map', encoding='ascii').read():
        raise Skip('there is one user only in this namespace')
    socket.getaddrinfo('127.0.0.1', 7010)       # what Python loads for it may not be readable for others
    if not os.fork():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        listener = socket.create_server(('127.0.0.1', 7010))
        client = socket.create_connection(listener.getsockname())
        server = listener.accept()[0]
        client.recv(len(server.getsockname()))      # for ever
    busy(stage, 7010, 1)
    return stage.doctor()


@scenario()
def a_multicast_receiver(stage):
    receiver = stage.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    receiver.bind(('', 5353))
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1'))
    sender = stage.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'))

    def turn():
        with contextlib.suppress(OSError):
            sender.sendto(b'x', ('224.0.0.251', 5353))
            receiver.settimeout(0.05)
            receiver.recv(10)
    return stage.doctor(during=turn)


@scenario()
def a_client_that_finds_nobody(stage):
    """Refused connections, again and again."""
    def turn():
        with contextlib.suppress(OSError):
            socket.create_connection(('127.0.0.1', 7011), timeout=1)
        time.sleep(0.002)
    return stage.doctor(during=turn)


@scenario()
def a_reader_that_is_always_a_little_behind(stage):
    listener = stage.listen(8001)
    client = stage.connect(8001)
    server = stage.keep(listener.accept()[0])
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.send(b'x' * 10000)

    def turn():
        client.send(b'x' * 3000)
        assert len(server.recv(3000, socket.MSG_WAITALL)) == 3000
        time.sleep(0.01)
    return stage.doctor(during=turn)
