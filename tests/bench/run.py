#!/usr/bin/env python3
"""Measures rcycle against its peers: pairs of programs in turn, medians of ratios.

No time means anything on a shared machine, so each figure is the ratio of two
programs run one after the other. A program is called `PROGRAM WORKLOAD SIZE`
and prints nanoseconds of processor time per node. Writes results.csv, pauses.csv, results.md and
SVG plots into the folder of --results, a table and the marks to the terminal.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True  # nothing is to be written beside the sources

import bench_growth_plots
import bench_marks
import bench_plan
import bench_plots
import bench_results
import bench_tables

HERE = pathlib.Path(__file__).resolve().parent


class Failed(Exception):
    """A program that gave no figure; the text says why."""


class Peers:
    """The programs that are installed: for each name the command's beginning and its environment."""

    def __init__(self, programs, php, python):
        self.commands = {
            "rcycle": [str(programs / "bench_rcycle")],
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
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, env=environment
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"more than {seconds} s")
        if done.returncode != 0:
            raise Failed(how_it_ended(done.returncode))
        return bench_results.Measurement(done.stdout, done.stderr)


def how_it_ended(code):
    return f"exit code {code}" if code >= 0 else signal.strsignal(-code).lower()


def runs(program):
    """Whether the program is there."""
    if os.sep in program:
        return os.access(program, os.X_OK)
    return any(os.access(os.path.join(d, program), os.X_OK) for d in os.get_exec_path())


class Progress:
    """One line that is written over on a terminal; in a file, a line for each pair of programs."""

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


def measure_pairs(peers, pair, arguments, progress):
    """Runs ours and the peer in turn; returns the result."""

    def measure_ours():
        return peers.measure(pair.subject, pair.ours, pair.size, arguments.seconds)

    def measure_theirs():
        try:
            return peers.measure(pair.peer, pair.theirs, pair.their_size, arguments.seconds)
        except Failed as failure:
            raise Failed(f"{pair.peer}: {failure}")

    result = bench_results.Result(pair)
    pairs = min(arguments.pairs, pair.most_pairs)
    for i in range(pairs):
        progress.show(f"{pair.title()} pair {i + 1} of {pairs}")
        # What ran before leaves its traces in the system's memory: each goes first in turn.
        if i % 2 == 0:
            ours, theirs = measure_ours(), measure_theirs()
        else:
            theirs, ours = measure_theirs(), measure_ours()
        result.add(ours, theirs)
    return result


def measure_all(peers, plan, arguments):
    """The results, and a line for each pair that gave none."""
    results, left_out = [], []
    progress = Progress(len(plan))
    for pair in plan:
        try:
            result = measure_pairs(peers, pair, arguments, progress)
            results.append(result)
            progress.finish(result.line())
        except Failed as failure:
            left_out.append(f"{pair.title()}: {failure}")
            progress.finish(f"{pair.title()}: left out, {failure}")
        except KeyboardInterrupt:
            print("\nInterrupted: what has been measured until now is written down")
            break
    return results, left_out


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of programs")
    parser.add_argument("--results", type=pathlib.Path, required=True, help="folder to write into")
    parser.add_argument("--library", type=pathlib.Path, help="the shared library, for its size")
    parser.add_argument("--short", action="store_true", help="small sizes, about a minute")
    parser.add_argument("--pairs", type=int, help="of each kind; 5, or 3 with --short")
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
    if "rcycle" in peers.missing:
        sys.exit("our own program is not there: build it first")
    plan = bench_plan.short() if arguments.short else bench_plan.full()
    results, left_out = measure_all(peers, wanted(plan, peers, arguments), arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)
    marks = bench_marks.judge(results)
    heading = bench_tables.heading(arguments, peers)
    bench_tables.write_csv(arguments.results / "results.csv", results)
    bench_tables.write_pauses_csv(arguments.results / "pauses.csv", results)
    bench_tables.write_markdown(arguments.results / "results.md", heading, results, marks, left_out)
    print()
    print(heading)
    bench_tables.print_table(results)
    bench_marks.print_marks(marks)
    if shutil.which("gnuplot") is None:
        print("gnuplot is not there: no plots")
    else:
        bench_plots.draw(arguments.results, results)
        bench_growth_plots.draw(arguments.results, results)
    print(f"Written: {arguments.results}")


if __name__ == "__main__":
    main()
