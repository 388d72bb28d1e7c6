"""The workloads in CPython: python3 bench_python.py WORKLOAD SIZE"""

import gc
import sys
import time

sys.dont_write_bytecode = True  # nothing is to be written beside the sources
sys.setrecursionlimit(10000)

from python_collections import collection
from python_graphs import Branch, Child, binary_trees, dom, gcbench, ggauss, random_distance
from python_growth import fork_bytes, prepare_growth, release
from python_programs import build_packages, churn, closures, composer, first, lru
from python_support import random, report


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
    if workload == "fork":
        fork_bytes(size)
        return
    if workload.startswith("release-"):
        release(workload[8:], size)
        return
    work = prepare(workload, size) or prepare_growth(workload, size)
    if work is None:
        collection(workload, size)
        return
    began = time.process_time_ns()
    nodes, count = work()
    report(time.process_time_ns() - began, nodes, count)


main()
