/*
 * Runs in slices, a step at a time.
 */
#ifndef RCYCLE_TESTS_STEPPING_H
#define RCYCLE_TESTS_STEPPING_H

#include "collector/collector.h"

struct fixture_node;

/* Of the current heap. */
struct rc_collector *stepping_collector(void);

/* A setup: a classic heap, in which a slice looks at one object. */
int stepping_begin(void **state);

/* A ring of nodes, owned through the one that is returned; and such as garbage. */
struct fixture_node *stepping_new_ring(size_t nodes);
void stepping_drop_ring(size_t nodes);
void stepping_drop_rings(size_t count, size_t nodes);

/* Steps until the phase has been reached, and a slice has ended in it. */
void stepping_to(enum rc_phase phase);

/* ... until no run is in progress. */
void stepping_to_the_end(void);

#endif
