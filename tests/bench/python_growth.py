"""Section C: what it costs that a large live structure stands by."""

import gc
import os
import re
import sys
import time

from python_graphs import random_distance
from python_support import Node, report

STEPS = 1_000_000
TIMED_BATCHES = 100
PAUSE = 100_000


class Steps:
    """Every step timed as bench_steps.c does it; see there."""

    def __init__(self):
        self.pauses = []
        self.steps = 0
        self.wall = time.perf_counter_ns()
        self.processor = time.process_time_ns()
        self.began = time.perf_counter_ns()

    def lost(self):
        wall = time.perf_counter_ns()
        processor = time.process_time_ns()
        lost = wall - self.wall - (processor - self.processor)
        self.wall = wall
        self.processor = processor
        return max(lost, 0)

    def end(self):
        now = time.perf_counter_ns()
        step = now - self.began
        self.began = now
        self.steps += 1
        if step >= PAUSE:
            step -= self.lost()
            if step >= PAUSE:
                self.pauses.append(step)
            self.began = time.perf_counter_ns()
        elif self.steps % 1024 == 0:
            self.lost()
            self.began = time.perf_counter_ns()

    def report(self):
        with open("/proc/self/status") as file:
            peak = re.search(r"^VmHWM:\s*(\d+)", file.read(), re.MULTILINE)
        print(f"steps {self.steps}\npeak {peak.group(1)}", file=sys.stderr)
        for pause in self.pauses:
            print("pause", pause, file=sys.stderr)


# ---- the live list --------------------------------------------------------------


def append(last):
    node = Node()
    node.number = 1
    if last is not None:
        node.b = last
        last.a = node
    return node


def live_list(size):
    head = last = append(None) if size > 0 else None
    for _ in range(1, size):
        last = append(last)
    return head


def settled_list(size):
    """Collected once, so that no later run has to look at it for the first time."""
    gc.disable()
    head = live_list(size)
    gc.enable()
    gc.collect()
    return head


def touch(head):
    return 0 if head is None else head.number


# ---- the workloads ----------------------------------------------------------------


def beside(head):
    total = 0
    for _ in range(STEPS):
        node = Node()
        node.a = node
        node = None
        total += touch(head)
    return STEPS, total


def pauses_beside(head):
    total = 0
    steps = Steps()
    for _ in range(STEPS):
        node = Node()
        node.a = node
        node = None
        total += touch(head)
        steps.end()
    steps.report()
    return STEPS, total


def build(size):
    live_list(size)
    return size, size


def pauses_build(size):
    steps = Steps()
    head = last = append(None)
    steps.end()
    for _ in range(1, size):
        last = append(last)
        steps.end()
    steps.report()
    return size, size * head.number


def pauses_ggauss(head, distances):
    """Each node made, linked or dropped is a step."""
    position = total = 0
    steps = Steps()
    for _ in range(TIMED_BATCHES):
        nodes = []
        for _ in range(5000):
            nodes.append(Node())
            total += touch(head)
            steps.end()
        for i in range(5000):
            distance = distances[position & 65535]
            if distance is not None and 0 <= i + distance < 5000:
                nodes[i].a = nodes[i + distance]
                total += 1
            distance = distances[position + 1 & 65535]
            if distance is not None and 0 <= i + distance < 5000:
                nodes[i].b = nodes[i + distance]
                total += 1
            position += 2
            total += touch(head)
            steps.end()
        for i in range(5000):
            nodes[i] = None
            total += touch(head)
            steps.end()
    steps.report()
    return TIMED_BATCHES * 5000, total


# ---- release: the last reference to much -----------------------------------------


def chain(size):
    first = None
    for _ in range(size):
        node = Node()
        node.a = first
        first = node
    return first


def even_tree(size):
    if size == 0:
        return None
    node = Node()
    left = (size - 1) // 2
    node.a = even_tree(left)
    node.b = even_tree(size - 1 - left)
    return node


def nested_list(size):
    inner = []
    for _ in range(1, size):
        inner = [inner]
    return inner


def release(what, size):
    held = {"list": chain, "tree": even_tree, "nested": nested_list}[what](size)
    began = time.process_time_ns()
    held = None
    report(time.process_time_ns() - began, size, size)


# ---- fork -------------------------------------------------------------------------


def private_bytes():
    """Bytes that belong to this process alone."""
    with open("/proc/self/smaps_rollup") as file:
        found = re.search(r"^Private_Dirty:\s*(\d+)", file.read(), re.MULTILINE)
    return int(found.group(1)) * 1024


def fork_bytes(size):
    """What one collection in a child makes the child's own."""
    gc.disable()
    head = live_list(size)
    child = os.fork()
    if child == 0:
        private_bytes()
        before = private_bytes()
        gc.collect()
        print("%.6g" % ((private_bytes() - before) / size), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    return head


def prepare_growth(workload, size):
    """What a workload needs before its time begins; returns its work."""
    if workload == "beside":
        head = settled_list(size)
        return lambda: beside(head)
    if workload == "pauses-beside":
        head = settled_list(size)
        return lambda: pauses_beside(head)
    if workload == "pauses-ggauss":
        distances = [random_distance() for _ in range(65536)]
        head = settled_list(size)
        return lambda: pauses_ggauss(head, distances)
    if workload == "build":
        return lambda: build(size)
    if workload == "build-off":
        gc.disable()
        return lambda: build(size)
    if workload == "pauses-build":
        return lambda: pauses_build(size)
    return None
