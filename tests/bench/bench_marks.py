"""The marks: what the figures are to be, and whether they are."""

import dataclasses
import math

from bench_plan import BUDGET, BUDGET_US, CLASSIC, LANGUAGES, OURS, size_of
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


def find(results, section, peer, size=None, values=False, kind="", subject=OURS):
    """Results by workload; `kind` is which of the walks. `ints` are values: structs have none."""
    return {
        r.pair.ours: r
        for r in results
        if r.pair.section == section
        and r.pair.peer == peer
        and r.pair.subject == subject
        and (size is None or r.pair.size == size_of(r.pair.theirs, size))
        and (r.pair.ours.endswith("-zval") == values or r.pair.ours == "ints-zval")
        and walk_kind(r.pair) == kind
    }


def find_both(results, *which, **more):
    """With own structs and with values."""
    return find(results, *which, **more) | find(results, *which, values=True, **more)


def named(results, *names):
    """Those of the workloads that begin with one of the names."""
    return {name: r for name, r in results.items() if name.startswith(names)}


def walk_kind(pair):
    last = pair.theirs.rpartition("-")[2]
    return last if last in ("table", "found") else ""


def geometric_mean(ratios):
    return math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))


def times(found):
    """Our time by the peer's."""
    return {name: 1 / r.ratio() for name, r in found.items()}


def at_most(text, values, most):
    """No mark without a value; what is above the limit is named, else the largest."""
    if not values:
        return []
    ordered = sorted(((value, name) for name, value in values.items()), reverse=True)
    over = [f"{name} {value:.2f}" for value, name in ordered if value > most]
    measured = ", ".join(over) or f"at most {ordered[0][0]:.2f} ({ordered[0][1]})"
    return [Mark(text, f"at most {most:g}", measured, not over)]


def at_least(text, value, least):
    return [Mark(text, f"at least {least:g}", f"{value:.2f}", value >= least)]


# ---- section A -----------------------------------------------------------------------


def largest_size(results):
    sizes = {r.pair.size for r in results if r.pair.section == "A" and r.pair.peer == "php"}
    return MILLION if MILLION in sizes or not sizes else max(sizes)


def language_marks(results, size):
    marks = []
    for peer in LANGUAGES:
        for values in (False, True):
            found = find(results, "A", peer, size, values=values)
            # An array of integers is not looked at at all: one more digit in its ratio says nothing.
            ratios = [r.ratio() for name, r in found.items() if name != "ints-zval"]
            if ratios:
                what = f"{peer}, values" if values else peer
                text = f"A: faster than {what}, geometric mean at {size:,}"
                marks += at_least(text, geometric_mean(ratios), 5)
                marks += at_most(f"A: no workload slower than with {what}", times(found), 1)
    return marks


def collection_marks(results):
    size = largest_size(results)
    marks = language_marks(results, size)
    for name, least in (("random-live", 3), ("list-live", 1)):
        result = find(results, "A", "boehm", size).get(name)
        if result:
            marks += at_least(f"A: faster than Boehm's mark, {name}", result.ratio(), least)
    found = times(find(results, "A", "boehm", size))
    marks += at_most("A: no workload slower than Boehm's mark", found, 1)
    large = times(find(results, "A", OURS))
    marks += at_most("A: cost a node at 10^7 by that at 10^5", large, 3)
    for walked in (size, 10 * MILLION):
        found = times(find(results, "A", "walk", walked))
        marks += at_most(f"A: cost by the bare walk's, {walked:,}", found, 2.5)
    found = times(find(results, "A", "walk", size, kind="found"))
    return marks + at_most(f"A: cost by a walk that finds its way, {size:,}", found, 2.5)


# ---- section B -----------------------------------------------------------------------


def program_marks(results):
    by_hand = find(results, "B", "malloc")
    marks = at_most("B: churn by malloc and free by hand", times(named(by_hand, "churn")), 1.6)
    for peer in LANGUAGES + ["boehm"]:
        found = named(find_both(results, "B", peer), "churn")
        marks += at_most(f"B: churn by {peer}", times(found), 1)
    trees = times(named(by_hand, "binary-trees", "gcbench"))
    with_parents = {name: trees.pop(name) for name in list(trees) if "parents" in name}
    marks += at_most("B: trees by malloc and free by hand", trees, 1.2)
    marks += at_most("B: trees with parent links by malloc and free by hand", with_parents, 1.2)
    on_by_off = {
        f"{r.pair.ours} {r.pair.size:,}": 1 / r.ratio()
        for r in results
        if r.pair.section == "B" and r.pair.theirs.startswith("composer-off")
        if r.pair.peer == OURS
    }
    marks += at_most("B: composer, collector on by off", on_by_off, 1.05)
    classic = find_both(results, "B", CLASSIC)
    for what, of in (
        ("in use", lambda run: run.peak_bytes),
        ("from the system", lambda run: run.peak_system_bytes),
    ):
        peaks = {name: r.our_share(of) for name, r in classic.items()}
        marks += at_most(f"B: peak memory by the classic policy's, {what}", peaks, 1.5)
    return marks


# ---- section C -----------------------------------------------------------------------


def growth_marks(results):
    """What our own programs are to keep to, whatever the peers do."""
    against_none, built, built_again = {}, {}, {}
    for result in results:
        pair = result.pair
        if pair.section == "C" and pair.peer == pair.subject == OURS:
            if pair.their_size == 0:
                against_none[f"{pair.ours} {pair.size:,}"] = 1 / result.ratio()
            elif pair.ours == "build":
                built[f"{pair.size:,}"] = 1 / result.ratio()
            elif pair.ours == "build-again":
                built_again[f"{pair.size:,}"] = 1 / result.ratio()
    marks = at_most("C: a step beside the largest list by one beside none", against_none, 1.3)
    marks += at_most("C: building a list, collector on by off", built, 1.15)
    return marks + at_most("C: the same in memory that is there already", built_again, 1.15)


def pause_marks(results):
    found = find(results, "C", CLASSIC, subject=BUDGET)
    if not found:
        return []
    rows = [row for row in pause_rows(results) if row.program == BUDGET]
    nodes = max(row.size for row in rows)
    longest = {row.workload: row.figures()[-1] / 1e6 for row in rows if row.size == nodes}
    # There the system's part is in the steps, too: it has to find and to clear the pages.
    building = {name: longest.pop(name) for name in list(longest) if name == "pauses-build"}
    text = f"C: longest pause of a run in ms, budget {BUDGET_US} us, {nodes:,} nodes"
    marks = at_most(text, longest, 1)
    marks += at_most(f"{text}, while they are made", building, 1)
    peaks = {name: r.our_share(lambda run: run.pauses.peak_kib) for name, r in found.items()}
    marks += at_most("C: peak memory, with a budget, by the classic policy's", peaks, 1.5)
    return marks + at_most("C: time, with a budget, by the classic policy's", times(found), 1.3)


# ---- section D -----------------------------------------------------------------------


def small_marks(results):
    pairs = named(find_both(results, "D", OURS), "pair")
    marks = at_most("D: retain and release by a bare ++ and --", times(pairs), 1.3)
    nodes = named(find_both(results, "D", "php"), "bytes")
    return marks + at_most("D: bytes a node by PHP's", times(nodes), 1)


def judge(results):
    marks = collection_marks(results) + program_marks(results)
    return marks + growth_marks(results) + pause_marks(results) + small_marks(results)


def summary(marks):
    return f"{sum(mark.met for mark in marks)} of {len(marks)} marks are met."


def print_marks(marks):
    for mark in marks:
        print(f"{mark.verdict():>6}  {mark.text}: {mark.measured} (wanted: {mark.wanted})")
    print(f"{summary(marks)}\n")
