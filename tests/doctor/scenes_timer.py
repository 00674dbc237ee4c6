"""Keepalive and user-timeout: peers that vanish, and connections that are silent for long."""
import socket
import subprocess
import loads
import programs
import words
from stage import Skip, scenario, wait_until

KEEPALIVE = loads.socket_option(socket.SO_KEEPALIVE, 1)
USER_TIMEOUT = 18


def keepalive(idle, interval, count):
    return [KEEPALIVE, (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle), (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)]


def watched(times, user_timeout_ms):
    """As options: keepalive's idle, interval and count, () for what is usual, None for none at all."""
    options = [] if times is None else keepalive(*times) if times else [KEEPALIVE]
    return options + ([(socket.IPPROTO_TCP, USER_TIMEOUT, user_timeout_ms)] if user_timeout_ms else [])


def idle(stage, host, port, times=None, user_timeout_ms=0):
    client = loads.connect(stage, host, port, *watched(times, user_timeout_ms))
    client.send(b'hello')
    wait_until(lambda: loads.acked_bytes(client) >= 5, 'an acknowledgement')
    wait_until(lambda: stage.show('-t', f'dport = :{port} and last_data_sent gt 600ms'), 'an idle time')
    return stage.doctor('--idle', '500ms')


@scenario(expects=['keepalive-off'], anybody=True)
def long_idle_without_keepalive(stage):
    return stage.across('rtt=10ms', loads.sink, idle)


@scenario(anybody=True)
def long_idle_with_keepalive(stage):
    return stage.across('rtt=10ms', loads.sink, (idle, (60, 15, 4), 115000))


@scenario(expects=['keepalive-slower-than-nat'])
def keepalive_after_two_hours(stage):
    return stage.across('rtt=10ms', loads.sink, (idle, ()))


@scenario(expects=['user-timeout-defeats-probes'])
def a_user_timeout_shorter_than_the_first_probe(stage):
    return stage.across('rtt=10ms', loads.sink, (idle, (60, 15, 4), 20000))


@scenario()
def idle_over_loopback(stage):
    listener = stage.listen(7301)
    stage.connect(7301)
    stage.keep(listener.accept()[0])
    wait_until(lambda: stage.show('-t', 'dport = :7301 and last_data_sent gt 600ms'), 'an idle time')
    return stage.doctor('--idle', '500ms')


@scenario()
def idle_between_two_addresses_of_this_host(stage):
    for address in ('192.0.2.1', '192.0.2.2'):
        subprocess.run(['ip', 'address', 'add', f'{address}/32', 'dev', 'lo'], check=True)
    listener = stage.listen(7302, host='192.0.2.1')
    stage.keep(socket.create_connection(('192.0.2.1', 7302), timeout=10, source_address=('192.0.2.2', 0)))
    stage.keep(listener.accept()[0])
    wait_until(lambda: stage.show('-t', 'dport = :7302 and last_data_sent gt 600ms'), 'an idle time')
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


def abandoned(stage, host, port, times, user_timeout_ms=0, idle_time='1s'):
    client = loads.connect(stage, host, port, *watched(times, user_timeout_ms))
    client.send(b'x')
    wait_until(lambda: loads.acked_bytes(client) >= 1, 'an acknowledgement')

    def unanswered():
        client.send(b'y')
        return stage.show('-t', f'dport = :{port} and retransmits ge 3')
    wait_until(unanswered, 'retransmissions without an answer', 60)
    return stage.doctor('--idle', idle_time)


@scenario(expects=['no-user-timeout'])
def a_peer_that_vanished_with_data_in_flight(stage):
    return stage.across('rtt=10ms', vanishing, (abandoned, (30, 10, 3)))


@scenario()
def a_peer_that_vanished_a_moment_ago(stage):
    """The program may have a timeout of its own."""
    return stage.across('rtt=10ms', vanishing, (abandoned, (30, 10, 3), 0, '10m'))


@scenario()
def a_peer_that_vanished_and_user_timeout(stage):
    return stage.across('rtt=10ms', vanishing, (abandoned, (30, 10, 3), 55000))


# Real servers, and a client that says nothing

def quiet(stage, host, port):
    """Connects, says nothing, and waits until the server's end has judged."""
    loads.connect(stage, host, port)
    wait_until(stage.is_answered, 'an answer of the server', 60)


def judge_server(stage, port):
    wait_until(lambda: stage.show('-t', f'state established and sport = :{port} and last_data_received gt 600ms'), 'an idle client')
    return stage.doctor('--idle', '500ms')


def redis(stage, _host, port, *arguments):
    programs.redis(stage, port, '--bind', '0.0.0.0', '--protected-mode', 'no', *arguments)
    return judge_server(stage, port)


@scenario(expects=['keepalive-off'], program='redis')
def redis_without_keepalive(stage):
    stage.peer('redis-server')
    answer = stage.across('rtt=10ms', (redis, '--tcp-keepalive', '0'), quiet)
    assert words.words_of(answer, 'keepalive-off').startswith('tcp-keepalive 60 '), answer
    words.redis_takes(stage, words.words_of(answer, 'keepalive-off'), 7311)
    return answer


@scenario(program='redis')
def redis_with_keepalive(stage):
    stage.peer('redis-server')
    return stage.across('rtt=10ms', (redis, '--tcp-keepalive', '60'), quiet)




def haproxy(stage, _host, port, *lines):
    """Its clients' connections; the server behind it is never asked."""
    programs.haproxy(stage, port, 1, defaults='\n    '.join(lines), address='0.0.0.0')
    return judge_server(stage, port)


@scenario(expects=['keepalive-off'], program='haproxy')
def haproxy_without_tcpka(stage):
    stage.peer('haproxy')
    answer = stage.across('rtt=10ms', haproxy, quiet)
    return words.taken(stage, words.haproxy_takes, answer, 'keepalive-off', 'option clitcpka, clitcpka-idle 60s')


@scenario(program='haproxy')
def haproxy_with_tcpka(stage):
    stage.peer('haproxy')
    return stage.across('rtt=10ms', (haproxy, 'option clitcpka', 'clitcpka-idle 60s', 'clitcpka-intvl 15s', 'clitcpka-cnt 4'), quiet)


def nginx(stage, _host, port, listen):
    programs.nginx(stage, [f'0.0.0.0:{port} {listen}'])
    return judge_server(stage, port)


@scenario(expects=['keepalive-slower-than-nat'], program='nginx')
def nginx_with_the_usual_keepalive(stage):
    stage.peer('nginx')
    answer = stage.across('rtt=10ms', (nginx, 'so_keepalive=on'), quiet)
    assert words.words_of(answer, 'keepalive-slower-than-nat') == 'listen ADDRESS so_keepalive=200s:20s:5;', answer
    words.nginx_takes(stage, words.words_of(answer, 'keepalive-slower-than-nat'))
    return answer


@scenario(program='nginx')
def nginx_with_keepalive_of_a_minute(stage):
    stage.peer('nginx')
    return stage.across('rtt=10ms', (nginx, 'so_keepalive=60s:15s:4'), quiet)


def go_idle(stage, _host, port):
    programs.go(stage, 'serve', f'0.0.0.0:{port}')
    stage.listens(port)
    return judge_server(stage, port)


@scenario(program='go')
def go_keeps_connections_alive_by_itself(stage):
    stage.peer('../doctor/peer')
    return stage.across('rtt=10ms', go_idle, quiet)
