"""Receive buffers that are too small for what comes."""
import socket
from programs import go, go_server
from stage import scenario


def flows(stage, shrink):
    """Clients that fill the window which they were given, while the program makes its buffers smaller, or does not."""
    listener, left = stage.listen(8001), [200]

    def turn():
        if not left[0]:
            return
        left[0] -= 1
        client = stage.connect(8001)
        server = stage.keep(listener.accept()[0])
        if shrink:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        client.setblocking(False)
        client.send(b'x' * 60000)
        if not shrink:
            assert server.recv(100000)
    return turn


@scenario(expects=['receive-prunes'], may=['unread-data'])
def buffers_made_smaller_than_the_window_that_was_announced(stage):
    return stage.doctor(during=flows(stage, shrink=True))


@scenario()
def buffers_left_as_they_were(stage):
    return stage.doctor(during=flows(stage, shrink=False))


@scenario(program='go')
def go_server_and_client(stage):
    go_server(stage, 7002)
    go(stage, 'load', 'http://127.0.0.1:7002/', '40')
    return stage.doctor()


@scenario(program='go')
def go_client_that_closes_each_time(stage):
    go_server(stage, 7002)
    go(stage, 'churn', 'http://127.0.0.1:7002/', '20')
    return stage.doctor()
