/*
 * The graph is let go, in two steps that are looked at one by one: what
 * counting frees, and what only the collector can.
 */
#ifndef PACKAGE_DROP_H
#define PACKAGE_DROP_H

#include "package_model.h"

/* What there is at one moment. */
struct drop_state {
    uint64_t nodes;
    size_t bytes;
};

struct drop {
    struct drop_state before;
    struct drop_state counted;   /* after the last handle was released */
    struct drop_state collected; /* after the collector */
    size_t found;                /* nodes: what gc_collect_cycles() returned */
    size_t found_in_heap;        /* nodes: what gc_collect_heap() returned, had there been need */
    struct gc_status at_counted; /* the collector's own figures at these moments */
    struct gc_status at_collected;
    uint64_t count_ns;
    uint64_t collect_ns;
};

/* Nanoseconds of a clock that only goes forward. */
uint64_t drop_clock_ns(void);

struct drop graph_drop(struct package_graph *graph);

#endif
