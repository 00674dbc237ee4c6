#!/usr/bin/env python3
"""Do the programs take the words that the doctor has for them? Each is asked itself. words.py SOCKCTL LIST ROOT asks them
all that LIST, a program, prints (words.c): TAP."""
import os
import re
import subprocess
import sys
import programs
import stage as stages


def takes(stage, program, *arguments):
    """The program takes its configuration: its own check says so."""
    done = subprocess.run([stage.peer(program), *arguments], check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


def said_aside(words):
    """Without what stands in parentheses, which is for people."""
    return re.sub(r' *\([^)]*\)', '', words)


def words_of(answer, rule):
    """What the program is to be told, of the finding."""
    return next((finding['fix']['config'] or '' for finding in answer['findings'] if finding['rule'] == rule), '')


def taken(stage, takes, answer, rule, beginning):
    """The doctor's answer, once the program has taken the words of its finding, which begin so."""
    said = words_of(answer, rule)
    assert said.startswith(beginning), answer
    takes(stage, said)
    return answer


def nginx_takes(stage, words):
    """What the doctor says it is to be told: `listen ADDRESS ...;` and directives of the http block."""
    directives = [word.strip() for word in said_aside(words).split(';') if word.strip()]
    parameters = [word.removeprefix('listen ADDRESS ') for word in directives if 'listen ADDRESS' in word]
    http = ' '.join(f'{word};' for word in directives if 'listen ADDRESS' not in word)
    path = programs.nginx_configuration(stage, ['127.0.0.1:9 ' + ' '.join(parameters)], 'return 200;', http)
    takes(stage, 'nginx', '-t', '-c', path, '-p', stage.directory)


def haproxy_takes(stage, words):
    """The same: lines of the sections that are named in parentheses, and what stands behind `bind ...` or `server ...`."""
    sections = {'global': [], 'frontend': [], 'backend': [], 'bind': [], 'server': []}
    for part in words.split('; '):
        where = next((name for name in ('global', 'backend', 'frontend') if re.search(rf'\([^)]*{name}', part)), None)
        for line in said_aside(part).split(', '):
            word, _, rest = line.partition(' ... ')
            sections[where or word].append(line if where else rest)
    lines = ['global', *sections['global'],
             'defaults', 'timeout connect 5s', 'timeout client 60s', 'timeout server 60s',
             'frontend in', 'bind 127.0.0.1:9 ' + ' '.join(sections['bind']), *sections['frontend'], 'default_backend out',
             'backend out', *sections['backend'], 'server one 127.0.0.1:8 ' + ' '.join(sections['server']), '']
    takes(stage, 'haproxy', '-c', '-f', stage.file('haproxy.cfg', '\n'.join(lines)))


def redis_takes(stage, words, port=6379):
    path = stage.file('redis.conf', said_aside(words).replace('; ', '\n') + '\n')
    server = stage.start([stage.peer('redis-server'), path, '--bind', '127.0.0.1', '--port', str(port), '--save', ''])
    stage.listens(port)
    return server


def postgres_takes(stage, words):
    """`name = value` each; of a name alone, that there is such a setting."""
    for word in said_aside(words).split('; '):
        name, value = re.match(r'(\w+)(?: = (.*)|:.*)$', word).groups()
        told = ['-c', f'{name}={value}'] if value else []
        done = subprocess.run([*programs.postgres_program(stage, 'postgres'), '-D', programs.postgres_data(stage), '-C', name, *told],
                              check=False, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and (not value or done.stdout.strip() == value), f'{word}: {done.stdout}{done.stderr}'


TAKES = {'nginx': nginx_takes, 'haproxy': haproxy_takes, 'redis-server': redis_takes, 'postgres': postgres_takes}


def ask(stage, number, program, direction, words):
    """One line of TAP; of a program that nobody here can ask, a failure."""
    name = f'{number} - {program} takes what is said of connections that {"came in" if direction == "in" else "went out"}'
    try:
        TAKES[program](stage, words)
    except stages.Skip as skip:
        print(f'ok {name} # SKIP {skip}')
    except (AssertionError, KeyError, TimeoutError) as error:
        print(f'not ok {name}')
        print(f'# {words}: {error!r}')
        return 1
    else:
        print(f'ok {name}')
    return 0


def ask_all(sockctl, listing, root):
    lines = subprocess.run([listing], check=True, capture_output=True, text=True).stdout.splitlines()
    print(f'1..{len(lines)}')
    stage = stages.Stage(sockctl, root)
    return 1 if sum(ask(stage, number, *line.split('\t')) for number, line in enumerate(lines, 1)) else 0


if __name__ == '__main__':
    import run      # which imports all the rest
    sys.exit(run.within('words', *map(os.path.abspath, sys.argv[1:])))
