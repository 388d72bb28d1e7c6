"""Results, and how they are written down."""

import csv
import os
import platform
import re
import statistics
import subprocess


class Result:
    """The figures of one pair of programs. A ratio is the peer's time by ours: above 1, we win."""

    def __init__(self, pair):
        self.pair = pair
        self.ours = []
        self.theirs = []
        self.note = ""

    def add(self, ours, theirs):
        self.ours.append(ours)
        self.theirs.append(theirs)

    def ratios(self):
        return [theirs / max(ours, 1e-9) for ours, theirs in zip(self.ours, self.theirs)]

    def ratio(self):
        return statistics.median(self.ratios())

    def our_median(self):
        return statistics.median(self.ours)

    def their_median(self):
        return statistics.median(self.theirs)

    def line(self):
        low, high = min(self.ratios()), max(self.ratios())
        spread = f"({figure(low)} to {figure(high)})"
        text = f"{self.pair.title():48} {figure(self.our_median()):>8} {figure(self.their_median()):>8}"
        return f"{text}  {figure(self.ratio()):>7} {spread} {self.note}".rstrip()


def figure(value):
    """Three digits or the whole number."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


COLUMNS = "section workload size peer peer_workload peer_size pairs ours theirs ratio low high note"


def write_csv(path, results):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.split())
        for result in results:
            pair, ratios = result.pair, result.ratios()
            writer.writerow(
                [pair.section, pair.ours, pair.size, pair.peer, pair.theirs, pair.their_size]
                + [len(ratios), f"{result.our_median():.6g}", f"{result.their_median():.6g}"]
                + [f"{x:.6g}" for x in (result.ratio(), min(ratios), max(ratios))]
                + [result.note]
            )


def print_table(results):
    title = f"{'workload, size / peer':48} {'ours':>8} {'theirs':>8}    ratio (lowest to highest)"
    for section in sorted({result.pair.section for result in results}):
        print(f"\nSection {section}\n{title}")
        for result in results:
            if result.pair.section == section:
                print(result.line())
    print()


def markdown_row(result):
    pair, ratios = result.pair, result.ratios()
    size = f"{pair.size:,}"
    if pair.their_size != pair.size:
        size += f" / {pair.their_size:,}"
    peer = pair.peer if pair.theirs == pair.ours else f"{pair.peer}, {pair.theirs}"
    cells = [pair.ours, size, peer, figure(result.our_median()), figure(result.their_median())]
    cells += [figure(result.ratio()), f"{figure(min(ratios))} to {figure(max(ratios))}"]
    return f"| {' | '.join(cells)} |"


def write_markdown(path, heading, results, marks):
    lines = [heading, "", "| mark | wanted | measured | |", "|---|---|---|---|"]
    for mark in marks:
        lines.append(f"| {mark.text} | {mark.wanted} | {mark.measured} | {mark.verdict()} |")
    for section in sorted({result.pair.section for result in results}):
        lines += ["", f"### Section {section}", ""]
        lines += ["| workload | size | peer | ours | theirs | ratio | lowest to highest |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [markdown_row(r) for r in results if r.pair.section == section]
    path.write_text("\n".join(lines) + "\n")


# ---- the machine and the versions -------------------------------------------------


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return (done.stdout or done.stderr).strip().split("\n")[0]


def from_file(path, pattern):
    try:
        with open(path) as file:
            found = re.search(pattern, file.read())
    except OSError:
        return "?"
    return found.group(1).strip() if found else "?"


def versions(peers):
    texts = {
        "php": lambda c: first_line(c[0], "-n", "--version").split(" (")[0],
        "python": lambda c: "C" + first_line(c[0], "--version"),
        "orc": lambda c: first_line("nim", "--version").split(" [")[0],
        "boehm": lambda c: "libgc " + first_line("pkg-config", "--modversion", "bdw-gc"),
    }
    return [
        text(peers.commands[name]) for name, text in texts.items() if name not in peers.missing
    ]


def library_bytes(library):
    """Code and data of the shared library, as `size` counts them."""
    try:
        done = subprocess.run(["size", str(library)], capture_output=True, text=True, timeout=20)
        return int(done.stdout.split("\n")[1].split()[3])
    except (OSError, IndexError, ValueError, subprocess.TimeoutExpired):
        return None


def heading(arguments, peers):
    model = from_file("/proc/cpuinfo", r"model name\s*:\s*(.*)")
    family = from_file("/proc/cpuinfo", r"cpu family\s*:\s*(.*)")
    memory = from_file("/proc/meminfo", r"MemTotal:\s*(\d+)")
    gib = f"{int(memory) / 2**20:.0f} GiB" if memory.isdigit() else "?"
    lines = [
        f"Machine: {model} (family {family}), {os.cpu_count()} cores, {gib}, {platform.system()} "
        f"{platform.release().split('-')[0]}, {platform.machine()}.",
        f"Peers: {', '.join(versions(peers))}.",
        f"{arguments.pairs} pairs each; nanoseconds a node (section D: see there).",
    ]
    size = library_bytes(arguments.library) if arguments.library else None
    if size is not None:
        lines.append(f"The shared library: {size:,} bytes of code and data.")
    return "\n".join(lines)
