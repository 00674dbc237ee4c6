#!/usr/bin/env python3
"""doctor.py [--write] SOCKCTL DOCUMENT: the sections of docs/doctor.md, one for each rule of the doctor and in their order, are what
the program itself says of them (src/doctor/rules.def). --write puts them in place, below what stands before the first."""
import json
import re
import subprocess
import sys


def section(rule):
    return (f'**{rule["severity"]}**: {rule["title"]}. Why: {rule["why"]}. Source: {rule["source"]}.\n\n'
            f'- Speaks when {rule["when"]}\n- Mends it: {rule["mends"]}\n')


def sections(text):
    """{name: text} of what stands under each heading."""
    parts = re.split(r'^## (.*)\n', text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def write(path, text, rules):
    before = text[:text.index('\n## ')]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(before + ''.join(f'\n## {rule["name"]}\n\n{section(rule)}' for rule in rules))


def main(sockctl, path, wants_write):
    rules = json.loads(subprocess.run([sockctl, 'doctor', '--rules', '--json'], capture_output=True, check=True).stdout)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    if wants_write:
        write(path, text, rules)
        return 0
    found, bad = sections(text), 0
    print(f'1..{len(rules) + 1}')
    for number, rule in enumerate(rules, 1):
        good = found.get(rule['name'], '').strip() == section(rule).strip()
        bad += not good
        print(f'{"" if good else "not "}ok {number} - {rule["name"]}')
        if not good:
            print(f'# it is not what the program says: {sys.argv[0]} --write puts that in place')
    same = list(found) == [rule['name'] for rule in rules]
    print(f'{"" if same else "not "}ok {len(rules) + 1} - the sections are those of the rules, in their order')
    return 1 if bad or not same else 0


if __name__ == '__main__':
    sys.exit(main(*[a for a in sys.argv[1:] if a != '--write'], '--write' in sys.argv))
