#!/usr/bin/env python3
"""Guards against regression: instructions of chosen workloads, counted by callgrind.

Unlike times, they repeat. The numbers are in instructions.csv, for each compiler
its own; more or less than 5 % away from them fails. After a change that is meant
to change them, record them anew: cmake --build <dir> --target bench-instructions
"""

import argparse
import csv
import pathlib
import re
import subprocess
import sys

RECORDED = pathlib.Path(__file__).resolve().parent / "instructions.csv"
WORKLOADS = [
    ("random-dead", 20_000),
    ("random-live", 20_000),
    ("list-live", 20_000),
    ("churn-10", 200_000),
    ("binary-trees", 10),
    ("pair", 100_000),
]
MARGIN = 0.05
SKIPPED = 77


def count(arguments, workload, size):
    """Instructions of the measured part alone."""
    done = subprocess.run(
        [arguments.valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        + ["--toggle-collect=bench_measured_part", arguments.program, workload, str(size)],
        capture_output=True,
        text=True,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"callgrind failed:\n{done.stderr}")
    return int(found.group(1))


def read_recorded():
    with open(RECORDED, newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["compiler"], row["workload"]): row for row in rows}


def write_recorded(recorded):
    with open(RECORDED, "w", newline="") as file:
        writer = csv.DictWriter(
            file, ["compiler", "workload", "size", "instructions"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(recorded[key] for key in sorted(recorded))


def refresh(arguments):
    recorded = read_recorded() if RECORDED.exists() else {}
    for workload, size in WORKLOADS:
        instructions = count(arguments, workload, size)
        print(f"{workload} {size:,}: {instructions:,} instructions", flush=True)
        row = [arguments.compiler, workload, size, instructions]
        recorded[arguments.compiler, workload] = dict(
            zip(["compiler", "workload", "size", "instructions"], row)
        )
    write_recorded(recorded)


def check(arguments):
    recorded = read_recorded()
    faults = 0
    for workload, size in WORKLOADS:
        row = recorded.get((arguments.compiler, workload))
        if row is None or int(row["size"]) != size:
            print(f"{workload} {size}: nothing recorded for {arguments.compiler}")
            sys.exit(SKIPPED)
        before, now = int(row["instructions"]), count(arguments, workload, size)
        change = now / before - 1
        verdict = "as recorded" if abs(change) <= MARGIN else "MORE" if change > 0 else "FEWER"
        print(f"{workload} {size:,}: {before:,} -> {now:,} ({change:+.1%}) {verdict}", flush=True)
        faults += abs(change) > MARGIN
    if faults:
        sys.exit(
            f"More than {MARGIN:.0%} away from what is recorded. If that is meant, record it anew:"
            " cmake --build <dir> --target bench-instructions"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="bench_rcycle")
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--compiler", required=True, help="name and major version")
    parser.add_argument("--refresh", action="store_true")
    arguments = parser.parse_args()
    refresh(arguments) if arguments.refresh else check(arguments)


if __name__ == "__main__":
    main()
