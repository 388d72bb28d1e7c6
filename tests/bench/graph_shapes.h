/*
 * The graphs that one collection is measured on, whatever their nodes are made of.
 */
#ifndef RCYCLE_BENCH_GRAPH_SHAPES_H
#define RCYCLE_BENCH_GRAPH_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

/* Puts a reference to node `to` into a link of node `from`; both by their places in the array. */
typedef void (*graph_link)(void *nodes, size_t from, unsigned link, size_t to);

struct graph_shape {
    const char *name;
    void (*connect)(void *nodes, size_t count, graph_link link);
    bool parents; /* three links a node instead of two */
};

/* self, list, shuffled, random, tree, rings21; the last has no name. */
extern const struct graph_shape graph_shapes[];

/* The shape of a workload such as list-dead; NULL if there is none. */
const struct graph_shape *graph_shape_of(const char *workload);

/* How many lists the workload `nested` has, for this many references. */
size_t graph_nested_lists(size_t references);

#endif
