"""UDP."""
import socket
import time
from programs import python
from stage import scenario


def receiver(stage, port, host='127.0.0.1', rcvbuf=None):
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    receiving, sending = stage.keep(socket.socket(family, socket.SOCK_DGRAM)), stage.keep(socket.socket(family, socket.SOCK_DGRAM))
    if rcvbuf:
        receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    receiving.bind((host, port))
    receiving.setblocking(False)
    sending.connect((host, port))
    return receiving, sending


def drain(receiving):
    try:
        while True:
            receiving.recv(2000)
    except BlockingIOError:
        pass


def bursts(receiving, sending, count):
    """Bursts of datagrams, read only after each of them."""
    def turn():
        for _ in range(count):
            sending.send(b'x' * 1000)
        drain(receiving)
        time.sleep(0.002)
    return turn


@scenario(expects=['udp-receive-drops'], anybody=True)
def bursts_that_find_no_room(stage):
    receiving, sending = receiver(stage, 5001, rcvbuf=20000)
    answer = stage.doctor(during=bursts(receiving, sending, 100))
    assert answer['findings'][0]['fix']['spec'].startswith('rcvbuf='), answer
    return answer


@scenario(anybody=True)
def bursts_that_find_room(stage):
    return stage.doctor(during=bursts(*receiver(stage, 5001), 30))


@scenario(expects=['udp-receive-drops'])
def bursts_over_ipv6_that_find_no_room(stage):
    receiving, sending = receiver(stage, 5001, host='::1', rcvbuf=20000)
    return stage.doctor(during=bursts(receiving, sending, 100))


@scenario(expects=['udp-receive-drops'])
def a_program_that_reads_too_slowly(stage):
    receiving, sending = receiver(stage, 5001)
    left = [20000]

    def turn():
        for _ in range(min(200, left[0])):
            sending.send(b'x' * 1000)
        left[0] -= min(200, left[0])
        if left[0] > 0:
            receiving.recv(2000)
        time.sleep(0.001)
    for _ in range(3):
        turn()
    answer = stage.doctor(during=turn)
    assert answer['findings'][0]['fix']['spec'] is None, answer
    return answer


@scenario()
def questions_and_answers(stage):
    """As of a name server."""
    server = python(stage, 'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(("127.0.0.1", 5002))\n'
                    'print("ready", flush=True)\nwhile True:\n    data, peer = s.recvfrom(2000)\n    s.sendto(data, peer)',
                    stdout=-1, text=True)
    assert server.stdout.readline() == 'ready\n'
    client = stage.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    client.settimeout(10)

    def turn():
        client.sendto(b'?', ('127.0.0.1', 5002))
        assert client.recv(10) == b'?'
    return stage.doctor(during=turn)


@scenario()
def datagrams_that_a_filter_drops(stage):
    """sk_drops counts them, and nothing is wrong."""
    receiving, sending = receiver(stage, 5001)
    nothing = bytes([0x06, 0, 0, 0, 0, 0, 0, 0])        # BPF_RET 0: what it returns is kept
    import ctypes
    code = ctypes.create_string_buffer(nothing)
    program = (1).to_bytes(2, 'little') + b'\0' * 6 + ctypes.addressof(code).to_bytes(8, 'little')
    receiving.setsockopt(socket.SOL_SOCKET, 26, program)        # SO_ATTACH_FILTER
    stage.keep(code)
    return stage.doctor(during=bursts(receiving, sending, 10))


@scenario()
def datagrams_to_nobody(stage):
    sending = stage.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    def turn():
        sending.sendto(b'x', ('127.0.0.1', 5009))
    return stage.doctor(during=turn)
