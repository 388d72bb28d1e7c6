"""What programs report, the file in which every run is kept, and the results made of it."""

import dataclasses
import json
import re
import statistics

from bench_plan import Pair

NAMES = ["p50", "p99", "p99.9", "longest"]


@dataclasses.dataclass
class Pauses:
    """Every step of a workload that took more than a hundred microseconds, in nanoseconds."""

    steps: int
    lengths: list
    peak_kib: int

    def __post_init__(self):
        self.lengths.sort()

    def quantile(self, share):
        """The least length that so large a share of the pauses does not exceed; 0 without any."""
        if not self.lengths:
            return 0
        return self.lengths[min(int(share * len(self.lengths)), len(self.lengths) - 1)]

    def figures(self):
        """In the order of NAMES."""
        return [self.quantile(0.5), self.quantile(0.99), self.quantile(0.999), self.quantile(1)]

    def total(self):
        return sum(self.lengths)


@dataclasses.dataclass
class Measurement:
    """What one run of a program has printed."""

    figure: float
    count: int = None
    peak_bytes: int = None  # in use by the heap, of our own program
    peak_system_bytes: int = None  # and what that heap held from the system
    pauses: Pauses = None


def read_output(output, report):
    pauses = None
    steps = number_after("steps", report)
    if steps is not None:
        lengths = [int(x) for x in re.findall(r"^pause (\d+)$", report, re.MULTILINE)]
        pauses = Pauses(steps, lengths, number_after("peak", report))
    numbers = [number_after(w, report) for w in ("count", "heap-peak", "heap-system-peak")]
    return Measurement(float(output), *numbers, pauses)


def number_after(word, report):
    found = re.search(rf"^{word} (\d+)$", report, re.MULTILINE)
    return int(found.group(1)) if found else None


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
        if self.pair.same_work and theirs.count and ours.count and theirs.count != ours.count:
            self.note = f"not the same work: {ours.count} and {theirs.count}"

    def ratios(self):
        return [
            theirs.figure / max(ours.figure, 1e-9)
            for ours, theirs in zip(self.ours, self.theirs)
        ]

    def ratio(self):
        return statistics.median(self.ratios())

    def our_median(self):
        return statistics.median(run.figure for run in self.ours)

    def their_median(self):
        return statistics.median(run.figure for run in self.theirs)

    def our_share(self, of):
        """The median of what `of` takes of our run by what it takes of the peer's."""
        return statistics.median(of(x) / of(y) for x, y in zip(self.ours, self.theirs))

    def line(self):
        low, high = min(self.ratios()), max(self.ratios())
        spread = f"({figure(low)} to {figure(high)}, {len(self.ours)} pairs)"
        text = f"{self.pair.title():52} {figure(self.our_median()):>8} {figure(self.their_median()):>8}"
        return f"{text}  {figure(self.ratio()):>7} {spread} {self.note}".rstrip()


# ---- the file of runs: a line for each, written as it comes ----------------------------


class RunsFile:
    """Every run of a session, so that results can be made of it, also of a session cut short."""

    def __init__(self, path, heading):
        self.file = open(path, "w")
        self.write({"heading": heading})

    def write(self, line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def add(self, pair, ours, theirs):
        both = {"ours": dataclasses.asdict(ours), "theirs": dataclasses.asdict(theirs)}
        self.write({"pair": dataclasses.asdict(pair), **both})

    def leave_out(self, text):
        self.write({"left_out": text})


def measurement_of(fields):
    pauses = fields.pop("pauses")
    return Measurement(**fields, pauses=Pauses(**pauses) if pauses else None)


def read_runs(path):
    """The heading, the results in the order of the plan, and what was left out."""
    heading, results, left_out = "", {}, []
    with open(path) as file:
        for line in map(json.loads, file):
            if "pair" in line:
                pair = Pair(**line["pair"])
                result = results.setdefault(pair, Result(pair))
                result.add(measurement_of(line["ours"]), measurement_of(line["theirs"]))
            elif "left_out" in line:
                left_out.append(line["left_out"])
            else:
                heading = line["heading"]
    return heading, list(results.values()), left_out


# ---- pauses ------------------------------------------------------------------------


@dataclasses.dataclass
class PauseRow:
    """The pauses of one program in one workload: medians over its runs."""

    workload: str
    size: int
    program: str
    runs: list

    def median(self, of):
        return statistics.median(of(run) for run in self.runs)

    def figures(self):
        """In the order of NAMES."""
        columns = zip(*(run.figures() for run in self.runs))
        return [statistics.median(column) for column in columns]

    def numbers(self):
        """Steps, pauses, the time in them, peak memory in KiB."""
        return [
            self.median(lambda run: run.steps),
            self.median(lambda run: len(run.lengths)),
            self.median(Pauses.total),
            self.median(lambda run: run.peak_kib),
        ]


def pause_rows(results):
    """A row for each workload and program, in the order in which they were first run."""
    rows = {}
    for result in results:
        pair = result.pair
        for workload, size, program, runs in (
            (pair.ours, pair.size, pair.subject, result.ours),
            (pair.theirs, pair.their_size, pair.peer, result.theirs),
        ):
            measured = [run.pauses for run in runs if run.pauses is not None]
            if measured:
                key = (workload, size, program)
                rows.setdefault(key, PauseRow(*key, [])).runs.extend(measured)
    return sorted(rows.values(), key=lambda row: (row.workload, row.size))


def figure(value):
    """Three digits or the whole number."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
