/*
 * The random-graph oracle with large releases cut into parts of random length,
 * under both policies, with runs in one go, in slices, and at safe points only.
 * The environment as for oracle_test.c.
 */
#include "checks.h"

#include "oracle.h"
#include "seeds.h"

int main(void)
{
    const struct seeds_plan plan = {.name = "agrees_with_the_model_in_parts",
                                    .prefix = "ORACLE",
                                    .seeds = 33,
                                    .steps = checks_allocator_is_replaced() ? 8000 : 24000,
                                    .run = oracle_run_in_parts};
    return seeds_main(&plan);
}
