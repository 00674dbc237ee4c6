"""What programs do with their connections: reading and closing."""
import contextlib
import socket
import time
from programs import haproxy, python
from stage import scenario, wait_until


@scenario(expects=['unread-data'], anybody=True)
def a_program_that_does_not_read(stage):
    listener = stage.listen(8001)
    client = stage.connect(8001)
    server = stage.keep(listener.accept()[0])
    client.sendall(b'x' * 40000)
    wait_until(lambda: stage.show('state established and sport = :8001')[0]['rqueue_bytes'] == 40000, 'the data')
    answer = stage.doctor()
    assert len(server.recv(50000)) == 40000
    return answer


@scenario()
def a_pool_whose_servers_have_said_their_last_word(stage):
    """A few bytes and a FIN wait in idle connections, until the pool would use them next."""
    listener = stage.listen(8001)
    for _ in range(5):
        stage.connect(8001)
        server = listener.accept()[0]
        server.send(b'x' * 25)
        server.close()
    wait_until(lambda: len(stage.show('state close-wait and rqueue gt 0')) == 5, 'CLOSE_WAIT')
    return stage.doctor()


@scenario(anybody=True)
def a_program_that_reads(stage):
    listener = stage.listen(8001)
    client = stage.connect(8001)
    server = stage.keep(listener.accept()[0])

    def turn():
        client.send(b'x' * 5000)
        server.recv(5000)
    return stage.doctor(during=turn)


@scenario(expects=['close-wait-leak'])
def a_program_that_forgets_to_close(stage):
    listener = stage.listen(8001)
    for _ in range(20):
        client = stage.connect(8001)
        stage.keep(listener.accept()[0])
        client.close()
    wait_until(lambda: len(stage.show('state close-wait')) == 20, 'CLOSE_WAIT')
    wait_until(lambda: len(stage.show('state close-wait and last_ack_received gt 1s')) == 20, 'silence')
    return stage.doctor('--idle', '1s')


SERVER = '''
import resource, selectors, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (%d, %d))
listeners = [socket.create_server((host, 8001), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128) for host in %r]
waiting, kept, late_s = selectors.DefaultSelector(), [], %f
for listener in listeners:
    waiting.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select(0.05):
        if key.fileobj in listeners:
            waiting.register(key.fileobj.accept()[0], selectors.EVENT_READ)
        elif key.fileobj.recv(100):
            key.fileobj.send(b"answer")
        else:
            waiting.unregister(key.fileobj)
            kept.append((time.monotonic(), key.fileobj))
    while kept and late_s and kept[0][0] + late_s < time.monotonic():
        kept.pop(0)[1].close()
'''


def few_times(function, times):
    """For stage.doctor(): what it is to do between its looks, so often."""
    left = iter(range(times))

    def turn():
        if next(left, None) is not None:
            function()
        time.sleep(0.02)
    return turn


def until_closed_for_a_while(stage):
    """For a doctor to whom twelve seconds are long a sixth of that is suspicious: some have been closed for almost as long."""
    wait_until(lambda: stage.show('state close-wait and sport = :8001 and last_ack_received gt 1900ms'), 'CLOSE_WAIT for a while')


def asked_and_closed(stage, late_s, files, hosts=('127.0.0.1',)):
    """Clients that ask, are answered and close, all the time; the server closes so late, or never."""
    python(stage, SERVER % (files, files, hosts, late_s))
    stage.listens(8001)

    def ask():
        for host in hosts:
            client = stage.connect(8001, host)
            client.send(b'question')
            assert client.recv(100)
            stage.kept.remove(client)
            client.close()
    for _ in range(20):
        ask()
    if not late_s:
        until_closed_for_a_while(stage)
    return stage.doctor('--idle', '12s', during=few_times(ask, 40))


@scenario(expects=['close-wait-growing'])
def a_server_that_closes_none(stage):
    answer = asked_and_closed(stage, 0, 1024)
    assert [f['severity'] for f in answer['findings']] == ['warning'], answer['findings']
    return answer


@scenario(expects=['close-wait-growing'])
def a_server_that_closes_none_and_has_few_files(stage):
    answer = asked_and_closed(stage, 0, 70)
    assert [f['severity'] for f in answer['findings']] == ['fault'], answer['findings']
    return answer


@scenario(expects=['close-wait-growing'])
def a_server_of_two_addresses_that_closes_none(stage):
    answer = asked_and_closed(stage, 0, 1024, ('127.0.0.1', '::1'))
    assert [check['sick'] for check in answer['checks'] if check['rule'] == 'close-wait-growing'] == [2], answer['checks']
    return answer


@scenario()
def clients_that_shut_down_their_side_and_wait_for_events(stage):
    """They have nothing to say: the server owes them each event, and has none yet."""
    listener, joined = stage.listen(8001), []

    def join():
        client = stage.connect(8001)
        joined.append((client, stage.keep(listener.accept()[0])))
        client.shutdown(socket.SHUT_WR)
        assert joined[-1][1].recv(1) == b''
    for _ in range(20):
        join()
    until_closed_for_a_while(stage)
    answer = stage.doctor('--idle', '12s', during=few_times(join, 40))
    assert len(joined) > 30, joined
    for client, server in joined:
        server.send(b'event')
        assert client.recv(5) == b'event'
    return answer


@scenario()
def a_server_that_closes_a_bit_late(stage):
    return asked_and_closed(stage, 0.3, 1024)


@scenario()
def a_server_that_closes_quite_late(stage):
    return asked_and_closed(stage, 1.5, 1024)


@scenario()
def half_closed_connections_that_wait_for_an_answer(stage):
    listener = stage.listen(8001)
    servers = []
    for _ in range(20):
        client = stage.connect(8001)
        servers.append(stage.keep(listener.accept()[0]))
        client.shutdown(socket.SHUT_WR)
        servers[-1].recv(1)
    return stage.doctor()


@scenario()
def a_program_that_closes(stage):
    listener = stage.listen(8001)

    def turn():
        client = stage.connect(8001)
        server = listener.accept()[0]
        client.close()
        server.recv(1)
        server.close()
    return stage.doctor(during=turn)


@scenario(expects=['unread-data'], program='haproxy')
def a_client_of_haproxy_that_does_not_read(stage):
    """haproxy holds the server back, and is not to blame."""
    listener = stage.listen(8001)
    haproxy(stage, 8003, 8001, frontend='mode tcp', backend='mode tcp')
    client = python(stage, 'import socket, threading\n'
                    'client = socket.create_connection(("127.0.0.1", 8003))\nclient.send(b"GET")\nthreading.Event().wait()')
    server = stage.keep(listener.accept()[0])
    server.setblocking(False)

    def is_full():
        with contextlib.suppress(BlockingIOError):
            server.send(bytes(1 << 20))
            return False
        return True
    wait_until(lambda: is_full() and stage.show('sport = :8001 and last_data_sent gt 300ms'), 'buffers that stay full')
    answer = stage.doctor('-r', 'unread-data')
    assert [f['who'] for f in answer['findings']] == [f'python3[{client.pid}]'], answer
    return answer
