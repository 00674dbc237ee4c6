"""Buffers: fixed too small, or left to autotuning."""
import http.client
import os
import socket
import loads
import programs
from stage import scenario


@scenario(expects=['send-buffer-limit'])
def a_small_fixed_send_buffer(stage):
    return stage.across('rtt=200ms,rate=50mbit', loads.sink, (loads.judged_bulk, 'bbr', 300000, '2s', 32768))


@scenario()
def autotuned_bulk(stage):
    return stage.across('rtt=50ms,rate=100mbit', loads.sink, (loads.judged_bulk, 'cubic', 8 << 20, '3s'))


@scenario()
def autotuned_bulk_over_a_slow_path(stage):
    return stage.across('rtt=100ms,rate=8mbit', loads.sink, (loads.judged_bulk, 'cubic', 1 << 20, '2s'))


def small_wmem_client(stage, host, port):
    stage.sysctl('net.ipv4.tcp_wmem', '4096 16384 65536')
    loads.bulk(stage, host, port, enough=300000)
    answer = stage.doctor(seconds='2s')
    assert 'net.ipv4.tcp_wmem=4096 16384 262144' in answer['findings'][0]['fix']['sysctl'], answer
    return answer


@scenario(expects=['send-buffer-limit'])
def a_small_maximum_of_tcp_wmem(stage):
    return stage.across('rtt=200ms,rate=50mbit', loads.sink, small_wmem_client)


@scenario()
def a_fixed_send_buffer_that_is_ample(stage):
    return stage.across('rtt=20ms,rate=10mbit', loads.sink, (loads.judged_bulk, 'cubic', 2 << 20, '2s', 200000))


def nginx_serve(stage, _host, port, listen):
    """A large file that takes no space; judged while it is sent."""
    with open(os.path.join(stage.directory, 'file'), 'wb') as file:
        file.truncate(1 << 30)
    programs.nginx(stage, [f'0.0.0.0:{port} {listen}'], server=f'root {stage.directory};', http='sendfile on;')
    stage.until_sent(port, 1 << 20)
    return stage.doctor(seconds='2s')


def download(stage, host, port):
    """Until the server's end has an answer."""
    connection = http.client.HTTPConnection(host, port)
    connection.request('GET', '/file')
    response = connection.getresponse()
    while not stage.is_answered() and response.read(65536):
        pass


@scenario(expects=['send-buffer-limit'], program='nginx')
def nginx_with_a_small_sndbuf(stage):
    stage.peer('nginx')
    answer = stage.across('rtt=200ms,rate=50mbit', (nginx_serve, 'sndbuf=16k'), download)
    assert any('sndbuf' in (finding['fix']['config'] or '') for finding in answer['findings']), answer
    return answer


@scenario(program='nginx')
def nginx_with_an_autotuned_buffer(stage):
    stage.peer('nginx')
    return stage.across('rtt=40ms,rate=50mbit', (nginx_serve, ''), download)


def receive(stage, _host, port, enough, rcvbuf_bytes=0, later_bytes=0):
    """A server that judges itself while it reads. rcvbuf_bytes: of the listener, later_bytes: of the connection."""
    listener = stage.listen(port, host='0.0.0.0', options=[loads.socket_option(loads.RCVBUF, rcvbuf_bytes)] if rcvbuf_bytes else [])
    server = stage.keep(listener.accept()[0])
    if later_bytes:
        server.setsockopt(socket.SOL_SOCKET, loads.RCVBUF, later_bytes)
    loads.background(loads.drain, server)
    loads.wait_until(lambda: loads.received_bytes(server) > enough, f'{enough} bytes')
    return stage.doctor(seconds='2s')


def pour_until_answered(stage, host, port):
    loads.background(loads.pour, loads.connect(stage, host, port, loads.congestion('cubic')))
    loads.wait_until(stage.is_answered, 'an answer of the receiver', 60)


@scenario(expects=['receive-buffer-below-bdp'])
def a_small_fixed_receive_buffer(stage):
    return stage.across('rtt=200ms,rate=50mbit', (receive, 300000, 32768), pour_until_answered)


@scenario()
def a_fixed_receive_buffer_that_is_ample(stage):
    return stage.across('rtt=20ms,rate=10mbit', (receive, 2 << 20, 200000), pour_until_answered)


@scenario()
def an_autotuned_receive_buffer(stage):
    return stage.across('rtt=40ms,rate=50mbit', (receive, 4 << 20), pour_until_answered)


@scenario(expects=['window-scale-frozen'], may=['receive-buffer-below-bdp'])
def a_receive_buffer_raised_after_the_handshake(stage):
    return stage.across('rtt=200ms,rate=50mbit', (receive, 300000, 20000, 200000), pour_until_answered)


@scenario()
def a_receive_buffer_raised_before_listen(stage):
    return stage.across('rtt=10ms,rate=20mbit', (receive, 1 << 20, 200000), pour_until_answered)
