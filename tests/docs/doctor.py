#!/usr/bin/env python3
"""doctor.py [--write] SOCKCTL DOCUMENT: docs/doctor.md has a section for each rule of the doctor, in their order, whose first paragraph
is what the program itself says of it, and which tells when it speaks and what mends it. --write puts the first paragraphs in place."""
import json
import re
import subprocess
import sys


def paragraph(rule):
    return f'**{rule["severity"]}**: {rule["title"]}. Why: {rule["why"]}. Source: {rule["source"]}.'


def sections(text):
    """{name: text} of what stands under each heading."""
    parts = re.split(r'^## (.*)\n', text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def write(path, text, rules):
    for rule in rules:
        text = re.sub(rf'(^## {re.escape(rule["name"])}\n\n)[^\n]*', lambda m, r=rule: m[1] + paragraph(r), text, flags=re.M)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


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
        section = found.get(rule['name'], '')
        good = section.strip().startswith(paragraph(rule) + '\n') and '\n- Speaks when ' in section and '\n- Mends it: ' in section
        bad += not good
        print(f'{"" if good else "not "}ok {number} - {rule["name"]}')
        if not good:
            print(f'# wanted: ## {rule["name"]}, then: {paragraph(rule)}')
    same = list(found) == [rule['name'] for rule in rules]
    print(f'{"" if same else "not "}ok {len(rules) + 1} - the sections are those of the rules, in their order')
    return 1 if bad or not same else 0


if __name__ == '__main__':
    sys.exit(main(*[a for a in sys.argv[1:] if a != '--write'], '--write' in sys.argv))
