"""Accept queues: too short, or not emptied."""
import os
import resource
import signal
import socket
import time
from programs import children, go_on, go_server, hang, haproxy, nginx, python, redis
from stage import scenario, wait_until


def burst(stage, port, count, server):
    """Clients that come while the server does something else, again and again: a few thousand altogether."""
    left = [3000]

    def turn():
        clients = [stage.connect(port, wait=False) for _ in range(min(count, left[0]))]
        left[0] -= len(clients)
        go_on(server)
        time.sleep(0.02)            # its turn
        for client in clients:
            stage.kept.remove(client)
            client.close()
        hang(server)
    return turn


def asking(stage, port, count, request=b'PING\r\n'):
    """Clients that ask and are answered."""
    clients = [stage.connect(port) for _ in range(count)]

    def turn():
        for client in clients:
            client.send(request)
        for client in clients:
            assert client.recv(65536)
    return turn


def queues(stage, port):
    """How many wait at each listener on the port."""
    return [listener['tcp']['unacked_segs'] for listener in stage.show('-tl', f'sport = :{port}')]


HTTP = b'GET / HTTP/1.1\r\nHost: here\r\n\r\n'


@scenario(expects=['accept-queue-overflow'], program='redis', anybody=True)
def redis_with_a_short_backlog(stage):
    return stage.doctor(during=burst(stage, 7001, 30, redis(stage, 7001, '--tcp-backlog', '4')))


@scenario(program='redis', anybody=True)
def redis_with_room(stage):
    redis(stage, 7001)
    return stage.doctor(during=asking(stage, 7001, 50))


@scenario(program='redis')
def redis_with_room_for_the_same_bursts(stage):
    return stage.doctor(during=burst(stage, 7001, 30, redis(stage, 7001, '--maxclients', '4000')))


@scenario(expects=['program-not-accepting'], program='redis', anybody=True)
def redis_that_hangs(stage):
    hang(redis(stage, 7001))
    for _ in range(5):
        stage.connect(7001)
    return stage.doctor()


@scenario(expects=['program-not-accepting', 'accept-queue-overflow'], program='redis')
def redis_that_hangs_until_its_queue_is_full(stage):
    hang(redis(stage, 7001, '--tcp-backlog', '4'))
    for _ in range(5):
        stage.connect(7001)
    left = iter(range(3000))
    answer = stage.doctor(during=lambda: next(left, None) is not None and stage.connect(7001, wait=False))
    overflow = next(f for f in answer['findings'] if f['rule'] == 'accept-queue-overflow')
    assert overflow['fix']['spec'] is None, 'a longer queue was advised to a program that does not accept'
    return answer


@scenario(expects=['backlog-clamped'], program='nginx')
def nginx_where_somaxconn_is_128(stage):
    stage.sysctl('net.core.somaxconn', 128)
    nginx(stage, ['127.0.0.1:7080'])
    return stage.doctor(during=asking(stage, 7080, 10, HTTP))


@scenario(program='nginx')
def nginx_where_somaxconn_is_4096(stage):
    stage.sysctl('net.core.somaxconn', 4096)
    nginx(stage, ['127.0.0.1:7080'])
    return stage.doctor(during=asking(stage, 7080, 10, HTTP))


@scenario(program='nginx')
def nginx_that_asks_for_less_than_somaxconn(stage):
    stage.sysctl('net.core.somaxconn', 128)
    nginx(stage, ['127.0.0.1:7080 backlog=64'])
    return stage.doctor(during=asking(stage, 7080, 10, HTTP))


@scenario(expects=['backlog-clamped', 'accept-queue-overflow'], program='redis')
def redis_whose_bursts_somaxconn_cuts(stage):
    stage.sysctl('net.core.somaxconn', 16)
    return stage.doctor(during=burst(stage, 7001, 60, redis(stage, 7001)))


@scenario(program='go')
def go_that_asks_for_somaxconn(stage):
    stage.sysctl('net.core.somaxconn', 64)
    go_server(stage, 7002)
    return stage.doctor(during=asking(stage, 7002, 10, HTTP))


@scenario(expects=['program-not-accepting'], program='go')
def go_out_of_descriptors(stage):
    go_server(stage, 7002, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)))
    for _ in range(40):
        stage.connect(7002)
    wait_until(lambda: max(queues(stage, 7002)) > 5, 'a queue')
    return stage.doctor()


@scenario(expects=['program-not-accepting'], program='haproxy')
def haproxy_at_its_maxconn(stage):
    go_server(stage, 7002)
    haproxy(stage, 7003, 7002, frontend='maxconn 4\n    backlog 64')
    for _ in range(10):
        stage.connect(7003)
    wait_until(lambda: queues(stage, 7003) == [6], 'a queue')
    return stage.doctor()


@scenario(program='haproxy')
def haproxy_below_its_maxconn(stage):
    go_server(stage, 7002)
    haproxy(stage, 7003, 7002, frontend='maxconn 40')
    return stage.doctor(during=asking(stage, 7003, 10, HTTP))


def worker_without_a_turn(stage):
    """Two workers of nginx with a listener each, one of which hangs: the one, and how many clients were left to it."""
    master = nginx(stage, ['127.0.0.1:7080 reuseport'], workers=2)
    hung = wait_until(lambda: len(children(master)) == 2 and children(master), 'the workers')[0]
    os.kill(hung, signal.SIGSTOP)
    return hung


@scenario(expects=['shard-stuck'], program='nginx', anybody=True)
def nginx_with_a_worker_that_hangs(stage):
    worker_without_a_turn(stage)
    for _ in range(40):
        stage.connect(7080)
    return stage.doctor()


@scenario(program='nginx', anybody=True)
def nginx_with_a_listener_a_worker(stage):
    nginx(stage, ['127.0.0.1:7080 reuseport'], workers=3)
    return stage.doctor(during=asking(stage, 7080, 60, HTTP))


SHARDS = '''
import os, socket, threading
def shard(accepts):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("::1", 7004))
    s.listen(4096)
    while accepts:
        s.accept()[0].close()
    return s
for i in range(3):
    threading.Thread(target=shard, args=(True,)).start()
forgotten = shard(False) if %d else None
print("ready", flush=True)
threading.Event().wait()
'''


def shards(stage, forgotten):
    started = python(stage, SHARDS % forgotten, stdout=-1, text=True)
    assert started.stdout.readline() == 'ready\n'
    wait_until(lambda: len(stage.show('-tl', 'sport = :7004')) == 3 + forgotten, 'the listeners')


@scenario(expects=['shard-stuck'], may=['close-wait-leak'])      # of its clients, which keep what the others have closed
def a_listener_that_was_forgotten(stage):
    shards(stage, True)
    for _ in range(60):
        stage.connect(7004, host='::1')
    wait_until(lambda: sum(n > 0 for n in queues(stage, 7004)) == 1, 'a queue')
    return stage.doctor()


@scenario()
def four_listeners_that_accept(stage):
    shards(stage, False)
    left = iter(range(3000))

    def turn():
        if next(left, None) is not None:
            stage.connect(7004, host='::1').close()
    return stage.doctor(during=turn)


@scenario()
def a_listener_that_was_opened_again(stage):
    """A program that is restarted between the looks, with its old connections in TIME_WAIT."""
    listener = [stage.listen(7005)]

    def turn():
        client = stage.connect(7005)
        server = listener[0].accept()[0]
        server.close()              # first: TIME_WAIT is on the listener's side
        client.recv(1)
        client.close()
        listener[0].close()
        listener[0] = stage.listen(7005)
        time.sleep(0.01)
    return stage.doctor(during=turn)


@scenario()
def listeners_that_nobody_calls(stage):
    for port in range(9000, 9050):
        stage.listen(port, backlog=1)
    stage.listen(9050, host='::')
    return stage.doctor()


@scenario()
def a_dual_stack_listener_in_service(stage):
    listener = stage.keep(socket.create_server(('::', 7006), family=socket.AF_INET6, dualstack_ipv6=True))

    def turn():
        for host in ('127.0.0.1', '::1'):
            client = stage.connect(7006, host=host)
            server = listener.accept()[0]
            server.send(b'x')
            assert client.recv(1) == b'x'
            server.close()
            client.close()
    return stage.doctor(during=turn)
