"""Proxies: what they keep open to the servers behind them is told in other words than what their clients have open."""
import http.client
import threading
import programs
import words
from stage import scenario, wait_until


def back(stage, _host, port):
    """An HTTP server that keeps its connection, and says nothing more."""
    server = stage.listen(port, host='0.0.0.0').accept()[0]
    server.recv(4096)
    server.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    threading.Event().wait()


def asked_through(stage, port, proxy):
    """One request through the proxy; the connection behind it is judged once it is idle."""
    client = stage.keep(http.client.HTTPConnection('127.0.0.1', proxy, timeout=20))
    client.request('GET', '/')
    assert client.getresponse().read() == b'ok'
    wait_until(lambda: stage.show('-t', f'state established and dport = :{port} and last_data_received gt 600ms'), 'an idle connection')
    return stage.doctor('--idle', '500ms')


def nginx(stage, host, port, directives):
    stage.sysctl('net.ipv4.tcp_keepalive_time', 60)
    programs.nginx(stage, ['127.0.0.1:7610'], server='proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; '
                   + directives, http=f'upstream back {{ server {host}:{port}; keepalive 4; }}')
    return asked_through(stage, port, 7610)


@scenario(expects=['keepalive-off'], program='nginx')
def nginx_whose_server_is_silent(stage):
    stage.peer('nginx')
    answer = stage.across('rtt=10ms', back, (nginx, ''))
    return words.taken(stage, words.nginx_takes, answer, 'keepalive-off', 'proxy_socket_keepalive on;')


@scenario(program='nginx')
def nginx_that_watches_its_server(stage):
    stage.peer('nginx')
    return stage.across('rtt=10ms', back, (nginx, 'proxy_socket_keepalive on;'))


def haproxy(stage, host, port, *lines):
    programs.haproxy(stage, 7611, port, backend='\n    '.join(lines), server=host)
    return asked_through(stage, port, 7611)


@scenario(expects=['keepalive-off'], program='haproxy')
def haproxy_whose_server_is_silent(stage):
    stage.peer('haproxy')
    answer = stage.across('rtt=10ms', back, haproxy)
    return words.taken(stage, words.haproxy_takes, answer, 'keepalive-off', 'option srvtcpka, srvtcpka-idle 60s')


@scenario(program='haproxy')
def haproxy_that_watches_its_server(stage):
    stage.peer('haproxy')
    return stage.across('rtt=10ms', back, (haproxy, 'option srvtcpka', 'srvtcpka-idle 60s', 'srvtcpka-intvl 15s', 'srvtcpka-cnt 4'))
