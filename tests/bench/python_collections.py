"""Section A: the time of one collection."""

import gc
import time

from python_support import Node, random, report


def both_ways(left, right):
    left.a = right
    right.b = left


def connect_self(nodes):
    for node in nodes:
        node.a = node


def connect_list(nodes):
    for i in range(1, len(nodes)):
        both_ways(nodes[i - 1], nodes[i])


def connect_shuffled(nodes):
    order = list(range(len(nodes)))
    for i in range(len(nodes) - 1, 1, -1):
        other = 1 + random.next() % i
        order[i], order[other] = order[other], order[i]
    for i in range(1, len(nodes)):
        both_ways(nodes[order[i - 1]], nodes[order[i]])


def connect_random(nodes):
    count = len(nodes)
    for node in nodes:
        node.a = nodes[random.next() % count]
        node.b = nodes[random.next() % count]


def connect_tree(nodes):
    for i in range(1, len(nodes)):
        parent = nodes[(i - 1) // 2]
        if i % 2 == 1:
            parent.a = nodes[i]
        else:
            parent.b = nodes[i]
        nodes[i].number = parent


def connect_rings(nodes):
    for first in range(0, len(nodes), 21):
        ring = nodes[first : first + 21]
        for i, node in enumerate(ring):
            both_ways(node, ring[(i + 1) % len(ring)])


SHAPES = {
    "self": connect_self,
    "list": connect_list,
    "shuffled": connect_shuffled,
    "random": connect_random,
    "strings": connect_random,
    "tree": connect_tree,
    "rings21": connect_rings,
}


def collect(nodes, times):
    elapsed = 0
    freed = 0
    for _ in range(times):
        began = time.process_time_ns()
        freed += gc.collect()
        elapsed += time.process_time_ns() - began
    report(elapsed, nodes * times, freed)


def nested(size):
    lists = 1
    while lists * (lists - 1) // 2 < size:
        lists += 1
    inner = []
    for n in range(1, lists):
        inner = [inner] * n
    collect(lists * (lists - 1) // 2, 5)
    return inner


def collection(workload, size):
    gc.collect()
    gc.disable()
    shape, _, state = workload.partition("-")
    if shape == "hub":
        hub = Node()
        hub.a = [Node() for _ in range(size)]
        return collect(size, 5)
    if shape == "ints":
        array = list(range(size))
        return collect(size, 5)
    if shape == "nested":
        return nested(size)
    nodes = [Node() for _ in range(size)]
    SHAPES[shape](nodes)
    if shape == "strings":
        for i, node in enumerate(nodes):
            node.number = "%032d" % i
        node = None
    first = nodes[0] if state == "live" else None
    if workload != "random-live":
        nodes = None
    collect(size, 1)
    return first, nodes
