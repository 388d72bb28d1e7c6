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
