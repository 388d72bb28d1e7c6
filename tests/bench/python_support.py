"""What the workloads in CPython share: nodes, random numbers, the report."""

import sys


class Node:
    __slots__ = ("a", "b", "number")

    def __init__(self):
        self.a = None
        self.b = None
        self.number = 0


class Random:
    """xorshift64 without the sign bit, in 64 bits."""

    def __init__(self):
        self.state = 88172645463325252

    def next(self):
        state = self.state
        state ^= state << 13 & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 7
        state ^= state << 17 & 0xFFFFFFFFFFFFFFFF
        self.state = state
        return state & 0x7FFFFFFFFFFFFFFF


random = Random()


def report(elapsed, nodes, count):
    print("count", count, file=sys.stderr)
    print("%.6g" % (elapsed / nodes))
