"""Section B: programs that make trees, graphs and documents."""

from python_support import Node, random


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
