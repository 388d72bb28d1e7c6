"""The marks: what the figures are to be, and whether they are."""

import dataclasses
import math

import bench_plan
from bench_results import pause_rows

MILLION = 1_000_000


@dataclasses.dataclass
class Mark:
    text: str
    wanted: str
    measured: str
    met: bool

    def verdict(self):
        return "met" if self.met else "missed"


def find(results, section, peer, size=None, values=False, kind="", subject="rcycle"):
    """Results by workload; `kind` is which of the walks. `ints` are values: structs have none."""
    return {
        r.pair.ours: r
        for r in results
        if r.pair.section == section
        and r.pair.peer == peer
        and r.pair.subject == subject
        and (size is None or r.pair.size == size or r.pair.ours == "nested")
        and (r.pair.ours.endswith("-zval") == values or r.pair.ours == "ints-zval")
        and walk_kind(r.pair) == kind
    }


def walk_kind(pair):
    last = pair.theirs.rpartition("-")[2]
    return last if last in ("table", "found") else ""


def geometric_mean(ratios):
    return math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))


def inverse(result):
    """Our time by the peer's."""
    return 1 / result.ratio()


def worst_of(found, most):
    """The largest of our times by the peer's, and all those above the limit."""
    over = sorted(((inverse(r), name) for name, r in found.items()), reverse=True)
    named = [f"{name} {value:.2f}" for value, name in over if value > most]
    return over[0][0], ", ".join(named) or f"at most {over[0][0]:.2f} ({over[0][1]})"


def at_most(text, found, most):
    if not found:
        return []
    worst, named = worst_of(found, most)
    return [Mark(text, f"at most {most:g}", named, worst <= most)]


def largest_size(results):
    sizes = {r.pair.size for r in results if r.pair.section == "A" and r.pair.peer == "php"}
    return MILLION if MILLION in sizes or not sizes else max(sizes)


def collection_marks(results):
    size = largest_size(results)
    marks = []
    for peer in bench_plan.LANGUAGES:
        found = find(results, "A", peer, size)
        # An array of integers is not looked at at all: one more digit in its ratio says nothing.
        ratios = [r.ratio() for name, r in found.items() if name != "ints-zval"]
        if ratios:
            mean = geometric_mean(ratios)
            text = f"A: faster than {peer}, geometric mean at {size:,}"
            marks.append(Mark(text, "at least 5", f"{mean:.1f}", mean >= 5))
        marks += at_most(f"A: no workload slower than {peer}'s", found, 1)
    for name, least in (("random-live", 3), ("list-live", 1)):
        result = find(results, "A", "boehm", size).get(name)
        if result:
            ratio = result.ratio()
            text = f"A: faster than Boehm's mark, {name}"
            marks.append(Mark(text, f"at least {least}", f"{ratio:.2f}", ratio >= least))
    marks += at_most("A: cost a node at 10^7 by that at 10^5", find(results, "A", "rcycle"), 3)
    found = find(results, "A", "walk", size, kind="found")
    marks += at_most(f"A: cost by a walk that finds its way, {size:,}", found, 2.5)
    for walked in (size, 10 * MILLION):
        text = f"A: cost by the bare walk's in address order, {walked:,}"
        marks += at_most(text, find(results, "A", "walk", walked), 2.5)
    return marks


def program_marks(results):
    by_hand = find(results, "B", "malloc")
    churn = {name: r for name, r in by_hand.items() if name.startswith("churn")}
    marks = at_most("B: churn by malloc and free by hand", churn, 1.6)
    for peer in bench_plan.LANGUAGES + ["boehm"]:
        found = find(results, "B", peer)
        churn = {name: r for name, r in found.items() if name.startswith("churn")}
        marks += at_most(f"B: churn by {peer}", churn, 1)
    trees = {name: by_hand[name] for name in ("binary-trees", "gcbench") if name in by_hand}
    marks += at_most("B: trees by malloc and free by hand", trees, 1.2)
    for subject in ("rcycle", bench_plan.GENERATIONAL):
        found = {}
        for values in (False, True):
            found |= find(results, "B", subject, values=values, subject=subject)
        found = {name: r for name, r in found.items() if name.startswith("composer")}
        marks += at_most(f"B: composer, collector on by off, {subject}", found, 1.05)
    return marks


def small_marks(results):
    pairs = find(results, "D", "rcycle")
    marks = at_most("D: retain and release by a bare ++ and --", pairs, 1.3)
    for values in (False, True):
        found = find(results, "D", "php", values=values)
        found = {name: r for name, r in found.items() if name.startswith("bytes")}
        marks += at_most("D: bytes a node by PHP's", found, 1)
    return marks


def growth_marks(results):
    """What our own programs are to keep to, whatever the peers do."""
    against_none, built = {}, {}
    for result in results:
        pair = result.pair
        if pair.section == "C" and pair.peer == pair.subject:
            if pair.their_size == 0:
                against_none[f"{pair.ours} {pair.size:,}"] = result
            elif pair.ours == "build":
                built[f"{pair.size:,}"] = result
    marks = at_most("C: a step beside the largest list by one beside none", against_none, 1.3)
    return marks + at_most("C: building a list, collector on by off", built, 1.15)


def pause_marks(results):
    found = find(results, "C", bench_plan.CLASSIC, subject=bench_plan.BUDGET)
    if not found:
        return []
    rows = [row for row in pause_rows(results) if row.program == bench_plan.BUDGET]
    longest = max(rows, key=lambda row: row.figures()[-1])
    length = longest.figures()[-1] / 1e6
    text = f"C: longest pause with a budget of {bench_plan.BUDGET_US} us, {longest.size:,} nodes"
    measured = f"{length:.2f} ms ({longest.workload})"
    marks = [Mark(text, "at most 1 ms", measured, length <= 1)]
    peaks = sorted((result.peak_ratio(), name) for name, result in found.items())
    measured = f"{peaks[-1][0]:.2f} ({peaks[-1][1]})"
    text = "C: peak memory, with a budget, by classic's"
    marks.append(Mark(text, "at most 1.5", measured, peaks[-1][0] <= 1.5))
    return marks + at_most("C: time, with a budget, by classic's", found, 1.3)


def judge(results):
    marks = collection_marks(results) + program_marks(results)
    return marks + growth_marks(results) + pause_marks(results) + small_marks(results)


def print_marks(marks):
    for mark in marks:
        print(f"{mark.verdict():>6}  {mark.text}: {mark.measured} (wanted: {mark.wanted})")
    print(f"{sum(mark.met for mark in marks)} of {len(marks)} marks met\n")
