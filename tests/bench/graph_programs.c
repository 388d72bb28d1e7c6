/*
 * Section B: programs that make graphs and documents. The first one also in
 * section C, with its pauses.
 */
#include "bench_steps.h"
#include "program_workloads.h"

/* ---- ggauss: random graphs with normally distributed link distance ------------- */

/*
 * Batches of 5,000 nodes in an array. Each of a node's two links is there with
 * probability 2/3 and leads to a node at a normally distributed distance in the
 * array, mean 0, standard deviation 100, unless that is outside of it. Then the
 * batch is dropped, and falls into components of about 24 nodes.
 *
 * In section C each node made, linked or dropped is a step, timed, and touches the
 * live list that stands by.
 */
#define BATCH_NODES   5000
#define DISTANCES     65536 /* computed beforehand, used in turn */
#define NO_LINK       INT32_MAX
#define FACTORS       12 /* numbers of 5 bits: a sum with mean 186, standard deviation 32 */
#define MEAN_DISTANCE 581
#define TIMED_NODES   500000 /* in section C: three steps for each */
#define TIMED_LONG    5000000

struct gauss_node {
    HEADER
    struct gauss_node *links[2];
    uint64_t number;
    char rest[24 + PADDING];
};
DESCRIBE(gauss_node, links)

struct ggauss {
    size_t batches;
    struct gauss_node **nodes;
    int32_t *distances;
    size_t next;
    uint64_t linked;
    uint64_t touched;
};

static int32_t random_distance(void)
{
    uint64_t bits = bench_random();
    int32_t sum = 0;
    for (unsigned i = 0; i < FACTORS; i++) {
        sum += (int32_t)(bits >> (5 * i) & 31);
    }
    bool there = bench_random() % 3 < 2;
    return there ? sum * 100 / 32 - MEAN_DISTANCE : NO_LINK;
}

static void link_gauss_node(struct ggauss *gauss, int32_t place)
{
    for (unsigned link = 0; link < 2; link++) {
        int32_t distance = gauss->distances[gauss->next++ % DISTANCES];
        if (distance == NO_LINK || place + distance < 0 || place + distance >= BATCH_NODES) {
            continue;
        }
        gauss->nodes[place]->links[link] = keep(gauss->nodes[place + distance]);
        gauss->linked++;
    }
}

static inline void end_gauss_step(struct ggauss *gauss, bool timed)
{
    if (timed) {
        gauss->touched += live_list_touch();
        bench_step_end();
    }
}

static inline void make_batch(struct ggauss *gauss, bool timed)
{
    for (int32_t i = 0; i < BATCH_NODES; i++) {
        gauss->nodes[i] = MAKE(gauss_node);
        end_gauss_step(gauss, timed);
    }
    for (int32_t i = 0; i < BATCH_NODES; i++) {
        link_gauss_node(gauss, i);
        end_gauss_step(gauss, timed);
    }
    for (int32_t i = 0; i < BATCH_NODES; i++) {
        drop(gauss->nodes[i]);
        dispose(gauss->nodes[i]);
        end_gauss_step(gauss, timed);
    }
}

static void make_batches(void *context)
{
    struct ggauss *gauss = context;
    for (size_t batch = 0; batch < gauss->batches; batch++) {
        make_batch(gauss, false);
    }
}

static void make_timed_batches(void *context)
{
    struct ggauss *gauss = context;
    bench_steps_begin();
    for (size_t batch = 0; batch < gauss->batches; batch++) {
        make_batch(gauss, true);
    }
    bench_steps_report();
}

static void run_ggauss(size_t nodes, size_t live_nodes, bench_work work)
{
    struct ggauss gauss = {.batches = (nodes + BATCH_NODES - 1) / BATCH_NODES};
    gauss.distances = bench_memory(DISTANCES, sizeof *gauss.distances);
    for (size_t i = 0; i < DISTANCES; i++) {
        gauss.distances[i] = random_distance();
    }
    begin_program();
    live_list_begin(live_nodes);
    gauss.nodes = program_array(BATCH_NODES);
    double elapsed_ns = bench_measure(work, &gauss);
    bench_report(elapsed_ns, (double)(gauss.batches * BATCH_NODES), gauss.linked + gauss.touched);
    program_array_end(gauss.nodes);
    free(gauss.distances);
    end_program();
}

static void ggauss(size_t size)
{
    run_ggauss(size, 0, make_batches);
}

static void pauses_ggauss(size_t size)
{
    run_ggauss(TIMED_NODES, size, make_timed_batches);
}

static void pauses_ggauss_long(size_t size)
{
    run_ggauss(TIMED_LONG, size, make_timed_batches);
}

/* ---- dom: a document in which subtrees are replaced ---------------------------- */

/*
 * Fan-out 8, depth 6: 299,593 elements. The subtrees are the 512 at depth 3, of
 * 585 elements each; a step replaces five of them, which is 1 %.
 */
#define FAN_OUT       8
#define DEPTH         6
#define SUBTREE_DEPTH 3
#define REPLACED      5

enum {
    PARENT,
    FIRST_CHILD,
    NEXT,
    PREVIOUS
};

struct element {
    HEADER
    struct element *links[4];
    uint64_t number;
};
DESCRIBE(element, links)

struct dom {
    size_t steps;
    struct element *document;
    uint64_t made;
    uint32_t *path;
};

static struct element *make_elements(struct dom *dom, unsigned depth)
{
    struct element *element = MAKE(element);
    struct element *previous = NULL;
    element->number = dom->made++;
    for (unsigned i = 0; depth > 0 && i < FAN_OUT; i++) {
        struct element *child = make_elements(dom, depth - 1);
        child->links[PARENT] = keep(element);
        if (previous == NULL) {
            element->links[FIRST_CHILD] = child;
        } else {
            child->links[PREVIOUS] = keep(previous);
            previous->links[NEXT] = child;
        }
        previous = child;
    }
    return element;
}

static void dispose_elements(struct element *element)
{
    struct element *child = element->links[FIRST_CHILD];
    while (child != NULL) {
        struct element *next = child->links[NEXT];
        dispose_elements(child);
        child = next;
    }
    dispose(element);
}

static struct element *random_subtree(struct dom *dom)
{
    struct element *element = dom->document;
    uint32_t path = *dom->path++;
    for (unsigned depth = 0; depth < SUBTREE_DEPTH; depth++) {
        element = element->links[FIRST_CHILD];
        for (unsigned place = path % FAN_OUT; place > 0; place--) {
            element = element->links[NEXT];
        }
        path /= FAN_OUT;
    }
    return element;
}

static void replace(struct element *old, struct element *fresh)
{
    struct element *next = old->links[NEXT];
    struct element *previous = old->links[PREVIOUS];
    struct element *parent = old->links[PARENT];
    fresh->links[PARENT] = parent;
    fresh->links[NEXT] = next;
    fresh->links[PREVIOUS] = previous;
    for (unsigned link = 0; link < 4; link++) {
        if (link != FIRST_CHILD) {
            old->links[link] = NULL;
        }
    }
    if (next != NULL) {
        SET(next->links[PREVIOUS], keep(fresh));
    }
    if (previous != NULL) {
        SET(previous->links[NEXT], fresh);
    } else {
        SET(parent->links[FIRST_CHILD], fresh);
    }
}

static void replace_subtrees(void *context)
{
    struct dom *dom = context;
    dom->document = make_elements(dom, DEPTH);
    for (size_t i = 0; i < dom->steps * REPLACED; i++) {
        struct element *old = keep(random_subtree(dom));
        replace(old, make_elements(dom, DEPTH - SUBTREE_DEPTH));
        drop(old);
        if (BY_HAND) {
            dispose_elements(old);
        }
    }
    drop(dom->document);
    if (BY_HAND) {
        dispose_elements(dom->document);
    }
}

static void dom(size_t size)
{
    struct dom dom = {.steps = size};
    uint32_t *paths = bench_memory(size * REPLACED, sizeof *paths);
    for (size_t i = 0; i < size * REPLACED; i++) {
        paths[i] = (uint32_t)(bench_random() % (FAN_OUT * FAN_OUT * FAN_OUT));
    }
    dom.path = paths;
    begin_program();
    double elapsed_ns = bench_measure(replace_subtrees, &dom);
    bench_report(elapsed_ns, (double)dom.made, dom.made);
    end_program();
    free(paths);
}

const struct bench_workload graph_programs[] = {
    {"ggauss", ggauss},
    {"pauses-ggauss", pauses_ggauss},
    {"pauses-ggauss-long", pauses_ggauss_long},
    {"dom", dom},
    {NULL, NULL},
};
