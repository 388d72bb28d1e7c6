#include "package_drop.h"

#include <time.h>

uint64_t drop_clock_ns(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct drop_state state_now(void)
{
    return (struct drop_state){.nodes = gc_status().live_nodes, .bytes = gc_memory_usage(false)};
}

struct drop graph_drop(struct package_graph *graph)
{
    struct drop drop = {.before = state_now()};
    /* A full buffer would start a run, and what it frees would be put down to counting. */
    gc_disable();
    uint64_t begin_ns = drop_clock_ns();
    graph_release(graph);
    drop.count_ns = drop_clock_ns() - begin_ns;
    drop.counted = state_now();
    drop.at_counted = gc_status();

    begin_ns = drop_clock_ns();
    drop.found = gc_collect_cycles();
    if (gc_status().live_nodes > 0 && drop.at_counted.dropped_roots > 0) {
        /* Some candidates found the buffer full, and what hangs on them is yet to be found. */
        drop.found_in_heap = gc_collect_heap();
    }
    drop.collect_ns = drop_clock_ns() - begin_ns;
    drop.collected = state_now();
    drop.at_collected = gc_status();
    gc_enable();
    return drop;
}
