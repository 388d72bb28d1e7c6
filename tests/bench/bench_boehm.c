/*
 * The workloads with Boehm's collector. Of section A the live graphs only: what
 * is dead it sweeps later, while the program allocates, and so a collection of
 * garbage alone would be measured without its end.
 */
#include "graph_shapes.h"
#include "program_workloads.h"
#include <stdio.h>

struct node {
    struct node *links[3];
    uint64_t number;
    char rest[32];
};

static void link_nodes(void *nodes, size_t from, unsigned link, size_t to)
{
    struct node **all = nodes;
    all[from]->links[link] = all[to];
}

static struct node **nodes_new(size_t count)
{
    struct node **nodes = GC_MALLOC(count * sizeof(struct node *));
    for (size_t i = 0; i < count; i++) {
        nodes[i] = GC_MALLOC(sizeof(struct node));
    }
    return nodes;
}

static void collect(void *context)
{
    (void)context;
    GC_gcollect();
}

static void collect_times(size_t nodes, unsigned times)
{
    double elapsed_ns = 0;
    for (unsigned i = 0; i < times; i++) {
        elapsed_ns += bench_measure(collect, NULL);
    }
    bench_report(elapsed_ns, (double)nodes * times, 0);
}

static void *volatile held;

/* In a function of its own, so that its frame is gone when the collection looks at the stack. */
static __attribute__((noinline)) void build(const char *shape, size_t size, bool array_kept)
{
    struct node **nodes = nodes_new(size);
    if (shape != NULL) {
        graph_shape_of(shape)->connect(nodes, size, link_nodes);
    }
    held = array_kept ? (void *)nodes : (void *)nodes[0];
}

static void run_live(const char *shape, size_t size, bool array_kept, unsigned times)
{
    GC_INIT();
    GC_disable();
    build(shape, size, array_kept);
    GC_enable();
    collect_times(size, times);
}

static void list_live(size_t size)
{
    run_live("list", size, false, 1);
}

static void shuffled_live(size_t size)
{
    run_live("shuffled", size, false, 1);
}

static void random_live(size_t size)
{
    run_live("random", size, true, 1);
}

static void tree_live(size_t size)
{
    run_live("tree", size, false, 1);
}

static void hub(size_t size)
{
    run_live(NULL, size, true, 5);
}

static const struct bench_workload collections[] = {
    {"list-live", list_live},
    {"shuffled-live", shuffled_live},
    {"random-live", random_live},
    {"tree-live", tree_live},
    {"hub", hub},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    static const struct bench_workload *const tables[] = {
        collections,     program_workloads, tree_programs, graph_programs,
        growth_programs, growth_fork,       NULL};
    return bench_main(argc, argv, tables);
}
