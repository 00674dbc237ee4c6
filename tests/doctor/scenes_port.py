"""Ports of outgoing connections."""
import socket
from programs import go, go_server, nginx, redis
from stage import scenario, wait_until

BIND_ADDRESS_NO_PORT = 24
PORTS = '40000 40199'


def connections(stage, port, count, **how):
    return [stage.connect(port, **how) for _ in range(count)]


def bound(stage, port, count, address='127.0.0.1', late=False):
    """Clients that bind() to an address before connect()."""
    for _ in range(count):
        client = stage.keep(socket.socket())
        if late:
            client.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        client.bind((address, 0))
        client.connect(('127.0.0.1', port))


def finding(answer, rule):
    return next(f for f in answer['findings'] if f['rule'] == rule)


@scenario(expects=['ports-running-out'], program='redis')
def clients_of_one_redis_with_few_ports(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    redis(stage, 7001)
    connections(stage, 7001, 170)
    answer = stage.doctor()
    assert finding(answer, 'ports-running-out')['fix']['sysctl'] == 'net.ipv4.ip_local_port_range=1024 65535', answer
    return answer


@scenario(expects=['ports-running-out'], program='redis')
def ports_that_are_reserved(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    stage.sysctl('net.ipv4.ip_local_reserved_ports', '40000-40099')
    redis(stage, 7001)
    connections(stage, 7001, 99)
    answer = stage.doctor()
    assert finding(answer, 'ports-running-out')['severity'] == 'fault', answer
    assert ' 100 ' in finding(answer, 'ports-running-out')['evidence'], answer
    return answer


@scenario(program='redis')
def clients_of_one_redis_with_ports_enough(stage):
    redis(stage, 7001)
    connections(stage, 7001, 300)
    return stage.doctor()


def time_waits(stage, count):
    """As many connections that the client has closed first."""
    listener = stage.listen(7005)
    for _ in range(count):
        client = stage.connect(7005)
        server = listener.accept()[0]
        client.close()
        server.close()


@scenario(expects=['ports-running-out'])
def a_crowd_in_time_wait_that_is_not_used_again(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    stage.sysctl('net.ipv4.tcp_tw_reuse', 0)
    time_waits(stage, 180)
    answer = stage.doctor()
    assert finding(answer, 'ports-running-out')['fix']['sysctl'] == 'net.ipv4.tcp_tw_reuse=1', answer
    return answer


@scenario()
def a_crowd_in_time_wait_that_is_used_again(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    stage.sysctl('net.ipv4.tcp_tw_reuse', 2)
    time_waits(stage, 180)
    return stage.doctor()


@scenario()
def a_crowd_in_time_wait_far_from_the_limit(stage):
    stage.sysctl('net.ipv4.tcp_tw_reuse', 0)
    time_waits(stage, 3000)
    return stage.doctor()


@scenario(expects=['bound-ports-running-out'], program='redis')
def clients_that_bind_first(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7001, 7002):
        redis(stage, port)
        bound(stage, port, 85)
    answer = stage.doctor()
    assert finding(answer, 'bound-ports-running-out')['fix']['spec'] == 'bind-address-no-port', answer
    return answer


@scenario(program='redis')
def clients_that_bind_without_a_port(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7001, 7002):
        redis(stage, port)
        bound(stage, port, 85, late=True)
    return stage.doctor()


@scenario(program='redis')
def clients_that_share_ports_between_destinations(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7001, 7002, 7003):
        redis(stage, port)
        connections(stage, port, 100)
    return stage.doctor()


@scenario(program='redis')
def clients_that_bind_to_several_addresses(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7001, 7002):
        redis(stage, port, '--protected-mode', 'no')
        for last in (2, 3, 4):
            bound(stage, port, 60, address=f'127.0.0.{last}')
    return stage.doctor()


@scenario(expects=['bound-ports-running-out'], program='go')
def a_go_client_with_a_local_address(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7002, 7003):
        go_server(stage, port)
    client = go(stage, 'bound', '85', '127.0.0.1:7002', '127.0.0.1:7003', stdout=-1, text=True)
    assert client.stdout.readline() == 'open\n'
    return stage.doctor()


def proxied(stage, bind):
    """nginx before two Go servers, with as many connections to them kept as there are workers asking."""
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    for port in (7002, 7003):
        go_server(stage, port)
    nginx(stage, ['127.0.0.1:7080'], server=f'proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; {bind}',
          http='upstream back { server 127.0.0.1:7002; server 127.0.0.1:7003; keepalive 200; }')


@scenario(program='nginx')
def nginx_before_two_servers_with_proxy_bind(stage):
    proxied(stage, 'proxy_bind 127.0.0.1;')
    go(stage, 'load', 'http://127.0.0.1:7080/', '80')
    wait_until(lambda: len(stage.show('state established and dport = :7002')) > 15, 'connections of the proxy')
    return stage.doctor()


@scenario()
def clients_over_ipv6(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    listener = stage.listen(7005, host='::1')
    for _ in range(100):
        stage.connect(7005, host='::1')
        stage.keep(listener.accept()[0])
    return stage.doctor()


@scenario(expects=['ports-running-out'])
def clients_over_ipv6_with_few_ports(stage):
    stage.sysctl('net.ipv4.ip_local_port_range', PORTS)
    listener = stage.listen(7005, host='::1')
    for _ in range(180):
        stage.connect(7005, host='::1')
        stage.keep(listener.accept()[0])
    return stage.doctor()
