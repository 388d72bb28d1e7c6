/*
 * What the workloads of our own program share.
 */
#ifndef RCYCLE_BENCH_RCYCLE_H
#define RCYCLE_BENCH_RCYCLE_H

#include "bench_support.h"
#include <rcycle/rcycle.h>
#include <stdbool.h>

/* Collections of a workload in which the same object is a possible root each time. */
#define BENCH_REPEATED 5

extern const struct bench_workload collection_structs[];
extern const struct bench_workload collection_values[];
extern const struct bench_workload program_values[];
extern const struct bench_workload growth_values[];
extern const struct bench_workload small_costs[];

/* A heap for one collection of `nodes` nodes: room for all of them as possible roots, as far as a
   buffer can have it. Off until the end. */
void bench_heap_begin(size_t nodes, bool enabled);
/* A heap as a program has it that sets no options. */
void bench_heap_begin_default(void);
/* Reports the most memory that the heap has had, and ends it. */
void bench_heap_end(void);

/* Collects `times` times, each after `touch`, which may be NULL; reports the time of the
   collections for each of `nodes`. */
void bench_collection(double nodes, unsigned times, bench_work touch, void *context);

/* Ends the program if there is no memory. */
void *bench_checked(void *object);

#endif
