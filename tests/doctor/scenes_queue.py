"""Accept queues: too short, or not emptied."""
from stage import scenario


def stop(process):
    """A program that hangs: it is stopped where it is."""
    process.send_signal(19)


def redis(stage, port, *arguments):
    server = stage.start([stage.peer('redis-server'), '--bind', '127.0.0.1', '--port', str(port), '--save', '', *arguments])
    stage.listens(port)
    return server


@scenario(expects=['accept-queue-overflow'], program='redis')
def redis_with_a_short_backlog(stage):
    stop(redis(stage, 7001, '--tcp-backlog', '4'))
    for _ in range(5):
        stage.connect(7001)
    return stage.doctor(during=lambda: stage.connect(7001, wait=False))


@scenario(program='redis')
def redis_with_room(stage):
    redis(stage, 7001)
    clients = [stage.connect(7001) for _ in range(50)]

    def ping():
        for client in clients:
            client.send(b'PING\r\n')
            assert client.recv(100) == b'+PONG\r\n'
    return stage.doctor(during=ping)
