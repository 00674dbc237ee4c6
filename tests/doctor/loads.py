"""What goes over the connections of a scenario: bulk, requests and replies."""
import socket
import struct
import threading
from stage import wait_until

IPPROTO_TCP, TCP_NODELAY, TCP_CORK, TCP_CONGESTION = socket.IPPROTO_TCP, 1, 3, 13
SNDBUF, RCVBUF = socket.SO_SNDBUF, socket.SO_RCVBUF


def socket_option(number, value):
    return (socket.SOL_SOCKET, number, value)


def congestion(name):
    return (IPPROTO_TCP, TCP_CONGESTION, name.encode())


def connect(stage, host, port, *options):
    """With options: (level, number, value), set before connect()."""
    client = stage.keep(socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET))
    for level, number, value in options:
        client.setsockopt(level, number, value)
    client.settimeout(20)
    client.connect((host, port))
    client.settimeout(None)
    return client


def acked_bytes(sock):
    """tcpi_bytes_acked."""
    return struct.unpack_from('=Q', sock.getsockopt(IPPROTO_TCP, socket.TCP_INFO, 256), 120)[0]


def received_bytes(sock):
    """tcpi_bytes_received."""
    return struct.unpack_from('=Q', sock.getsockopt(IPPROTO_TCP, socket.TCP_INFO, 256), 128)[0]


def background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def pour(sock):
    """Sends until the other end is gone."""
    data = b'x' * 65536
    try:
        while True:
            sock.send(data)
    except OSError:
        pass


def drain(sock):
    """Reads until the other end has closed; returns how much came."""
    total = 0
    while data := sock.recv(1 << 20):
        total += len(data)
    return total


def bulk(stage, host, port, *options, enough=1 << 20):
    """A connection that sends all the time; returned once `enough` has arrived, so that the start is over."""
    client = connect(stage, host, port, *options)
    background(pour, client)
    wait_until(lambda: acked_bytes(client) >= enough, f'{enough} bytes to arrive', 60)
    return client


def judged_bulk(stage, host, port, congestion_control, enough, seconds, sndbuf_bytes=0):
    """The same, with what the doctor says of it."""
    options = [socket_option(SNDBUF, sndbuf_bytes)] if sndbuf_bytes else []
    bulk(stage, host, port, congestion(congestion_control), *options, enough=enough)
    return stage.doctor(seconds=seconds)


def sink(stage, _host, port):
    """A server that reads what comes."""
    listener = stage.listen(port, host='0.0.0.0')
    while True:
        background(drain, stage.keep(listener.accept()[0]))


def read_exactly(sock, size):
    data = b''
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            return data
        data += piece
    return data
