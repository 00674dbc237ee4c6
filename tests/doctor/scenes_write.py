"""Small writes: what Nagle's algorithm or a cork holds back."""
import socket
import time
import loads
import programs
from stage import Skip, scenario, wait_until

TCP_DELACK_MAX_US = 46


def echo(stage, _host, port, request=200, think_s=0.0, delack_us=0):
    """Answers each request of so many bytes with as many, after a while; acknowledges it after that time at most."""
    listener = stage.listen(port, host='0.0.0.0')
    server = listener.accept()[0]
    server.setsockopt(socket.IPPROTO_TCP, loads.TCP_NODELAY, 1)
    if delack_us:
        server.setsockopt(socket.IPPROTO_TCP, TCP_DELACK_MAX_US, delack_us)
    while len(loads.read_exactly(server, request)) == request:
        if think_s:
            time.sleep(think_s)
        server.sendall(b'y' * request)


def two_writes(client):
    client.send(b'x' * 100)
    client.send(b'x' * 100)
    loads.read_exactly(client, 200)


def asking(stage, client, turn=two_writes):
    for _ in range(30):                 # until the peer delays its acknowledgements
        turn(client)
    return stage.doctor(during=lambda: turn(client), seconds='2s')


def two_writes_client(stage, host, port):
    return asking(stage, loads.connect(stage, host, port))


@scenario(expects=['nagle-delayed-ack'], anybody=True)
def requests_in_two_writes(stage):
    return stage.across('rtt=1ms,rate=1gbit', echo, two_writes_client)


@scenario(expects=['nagle-delayed-ack'])
def requests_in_two_writes_over_10_ms(stage):
    return stage.across('rtt=10ms,rate=100mbit', echo, two_writes_client)


def nodelay_client(stage, host, port):
    return asking(stage, loads.connect(stage, host, port, (socket.IPPROTO_TCP, loads.TCP_NODELAY, 1)))


@scenario(anybody=True)
def requests_in_two_writes_with_nodelay(stage):
    return stage.across('rtt=10ms,rate=100mbit', echo, nodelay_client)


def go_asks(stage, host, port, how):
    programs.go(stage, 'ask', f'{host}:{port}', how)
    wait_until(lambda: stage.show('-t', f'dport = :{port} and bytes_acked gt 10K'), 'fifty requests', 60)
    return stage.doctor(seconds='2s')


@scenario(expects=['nagle-delayed-ack'], program='go')
def go_with_nodelay_switched_off(stage):
    stage.peer('../doctor/peer')
    return stage.across('rtt=4ms,rate=100mbit', echo, (go_asks, 'nagle'))


@scenario(program='go')
def go_as_it_is(stage):
    stage.peer('../doctor/peer')
    return stage.across('rtt=4ms,rate=100mbit', echo, (go_asks, 'nodelay'))


def one_write_client(stage, host, port):
    def turn(client):
        client.send(b'x' * 200)
        loads.read_exactly(client, 200)
    return asking(stage, loads.connect(stage, host, port), turn)


@scenario()
def a_server_that_thinks_for_50_ms(stage):
    return stage.across('rtt=1ms,rate=1gbit', (echo, 200, 0.05), one_write_client)


def corked_client(stage, host, port):
    return asking(stage, loads.connect(stage, host, port, (socket.IPPROTO_TCP, loads.TCP_CORK, 1)))


def pausing_client(stage, host, port, ask, pause_s, *options):
    """Asks every so often; what is held is so for a part of the time."""
    def turn(client):
        started = time.monotonic()
        ask(client)
        time.sleep(max(0, pause_s - (time.monotonic() - started)))
    return asking(stage, loads.connect(stage, host, port, *options), turn)


def in_two_writes(stage, host, port, pause_s):
    return pausing_client(stage, host, port, two_writes, pause_s)


def in_one_write(stage, host, port, pause_s):
    def ask(client):
        client.send(b'x' * 200)
        loads.read_exactly(client, 200)
    return pausing_client(stage, host, port, ask, pause_s)


def corked(stage, host, port, pause_s):
    return pausing_client(stage, host, port, two_writes, pause_s, (socket.IPPROTO_TCP, loads.TCP_CORK, 1))


@scenario(expects=['nagle-delayed-ack'])
def requests_in_two_writes_now_and_then(stage):
    """The second is held for 40 ms of each 120."""
    return stage.across('rtt=1ms,rate=1gbit', echo, (in_two_writes, 0.12))


@scenario(expects=['nagle-delayed-ack'])
def requests_in_two_writes_of_which_few_are_seen(stage):
    """Held for 20 ms of each 60."""
    with socket.socket() as own:
        try:
            own.setsockopt(socket.IPPROTO_TCP, TCP_DELACK_MAX_US, 20000)
        except OSError as error:
            raise Skip(f'TCP_DELACK_MAX_US: {error.strerror}') from error
    return stage.across('rtt=1ms,rate=1gbit', (echo, 200, 0.0, 20000), (in_two_writes, 0.06))


@scenario()
def requests_in_one_write_now_and_then(stage):
    """To a server that thinks for as long as an acknowledgement may be delayed."""
    return stage.across('rtt=1ms,rate=1gbit', (echo, 200, 0.04), (in_one_write, 0.12))


@scenario(expects=['cork-left-on'])
def a_cork_that_stays_now_and_then(stage):
    return stage.across('rtt=5ms,rate=100mbit', echo, (corked, 0.6))


@scenario(expects=['cork-left-on'])
def a_cork_that_stays(stage):
    return stage.across('rtt=5ms,rate=100mbit', echo, corked_client)


def uncorking_client(stage, host, port):
    def turn(client):
        client.setsockopt(socket.IPPROTO_TCP, loads.TCP_CORK, 1)
        client.send(b'x' * 100)
        client.send(b'x' * 100)
        client.setsockopt(socket.IPPROTO_TCP, loads.TCP_CORK, 0)
        loads.read_exactly(client, 200)
    return asking(stage, loads.connect(stage, host, port), turn)


@scenario()
def a_cork_that_is_taken_off(stage):
    return stage.across('rtt=5ms,rate=100mbit', echo, uncorking_client)


@scenario()
def requests_in_two_writes_over_a_long_path(stage):
    """Nagle's algorithm costs a round trip here, but no delayed acknowledgement does."""
    return stage.across('rtt=100ms,rate=10mbit', echo, two_writes_client)
