"""Which workloads are run against which peers, and how large."""

import dataclasses

SHAPES = (
    "self list-dead list-live shuffled-dead shuffled-live random-dead random-live "
    "tree-dead tree-live rings21 strings"
).split()
COLLECTIONS = SHAPES + ["hub", "nested"]
LIVE = "list-live shuffled-live random-live tree-live hub".split()
LANGUAGES = ["php", "python", "orc"]
PEERS = LANGUAGES + ["boehm", "malloc"]
NESTED_SIZE = 499_500  # references: 1,000 lists

# Section B: the size, and for a slow peer a smaller one.
PROGRAMS = {
    "churn-1": (3_000_000, {}),
    "churn-10": (3_000_000, {}),
    "churn-100": (3_000_000, {}),
    "closures": (1_000_000, {}),
    "gcbench": (18, {"python": 17}),
    "gcbench-parents": (18, {"python": 17}),
    "binary-trees": (18, {"php": 16, "python": 15}),
    "ggauss": (1_000_000, {}),
    "lru": (100_000, {}),
    "dom": (100, {}),
    "composer": (50_000, {}),
}
# As large as they are meant to be: classic runs over all that is live, again and again, take
# minutes, and so do the peers that are named with the pairs that they can be given.
LARGE_PROGRAMS = {
    "composer": (1_000_000, {"php": 1, "orc": 1, "python": 3}),
    "lru": (1_000_000, {"php": 3, "python": 3}),
}
SHORT_SIZES = {"gcbench": 15, "gcbench-parents": 15, "binary-trees": 13, "dom": 5}
SHORT_SIZES |= {"composer": 10_000, "lru": 20_000, "ggauss": 100_000, "closures": 100_000}
SHORT_SIZES |= {"churn-1": 300_000, "churn-10": 300_000, "churn-100": 300_000}
VALUE_PROGRAMS = "churn-1 churn-10 churn-100 closures composer binary-trees".split()

# Our program has the default policy, said explicitly, and is also run with other settings; so is
# Boehm's collector.
OURS = "rcycle"
CLASSIC = "rcycle-classic"
BUDGET = "rcycle-budget"
BUDGET_US = 500
VARIANTS = {
    OURS: (OURS, {"RCYCLE_POLICY": "generational"}),
    CLASSIC: (OURS, {"RCYCLE_POLICY": "classic"}),
    BUDGET: (OURS, {"RCYCLE_POLICY": "generational", "RCYCLE_PAUSE_US": str(BUDGET_US)}),
    # Its budget is in whole milliseconds.
    "boehm-incremental": ("boehm", {"GC_ENABLE_INCREMENTAL": "1", "GC_PAUSE_TIME_TARGET": "1"}),
}
PAUSES = "pauses-beside pauses-ggauss pauses-build".split()

# While a list is built all of its memory is touched for the first time, and some is in other steps
# that are timed one by one. Nobody needs more a node.
TOUCHED_FIRST = ("build", "pauses")
TOUCHED_NODE_BYTES = 160


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
    subject: str = OURS  # or a variant of it
    most_pairs: int = 100  # of what takes long, fewer have to be enough

    def title(self):
        subject = "" if self.subject == OURS else f" {self.subject}"
        theirs = "" if self.theirs == self.ours else f" {self.theirs}"
        size = f" {self.their_size:,}" if self.their_size != self.size else ""
        return f"{self.ours} {self.size:,}{subject} / {self.peer}{theirs}{size}"


def touched_first(workload, size):
    """Bytes that a program touches for the first time while it is measured, at most."""
    return size * TOUCHED_NODE_BYTES if workload.startswith(TOUCHED_FIRST) else 0


def pair(section, ours, size, peer, theirs=None, their_size=None, same_work=True, **more):
    theirs = ours if theirs is None else theirs
    their_size = size if their_size is None else their_size
    return Pair(section, ours, size, peer, theirs, their_size, same_work, **more)


def size_of(workload, size):
    return NESTED_SIZE if workload == "nested" and size > NESTED_SIZE else size


# ---- section A -----------------------------------------------------------------------


def collections(size, peers=("php", "python", "orc", "boehm", "walk")):
    """One size, with own structs; the array of integers is a value."""
    plan = []
    for workload in COLLECTIONS:
        for peer in peers:
            if peer == "boehm" and workload not in LIVE:
                continue
            if peer == "walk" and workload not in SHAPES:
                continue
            # What the others count as freed differs: the text of a node, or nothing at all.
            same = peer in ("php", "python") and workload != "strings"
            plan.append(pair("A", workload, size_of(workload, size), peer, same_work=same))
    for peer in ("php", "python"):
        if peer in peers:
            plan.append(pair("A", "ints-zval", size, peer, "ints"))
    return plan


def collections_of_values(size):
    return [
        pair(
            "A", f"{workload}-zval", size_of(workload, size), "php", workload,
            same_work=workload != "strings",
        )
        for workload in COLLECTIONS
    ]


def walks_that_find(size):
    return [pair("A", name, size, "walk", f"{name}-found", same_work=False) for name in SHAPES]


def large_against_small():
    """The cost per node of a large graph against that of a small one, and against a walk."""
    plan = [
        pair("A", workload, 10_000_000, OURS, workload, 100_000, same_work=False)
        for workload in SHAPES + ["hub"]
    ]
    for name in ("list-live", "random-dead", "random-live"):
        plan.append(pair("A", name, 10_000_000, "walk", same_work=False))
    return plan


# ---- section B -----------------------------------------------------------------------


def programs(sizes):
    """`sizes` gives (size, smaller sizes) for each workload."""
    plan = []
    for workload, (size, smaller) in sizes.items():
        for peer in PEERS:
            if workload == "composer" and peer in ("boehm", "malloc"):
                continue  # they count nothing, so there is nothing to compare
            plan.append(pair("B", workload, smaller.get(peer, size), peer))
    for workload in VALUE_PROGRAMS:
        size, smaller = sizes[workload]
        plan.append(pair("B", f"{workload}-zval", smaller.get("php", size), "php", workload))
    return plan + switched_off(sizes["composer"][0])


def switched_off(size):
    """The collector on against off, where there is nothing to collect."""
    return [
        pair("B", "composer", size, OURS, "composer-off"),
        pair("B", "composer-zval", size, OURS, "composer-off-zval"),
    ]


def policies(sizes):
    """Time and peak memory against those of the classic policy."""
    plan = [pair("B", workload, sizes[workload][0], CLASSIC) for workload in sizes]
    for workload in VALUE_PROGRAMS:
        plan.append(pair("B", f"{workload}-zval", sizes[workload][0], CLASSIC))
    return plan


def large_programs():
    plan = switched_off(LARGE_PROGRAMS["composer"][0])
    for workload, (size, most) in LARGE_PROGRAMS.items():
        for peer in PEERS:
            if workload != "composer" or peer in LANGUAGES:
                plan.append(pair("B", workload, size, peer, most_pairs=most.get(peer, 5)))
    return plan


# ---- section C -----------------------------------------------------------------------


def growth_marks(live_sizes, build_sizes):
    """Our own programs alone: beside the largest list against beside none, and building lists."""
    largest = live_sizes[-1]
    plan = [
        pair("C", workload, largest, OURS, workload, 0, same_work=False)
        for workload in ("beside", "beside-zval")
    ]
    return plan + [
        pair("C", workload, size, OURS, f"{workload}-off")
        for size in build_sizes
        for workload in ("build", "build-again")
    ]


def growth(live_sizes, build_sizes, slow, long="-long"):
    """Against the peers. `slow` is the most for what looks at all of a list again and again while
    it is built. `long` is the ending of the workloads for Boehm's collector, which is to begin a
    collection at all."""
    plan = []
    for size in live_sizes:
        few = {"most_pairs": 2} if size > slow else {}
        for peer in LANGUAGES + ["malloc", CLASSIC]:
            plan.append(pair("C", "beside", size, peer, **few))
        plan.append(pair("C", f"beside{long}", size, "boehm", **few))
        if size <= slow:
            plan.append(pair("C", f"beside{long}", size, "boehm-incremental", most_pairs=1))
        plan.append(pair("C", "beside-zval", size, "php", "beside", **few))
    for size in build_sizes:
        few = {"most_pairs": 2} if size > slow else {}
        for peer in PEERS + ([CLASSIC] if size <= slow else []):
            plan.append(pair("C", "build", size, peer, **few))
    return plan


def pause_marks(live, slow):
    """With a budget, beside `live` nodes: against no budget, and against classic runs."""
    plan = []
    for workload in PAUSES:
        plan.append(pair("C", workload, live, BUDGET))
        size = min(live, slow) if workload == "pauses-build" else live
        plan.append(pair("C", workload, size, CLASSIC, subject=BUDGET, most_pairs=3))
    return plan


def pauses(live, long="-long", most_pairs=2):
    plan = []
    for workload in PAUSES:
        ending = "" if workload == "pauses-build" else long
        for peer in LANGUAGES + ["malloc"]:
            plan.append(pair("C", workload, live, peer, most_pairs=most_pairs))
        for peer in ("boehm", "boehm-incremental"):
            plan.append(pair("C", f"{workload}{ending}", live, peer, most_pairs=1))
    return plan


def releases_and_forks(released, forked):
    plan = []
    few = {"most_pairs": 2}
    for workload in ("release-list", "release-tree"):
        for peer in LANGUAGES + ["malloc"]:
            plan.append(pair("C", workload, released, peer, **few))
    for peer in LANGUAGES:
        plan.append(pair("C", "release-nested-zval", released, peer, "release-nested", **few))
    for peer in LANGUAGES + ["boehm"]:
        plan.append(pair("C", "fork", forked, peer))
    return plan


# ---- section D -----------------------------------------------------------------------


def small_costs(pairs, nodes):
    return [
        pair("D", "pair", pairs, OURS, "pair-bare"),
        pair("D", "pair-zval", pairs, OURS, "pair-bare"),
        pair("D", "bytes", nodes, "php"),
        pair("D", "bytes-zval", nodes, "php", "bytes"),
        pair("D", "bytes-system", nodes, "php"),
        pair("D", "bytes-system-zval", nodes, "php", "bytes-system"),
        pair("D", "first", 1, "php"),
        pair("D", "first", 1, "python"),
        pair("D", "first", 1, "orc", same_work=False),
    ]


# ---- all of them -----------------------------------------------------------------------


def full():
    """What has a mark first: a session that is cut short then has most of it."""
    live_sizes = [0, 10_000, 100_000, 1_000_000, 4_000_000]
    build_sizes = [100_000, 1_000_000, 10_000_000]
    million = 1_000_000
    plan = small_costs(100_000_000, million)
    plan += collections(million) + collections_of_values(million) + large_against_small()
    plan += programs(PROGRAMS) + policies(PROGRAMS)
    plan += growth_marks(live_sizes, build_sizes) + pause_marks(10_000_000, slow=million)
    plan += growth(live_sizes, build_sizes, slow=million) + large_programs()
    plan += walks_that_find(million) + collections(100_000) + collections(10_000)
    plan += releases_and_forks(10_000_000, million) + pauses(10_000_000)
    return list(dict.fromkeys(plan))


def short():
    sizes = {name: (SHORT_SIZES[name], {}) for name in PROGRAMS}
    plan = small_costs(10_000_000, 100_000)
    plan += collections(100_000) + collections_of_values(100_000) + walks_that_find(100_000)
    plan += programs(sizes) + policies(sizes)
    section_c = growth_marks([0, 20_000], [20_000]) + pause_marks(20_000, slow=20_000)
    section_c += growth([0, 20_000], [20_000], slow=20_000, long="")
    section_c += pauses(20_000, long="") + releases_and_forks(100_000, 100_000)
    plan += [dataclasses.replace(pair, most_pairs=1) for pair in section_c]
    return list(dict.fromkeys(plan))
