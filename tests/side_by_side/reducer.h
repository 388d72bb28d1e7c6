/* Makes a scenario that two sides disagree on as short as it can be while they do. */
#ifndef RCYCLE_TESTS_REDUCER_H
#define RCYCLE_TESTS_REDUCER_H

#include "scenario_text.h"

/* Says for each of the scenarios whether the sides still disagree. */
typedef void (*reducer_judge)(void *context, const struct scenario *scenarios, size_t count,
                              bool *disagree);

void scenario_reduce(struct scenario *scenario, reducer_judge judge, void *context);

#endif
