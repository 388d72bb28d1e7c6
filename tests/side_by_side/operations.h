/* Our side: runs a scenario and prints its trace. */
#ifndef RCYCLE_TESTS_OPERATIONS_H
#define RCYCLE_TESTS_OPERATIONS_H

#include "scenario_text.h"

/*
 * Runs it in a heap of its own. The ids are those of the objects whose
 * destructors are to run in this order if one collection finds several.
 */
void scenario_run(const struct scenario *scenario, const long *ids, size_t id_count, FILE *trace);

#endif
