#!/usr/bin/env python3
"""Makes tables and plots of the runs that run.py has written down.

Into the folder of --results: results.csv, pauses.csv, results.md and SVG plots; a
table and the marks to the terminal. With --docs, a page, also into that page:
between its lines `<!-- begin NAME -->` and `<!-- end NAME -->` comes what belongs
there, and beside it come the plots that it shows.
"""

import argparse
import pathlib
import re
import shutil
import sys

sys.dont_write_bytecode = True  # nothing is to be written beside the sources

import bench_growth_plots
import bench_marks
import bench_plots
import bench_tables
from bench_results import read_runs

RUNS = "runs.jsonl"
INSTRUCTIONS = pathlib.Path(__file__).resolve().parent / "instructions.csv"


def draw_plots(folder, results):
    if shutil.which("gnuplot") is None:
        print("gnuplot is not there: no plots")
    else:
        bench_plots.draw(folder, results)
        bench_growth_plots.draw(folder, results)


def write_all(folder):
    heading, results, left_out = read_runs(folder / RUNS)
    marks = bench_marks.judge(results)
    bench_tables.write_csv(folder / "results.csv", results)
    bench_tables.write_pauses_csv(folder / "pauses.csv", results)
    bench_tables.write_markdown(folder / "results.md", heading, results, marks, left_out)
    print(f"\n{heading}")
    bench_tables.print_table(results)
    bench_marks.print_marks(marks)
    draw_plots(folder, results)
    print(f"Written: {folder}")


# ---- the page ------------------------------------------------------------------------


def instructions():
    """The guard's figures, a column for each compiler."""
    rows = [line.split(",") for line in INSTRUCTIONS.read_text().split("\n")[1:] if line]
    compilers = sorted({row[0] for row in rows})
    counts = {(row[1], row[2]): {} for row in rows}
    for compiler, workload, size, count in rows:
        counts[workload, size][compiler] = f"{int(count):,}"
    lines = [f"| workload | size | {' | '.join(compilers)} |", "|---" * (2 + len(compilers)) + "|"]
    for (workload, size), found in counts.items():
        cells = [workload, f"{int(size):,}"] + [found.get(name, "") for name in compilers]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def parts(folder):
    heading, results, left_out = read_runs(folder / RUNS)
    marks = bench_marks.judge(results)
    tables = [heading] + bench_tables.section_tables(results) + bench_tables.left_out_list(left_out)
    return {
        "marks": [bench_marks.summary(marks), ""] + bench_tables.marks_table(marks),
        "losses": bench_tables.losses(results),
        "tables": tables,
        "instructions": instructions(),
    }


def fill(text, name, lines):
    pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
    body = "\n".join(lines)
    text, found = re.subn(pattern, lambda m: f"{m[1]}{body}\n{m[2]}", text, flags=re.DOTALL)
    if found != 1:
        sys.exit(f"the page has {found} places for {name}")
    return text


def copy_plots(folder, page, text):
    """Those that the page shows as bench_NAME.svg."""
    for name in re.findall(r"\(bench_(\w+\.svg)\)", text):
        if (folder / name).exists():
            shutil.copyfile(folder / name, page.parent / f"bench_{name}")
        else:
            print(f"{name} has not been drawn")


def write_page(folder, page):
    text = page.read_text()
    for name, lines in parts(folder).items():
        text = fill(text, name, lines)
    page.write_text(text)
    copy_plots(folder, page, text)
    print(f"Written: {page}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=pathlib.Path, required=True, help="folder of runs.jsonl")
    parser.add_argument("--docs", type=pathlib.Path, help="the page, docs/benchmarks.md")
    arguments = parser.parse_args()
    write_all(arguments.results)
    if arguments.docs:
        write_page(arguments.results, arguments.docs)


if __name__ == "__main__":
    main()
