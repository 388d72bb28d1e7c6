/*
 * The random-graph oracle with full runs in slices of random length, between
 * which the program goes on, under both policies and with runs at safe points
 * only. The environment as for oracle_test.c.
 */
#include "checks.h"

#include "oracle.h"
#include "seeds.h"

int main(void)
{
    const struct seeds_plan plan = {.name = "agrees_with_the_model_in_slices",
                                    .prefix = "ORACLE",
                                    .seeds = 30,
                                    .steps = checks_allocator_is_replaced() ? 10000 : 30000,
                                    .run = oracle_run_in_slices};
    return seeds_main(&plan);
}
