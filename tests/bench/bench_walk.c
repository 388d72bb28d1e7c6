/*
 * The limit of what a collection can cost: a bare walk that touches each edge of
 * the same graph once, in address order, each child's line being asked for
 * before it is needed. It knows beforehand where all nodes are, marks nothing
 * and frees nothing. Memory in huge pages, as the library asks for them.
 *
 * WORKLOAD is a name of section A: the children's first words are touched. With
 * `-table` behind it, words in a dense table beside the nodes. With `-found`, a
 * walk that has to find its way: each edge is followed once, from the first node
 * of a live graph or from all nodes of a dead one, and each node is marked when
 * it is met first, and then waits in a queue.
 */
#include "bench_support.h"
#include "graph_shapes.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINKS      3
#define RING       32
#define HUGE_BYTES ((size_t)2 << 20)

struct node {
    uint32_t count;
    uint32_t info;
    const void *type;
    struct node *links[LINKS];
    char rest[24];
};

struct walk {
    struct node **queue; /* every node goes through it once */
    bool live;
    struct node *nodes;
    uint32_t *table;
    size_t count;
    unsigned links;
    uint64_t edges;
};

static void *huge_memory(size_t bytes)
{
    bytes = (bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
    char *memory = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        bench_fail();
    }
    memory += HUGE_BYTES - ((uintptr_t)memory & (HUGE_BYTES - 1));
    madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, 0, bytes);
    return memory;
}

static void link_nodes(void *nodes, size_t from, unsigned link, size_t to)
{
    struct node *all = nodes;
    all[from].links[link] = &all[to];
}

static void touch_children(void *context)
{
    struct walk *walk = context;
    struct node *ring[RING] = {NULL};
    unsigned next = 0;
    for (size_t i = 0; i < walk->count; i++) {
        for (unsigned link = 0; link < walk->links; link++) {
            struct node *child = walk->nodes[i].links[link];
            if (child != NULL) {
                __builtin_prefetch(child, 1);
                struct node *leaving = ring[next % RING];
                ring[next++ % RING] = child;
                if (leaving != NULL) {
                    leaving->count++;
                }
            }
        }
    }
    for (unsigned i = 0; i < RING; i++) {
        if (ring[i] != NULL) {
            ring[i]->count++;
        }
    }
    walk->edges = next;
}

static void touch_table(void *context)
{
    struct walk *walk = context;
    uint32_t *ring[RING] = {NULL};
    unsigned next = 0;
    for (size_t i = 0; i < walk->count; i++) {
        for (unsigned link = 0; link < walk->links; link++) {
            const struct node *child = walk->nodes[i].links[link];
            if (child != NULL) {
                uint32_t *word = &walk->table[child - walk->nodes];
                __builtin_prefetch(word, 1);
                uint32_t *leaving = ring[next % RING];
                ring[next++ % RING] = word;
                if (leaving != NULL) {
                    (*leaving)++;
                }
            }
        }
    }
    for (unsigned i = 0; i < RING; i++) {
        if (ring[i] != NULL) {
            (*ring[i])++;
        }
    }
    walk->edges = next;
}

static void meet(struct walk *walk, size_t *end, struct node *node)
{
    if (node != NULL && node->count++ == 0) {
        walk->queue[(*end)++] = node;
    }
}

/* The next node that a walk can go on with: a waiting one, else a root; NULL: none just now. */
static const struct node *next_node(struct walk *walk, size_t *begin, size_t *end, size_t *root)
{
    size_t roots = walk->live ? 1 : walk->count;
    while (*begin == *end && *root < roots) {
        meet(walk, end, walk->nodes[*root].count == 0 ? &walk->nodes[*root] : NULL);
        (*root)++;
    }
    if (*begin == *end) {
        return NULL;
    }
    if (*begin + RING < *end) {
        __builtin_prefetch(walk->queue[*begin + RING]);
    }
    return walk->queue[(*begin)++];
}

/* Meets all that is in the ring; says whether there is something to go on with. */
static bool empty_ring(struct walk *walk, struct node **ring, size_t *end)
{
    size_t before = *end;
    for (unsigned i = 0; i < RING; i++) {
        meet(walk, end, ring[i]);
        walk->edges += ring[i] != NULL;
        ring[i] = NULL;
    }
    return *end > before;
}

static void find_all(void *context)
{
    struct walk *walk = context;
    struct node *ring[RING] = {NULL};
    unsigned next = 0;
    size_t begin = 0;
    size_t end = 0;
    size_t root = 0;
    do {
        const struct node *node;
        while ((node = next_node(walk, &begin, &end, &root)) != NULL) {
            for (unsigned link = 0; link < walk->links; link++) {
                __builtin_prefetch(node->links[link], 1);
                struct node *leaving = ring[next % RING];
                ring[next++ % RING] = node->links[link];
                meet(walk, &end, leaving);
                walk->edges += leaving != NULL;
            }
        }
    } while (empty_ring(walk, ring, &end));
}

static bool has_suffix(const char *workload, const char *suffix)
{
    size_t length = strlen(workload);
    size_t tail = strlen(suffix);
    return length >= tail && strcmp(workload + length - tail, suffix) == 0;
}

static void run_walk(const char *workload, const struct graph_shape *shape, size_t size)
{
    struct walk walk = {.count = size, .links = shape->parents ? 3 : 2};
    bench_work work = touch_children;
    walk.nodes = huge_memory(size * sizeof *walk.nodes);
    shape->connect(walk.nodes, size, link_nodes);
    if (has_suffix(workload, "-table")) {
        walk.table = huge_memory(size * sizeof *walk.table);
        work = touch_table;
    } else if (has_suffix(workload, "-found")) {
        walk.queue = huge_memory(size * sizeof *walk.queue);
        walk.live = strstr(workload, "-live") != NULL && strcmp(shape->name, "random") != 0;
        work = find_all;
    }
    double elapsed_ns = bench_measure(work, &walk);
    bench_report(elapsed_ns, (double)size, walk.edges);
}

int main(int argc, char **argv)
{
    size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    const char *workload = argc == 3 ? argv[1] : "";
    bool strings = strncmp(workload, "strings", 7) == 0;
    const struct graph_shape *shape = graph_shape_of(strings ? "random" : workload);
    if (shape == NULL || size == 0 || size > 100000000) {
        fprintf(stderr, "usage: %s WORKLOAD[-table|-found] SIZE\n", argv[0]);
        return 2;
    }
    run_walk(workload, shape, size);
    return 0;
}
