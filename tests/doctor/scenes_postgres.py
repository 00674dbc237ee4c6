"""PostgreSQL: its backlog follows from max_connections, and its keepalive is the system's unless it is told."""
import programs
import words
from loads import connect
from stage import scenario, wait_until


@scenario(expects=['backlog-clamped'], program='postgres')
def postgres_where_somaxconn_is_100(stage):
    stage.sysctl('net.core.somaxconn', 100)
    programs.postgres(stage, 7410)
    programs.postgres_session(lambda: stage.connect(7410))
    answer = stage.doctor()
    assert answer['findings'][0]['fix']['sysctl'] == 'net.core.somaxconn=200', answer
    words.postgres_takes(stage, words.words_of(answer, 'backlog-clamped'))
    return answer


@scenario(program='postgres')
def postgres_where_somaxconn_is_4096(stage):
    stage.sysctl('net.core.somaxconn', 4096)
    programs.postgres(stage, 7410)
    programs.postgres_session(lambda: stage.connect(7410))
    return stage.doctor()


def idle(stage, _host, port, settings):
    """Judged from the server's side, once its client is silent."""
    programs.postgres(stage, port, host='0.0.0.0', **settings)
    wait_until(lambda: stage.show('-t', f'state established and sport = :{port} and last_data_received gt 600ms'), 'an idle client')
    return stage.doctor('--idle', '500ms')


def client(stage, host, port):
    programs.postgres_session(lambda: connect(stage, host, port))
    wait_until(stage.is_answered, 'an answer of the server', 60)


@scenario(expects=['keepalive-slower-than-nat'], program='postgres')
def postgres_with_the_usual_keepalive(stage):
    answer = stage.across('rtt=10ms', (idle, {}), client)
    return words.taken(stage, words.postgres_takes, answer, 'keepalive-slower-than-nat', 'tcp_keepalives_idle = 200; ')


@scenario(program='postgres')
def postgres_with_keepalive_of_a_minute(stage):
    return stage.across('rtt=10ms', (idle, {'tcp_keepalives_idle': 60, 'tcp_keepalives_interval': 15, 'tcp_keepalives_count': 4}), client)
