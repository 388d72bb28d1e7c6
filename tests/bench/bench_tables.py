"""How results are written down."""

import csv
import os
import platform
import re
import statistics
import subprocess

from bench_marks import summary
from bench_plan import OURS, PEERS
from bench_results import NAMES, figure, pause_rows


COLUMNS = (
    "section workload size subject peer peer_workload peer_size pairs ours theirs ratio low high "
    "our_peak_bytes their_peak_bytes note"
)
PAUSE_COLUMNS = "workload live program run steps peak_kib pauses pauses_ns".split()


def write_csv(path, results):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.split())
        for result in results:
            pair, ratios = result.pair, result.ratios()
            writer.writerow(
                [pair.section, pair.ours, pair.size, pair.subject]
                + [pair.peer, pair.theirs, pair.their_size]
                + [len(ratios), f"{result.our_median():.6g}", f"{result.their_median():.6g}"]
                + [f"{x:.6g}" for x in (result.ratio(), min(ratios), max(ratios))]
                + [median_peak(result.ours), median_peak(result.theirs), result.note]
            )


def median_peak(runs):
    """Of what our heap had in use; nothing for the peers."""
    peaks = [run.peak_bytes for run in runs if run.peak_bytes is not None]
    return int(statistics.median(peaks)) if peaks else ""


def write_pauses_csv(path, results):
    """A line for each run, with the figures and behind them every pause."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PAUSE_COLUMNS[:-2] + NAMES + PAUSE_COLUMNS[-2:])
        for row in pause_rows(results):
            for number, run in enumerate(row.runs):
                writer.writerow(
                    [row.workload, row.size, row.program, number, run.steps, run.peak_kib]
                    + run.figures()
                    + [len(run.lengths), " ".join(map(str, run.lengths))]
                )


def print_table(results):
    title = f"{'workload, size / peer':52} {'ours':>8} {'theirs':>8}    ratio (lowest to highest)"
    for section in sorted({result.pair.section for result in results}):
        print(f"\nSection {section}\n{title}")
        for result in results:
            if result.pair.section == section:
                print(result.line())
    print_pauses(pause_rows(results))
    print()


def print_pauses(rows):
    if rows:
        print(f"\nPauses of more than 100 us, in us: {', '.join(PAUSE_HEADING)}")
    for row in rows:
        cells = enumerate(pause_cells(row))
        print(" ".join(f"{cell:>{PAUSE_WIDTHS[place]}}" for place, cell in cells))


PAUSE_HEADING = ["workload", "nodes", "program", "steps", "pauses", *NAMES, "together", "peak MiB"]
PAUSE_WIDTHS = [18, 10, 19, 10, 7, 8, 8, 8, 9, 11, 8]


def microseconds(nanoseconds):
    return figure(nanoseconds / 1000)


def pause_cells(row):
    steps, pauses, total, peak_kib = row.numbers()
    cells = [row.workload, f"{row.size:,}", row.program, f"{steps:,.0f}", f"{pauses:,.0f}"]
    cells += [microseconds(value) for value in row.figures() + [total]]
    return cells + [figure(peak_kib / 1024)]


def pause_table(results):
    lines = ["", "### Pauses", "", "Steps of more than 100 microseconds; times in microseconds, medians over the runs.", ""]
    lines += [f"| {' | '.join(PAUSE_HEADING)} |", "|---" * len(PAUSE_HEADING) + "|"]
    return lines + [f"| {' | '.join(pause_cells(row))} |" for row in pause_rows(results)]


def markdown_row(result):
    pair, ratios = result.pair, result.ratios()
    workload = pair.ours if pair.subject == OURS else f"{pair.ours}, {pair.subject}"
    size = f"{pair.size:,}"
    if pair.their_size != pair.size:
        size += f" / {pair.their_size:,}"
    peer = pair.peer if pair.theirs == pair.ours else f"{pair.peer}, {pair.theirs}"
    cells = [workload, size, peer, figure(result.our_median()), figure(result.their_median())]
    cells += [figure(result.ratio()), f"{figure(min(ratios))} to {figure(max(ratios))}"]
    return f"| {' | '.join(cells + [str(len(ratios))])} |"


def marks_table(marks):
    lines = ["| mark | wanted | measured | |", "|---|---|---|---|"]
    return lines + [
        f"| {mark.text} | {mark.wanted} | {mark.measured} | {mark.verdict()} |" for mark in marks
    ]


def section_tables(results):
    lines = []
    for section in sorted({result.pair.section for result in results}):
        lines += ["", f"### Section {section}", ""]
        lines += ["| workload | size | peer | ours | theirs | ratio | lowest to highest | pairs |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        lines += [markdown_row(r) for r in results if r.pair.section == section]
    return lines + (pause_table(results) if pause_rows(results) else [])


def left_out_list(left_out):
    return ["", "### Left out", ""] + [f"- {line}" for line in left_out] if left_out else []


def losses(results):
    """For each peer the workloads, at their largest size, in which it is faster."""
    slower = {}
    for r in sorted(results, key=lambda r: r.pair.size):
        pair = r.pair
        if pair.subject == OURS and pair.peer in PEERS and not pair.ours.startswith("pauses"):
            ours = pair.ours.removesuffix("-long")
            slower.setdefault(pair.peer, {})[ours] = (r.ratio(), pair.size)
    lines = []
    for peer in PEERS:
        lost = sorted((x, name, size) for name, (x, size) in slower.get(peer, {}).items() if x < 1)
        if lost:
            texts = [f"{name} {size:,} ({figure(x)})" for x, name, size in lost]
            lines.append(f"- **{peer}**: {', '.join(texts)}.")
    return lines or ["Nowhere."]


def write_markdown(path, heading, results, marks, left_out):
    lines = [heading, "", summary(marks), ""] + marks_table(marks)
    lines += ["", "### Where a peer is faster", ""] + losses(results)
    lines += section_tables(results) + left_out_list(left_out)
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
        f"rcycle is compiled with {arguments.compiler}.",
    ]
    if arguments.short:
        lines.append("The short form of the driver: small sizes, few pairs.")
    size = library_bytes(arguments.library) if arguments.library else None
    if size is not None:
        lines.append(f"The shared library: {size:,} bytes of code and data.")
    return "\n".join(lines)
