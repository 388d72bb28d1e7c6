"""Which workloads are run against which peers, and how large."""

import dataclasses

SHAPES = (
    "self list-dead list-live shuffled-dead shuffled-live random-dead random-live "
    "tree-dead tree-live rings21 strings"
).split()
COLLECTIONS = SHAPES + ["hub", "nested"]
LIVE = "list-live shuffled-live random-live tree-live hub".split()
LANGUAGES = ["php", "python", "orc"]
NESTED_SIZE = 499_500  # references: 1,000 lists

# Section B: the size, and for a slow peer a smaller one. composer and lru are smaller than
# they are meant to be, since classic runs over all that is live, again and again, take minutes.
PROGRAMS = {
    "churn-1": (3_000_000, {}),
    "churn-10": (3_000_000, {}),
    "churn-100": (3_000_000, {}),
    "closures": (1_000_000, {}),
    "gcbench": (18, {"python": 17}),
    "gcbench-parents": (18, {"python": 17}),
    "binary-trees": (18, {"php": 16, "python": 15, "boehm": 18, "orc": 18}),
    "ggauss": (1_000_000, {}),
    "lru": (100_000, {}),
    "dom": (100, {}),
    "composer": (50_000, {}),
}
# As large as they are meant to be, without classic runs; few pairs, since PHP takes a minute.
LARGE_PROGRAMS = {"composer": 1_000_000, "lru": 1_000_000}
SHORT_SIZES = {"gcbench": 15, "gcbench-parents": 15, "binary-trees": 13, "dom": 5}
SHORT_SIZES |= {"composer": 10_000, "lru": 50_000, "ggauss": 100_000, "closures": 100_000}
SHORT_SIZES |= {"churn-1": 300_000, "churn-10": 300_000, "churn-100": 300_000}
VALUE_PROGRAMS = "churn-1 churn-10 churn-100 closures composer binary-trees".split()

# Our program and Boehm's collector with other settings than they have by themselves.
BUDGET_US = 500
GENERATIONAL = "rcycle-generational"
CLASSIC = "rcycle-classic"
BUDGET = "rcycle-budget"
VARIANTS = {
    GENERATIONAL: ("rcycle", {"RCYCLE_POLICY": "generational"}),
    CLASSIC: ("rcycle", {"RCYCLE_POLICY": "classic"}),
    BUDGET: ("rcycle", {"RCYCLE_POLICY": "generational", "RCYCLE_PAUSE_US": str(BUDGET_US)}),
    # Its budget is in whole milliseconds.
    "boehm-incremental": ("boehm", {"GC_ENABLE_INCREMENTAL": "1", "GC_PAUSE_TIME_TARGET": "1"}),
}
PAUSES = "pauses-beside pauses-ggauss pauses-build".split()


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two programs to be run in turn."""

    section: str
    ours: str  # our workload
    size: int
    peer: str
    theirs: str  # the peer's workload
    their_size: int
    same_work: bool = True  # what both count has to agree
    subject: str = "rcycle"  # or a variant of it
    most_pairs: int = 100  # of what takes long, fewer are enough

    def title(self):
        subject = "" if self.subject == "rcycle" else f" {self.subject}"
        theirs = "" if self.theirs == self.ours else f" {self.theirs}"
        size = f" {self.their_size:,}" if self.their_size != self.size else ""
        return f"{self.ours} {self.size:,}{subject} / {self.peer}{theirs}{size}"


def pair(section, ours, size, peer, theirs=None, their_size=None, same_work=True, **more):
    theirs = ours if theirs is None else theirs
    their_size = size if their_size is None else their_size
    return Pair(section, ours, size, peer, theirs, their_size, same_work, **more)


def collections(size, peers=("php", "python", "orc", "boehm", "walk")):
    """Section A at one size, with own structs; the array of integers is a value."""
    plan = []
    for workload in COLLECTIONS:
        workload_size = NESTED_SIZE if workload == "nested" and size > NESTED_SIZE else size
        for peer in peers:
            if peer == "boehm" and workload not in LIVE:
                continue
            if peer == "walk" and workload not in SHAPES:
                continue
            # What the others count as freed differs: the text of a node, or nothing at all.
            same = peer in ("php", "python") and workload != "strings"
            plan.append(pair("A", workload, workload_size, peer, same_work=same))
    for peer in ("php", "python"):
        if peer in peers:
            plan.append(pair("A", "ints-zval", size, peer, "ints"))
    return plan


def collections_of_values(size):
    plan = []
    for workload in COLLECTIONS:
        workload_size = NESTED_SIZE if workload == "nested" and size > NESTED_SIZE else size
        same = workload != "strings"
        ours = f"{workload}-zval"
        plan.append(pair("A", ours, workload_size, "php", workload, same_work=same))
    return plan


def programs(sizes):
    """Section B; `sizes` gives (size, smaller sizes) for each workload."""
    plan = []
    for workload, (size, smaller) in sizes.items():
        for peer in ("php", "python", "orc", "boehm", "malloc"):
            if workload == "composer" and peer in ("boehm", "malloc"):
                continue  # they count nothing, so there is nothing to compare
            plan.append(pair("B", workload, smaller.get(peer, size), peer))
    for workload in VALUE_PROGRAMS:
        size, smaller = sizes[workload]
        plan.append(pair("B", f"{workload}-zval", smaller.get("php", size), "php", workload))
    size = sizes["composer"][0]
    plan.append(pair("B", "composer", size, "rcycle", "composer-off"))
    plan.append(pair("B", "composer-zval", size, "rcycle", "composer-off-zval"))
    return plan


def small_costs(pairs, nodes):
    """Section D."""
    return [
        pair("D", "pair", pairs, "rcycle", "pair-bare"),
        pair("D", "pair-zval", pairs, "rcycle", "pair-bare"),
        pair("D", "bytes", nodes, "php"),
        pair("D", "bytes-zval", nodes, "php", "bytes"),
        pair("D", "bytes-system", nodes, "php"),
        pair("D", "bytes-system-zval", nodes, "php", "bytes-system"),
        pair("D", "first", 1, "php"),
        pair("D", "first", 1, "python"),
        pair("D", "first", 1, "orc", same_work=False),
    ]


def large_against_small():
    """The cost per node of a large graph against that of a small one."""
    return [
        pair("A", workload, 10_000_000, "rcycle", workload, 100_000, same_work=False)
        for workload in SHAPES + ["hub"]
    ]


def policies(sizes):
    """Section B again, one policy against the other, and what only one of them can stand."""
    plan = [
        pair("B", workload, size, CLASSIC, subject=GENERATIONAL)
        for workload, (size, _) in sizes.items()
    ]
    for workload, size in LARGE_PROGRAMS.items():
        for peer in ("php", "python", "orc", "boehm", "malloc"):
            if workload != "composer" or peer in LANGUAGES:
                plan.append(pair("B", workload, size, peer, subject=GENERATIONAL, most_pairs=3))
    large = LARGE_PROGRAMS["composer"]
    for workload in ("composer", "composer-zval"):
        off = workload.replace("composer", "composer-off")
        plan.append(pair("B", workload, large, GENERATIONAL, off, subject=GENERATIONAL))
    return plan


def growth(live_sizes, build_sizes, slow, long="-long"):
    """Section C: churn beside live lists, and building them. `slow` is the most for classic runs
    while a list is built: each looks at all of it. `long` is the ending of the workloads for
    Boehm's collector, which is to begin a collection at all."""
    plan = []
    ours = {"subject": GENERATIONAL}
    for size in live_sizes:
        for peer in LANGUAGES + ["malloc", CLASSIC]:
            plan.append(pair("C", "beside", size, peer, **ours))
        for peer in ("boehm", "boehm-incremental"):
            plan.append(pair("C", f"beside{long}", size, peer, **ours))
        plan.append(pair("C", "beside-zval", size, "php", "beside", **ours))
    for workload in dict.fromkeys(("beside", f"beside{long}", "beside-zval")):
        largest = live_sizes[-1]
        none = {"theirs": workload, "their_size": 0, "same_work": False}
        plan.append(pair("C", workload, largest, GENERATIONAL, **none, **ours))
    for size in build_sizes:
        plan.append(pair("C", "build", size, GENERATIONAL, "build-off", **ours))
        for peer in LANGUAGES + ["boehm", "malloc"]:
            plan.append(pair("C", "build", size, peer, **ours))
        if size <= slow:
            plan.append(pair("C", "build", size, CLASSIC, **ours))
    return plan


def pauses(live, slow, long="-long"):
    """Every pause beside `live` nodes, and while that many are made."""
    plan = []
    for workload in PAUSES:
        common = {"subject": GENERATIONAL, "most_pairs": 3}
        plan.append(pair("C", workload, live, BUDGET, **common))
        for peer in LANGUAGES + ["malloc"]:
            plan.append(pair("C", workload, live, peer, **common))
        ending = "" if workload == "pauses-build" else long
        for peer in ("boehm", "boehm-incremental"):
            plan.append(pair("C", f"{workload}{ending}", live, peer, **common))
        common["subject"] = BUDGET
        size = min(live, slow) if workload == "pauses-build" else live
        plan.append(pair("C", workload, size, CLASSIC, **common))
    return plan


def releases_and_forks(released, forked):
    plan = []
    for workload in ("release-list", "release-tree"):
        for peer in LANGUAGES + ["malloc"]:
            plan.append(pair("C", workload, released, peer))
    for peer in LANGUAGES:
        plan.append(pair("C", "release-nested-zval", released, peer, "release-nested"))
    for peer in LANGUAGES + ["boehm"]:
        plan.append(pair("C", "fork", forked, peer))
    return plan


def full():
    plan = small_costs(100_000_000, 1_000_000)
    plan += programs(PROGRAMS)
    plan += collections(1_000_000)
    for name in SHAPES:
        plan.append(pair("A", name, 1_000_000, "walk", f"{name}-found", None, False))
    plan += large_against_small()
    plan += collections_of_values(1_000_000)
    plan += collections(100_000)
    for name in ("list-live", "random-dead", "random-live"):
        plan.append(pair("A", name, 10_000_000, "walk", same_work=False))
    plan += collections(10_000)
    plan += policies(PROGRAMS)
    live_sizes = [0, 10_000, 100_000, 1_000_000, 4_000_000]
    plan += growth(live_sizes, [100_000, 1_000_000, 10_000_000], slow=1_000_000)
    plan += pauses(10_000_000, slow=1_000_000)
    return plan + releases_and_forks(10_000_000, 1_000_000)


def short():
    sizes = {name: (SHORT_SIZES[name], {}) for name in PROGRAMS}
    plan = small_costs(10_000_000, 100_000) + collections(100_000) + programs(sizes)
    plan += growth([0, 20_000], [20_000], slow=20_000, long="")
    plan += pauses(20_000, slow=20_000, long="") + releases_and_forks(100_000, 100_000)
    return [
        dataclasses.replace(pair, most_pairs=1) if pair.section == "C" else pair for pair in plan
    ]
