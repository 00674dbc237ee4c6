"""Keepalive and user-timeout: peers that vanish, and connections that are silent for long."""
import socket
import subprocess
import loads
import programs
from stage import Skip, scenario, wait_until

KEEPALIVE = loads.socket_option(socket.SO_KEEPALIVE, 1)
USER_TIMEOUT = 18


def keepalive(idle, interval, count):
    return [KEEPALIVE, (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle), (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)]


def user_timeout(milliseconds):
    return (socket.IPPROTO_TCP, USER_TIMEOUT, milliseconds)


def idle(stage, host, port, *options):
    client = loads.connect(stage, host, port, *options)
    client.send(b'hello')
    wait_until(lambda: loads.acked_bytes(client) >= 5, 'an acknowledgement')
    wait_until(lambda: stage.show('-t', f'dport = :{port} and last_data_sent gt 600ms'), 'an idle time')
    return stage.doctor('--idle', '500ms')


def idle_plain(stage, host, port):
    return idle(stage, host, port)


@scenario(expects=['keepalive-off'])
def long_idle_without_keepalive(stage):
    return stage.across('rtt=10ms', loads.sink, idle_plain)


def idle_watched(stage, host, port):
    return idle(stage, host, port, *keepalive(60, 15, 4), user_timeout(115000))


@scenario()
def long_idle_with_keepalive(stage):
    return stage.across('rtt=10ms', loads.sink, idle_watched)


def idle_two_hours(stage, host, port):
    return idle(stage, host, port, KEEPALIVE)


@scenario(expects=['keepalive-slower-than-nat'])
def keepalive_after_two_hours(stage):
    return stage.across('rtt=10ms', loads.sink, idle_two_hours)


def idle_defeated(stage, host, port):
    return idle(stage, host, port, *keepalive(60, 15, 4), user_timeout(20000))


@scenario(expects=['user-timeout-defeats-probes'])
def a_user_timeout_shorter_than_the_first_probe(stage):
    return stage.across('rtt=10ms', loads.sink, idle_defeated)


@scenario()
def idle_over_loopback(stage):
    listener = stage.listen(7301)
    stage.connect(7301)
    stage.keep(listener.accept()[0])
    wait_until(lambda: stage.show('-t', 'dport = :7301 and last_data_sent gt 600ms'), 'an idle time')
    return stage.doctor('--idle', '500ms')


def vanishing(stage, _host, port):
    """Takes its host off the network once the first byte has come."""
    server = stage.listen(port, host='0.0.0.0').accept()[0]
    server.recv(1)
    links = subprocess.run(['ip', '-o', 'link'], check=True, capture_output=True, text=True).stdout
    for line in links.splitlines():
        done = subprocess.run(['ip', 'link', 'set', line.split(':')[1].strip().split('@')[0], 'down'], check=False,
                              capture_output=True, text=True)
        if done.returncode:
            raise Skip(f'the link cannot be taken down: {done.stderr.strip()}')
    server.recv(1)


def abandoned(stage, host, port, *options):
    client = loads.connect(stage, host, port, *options)
    client.send(b'x')
    wait_until(lambda: loads.acked_bytes(client) >= 1, 'an acknowledgement')

    def unanswered():
        client.send(b'y')
        return stage.show('-t', f'dport = :{port} and retransmits ge 3')
    wait_until(unanswered, 'retransmissions without an answer', 60)
    return stage.doctor()


def abandoned_keepalive(stage, host, port):
    return abandoned(stage, host, port, *keepalive(30, 10, 3))


@scenario(expects=['no-user-timeout'])
def a_peer_that_vanished_with_data_in_flight(stage):
    return stage.across('rtt=10ms', vanishing, abandoned_keepalive)


def abandoned_user_timeout(stage, host, port):
    return abandoned(stage, host, port, *keepalive(30, 10, 3), user_timeout(55000))


@scenario()
def a_peer_that_vanished_and_user_timeout(stage):
    return stage.across('rtt=10ms', vanishing, abandoned_user_timeout)


# Real servers, and a client that says nothing

def quiet(stage, host, port):
    """Connects, says nothing, and waits until the server's end has judged."""
    loads.connect(stage, host, port)
    wait_until(stage.is_answered, 'an answer of the server', 60)


def judge_server(stage, port):
    wait_until(lambda: stage.show('-t', f'state established and sport = :{port} and last_data_received gt 600ms'), 'an idle client')
    return stage.doctor('--idle', '500ms')


def redis(stage, port, *arguments):
    programs.redis(stage, port, '--bind', '0.0.0.0', '--protected-mode', 'no', *arguments)
    return judge_server(stage, port)


def redis_off(stage, _host, port):
    return redis(stage, port, '--tcp-keepalive', '0')


@scenario(expects=['keepalive-off'], program='redis')
def redis_without_keepalive(stage):
    stage.peer('redis-server')
    answer = stage.across('rtt=10ms', redis_off, quiet)
    assert any('tcp-keepalive' in (finding['fix']['config'] or '') for finding in answer['findings']), answer
    return answer


def redis_on(stage, _host, port):
    return redis(stage, port, '--tcp-keepalive', '60')


@scenario(program='redis')
def redis_with_keepalive(stage):
    stage.peer('redis-server')
    return stage.across('rtt=10ms', redis_on, quiet)




def haproxy(stage, port, *lines):
    """Its clients' connections; the server behind it is never asked."""
    programs.haproxy(stage, port, 1, defaults='\n    '.join(lines), address='0.0.0.0')
    return judge_server(stage, port)


def haproxy_off(stage, _host, port):
    return haproxy(stage, port)


@scenario(expects=['keepalive-off'], program='haproxy')
def haproxy_without_tcpka(stage):
    stage.peer('haproxy')
    answer = stage.across('rtt=10ms', haproxy_off, quiet)
    assert any('tcpka' in (finding['fix']['config'] or '') for finding in answer['findings']), answer
    return answer


def haproxy_on(stage, _host, port):
    return haproxy(stage, port, 'option clitcpka', 'clitcpka-idle 60s', 'clitcpka-intvl 15s', 'clitcpka-cnt 4')


@scenario(program='haproxy')
def haproxy_with_tcpka(stage):
    stage.peer('haproxy')
    return stage.across('rtt=10ms', haproxy_on, quiet)


def nginx_two_hours(stage, _host, port):
    programs.nginx(stage, [f'0.0.0.0:{port} so_keepalive=on'])
    return judge_server(stage, port)


@scenario(expects=['keepalive-slower-than-nat'], program='nginx')
def nginx_with_the_usual_keepalive(stage):
    stage.peer('nginx')
    return stage.across('rtt=10ms', nginx_two_hours, quiet)


def nginx_watched(stage, _host, port):
    programs.nginx(stage, [f'0.0.0.0:{port} so_keepalive=60s:15s:4'])
    return judge_server(stage, port)


@scenario(program='nginx')
def nginx_with_keepalive_of_a_minute(stage):
    stage.peer('nginx')
    return stage.across('rtt=10ms', nginx_watched, quiet)


def go_idle(stage, _host, port):
    programs.go(stage, 'serve', f'0.0.0.0:{port}')
    stage.listens(port)
    return judge_server(stage, port)


@scenario(program='go')
def go_keeps_connections_alive_by_itself(stage):
    stage.peer('../doctor/peer')
    return stage.across('rtt=10ms', go_idle, quiet)
