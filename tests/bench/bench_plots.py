"""SVG plots of sections A and B: cost against size, and ours against each peer."""

import subprocess

PEERS = ["php", "python", "orc", "boehm", "malloc", "walk"]


def gnuplot(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def is_variant(pair):
    """Another kind of walk than the one in address order."""
    return pair.theirs.endswith(("-table", "-found"))


def costs_by_size(results, workload):
    """For ours and each peer: {size: nanoseconds a node}."""
    curves = {"rcycle": {}}
    for result in results:
        pair = result.pair
        if pair.section != "A" or pair.ours != workload or is_variant(pair):
            continue
        curves["rcycle"].setdefault(pair.size, result.our_median())
        if pair.peer in PEERS:
            curves.setdefault(pair.peer, {})[pair.their_size] = result.their_median()
    return curves


def draw_sizes(folder, results, workload):
    curves = costs_by_size(results, workload)
    if len(curves["rcycle"]) < 2:
        return
    data, plots = [], []
    for name in ["rcycle"] + [peer for peer in PEERS if peer in curves]:
        rows = "\n".join(f"{size} {cost:.6g}" for size, cost in sorted(curves[name].items()))
        data.append(f"${name} << END\n{rows}\nEND")
        width = 3 if name == "rcycle" else 1.5
        plots.append(f"${name} with linespoints lw {width} pt 7 ps 0.5 title '{name}'")
    gnuplot(
        "\n".join(data)
        + f"""
set terminal svg size 640,420 background 'white'
set output '{folder}/size_{workload}.svg'
set logscale xy
set format x '10^{{%L}}'
set xlabel 'nodes'
set ylabel 'nanoseconds a node'
set title '{workload}: one collection'
set key outside right
set grid
plot {', '.join(plots)}
"""
    )


def draw_ratios(folder, results, section, size=None):
    """A bar for each workload and peer: how many times our time the peer takes."""
    rows, peers = {}, []
    for result in results:
        pair = result.pair
        right_size = size is None or pair.size == size or pair.ours == "nested"
        values = pair.ours.endswith("-zval") or is_variant(pair)
        ours = pair.subject == "rcycle" and not values
        if pair.section == section and pair.peer in PEERS and right_size and ours:
            rows.setdefault(pair.ours, {})[pair.peer] = result.ratio()
    peers = [peer for peer in PEERS if any(peer in row for row in rows.values())]
    if not peers:
        return
    lines = [
        " ".join([name] + [f"{row[peer]:.4g}" if peer in row else "?" for peer in peers])
        for name, row in rows.items()
    ]
    bars = [f"$rows using {i + 2}:xtic(1) title '{peer}'" for i, peer in enumerate(peers)]
    newline = "\n"
    gnuplot(
        f"""$rows << END
{newline.join(lines)}
END
set terminal svg size 1000,460 background 'white'
set output '{folder}/ratios_{section}.svg'
set datafile missing '?'
set style data histograms
set style fill solid 0.8
set logscale y
set xtics rotate by -40 noenhanced
set ylabel 'their time by ours'
set title 'Section {section}: above 1, rcycle is faster'
set key outside right
set grid y
plot 1 with lines lc 'black' notitle, {', '.join(bars)}
"""
    )


def draw(folder, results):
    for workload in dict.fromkeys(r.pair.ours for r in results if r.pair.section == "A"):
        if not workload.endswith("-zval"):
            draw_sizes(folder, results, workload)
    sizes = {r.pair.size for r in results if r.pair.section == "A" and r.pair.peer == "php"}
    draw_ratios(folder, results, "A", 1_000_000 if 1_000_000 in sizes else max(sizes, default=0))
    draw_ratios(folder, results, "B")
