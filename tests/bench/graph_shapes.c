/*
 * The graphs that one collection is measured on. The nodes exist already, made
 * one after the other; here they are linked.
 */
#include "graph_shapes.h"
#include "bench_support.h"
#include <stdlib.h>
#include <string.h>

enum {
    NEXT,
    PREVIOUS,
    PARENT
};

#define RING_NODES 21

static void connect_self(void *nodes, size_t count, graph_link link)
{
    for (size_t i = 0; i < count; i++) {
        link(nodes, i, NEXT, i);
    }
}

static void connect_both_ways(void *nodes, graph_link link, size_t left, size_t right)
{
    link(nodes, left, NEXT, right);
    link(nodes, right, PREVIOUS, left);
}

static void connect_list(void *nodes, size_t count, graph_link link)
{
    for (size_t i = 1; i < count; i++) {
        connect_both_ways(nodes, link, i - 1, i);
    }
}

/* The first node stays the first, since a live list is held by it. */
static void connect_shuffled(void *nodes, size_t count, graph_link link)
{
    size_t *order = bench_memory(count, sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (size_t i = count - 1; i > 1; i--) {
        size_t other = 1 + bench_random() % i;
        size_t swapped = order[i];
        order[i] = order[other];
        order[other] = swapped;
    }
    for (size_t i = 1; i < count; i++) {
        connect_both_ways(nodes, link, order[i - 1], order[i]);
    }
    free(order);
}

static void connect_random(void *nodes, size_t count, graph_link link)
{
    for (size_t i = 0; i < count; i++) {
        link(nodes, i, NEXT, bench_random() % count);
        link(nodes, i, PREVIOUS, bench_random() % count);
    }
}

static void connect_tree(void *nodes, size_t count, graph_link link)
{
    for (size_t i = 1; i < count; i++) {
        size_t parent = (i - 1) / 2;
        link(nodes, parent, (i - 1) % 2 == 0 ? NEXT : PREVIOUS, i);
        link(nodes, i, PARENT, parent);
    }
}

static void connect_rings(void *nodes, size_t count, graph_link link)
{
    for (size_t first = 0; first < count; first += RING_NODES) {
        size_t size = count - first < RING_NODES ? count - first : RING_NODES;
        for (size_t i = 0; i < size; i++) {
            connect_both_ways(nodes, link, first + i, first + (i + 1) % size);
        }
    }
}

const struct graph_shape graph_shapes[] = {
    {"self", connect_self, false},
    {"list", connect_list, false},
    {"shuffled", connect_shuffled, false},
    {"random", connect_random, false},
    {"tree", connect_tree, true},
    {"rings21", connect_rings, false},
    {NULL, NULL, false},
};

const struct graph_shape *graph_shape_of(const char *workload)
{
    size_t length = strcspn(workload, "-");
    for (const struct graph_shape *shape = graph_shapes; shape->name != NULL; shape++) {
        if (strlen(shape->name) == length && strncmp(shape->name, workload, length) == 0) {
            return shape;
        }
    }
    return NULL;
}

/* List n of L holds n references, so there are L * (L - 1) / 2: the 1,000 lists for 499,500. */
size_t graph_nested_lists(size_t references)
{
    size_t lists = 1;
    while (lists * (lists - 1) / 2 < references) {
        lists++;
    }
    return lists;
}
