"""Section B: whole programs. Trees and graphs are in python_graphs.py."""

import gc

from python_support import Node, random


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


def first():
    node = Node()
    node.a = node
    del node
    return 1, gc.collect()
