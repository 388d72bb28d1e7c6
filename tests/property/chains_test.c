/*
 * Long chains, of which most objects lead to one more only, and lie in the memory
 * at random: where marking may turn to the whole heap, and the scan sends scouts
 * out. Both are told to do so early. Each graph is known by its numbers, and what
 * is held by something held is exactly what may be left.
 *
 * CHAINS_SEED, CHAINS_STEPS (graphs), CHAINS_SECONDS: see seeds.h.
 */
#include "checks.h"
#include "seeds.h"

#include "collector/collector.h"

#include <string.h>
#include <time.h>

enum {
    NODES_MAX = 3000,
    LINKS = 4,
    HELD_MAX = 16,
    TYPES = 4
};

struct node {
    struct gc_object gc;
    struct node *links[LINKS];
    unsigned number;
};

struct wide_node {
    struct node node;
    char rest[80];
};

/* A graph, and what is known of it. */
static struct {
    uint64_t random;
    unsigned count;
    unsigned freed; /* since it was asked last */
    bool has_wills;
    int links[NODES_MAX][LINKS]; /* numbers; -1: none */
    bool exists[NODES_MAX];
    bool is_reached[NODES_MAX];
    struct node *nodes[NODES_MAX];
    unsigned held[HELD_MAX]; /* each counts once */
    unsigned held_count;
} graph;

static unsigned below(unsigned limit)
{
    graph.random ^= graph.random << 13;
    graph.random ^= graph.random >> 7;
    graph.random ^= graph.random << 17;
    return (unsigned)((graph.random >> 16) % limit);
}

static bool one_in(unsigned many)
{
    return below(many) == 0;
}

/* ---- the nodes ---------------------------------------------------------- */

static void forget(void *self)
{
    graph.exists[((struct node *)self)->number] = false;
    graph.freed++;
}

static void name_links(void *self, struct gc_visitor *visitor)
{
    for (unsigned i = 0; i < LINKS; i++) {
        gc_visit_object(visitor, ((struct node *)self)->links[i]);
    }
}

static void hold(unsigned number)
{
    if (graph.held_count < HELD_MAX) {
        gc_retain(graph.nodes[number]);
        graph.held[graph.held_count++] = number;
    }
}

/* Some are rescued, or rescue what they lead to. */
static void last_will(void *self)
{
    struct node *node = self;
    if (one_in(3)) {
        hold(node->number);
    } else if (node->links[0] != NULL && one_in(2)) {
        hold(node->links[0]->number);
    }
}

static const struct gc_field fields[] = {GC_FIELD_OBJECTS(struct node, links)};
static const struct gc_type types[TYPES] = {
    {.name = "node",
     .size = sizeof(struct node),
     .fields = fields,
     .field_count = 1,
     .free = forget},
    {.name = "wide",
     .size = sizeof(struct wide_node),
     .fields = fields,
     .field_count = 1,
     .free = forget},
    {.name = "traced", .size = sizeof(struct node), .trace = name_links, .free = forget},
    {.name = "willed",
     .size = sizeof(struct node),
     .fields = fields,
     .field_count = 1,
     .destructor = last_will,
     .free = forget}};

static const struct gc_type *some_type(void)
{
    if (!one_in(20)) {
        return &types[0];
    }
    return &types[below(graph.has_wills ? TYPES : TYPES - 1)];
}

/* ---- a graph ------------------------------------------------------------ */

static void link_nodes(unsigned from, unsigned link, unsigned to)
{
    if (graph.links[from][link] < 0) {
        graph.links[from][link] = (int)to;
        graph.nodes[from]->links[link] = gc_retain(graph.nodes[to]);
    }
}

/* Nodes order[from] to order[to - 1] in a row: one way, or the other, or both, open or a ring. */
static void link_chain(const unsigned *order, unsigned from, unsigned to)
{
    bool leads_on = !one_in(4);
    bool leads_back = !leads_on || one_in(2);
    unsigned first_link = below(2);
    for (unsigned i = from; i + 1 < to; i++) {
        if (leads_on) {
            link_nodes(order[i], first_link, order[i + 1]);
        }
        if (leads_back) {
            link_nodes(order[i + 1], 1 - first_link, order[i]);
        }
    }
    if (one_in(2)) {
        link_nodes(order[to - 1], first_link, order[from]);
    }
}

static void shuffle(unsigned *order, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        order[i] = i;
    }
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned other = below(i + 1);
        unsigned kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static void link_chains(void)
{
    static unsigned order[NODES_MAX];
    shuffle(order, graph.count);
    unsigned longest = 1 + below(graph.count);
    for (unsigned from = 0; from < graph.count;) {
        unsigned length = 1 + below(longest);
        unsigned to = from + length < graph.count ? from + length : graph.count;
        link_chain(order, from, to);
        from = to;
    }
}

/* From one chain to another, or to itself. */
static void link_some_more(void)
{
    static const unsigned one_node_in[] = {10, 100, 1000, 100000};
    unsigned rarely = one_node_in[below(4)];
    for (unsigned i = 0; i < graph.count; i++) {
        if (one_in(rarely)) {
            link_nodes(i, below(LINKS), one_in(5) ? i : below(graph.count));
        }
    }
}

static void make_graph(void)
{
    graph.count = 1 + below(one_in(4) ? 200 : NODES_MAX);
    graph.has_wills = one_in(3);
    graph.held_count = 0;
    memset(graph.links, -1, sizeof graph.links);
    for (unsigned i = 0; i < graph.count; i++) {
        graph.nodes[i] = gc_new(some_type());
        assert_non_null(graph.nodes[i]);
        graph.nodes[i]->number = i;
        graph.exists[i] = true;
    }
    link_chains();
    link_some_more();
    for (unsigned i = below(6); i > 0; i--) {
        hold(below(graph.count));
    }
}

/* ---- what must be left -------------------------------------------------- */

static void find_reached(void)
{
    static unsigned pending[NODES_MAX];
    unsigned count = 0;
    memset(graph.is_reached, 0, sizeof graph.is_reached);
    for (unsigned i = 0; i < graph.held_count; i++) {
        if (!graph.is_reached[graph.held[i]]) {
            graph.is_reached[graph.held[i]] = true;
            pending[count++] = graph.held[i];
        }
    }
    while (count > 0) {
        unsigned number = pending[--count];
        for (unsigned link = 0; link < LINKS; link++) {
            int child = graph.links[number][link];
            if (child >= 0 && !graph.is_reached[child]) {
                graph.is_reached[child] = true;
                pending[count++] = (unsigned)child;
            }
        }
    }
}

/* What is reached is there, and linked as it was; `exactly`: and nothing else. */
static void expect_reached(bool exactly)
{
    find_reached();
    for (unsigned i = 0; i < graph.count; i++) {
        assert_true(graph.exists[i] || !graph.is_reached[i]);
        assert_true(!exactly || graph.exists[i] == graph.is_reached[i]);
        for (unsigned link = 0; link < LINKS && graph.exists[i]; link++) {
            int child = graph.links[i][link];
            assert_ptr_equal(graph.nodes[i]->links[link], child < 0 ? NULL : graph.nodes[child]);
        }
    }
}

static void collect(void)
{
    graph.freed = 0;
    size_t collected = gc_collect_cycles();
    assert_true(collected == graph.freed || (graph.has_wills && collected < graph.freed));
    if (graph.has_wills) { /* what wills have let go of dies by counting, or is for the next ones */
        expect_reached(false);
        for (unsigned round = 0; gc_collect_cycles() > 0; round++) {
            assert_true(round < NODES_MAX);
        }
    }
    expect_reached(true);
}

static void let_go_of(unsigned index)
{
    unsigned number = graph.held[index];
    graph.held[index] = graph.held[--graph.held_count];
    gc_release(graph.nodes[number]);
}

/* All are possible roots; then few are, among much that is held. */
static void run_graph(void)
{
    make_graph();
    for (unsigned i = 0; i < graph.count; i++) {
        gc_release(graph.nodes[i]);
    }
    collect();
    for (unsigned i = 0; i < graph.held_count; i++) {
        gc_release(gc_retain(graph.nodes[graph.held[i]]));
    }
    collect();
    while (graph.held_count > 0) {
        let_go_of(below(graph.held_count));
        collect();
    }
    assert_int_equal(gc_status().live_nodes, 0);
}

static struct gc_heap *new_heap(void)
{
    struct gc_options options = gc_options_default();
    options.enabled = false;
    options.policy = one_in(4) ? GC_POLICY_CLASSIC : GC_POLICY_GENERATIONAL;
    struct gc_heap *heap = gc_heap_new(&options);
    assert_non_null(heap);
    rc__collector_of(heap)->turns_least = 1 + below(one_in(2) ? 4 : 200);
    return heap;
}

static bool run(uint64_t seed, uint64_t steps, unsigned seconds)
{
    time_t end = time(NULL) + (time_t)seconds;
    graph.random = seed * 0x9e3779b97f4a7c15u + 1;
    for (uint64_t step = 0; seconds > 0 ? time(NULL) < end : step < steps; step++) {
        struct gc_heap *heap = new_heap();
        struct gc_heap *before = gc_heap_use(heap);
        run_graph();
        assert_int_equal(gc_memory_usage(false), 0);
        gc_heap_use(before);
        gc_heap_free(heap);
    }
    return true;
}

int main(void)
{
    const struct seeds_plan plan = {.name = "chains_are_collected",
                                    .prefix = "CHAINS",
                                    .seeds = 20,
                                    .steps = checks_allocator_is_replaced() ? 40 : 300,
                                    .run = run};
    return seeds_main(&plan);
}
