/*
 * Section B: programs that make trees.
 */
#include "program_workloads.h"

/* ---- binary-trees, of the Computer Language Benchmarks Game -------------------- */

#define LEAST_DEPTH 4

struct twig {
    HEADER
    struct twig *links[2];
};
DESCRIBE(twig, links)

struct binary_trees {
    unsigned depth;
    uint64_t made;
    uint64_t sum;
};

static struct twig *grow_twigs(unsigned depth)
{
    struct twig *twig = MAKE(twig);
    if (depth > 0) {
        twig->links[0] = grow_twigs(depth - 1);
        twig->links[1] = grow_twigs(depth - 1);
    }
    return twig;
}

static uint64_t count_twigs(const struct twig *twig)
{
    return twig->links[0] == NULL ? 1
                                  : 1 + count_twigs(twig->links[0]) + count_twigs(twig->links[1]);
}

static void dispose_twigs(struct twig *twig)
{
    if (twig->links[0] != NULL) {
        dispose_twigs(twig->links[0]);
        dispose_twigs(twig->links[1]);
    }
    dispose(twig);
}

static void end_twigs(struct twig *twig)
{
    drop(twig);
    if (BY_HAND) {
        dispose_twigs(twig);
    }
}

static uint64_t grow_and_count(unsigned depth)
{
    struct twig *twig = grow_twigs(depth);
    uint64_t count = count_twigs(twig);
    end_twigs(twig);
    return count;
}

static void grow_trees(void *context)
{
    struct binary_trees *trees = context;
    trees->sum += grow_and_count(trees->depth + 1);
    struct twig *long_lived = grow_twigs(trees->depth);
    for (unsigned depth = LEAST_DEPTH; depth <= trees->depth; depth += 2) {
        size_t times = (size_t)1 << (trees->depth - depth + LEAST_DEPTH);
        for (size_t i = 0; i < times; i++) {
            trees->sum += grow_and_count(depth);
        }
    }
    trees->sum += count_twigs(long_lived);
    end_twigs(long_lived);
}

static void binary_trees(size_t size)
{
    struct binary_trees trees = {.depth = (unsigned)size};
    begin_program();
    double elapsed_ns = bench_measure(grow_trees, &trees);
    bench_report(elapsed_ns, (double)trees.sum, trees.sum);
    end_program();
}

/* ---- gcbench, of Ellis, Kovac and Boehm ---------------------------------------- */

#define ARRAY_DOUBLES 500000

struct branch {
    HEADER
    struct branch *links[2];
    int32_t numbers[2];
};
DESCRIBE(branch, links)

/* A branch that knows its parent; the links come first in both. */
struct child {
    HEADER
    struct branch *links[2];
    struct branch *parent;
    int32_t numbers[2];
};
#ifdef BENCH_COUNTED
static const struct gc_field child_fields[] = {GC_FIELD_OBJECTS(struct child, links),
                                               GC_FIELD_OBJECT(struct child, parent)};
static const struct gc_type child_type = {
    "child", sizeof(struct child), child_fields, 2, NULL, NULL, NULL, 0};
#endif

struct gcbench {
    unsigned stretch;
    bool parents;
    uint64_t made;
    double *array;
};

static inline struct branch *make_branch(bool parents)
{
    return parents ? (struct branch *)(void *)MAKE(child) : MAKE(branch);
}

static inline void attach(struct branch *branch, unsigned link, struct branch *below, bool parents)
{
    branch->links[link] = below;
    if (parents) {
        ((struct child *)(void *)below)->parent = keep(branch);
    }
}

static struct branch *make_bottom_up(unsigned depth, bool parents)
{
    if (depth == 0) {
        return make_branch(parents);
    }
    struct branch *left = make_bottom_up(depth - 1, parents);
    struct branch *right = make_bottom_up(depth - 1, parents);
    struct branch *branch = make_branch(parents);
    attach(branch, 0, left, parents);
    attach(branch, 1, right, parents);
    return branch;
}

static void populate(unsigned depth, struct branch *branch, bool parents)
{
    if (depth > 0) {
        attach(branch, 0, make_branch(parents), parents);
        attach(branch, 1, make_branch(parents), parents);
        populate(depth - 1, branch->links[0], parents);
        populate(depth - 1, branch->links[1], parents);
    }
}

static struct branch *make_top_down(unsigned depth, bool parents)
{
    struct branch *branch = make_branch(parents);
    populate(depth, branch, parents);
    return branch;
}

static void dispose_branches(struct branch *branch)
{
    if (branch->links[0] != NULL) {
        dispose_branches(branch->links[0]);
        dispose_branches(branch->links[1]);
    }
    dispose(branch);
}

static void end_branches(struct branch *branch)
{
    drop(branch);
    if (BY_HAND) {
        dispose_branches(branch);
    }
}

static uint64_t tree_nodes(unsigned depth)
{
    return ((uint64_t)1 << (depth + 1)) - 1;
}

static void make_many(struct gcbench *bench, unsigned depth)
{
    uint64_t times = 2 * tree_nodes(bench->stretch) / tree_nodes(depth);
    for (uint64_t i = 0; i < times; i++) {
        end_branches(make_top_down(depth, bench->parents));
    }
    for (uint64_t i = 0; i < times; i++) {
        end_branches(make_bottom_up(depth, bench->parents));
    }
    bench->made += 2 * times * tree_nodes(depth);
}

static double *array_of_doubles(void)
{
#ifdef BENCH_COLLECTED
    double *array = GC_MALLOC_ATOMIC(ARRAY_DOUBLES * sizeof *array);
#else
    double *array = bench_memory(ARRAY_DOUBLES, sizeof *array);
#endif
    for (size_t i = 1; i < ARRAY_DOUBLES / 2; i++) {
        array[i] = 1.0 / (double)i;
    }
    return array;
}

static void run_all_depths(void *context)
{
    struct gcbench *bench = context;
    unsigned deepest = bench->stretch - 2;
    end_branches(make_bottom_up(bench->stretch, bench->parents));
    struct branch *long_lived = make_top_down(deepest, bench->parents);
    bench->array = array_of_doubles();
    bench->made += tree_nodes(bench->stretch) + tree_nodes(deepest);
    for (unsigned depth = LEAST_DEPTH; depth <= deepest; depth += 2) {
        make_many(bench, depth);
    }
    end_branches(long_lived);
}

static void run_gcbench(size_t size, bool parents)
{
    struct gcbench bench = {.stretch = (unsigned)size, .parents = parents};
    begin_program();
    double elapsed_ns = bench_measure(run_all_depths, &bench);
    bench_report(elapsed_ns, (double)bench.made, bench.made);
    end_program();
}

static void gcbench(size_t size)
{
    run_gcbench(size, false);
}

static void gcbench_parents(size_t size)
{
    run_gcbench(size, true);
}

const struct bench_workload tree_programs[] = {
    {"binary-trees", binary_trees},
    {"gcbench", gcbench},
    {"gcbench-parents", gcbench_parents},
    {NULL, NULL},
};
