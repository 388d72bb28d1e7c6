#!/usr/bin/env python3
"""Measures rcycle against its peers: pairs of programs in turn, medians of ratios.

No time means anything on a shared machine, so each figure is the ratio of two
programs run one after the other. A program is called `PROGRAM WORKLOAD SIZE`
and prints nanoseconds of processor time per node. The whole plan is gone through
once, then once more, and so on, so that a session that is cut short has fewer
pairs of everything rather than nothing of some. Each run goes into runs.jsonl in
the folder of --results as it comes; report.py makes tables and plots of it.
"""

import argparse
import mmap
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is to be written beside the sources

import bench_plan
import bench_results
import bench_tables
import report

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """A program that gave no figure; the text says why."""


class Peers:
    """The programs that are installed: for each name the command's beginning and its environment."""

    def __init__(self, programs, php, python):
        self.commands = {
            bench_plan.OURS: [str(programs / "bench_rcycle")],
            "walk": [str(programs / "bench_walk")],
            "malloc": [str(programs / "bench_malloc")],
            "boehm": [str(programs / "bench_boehm")],
            "orc": [str(programs / "bench_nim")],
            "php": [php, "-n", "-d", "memory_limit=-1", str(HERE / "bench_php.php")],
            "python": [python, str(HERE / "bench_python.py")],
        }
        # One thread that marks, as everywhere else: it is the work that is compared.
        self.environments = {"boehm": {"GC_MARKERS": "1"}}
        for name, (program, environment) in bench_plan.VARIANTS.items():
            self.commands[name] = self.commands[program]
            self.environments[name] = self.environments.get(program, {}) | environment
        self.missing = {name for name, command in self.commands.items() if not runs(command[0])}

    def measure(self, name, workload, size, seconds):
        """Runs one program once."""
        command = self.commands[name] + [workload, str(size)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RCYCLE_")}
        environment.update(self.environments.get(name, {}))
        touch_memory(bench_plan.touched_first(workload, size))
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, env=environment
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"more than {seconds} s")
        if done.returncode != 0:
            raise Failed(how_it_ended(done.returncode))
        return bench_results.read_output(done.stdout, done.stderr)


def touch_memory(count):
    """Touches so many bytes of memory and gives them back to the system, which gives them to whoever
    comes next. In a virtual machine memory that nobody has touched lately is not there: its host
    has to find it, which takes fifty times as long as all that the system itself does with a page.
    Small pages come first: the system takes its own tables from there."""
    count = min(count, available_memory() * 3 // 4)
    if count == 0:
        return
    touch_pages(count, "MADV_NOHUGEPAGE")
    touch_pages(count, "MADV_HUGEPAGE")


def touch_pages(count, advice):
    with mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        if hasattr(mmap, advice):
            memory.madvise(getattr(mmap, advice))
        for offset in range(0, count, mmap.PAGESIZE):
            memory[offset] = 1


def available_memory():
    """Bytes that programs can have without the system running short."""
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def how_it_ended(code):
    return f"exit code {code}" if code >= 0 else signal.strsignal(-code).lower()


def runs(program):
    """Whether the program is there."""
    if os.sep in program:
        return os.access(program, os.X_OK)
    return any(os.access(os.path.join(d, program), os.X_OK) for d in os.get_exec_path())


class Progress:
    """A line for each pair of programs; on a terminal also what runs just now."""

    def __init__(self, total):
        self.total = total
        self.done = 0

    def show(self, text):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K[{self.done}/{self.total}] {text}")
            sys.stderr.flush()

    def finish(self, text):
        self.done += 1
        self.show("")
        print(f"[{self.done}/{self.total}] {text}", flush=True)


def measure_pair(peers, pair, ours_first, seconds):
    """Runs ours and the peer in turn; returns both measurements."""

    def measure_ours():
        return peers.measure(pair.subject, pair.ours, pair.size, seconds)

    def measure_theirs():
        try:
            return peers.measure(pair.peer, pair.theirs, pair.their_size, seconds)
        except Failed as failure:
            raise Failed(f"{pair.peer}: {failure}")

    # What ran before leaves its traces in the system's memory: each goes first in turn.
    if ours_first:
        ours = measure_ours()
        return ours, measure_theirs()
    theirs = measure_theirs()
    return measure_ours(), theirs


class Session:
    """Goes through the plan again and again, until all pairs are there or the time is over."""

    def __init__(self, peers, plan, arguments, runs):
        self.peers = peers
        self.plan = plan
        self.arguments = arguments
        self.runs = runs
        self.began = time.monotonic()
        self.took = {}  # seconds of each pair, when it was run last
        self.progress = Progress(sum(min(arguments.pairs, pair.most_pairs) for pair in plan))

    def has_time_for(self, pair):
        if self.arguments.minutes is None:
            return True
        passed = time.monotonic() - self.began
        return passed + self.took.get(pair, 0) < self.arguments.minutes * 60

    def measure(self, pair, round_number):
        began = time.monotonic()
        self.progress.show(f"{pair.title()}, round {round_number + 1}")
        ours_first = round_number % 2 == 0
        ours, theirs = measure_pair(self.peers, pair, ours_first, self.arguments.seconds)
        self.took[pair] = time.monotonic() - began
        self.runs.add(pair, ours, theirs)
        result = bench_results.Result(pair)
        result.add(ours, theirs)
        figures = map(bench_results.figure, (ours.figure, theirs.figure, result.ratio()))
        text = "{:>8} {:>8}  {:>7}".format(*figures)
        self.progress.finish(f"{pair.title():52} {text} {self.took[pair]:.1f} s {result.note}")

    def go_round(self, number):
        out_of_time = []
        for pair in list(self.plan):
            if number >= pair.most_pairs:
                continue
            if not self.has_time_for(pair):
                out_of_time.append(pair)
                continue
            try:
                self.measure(pair, number)
            except Failed as failure:
                self.plan.remove(pair)
                self.runs.leave_out(f"{pair.title()}: {failure}")
                self.progress.finish(f"{pair.title()}: left out, {failure}")
        for pair in out_of_time:
            if pair not in self.took:
                self.runs.leave_out(f"{pair.title()}: no time")

    def estimate(self):
        if len(self.took) < len(self.plan):
            return
        seconds = sum(
            took * min(self.arguments.pairs, pair.most_pairs) for pair, took in self.took.items()
        )
        passed = time.monotonic() - self.began
        print(f"One round: {passed:.0f} s. All of it: about {seconds / 60:.0f} minutes", flush=True)

    def run(self):
        try:
            for number in range(self.arguments.pairs):
                self.go_round(number)
                if number == 0:
                    self.estimate()
        except KeyboardInterrupt:
            print("\nInterrupted: what has been measured until now is written down")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of programs")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="folder to write into")
    parser.add_argument("--library", type=pathlib.Path, help="the shared library, for its size")
    parser.add_argument("--compiler", default="?", help="what our programs were compiled with")
    parser.add_argument("--short", action="store_true", help="small sizes, a few minutes")
    parser.add_argument("--pairs", type=int, help="of each kind; 5, or 3 with --short")
    parser.add_argument("--minutes", type=float, help="begin nothing that would end later")
    parser.add_argument("--seconds", type=int, default=120, help="the most for one program")
    parser.add_argument("--only", default="", help="workloads that match this expression")
    parser.add_argument("--sections", default="ABCD", help="these alone, such as AC")
    parser.add_argument("--peers", default="", help="these alone, with commas between")
    parser.add_argument("--php", default="php")
    parser.add_argument("--python", default="/usr/bin/python3")
    arguments = parser.parse_args()
    arguments.programs = arguments.programs.resolve()
    arguments.pairs = arguments.pairs or (3 if arguments.short else 5)
    if not runs(arguments.python):
        arguments.python = sys.executable
    return arguments


def wanted(plan, peers, arguments):
    chosen = set(filter(None, arguments.peers.split(",")))
    for name in sorted(peers.missing - bench_plan.VARIANTS.keys()):
        print(f"{name} is not there and is left out: {peers.commands[name][0]}")
    return [
        pair
        for pair in plan
        if pair.peer not in peers.missing
        and (not chosen or pair.peer in chosen)
        and pair.section in arguments.sections
        and re.search(arguments.only, pair.ours)
    ]


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    arguments = parse_arguments()
    peers = Peers(arguments.programs, arguments.php, arguments.python)
    if bench_plan.OURS in peers.missing:
        sys.exit("our own program is not there: build it first")
    plan = bench_plan.short() if arguments.short else bench_plan.full()
    arguments.results.mkdir(parents=True, exist_ok=True)
    heading = bench_tables.heading(arguments, peers)
    runs_file = bench_results.RunsFile(arguments.results / report.RUNS, heading)
    Session(peers, wanted(plan, peers, arguments), arguments, runs_file).run()
    report.write_all(arguments.results)


if __name__ == "__main__":
    main()
