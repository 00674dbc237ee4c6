#!/usr/bin/env python3
"""pick.py EXPRESSION...: each of d, the JSON on stdin (of several lines: the last), as compact JSON, one a line."""
import json
import sys

d = json.loads(sys.stdin.read().strip().split('\n')[-1])
for expression in sys.argv[1:]:
    print(json.dumps(eval(expression, {'d': d}), separators=(',', ':')))
