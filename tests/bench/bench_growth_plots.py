"""SVG plots of section C: cost against what is alive, and pauses."""

from bench_plan import BUDGET, CLASSIC, OURS
from bench_plots import gnuplot
from bench_results import NAMES, pause_rows

COLOURS = {
    OURS: "#9400d3",
    BUDGET: "#e0118a",
    CLASSIC: "#c9a0dc",
    "php": "#4f5b93",
    "python": "#e69f00",
    "orc": "#b8a000",
    "boehm": "#007a3d",
    "boehm-incremental": "#6cc08b",
    "malloc": "#000000",
}
NONE_AT = 1000  # where 0 nodes are drawn on a logarithmic axis


def family(workload):
    """Workloads that differ in the number of steps alone."""
    return workload.removesuffix("-long")


def by_order(names):
    return [name for name in COLOURS if name in names]


def line(name):
    return f"lw {3 if name == OURS else 1.5} lc rgb '{COLOURS[name]}'"


def blocks(curves):
    """Gnuplot's data blocks; their names have no hyphen."""
    return "\n".join(
        f"${name.replace('-', '_')} << END\n"
        + "\n".join(f"{x:.6g} {y:.6g}" for x, y in sorted(curves[name]))
        + "\nEND"
        for name in by_order(curves)
    )


def plots(curves, style):
    return ", ".join(
        f"${name.replace('-', '_')} with {style} {line(name)} title '{name}'"
        for name in by_order(curves)
    )


# ---- cost against what is alive ---------------------------------------------------


def costs(results, workload):
    """For each program: {nodes: nanoseconds}, from the first pair in which it ran."""
    found = {}
    for result in results:
        pair = result.pair
        for name, ours, size, cost in (
            (pair.subject, pair.ours, pair.size, result.our_median()),
            (pair.peer, pair.theirs, pair.their_size, result.their_median()),
        ):
            if pair.section == "C" and family(ours) == workload:
                found.setdefault(name, {}).setdefault(size, cost)
    return {
        name: [(size or NONE_AT, cost) for size, cost in sizes.items()]
        for name, sizes in found.items()
    }


def draw_costs(folder, results, workload, title, unit):
    curves = costs(results, workload)
    if max((len(points) for points in curves.values()), default=0) < 2:
        return
    gnuplot(
        f"""{blocks(curves)}
set terminal svg size 680,420 background 'white'
set output '{folder}/growth_{workload}.svg'
set logscale xy
set format x '10^{{%L}}'
set xrange [{NONE_AT / 2}:]
set xtics add ('none' {NONE_AT})
set xlabel 'nodes alive'
set ylabel 'nanoseconds a {unit}'
set title '{title}'
set key outside right
set grid
plot {plots(curves, "linespoints pt 7 ps 0.5")}
"""
    )


# ---- pauses -----------------------------------------------------------------------


def rows_of(results, workload):
    """For each program its row, with the fewer steps if it has two; beside the most nodes."""
    rows = {}
    for row in pause_rows(results):
        if family(row.workload) == workload:
            shown = rows.get(row.program)
            if shown is None or (row.size, -len(row.workload)) > (shown.size, -len(shown.workload)):
                rows[row.program] = row
    return rows


def exceeded(row):
    """(length in us, how many pauses in a million steps are at least so long)."""
    lengths = sorted(x for run in row.runs for x in run.lengths)
    steps = sum(run.steps for run in row.runs)
    return [
        (length / 1000, (len(lengths) - place) * 1e6 / steps)
        for place, length in enumerate(lengths)
    ]


def draw_exceeded(folder, workload, rows):
    curves = {name: points for name, row in rows.items() if (points := exceeded(row))}
    if not curves:
        return
    gnuplot(
        f"""{blocks(curves)}
set terminal svg size 680,420 background 'white'
set output '{folder}/{workload.replace('-', '_')}.svg'
set logscale xy
set xlabel 'microseconds'
set ylabel 'pauses at least so long, in a million steps'
set title '{workload}: pauses beside {max(row.size for row in rows.values()):,} nodes'
set key outside right
set grid
plot {plots(curves, "fsteps")}
"""
    )


def draw_quantiles(folder, workload, rows):
    names = by_order(rows)
    table = "\n".join(
        " ".join([name] + [f"{max(x / 1000, 1):.6g}" for x in rows[name].figures()])
        for name in names
    )
    bars = [f"$rows using {i + 2}:xtic(1) title '{name}'" for i, name in enumerate(NAMES)]
    gnuplot(
        f"""$rows << END
{table}
END
set terminal svg size 1000,420 background 'white'
set output '{folder}/{workload.replace('-', '_')}_quantiles.svg'
set style data histograms
set style fill solid 0.8
set logscale y
set yrange [10:]
set xtics noenhanced font ',10'
set ylabel 'microseconds'
set title '{workload}: pauses of more than 100 us'
set key outside right
set grid y
plot {', '.join(bars)}
"""
    )


def draw(folder, results):
    draw_costs(folder, results, "beside", "churn beside a live list", "step")
    draw_costs(folder, results, "build", "building a live list", "node")
    workloads = dict.fromkeys(family(row.workload) for row in pause_rows(results))
    for workload in workloads:
        rows = rows_of(results, workload)
        draw_exceeded(folder, workload, rows)
        draw_quantiles(folder, workload, rows)
