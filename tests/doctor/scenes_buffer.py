"""Buffers: fixed too small, or left to autotuning."""
import http.client
import os
import loads
import programs
from stage import scenario


def small_sndbuf_client(stage, host, port):
    loads.bulk(stage, host, port, loads.socket_option(loads.SNDBUF, 32768), enough=300000)
    return stage.doctor(seconds='2s')


@scenario(expects=['send-buffer-limit'])
def a_small_fixed_send_buffer(stage):
    return stage.across('rtt=200ms,rate=50mbit', loads.sink, small_sndbuf_client)


def autotuned_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('cubic'), enough=8 << 20)
    return stage.doctor(seconds='3s')


@scenario()
def autotuned_bulk(stage):
    return stage.across('rtt=50ms,rate=100mbit', loads.sink, autotuned_client)


@scenario()
def autotuned_bulk_over_a_slow_path(stage):
    return stage.across('rtt=100ms,rate=8mbit', loads.sink, slow_path_client)


def slow_path_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('cubic'), enough=1 << 20)
    return stage.doctor(seconds='2s')


def small_wmem_client(stage, host, port):
    stage.sysctl('net.ipv4.tcp_wmem', '4096 16384 65536')
    loads.bulk(stage, host, port, enough=300000)
    answer = stage.doctor(seconds='2s')
    assert 'net.ipv4.tcp_wmem=4096 16384 262144' in answer['findings'][0]['fix']['sysctl'], answer
    return answer


@scenario(expects=['send-buffer-limit'])
def a_small_maximum_of_tcp_wmem(stage):
    return stage.across('rtt=200ms,rate=50mbit', loads.sink, small_wmem_client)


def ample_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('cubic'), loads.socket_option(loads.SNDBUF, 200000), enough=2 << 20)
    return stage.doctor(seconds='2s')


@scenario()
def a_fixed_send_buffer_that_is_ample(stage):
    return stage.across('rtt=20ms,rate=10mbit', loads.sink, ample_client)


def nginx_serve(stage, port, listen):
    """A large file that takes no space; judged while it is sent."""
    with open(os.path.join(stage.directory, 'file'), 'wb') as file:
        file.truncate(1 << 30)
    programs.nginx(stage, [f'0.0.0.0:{port} {listen}'], server=f'root {stage.directory};', http='sendfile on;')
    stage.until_sent(port, 1 << 20)
    return stage.doctor(seconds='2s')


def nginx_small(stage, _host, port):
    return nginx_serve(stage, port, 'sndbuf=16k')


def nginx_plain(stage, _host, port):
    return nginx_serve(stage, port, '')


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
    answer = stage.across('rtt=200ms,rate=50mbit', nginx_small, download)
    assert any('sndbuf' in (finding['fix']['config'] or '') for finding in answer['findings']), answer
    return answer


@scenario(program='nginx')
def nginx_with_an_autotuned_buffer(stage):
    stage.peer('nginx')
    return stage.across('rtt=40ms,rate=50mbit', nginx_plain, download)


def receive(stage, port, size, *options, after=()):
    """A server that judges itself while it reads."""
    listener = stage.listen(port, host='0.0.0.0', options=options)
    server = stage.keep(listener.accept()[0])
    for level, number, value in after:
        server.setsockopt(level, number, value)
    loads.background(loads.drain, server)
    loads.wait_until(lambda: loads.received_bytes(server) > size, f'{size} bytes')
    return stage.doctor(seconds='2s')


def pour_until_answered(stage, host, port):
    loads.background(loads.pour, loads.connect(stage, host, port, loads.congestion('cubic')))
    loads.wait_until(stage.is_answered, 'an answer of the receiver', 60)


def small_receiver(stage, _host, port):
    return receive(stage, port, 300000, loads.socket_option(loads.RCVBUF, 32768))


@scenario(expects=['receive-buffer-below-bdp'])
def a_small_fixed_receive_buffer(stage):
    return stage.across('rtt=200ms,rate=50mbit', small_receiver, pour_until_answered)


def ample_receiver(stage, _host, port):
    return receive(stage, port, 2 << 20, loads.socket_option(loads.RCVBUF, 200000))


@scenario()
def a_fixed_receive_buffer_that_is_ample(stage):
    return stage.across('rtt=20ms,rate=10mbit', ample_receiver, pour_until_answered)


def autotuned_receiver(stage, _host, port):
    return receive(stage, port, 4 << 20)


@scenario()
def an_autotuned_receive_buffer(stage):
    return stage.across('rtt=40ms,rate=50mbit', autotuned_receiver, pour_until_answered)


def late_receiver(stage, _host, port):
    return receive(stage, port, 300000, loads.socket_option(loads.RCVBUF, 20000),
                   after=[loads.socket_option(loads.RCVBUF, 200000)])


@scenario(expects=['window-scale-frozen'], may=['receive-buffer-below-bdp'])
def a_receive_buffer_raised_after_the_handshake(stage):
    return stage.across('rtt=200ms,rate=50mbit', late_receiver, pour_until_answered)


def early_receiver(stage, _host, port):
    return receive(stage, port, 1 << 20, loads.socket_option(loads.RCVBUF, 200000))


@scenario()
def a_receive_buffer_raised_before_listen(stage):
    return stage.across('rtt=10ms,rate=20mbit', early_receiver, pour_until_answered)
