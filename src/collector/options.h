/*
 * Options of a heap, and what the environment says of them.
 */
#ifndef RCYCLE_COLLECTOR_OPTIONS_H
#define RCYCLE_COLLECTOR_OPTIONS_H

#include <rcycle/heap.h>

bool rc__options_are_valid(const struct gc_options *options);

/* RCYCLE_LOG: a line for each run. */
bool rc__environment_wants_log(void);

#endif
