/*
 * Section C: what it costs that a large live structure stands by, in each manner
 * of owning memory.
 *
 * The structure is a doubly linked list in the order of allocation. Whoever
 * appends to it holds the last node by a handle of its own, as a variable of a
 * language does, so each node in turn is a possible root.
 */
#include "bench_steps.h"
#include "program_workloads.h"

#define STEPS      1000000
#define STEPS_LONG 10000000

enum {
    NEXT,
    PREVIOUS
};

struct live_node {
    HEADER
    struct live_node *links[2];
    uint64_t number;
    char rest[24 + PADDING];
};
DESCRIBE(live_node, links)

static struct live_node *live_head;
static struct live_node *live_last; /* the handle */

static void append_live_node(void)
{
    struct live_node *node = MAKE(live_node);
    node->number = 1;
    if (live_last == NULL) {
        live_head = keep(node);
    } else {
        node->links[PREVIOUS] = keep(live_last);
        live_last->links[NEXT] = keep(node);
    }
    SET(live_last, node);
}

void live_list_build(size_t nodes)
{
    switch_collector(false);
    for (size_t i = 0; i < nodes; i++) {
        append_live_node();
    }
    SET(live_last, NULL);
}

void live_list_begin(size_t nodes)
{
    live_list_build(nodes);
    switch_collector(true);
    collect_all();
}

uint64_t live_list_touch(void)
{
    struct live_node *head = keep(live_head);
    uint64_t number = head == NULL ? 0 : head->number;
    drop(head);
    return number;
}

/* ---- beside: churn-1 beside the live list ---------------------------------------- */

struct beside {
    size_t steps;
    uint64_t sum;
};

static inline void step_beside(struct beside *beside)
{
    struct live_node *node = MAKE(live_node);
    node->links[NEXT] = keep(node);
    drop(node);
    dispose(node);
    beside->sum += live_list_touch();
}

static void run_steps(void *context)
{
    struct beside *beside = context;
    for (size_t i = 0; i < beside->steps; i++) {
        step_beside(beside);
    }
}

static void run_timed_steps(void *context)
{
    struct beside *beside = context;
    bench_steps_begin();
    for (size_t i = 0; i < beside->steps; i++) {
        step_beside(beside);
        bench_step_end();
    }
    bench_steps_report();
}

static void run_beside(size_t size, size_t steps, bench_work work)
{
    struct beside beside = {.steps = steps};
    begin_program();
    live_list_begin(size);
    double elapsed_ns = bench_measure(work, &beside);
    bench_report(elapsed_ns, (double)steps, beside.sum);
    end_program();
}

static void beside(size_t size)
{
    run_beside(size, STEPS, run_steps);
}

static void beside_long(size_t size)
{
    run_beside(size, STEPS_LONG, run_steps);
}

static void pauses_beside(size_t size)
{
    run_beside(size, STEPS, run_timed_steps);
}

static void pauses_beside_long(size_t size)
{
    run_beside(size, STEPS_LONG, run_timed_steps);
}

/* ---- build: the live list alone ---------------------------------------------------- */

static void append_nodes(void *context)
{
    size_t *nodes = context;
    for (size_t i = 0; i < *nodes; i++) {
        append_live_node();
    }
}

static void append_nodes_timed(void *context)
{
    size_t *nodes = context;
    bench_steps_begin();
    for (size_t i = 0; i < *nodes; i++) {
        append_live_node();
        bench_step_end();
    }
    bench_steps_report();
}

static void run_build(size_t size, bool collector_on, bench_work work)
{
    begin_program();
    switch_collector(collector_on);
    double elapsed_ns = bench_measure(work, &size);
    bench_report(elapsed_ns, (double)size, size);
    end_program();
}

static void build(size_t size)
{
    run_build(size, true, append_nodes);
}

static void build_off(size_t size)
{
    run_build(size, false, append_nodes);
}

static void pauses_build(size_t size)
{
    run_build(size, true, append_nodes_timed);
}

/* ---- release: the last reference to much ------------------------------------------ */

#ifndef BENCH_COLLECTED

static struct live_node *make_chain(size_t nodes)
{
    struct live_node *first = NULL;
    for (size_t i = 0; i < nodes; i++) {
        struct live_node *node = MAKE(live_node);
        node->links[0] = first;
        first = node;
    }
    return first;
}

static void release_chain(void *context)
{
    struct live_node *node = context;
    drop(node);
    while (BY_HAND && node != NULL) {
        struct live_node *next = node->links[0];
        dispose(node);
        node = next;
    }
}

/* In memory that is there: what the system takes to hand it out for the first time is left out. */
static void run_build_again(size_t size, bool collector_on)
{
    begin_program();
    switch_collector(false);
    release_chain(make_chain(size));
    switch_collector(collector_on);
    double elapsed_ns = bench_measure(append_nodes, &size);
    bench_report(elapsed_ns, (double)size, size);
    end_program();
}

static void build_again(size_t size)
{
    run_build_again(size, true);
}

static void build_again_off(size_t size)
{
    run_build_again(size, false);
}

/* As even as can be; made in preorder. */
static struct live_node *make_tree(size_t nodes)
{
    if (nodes == 0) {
        return NULL;
    }
    struct live_node *node = MAKE(live_node);
    node->links[0] = make_tree((nodes - 1) / 2);
    node->links[1] = make_tree(nodes - 1 - (nodes - 1) / 2);
    return node;
}

static void dispose_tree(struct live_node *node)
{
    if (node != NULL) {
        dispose_tree(node->links[0]);
        dispose_tree(node->links[1]);
        dispose(node);
    }
}

static void release_nodes_of_tree(void *context)
{
    drop(context);
    if (BY_HAND) {
        dispose_tree(context);
    }
}

static void release_list(size_t size)
{
    begin_program();
    double elapsed_ns = bench_measure(release_chain, make_chain(size));
    bench_report(elapsed_ns, (double)size, size);
    end_program();
}

static void release_tree(size_t size)
{
    begin_program();
    double elapsed_ns = bench_measure(release_nodes_of_tree, make_tree(size));
    bench_report(elapsed_ns, (double)size, size);
    end_program();
}

#endif

const struct bench_workload growth_programs[] = {
    {"beside", beside},
    {"beside-long", beside_long},
    {"build", build},
    {"build-off", build_off},
    {"pauses-beside", pauses_beside},
    {"pauses-beside-long", pauses_beside_long},
    {"pauses-build", pauses_build},
#ifndef BENCH_COLLECTED
    {"build-again", build_again},
    {"build-again-off", build_again_off},
    {"release-list", release_list},
    {"release-tree", release_tree},
#endif
    {NULL, NULL},
};
