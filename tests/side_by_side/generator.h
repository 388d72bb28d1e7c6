/*
 * Random scenarios. The same seed makes the same one.
 *
 * Families, each of which leaves out what would keep it from being compared
 * strictly: `roots` has no arrays of scalars and no weak references, so that the
 * root buffer can be compared; the destructors of `calm` have the same effect in
 * any order; `maps` has weak maps, `full` a root buffer that is nearly full at
 * the beginning; `wild` has everything else.
 */
#ifndef RCYCLE_TESTS_GENERATOR_H
#define RCYCLE_TESTS_GENERATOR_H

#include "scenario_text.h"
#include <stdint.h>

void scenario_generate(struct scenario *scenario, uint64_t seed);

#endif
