"""What all scenarios together say of the rules: how many faults were found, how many alarms were false, with exact bounds."""
import collections
import math


def binomial_tail(n, k, p):
    """P(X >= k)."""
    if p in (0, 1):
        return float(p or not k)
    whole = math.lgamma(n + 1)
    return sum(math.exp(whole - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p))
               for i in range(k, n + 1))


def bounds(k, n, confidence=0.95):
    """Clopper and Pearson's exact interval of a share."""
    def solve(f):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if f(middle) else (low, middle)
        return low
    alpha = (1 - confidence) / 2
    lower = 0.0 if k == 0 else solve(lambda p: binomial_tail(n, k, p) < alpha)
    upper = 1.0 if k == n else solve(lambda p: 1 - binomial_tail(n, k + 1, p) > alpha)
    return lower, upper


class Count:
    """Hits among so many."""

    def __init__(self):
        self.hits = self.of = 0

    def add(self, hit):
        self.hits, self.of = self.hits + bool(hit), self.of + 1

    def share(self):
        return self.hits / self.of if self.of else 0.0

    def __str__(self):
        if not self.of:
            return '0 of 0'
        lower, upper = bounds(self.hits, self.of)
        return f'{self.hits} of {self.of} ({100 * self.share():.1f} %; 95 % bounds {100 * lower:.1f} to {100 * upper:.1f} %)'


def differences(expects, may, answer):
    """The rules that were missed, and those that spoke wrongly, of an answer that is one."""
    spoke = {finding['rule'] for finding in answer['findings']}
    return [rule for rule in expects if rule not in spoke], sorted(spoke - set(expects) - set(may))


class Zoo:
    """Takes each scenario's answer once."""

    def __init__(self):
        self.found = collections.defaultdict(Count)     # by rule: scenarios that expect it
        self.false = collections.defaultdict(Count)     # by rule: scenarios in which it has looked, and has nothing to say
        self.recall, self.alarms, self.judgments = Count(), Count(), Count()
        self.broken = 0                                 # scenarios that gave no answer

    def add(self, expects, may, answer):
        spoke = {finding['rule'] for finding in answer['findings']}
        for check in answer['checks']:
            rule = check['rule']
            if rule in expects:
                self.found[rule].add(rule in spoke)
                self.recall.add(rule in spoke)
            elif rule not in may and check['examined']:         # a rule that has looked at nothing has not judged
                self.false[rule].add(rule in spoke)
                self.judgments.add(rule in spoke)
        if not expects:
            self.alarms.add(differences(expects, may, answer)[1])

    def weak(self, least):
        """The rules that found fewer of their faults than that share."""
        return sorted(rule for rule, count in self.found.items() if count.of and count.share() < least)

    def report(self):
        """Lines of text."""
        yield f'{"rule":28} {"found":>9} {"false":>9}'
        for rule in sorted(self.false | self.found):
            found, false = self.found[rule], self.false[rule]
            yield f'{rule:28} {f"{found.hits}/{found.of}":>9} {f"{false.hits}/{false.of}":>9}'
        yield f'faults found: {self.recall}'
        yield f'healthy scenarios with a false alarm: {self.alarms}'
        yield f'judgments of a rule where it has nothing to say, false ones: {self.judgments}'
        if self.broken:
            yield f'scenarios that gave no answer: {self.broken}'
