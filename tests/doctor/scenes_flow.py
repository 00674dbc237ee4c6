"""What holds senders back: windows, idle times, losses, queues; and how packets are marked."""
import socket
import time
import loads
from stage import scenario, wait_until


# The peer's window

def small_window_sink(stage, _host, port):
    listener = stage.listen(port, host='0.0.0.0', options=[loads.socket_option(loads.RCVBUF, 32768)])
    loads.drain(listener.accept()[0])


@scenario(expects=['peer-window-limit'])
def a_peer_with_a_small_window(stage):
    answer = stage.across('rtt=200ms,rate=50mbit', small_window_sink, (loads.judged_bulk, 'cubic', 300000, '2s'))
    assert 'as small as that' in answer['findings'][0]['evidence'], answer
    return answer


def slow_reader(stage, _host, port):
    """Reads 2 kB every 20 ms, until it is killed."""
    server = stage.listen(port, host='0.0.0.0').accept()[0]
    while server.recv(2000):
        time.sleep(0.02)


def slowly_read_client(stage, host, port):
    client = loads.connect(stage, host, port)
    loads.background(loads.pour, client)
    wait_until(lambda: stage.show('-t', f'dport = :{port} and notsent gt 100K'), 'a full window', 60)
    return stage.doctor(seconds='2s')


@scenario(expects=['peer-window-limit'], anybody=True)
def a_peer_that_reads_slowly(stage):
    answer = stage.across('rtt=20ms,rate=100mbit', slow_reader, slowly_read_client)
    assert 'reads slowly' in answer['findings'][0]['evidence'], answer
    return answer


# Bursts

def bursts(stage, host, port, congestion, restart=1, tries=1):
    """Bursts that need a window of hundreds of segments, each after an idle second; the doctor comes in the idle time."""
    if not restart:
        stage.sysctl('net.ipv4.tcp_slow_start_after_idle', 0)
    client = loads.connect(stage, host, port, loads.congestion(congestion))

    def burst():
        before = loads.acked_bytes(client)
        client.sendall(b'x' * 600000)
        wait_until(lambda: loads.acked_bytes(client) >= before + 600000, 'a burst to arrive', 30)

    def idle(time_ms):
        wait_until(lambda: stage.show('-t', f'dport = :{port} and last_data_sent gt {time_ms}ms'), 'an idle time')

    def look():
        idle(1200)
        left = [burst]

        def once():
            if left:
                idle(3200)
                left.pop()()
            time.sleep(0.01)
        return stage.doctor(during=once, seconds='4s')
    burst()
    burst()
    answer = look()
    while tries > 1 and not answer['findings']:      # a busy machine begins the burst too late for the second look
        answer, tries = look(), tries - 1
    return answer


@scenario(expects=['slow-start-after-idle'])
def bursts_after_idle_times(stage):
    return stage.across('rtt=50ms,rate=100mbit', loads.sink, (bursts, 'cubic', 1, 3))


@scenario()
def bursts_that_may_keep_their_window(stage):
    return stage.across('rtt=50ms,rate=100mbit', loads.sink, (bursts, 'cubic', 0))


@scenario()
def bursts_of_bbr(stage):
    return stage.across('rtt=50ms,rate=100mbit', loads.sink, (bursts, 'bbr'))


# Losses and queues

def judged_patiently(stage, rule, seconds):
    """An RTT that a busy machine made long looks like a queue, and then rules about losses say nothing, or that they cannot tell."""
    for _ in range(4):
        answer = stage.doctor(seconds=seconds)
        if any(finding['rule'] == rule for finding in answer['findings']):
            break
    return answer


def cubic_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('cubic'), enough=300000)
    wait_until(lambda: stage.show('-t', f'dport = :{port} and ssthresh lt 1000'), 'the end of slow start', 60)
    return judged_patiently(stage, 'loss-based-on-lossy-path', '8s')


def losing_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('bbr'), enough=4 << 20)
    return judged_patiently(stage, 'retransmissions', '3s')


@scenario(expects=['loss-based-on-lossy-path'], may=['retransmissions'])
def cubic_where_packets_get_lost(stage):
    return stage.across('rtt=120ms,rate=100mbit,loss=3%', loads.sink, cubic_client)


@scenario()
def bbr_where_packets_get_lost(stage):
    return stage.across('rtt=30ms,rate=30mbit,loss=0.5%', loads.sink, (loads.judged_bulk, 'bbr', 8 << 20, '3s'))


@scenario()
def bbr_bulk(stage):
    return stage.across('rtt=40ms,rate=30mbit', loads.sink, (loads.judged_bulk, 'bbr', 8 << 20, '3s'))


@scenario(expects=['retransmissions'])
def bbr_on_a_path_that_loses_much(stage):
    return stage.across('rtt=100ms,rate=20mbit,loss=5%', loads.sink, losing_client)


def bloating_client(stage, host, port):
    loads.bulk(stage, host, port, loads.congestion('cubic'), enough=1 << 20)
    wait_until(lambda: stage.show('-t', f'dport = :{port} and rtt gt 300ms'), 'a filled queue', 60)
    return stage.doctor(seconds='3s')


@scenario(expects=['bufferbloat'])
def a_long_queue_that_cubic_fills(stage):
    return stage.across('rtt=20ms,rate=10mbit,queue=1M', loads.sink, bloating_client)


@scenario()
def a_long_queue_that_bbr_leaves_empty(stage):
    return stage.across('rtt=20ms,rate=10mbit,queue=1M', loads.sink, (loads.judged_bulk, 'bbr', 4 << 20, '3s'))


def sparing_client(stage, host, port):
    """20 kB every 20 ms: 8 Mbit/s of 50."""
    client = loads.connect(stage, host, port)

    def turn():
        client.sendall(b'x' * 20000)
        time.sleep(0.02)
    return stage.doctor(during=turn, seconds='2s')


@scenario(anybody=True)
def a_sender_with_little_to_send(stage):
    return stage.across('rtt=40ms,rate=50mbit', loads.sink, sparing_client)


def many_client(stage, host, port):
    for _ in range(5):
        loads.bulk(stage, host, port, loads.congestion('cubic'), enough=200000)
    return stage.doctor(seconds='3s')


@scenario()
def five_connections_share_a_path(stage):
    return stage.across('rtt=40ms,rate=20mbit', loads.sink, many_client)


def messages_client(stage, host, port):
    """A small message every 10 ms, of which nobody waits for an answer."""
    client = loads.connect(stage, host, port, (socket.IPPROTO_TCP, loads.TCP_NODELAY, 1))

    def turn():
        client.send(b'x' * 50)
        time.sleep(0.01)
    return stage.doctor(during=turn, seconds='2s')


@scenario()
def a_stream_of_small_messages(stage):
    return stage.across('rtt=20ms,rate=10mbit', loads.sink, messages_client)


def iperf_server(stage, _host, port):
    stage.start([stage.peer('iperf3'), '-s', '-p', str(port)])
    wait_until(stage.is_answered, 'the end')


def iperf_client(stage, host, port):
    stage.start([stage.peer('iperf3'), '-c', host, '-p', str(port), '-t', '90', '-C', 'cubic'])
    wait_until(lambda: stage.show('-t', f'dport = :{port} and bytes_acked gt 4M'), 'a few megabytes', 60)
    return stage.doctor(seconds='3s')


@scenario(program='iperf3')
def iperf3_across_a_path(stage):
    stage.peer('iperf3')
    return stage.across('rtt=30ms,rate=40mbit', iperf_server, iperf_client)


# Its -w sets both buffers of both ends: which of them is the limit changes.
def iperf_window_client(stage, host, port):
    stage.start([stage.peer('iperf3'), '-c', host, '-p', str(port), '-t', '90', '-w', '32K'])
    wait_until(lambda: stage.show('-t', f'dport = :{port} and bytes_acked gt 500K'), 'half a megabyte', 60)
    return stage.doctor(seconds='2s')


@scenario(expects=['peer-window-limit'], may=['send-buffer-limit'], program='iperf3')
def iperf3_with_a_small_window(stage):
    stage.peer('iperf3')
    return stage.across('rtt=200ms,rate=40mbit', iperf_server, iperf_window_client)


# DSCP

def dual_stack(stage, *options):
    listener = stage.keep(socket.socket(socket.AF_INET6))
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    for level, number, value in options:
        listener.setsockopt(level, number, value)
    listener.bind(('::', 7201))
    listener.listen(16)
    for host in ('127.0.0.1', '::1'):
        stage.connect(7201, host)
        stage.keep(listener.accept()[0])
    return stage.doctor()


MARK_V4, MARK_V6 = (socket.IPPROTO_IP, socket.IP_TOS, 0xb8), (socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 0xb8)


@scenario(expects=['dscp-half-set'])
def dscp_of_ipv6_traffic_only(stage):
    return dual_stack(stage, MARK_V6)


@scenario(expects=['dscp-half-set'])
def dscp_of_ipv4_traffic_only(stage):
    return dual_stack(stage, MARK_V4)


@scenario()
def dscp_of_both_families(stage):
    return dual_stack(stage, MARK_V4, MARK_V6)
