"""node: one loop does all, and what blocks it blocks accept() as well."""
import loads
import programs
from scenes_queue import burst, queues
from stage import scenario, wait_until

BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'      # for ever, as a call does that waits for something
ECHO = 'socket.on("error", () => {}); socket.pipe(socket);'


@scenario(expects=['program-not-accepting'], program='node')
def node_whose_loop_is_blocked(stage):
    programs.node(stage, 7510, BLOCK)
    for _ in range(5):
        stage.connect(7510)
    wait_until(lambda: queues(stage, 7510) == [4], 'the first of them to block it')
    return stage.doctor()


@scenario(program='node')
def node_that_answers(stage):
    programs.node(stage, 7510, ECHO)
    clients = [stage.connect(7510) for _ in range(20)]

    def turn():
        for client in clients:
            client.send(b'hello')
        for client in clients:
            assert client.recv(100) == b'hello'
    return stage.doctor(during=turn)


@scenario(expects=['accept-queue-overflow'], program='node')
def node_with_a_short_backlog(stage):
    return stage.doctor(during=burst(stage, 7510, 30, programs.node(stage, 7510, ECHO, backlog=4)))


@scenario(program='node')
def node_with_room_for_the_same_bursts(stage):
    programs.node(stage, 7510, ECHO)
    left = [3000]

    def turn():
        clients = [stage.connect(7510) for _ in range(min(30, left[0]))]
        left[0] -= len(clients)
        wait_until(lambda: queues(stage, 7510) == [0], 'an empty queue')
        for client in clients:
            stage.kept.remove(client)
            client.close()
    return stage.doctor(during=turn)


@scenario(expects=['backlog-clamped'], program='node')
def node_where_somaxconn_is_128(stage):
    stage.sysctl('net.core.somaxconn', 128)
    programs.node(stage, 7510, ECHO)
    return stage.doctor()


def idle(stage, _host, port, options):
    """Judged from the server's side, once its client is silent."""
    programs.node(stage, port, ECHO, options=options, host='0.0.0.0')
    wait_until(lambda: stage.show('-t', f'state established and sport = :{port} and last_data_sent gt 600ms'), 'an idle client')
    return stage.doctor('--idle', '500ms')


def client(stage, host, port):
    loads.connect(stage, host, port).send(b'hello')
    wait_until(stage.is_answered, 'an answer of the server', 60)


@scenario(expects=['keepalive-off'], program='node')
def node_without_keepalive(stage):
    stage.peer('node')
    return stage.across('rtt=10ms', (idle, '{}'), client)


@scenario(program='node')
def node_with_keepalive(stage):
    stage.peer('node')
    return stage.across('rtt=10ms', (idle, '{keepAlive: true, keepAliveInitialDelay: 60000}'), client)
