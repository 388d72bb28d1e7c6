"""The workloads in CPython: python3 bench_python.py WORKLOAD SIZE"""

import gc
import sys
import time

sys.setrecursionlimit(10000)


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


# ---- section A ------------------------------------------------------------------


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


# ---- section B ------------------------------------------------------------------


def churn(size, ring):
    total = 0
    for _ in range(0, size, ring):
        first = last = Node()
        for i in range(1, ring):
            last.a = Node()
            last = last.a
            last.number = i
        last.a = first
        total += last.number
    return (size + ring - 1) // ring * ring, total


class Environment:
    __slots__ = ("function", "captured")


def make_closure(i):
    environment = Environment()
    environment.captured = i

    def function():
        return environment.captured

    environment.function = function
    return function


def closures(size):
    total = 0
    for i in range(size):
        total += make_closure(i)()
    return size, total


class Package:
    __slots__ = ("w", "x", "y", "z", "number")


def build_packages(size):
    packages = []
    for i in range(size):
        package = Package()
        package.number = i
        packages.append(package)
    for package in packages:
        package.w = packages[random.next() % size]
        package.x = packages[random.next() % size]
        package.y = packages[random.next() % size]
        package.z = packages[random.next() % size]
    return packages


def composer(packages):
    total = 0
    for _ in range(100):
        for package in packages:
            total += package.number
    return len(packages) * 100, total


class Entry:
    __slots__ = ("newer", "older", "key")


def unlink_entry(entry):
    newer = entry.newer
    older = entry.older
    entry.newer = None
    entry.older = None
    newer.older = older
    older.newer = newer


def link_newest(ends, entry):
    second = ends.older
    entry.newer = ends
    entry.older = second
    ends.older = entry
    second.newer = entry


def lru(size, keys, universe):
    by_key = [None] * universe
    ends = Entry()
    ends.newer = ends.older = ends
    used = hits = 0
    for key in keys:
        entry = by_key[key]
        if entry is not None:
            unlink_entry(entry)
            link_newest(ends, entry)
            hits += 1
            continue
        if used == size:
            oldest = ends.newer
            by_key[oldest.key] = None
            unlink_entry(oldest)
            used -= 1
        entry = Entry()
        entry.key = key
        link_newest(ends, entry)
        by_key[key] = entry
        used += 1
    return len(keys), hits


class Twig:
    __slots__ = ("left", "right")

    def __init__(self):
        self.left = None
        self.right = None


def grow_twigs(depth):
    twig = Twig()
    if depth > 0:
        twig.left = grow_twigs(depth - 1)
        twig.right = grow_twigs(depth - 1)
    return twig


def count_twigs(twig):
    if twig.left is None:
        return 1
    return 1 + count_twigs(twig.left) + count_twigs(twig.right)


def binary_trees(most):
    total = count_twigs(grow_twigs(most + 1))
    long_lived = grow_twigs(most)
    for depth in range(4, most + 1, 2):
        for _ in range(1 << (most - depth + 4)):
            total += count_twigs(grow_twigs(depth))
    total += count_twigs(long_lived)
    return total, total


class Branch:
    __slots__ = ("left", "right", "i", "j")
    parents = False

    def __init__(self):
        self.left = None
        self.right = None
        self.i = 0
        self.j = 0


class Child(Branch):
    __slots__ = ("parent",)
    parents = True


def attach(branch, left, right):
    branch.left = left
    branch.right = right
    if branch.parents:
        left.parent = branch
        right.parent = branch


def bottom_up(depth, kind):
    if depth == 0:
        return kind()
    left = bottom_up(depth - 1, kind)
    right = bottom_up(depth - 1, kind)
    branch = kind()
    attach(branch, left, right)
    return branch


def populate(depth, branch, kind):
    if depth > 0:
        attach(branch, kind(), kind())
        populate(depth - 1, branch.left, kind)
        populate(depth - 1, branch.right, kind)


def top_down(depth, kind):
    branch = kind()
    populate(depth, branch, kind)
    return branch


def tree_nodes(depth):
    return (1 << depth + 1) - 1


def gcbench(stretch, kind):
    deepest = stretch - 2
    bottom_up(stretch, kind)
    long_lived = top_down(deepest, kind)
    array = [0.0] * 500000
    for i in range(1, 250000):
        array[i] = 1.0 / i
    made = tree_nodes(stretch) + tree_nodes(deepest)
    for depth in range(4, deepest + 1, 2):
        times = 2 * tree_nodes(stretch) // tree_nodes(depth)
        for _ in range(times):
            top_down(depth, kind)
        for _ in range(times):
            bottom_up(depth, kind)
        made += 2 * times * tree_nodes(depth)
    del long_lived
    return made, made


def random_distance():
    bits = random.next()
    total = sum(bits >> 5 * i & 31 for i in range(12))
    return total * 100 // 32 - 581 if random.next() % 3 < 2 else None


def ggauss(size, distances):
    batches = (size + 4999) // 5000
    position = linked = 0
    for _ in range(batches):
        nodes = [Node() for _ in range(5000)]
        for i, node in enumerate(nodes):
            distance = distances[position & 65535]
            if distance is not None and 0 <= i + distance < 5000:
                node.a = nodes[i + distance]
                linked += 1
            distance = distances[position + 1 & 65535]
            if distance is not None and 0 <= i + distance < 5000:
                node.b = nodes[i + distance]
                linked += 1
            position += 2
        nodes = node = None
    return batches * 5000, linked


class Element:
    __slots__ = ("parent", "first", "next", "previous", "number")

    def __init__(self, number):
        self.parent = None
        self.first = None
        self.next = None
        self.previous = None
        self.number = number


made_elements = 0


def make_elements(depth):
    global made_elements
    element = Element(made_elements)
    made_elements += 1
    if depth > 0:
        previous = None
        for _ in range(8):
            child = make_elements(depth - 1)
            child.parent = element
            if previous is None:
                element.first = child
            else:
                child.previous = previous
                previous.next = child
            previous = child
    return element


def replace(old, fresh):
    fresh.parent = old.parent
    fresh.next = old.next
    fresh.previous = old.previous
    old.parent = old.next = old.previous = None
    if fresh.next is not None:
        fresh.next.previous = fresh
    if fresh.previous is not None:
        fresh.previous.next = fresh
    else:
        fresh.parent.first = fresh


def dom(paths):
    document = make_elements(6)
    for path in paths:
        element = document
        for _ in range(3):
            element = element.first
            for _ in range(path % 8):
                element = element.next
            path //= 8
        replace(element, make_elements(3))
    return made_elements, made_elements


def first():
    node = Node()
    node.a = node
    del node
    return 1, gc.collect()


# ---- the table --------------------------------------------------------------------


def prepare(workload, size):
    """What a workload needs before its time begins; returns its work."""
    if workload.startswith("churn-"):
        return lambda: churn(size, int(workload[6:]))
    if workload == "closures":
        return lambda: closures(size)
    if workload.startswith("composer"):
        packages = build_packages(size)
        if workload == "composer-off":
            gc.disable()
        return lambda: composer(packages)
    if workload == "lru":
        universe = size + size // 9
        keys = [random.next() % universe for _ in range(3 * size)]
        return lambda: lru(size, keys, universe)
    if workload == "binary-trees":
        return lambda: binary_trees(size)
    if workload == "gcbench":
        return lambda: gcbench(size, Branch)
    if workload == "gcbench-parents":
        return lambda: gcbench(size, Child)
    if workload == "ggauss":
        distances = [random_distance() for _ in range(65536)]
        return lambda: ggauss(size, distances)
    if workload == "dom":
        paths = [random.next() % 512 for _ in range(5 * size)]
        return lambda: dom(paths)
    if workload == "first":
        return first
    return None


def main():
    workload, size = sys.argv[1], int(sys.argv[2])
    work = prepare(workload, size)
    if work is None:
        collection(workload, size)
        return
    began = time.process_time_ns()
    nodes, count = work()
    report(time.process_time_ns() - began, nodes, count)


main()
