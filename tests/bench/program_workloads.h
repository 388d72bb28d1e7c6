/*
 * The tables of whole programs, and what their sources share.
 */
#ifndef RCYCLE_BENCH_PROGRAM_WORKLOADS_H
#define RCYCLE_BENCH_PROGRAM_WORKLOADS_H

#include "bench_support.h"
#include "memory_manner.h"
#include <stdlib.h>

extern const struct bench_workload program_workloads[];
extern const struct bench_workload tree_programs[];
extern const struct bench_workload graph_programs[];
extern const struct bench_workload growth_programs[];
extern const struct bench_workload growth_fork[];

/* What a program that makes rings needs, and the run of one, own structs or values. */
struct churn {
    size_t nodes;
    size_t ring;
    uint64_t sum;
};
void churn_run(size_t nodes, size_t ring, bench_work make_rings);

/* The same for functions and their environments. */
struct closures {
    size_t pairs;
    uint64_t sum;
};
void closures_run(size_t pairs, bench_work make_pairs);

/* Makes the live list of section C, the collector off, which it is afterwards. */
void live_list_build(size_t nodes);
/* The same; then collects, so that no later run has to look at it for the first time, and leaves
   the collector on. */
void live_list_begin(size_t nodes);
/* Retains and releases the first node, so that it is a possible root; returns its number, 0 if
   there is none. */
uint64_t live_list_touch(void);

/* An array of references that the program holds, all NULL; a collector has to see into it. */
static inline void *program_array(size_t count)
{
#ifdef BENCH_COLLECTED
    return GC_MALLOC(count * sizeof(void *));
#else
    return bench_memory(count, sizeof(void *));
#endif
}

static inline void program_array_end(void *array)
{
#ifdef BENCH_COLLECTED
    (void)array;
#else
    free(array);
#endif
}

#endif
