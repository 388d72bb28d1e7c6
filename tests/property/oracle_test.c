/*
 * The random-graph oracle with fixed seeds, and collections as they are unless
 * options say otherwise, or as the environment says: ORACLE_SEED, ORACLE_STEPS,
 * ORACLE_SECONDS (seeds.h). ORACLE_TRACE=1: every step is printed.
 */
#include "checks.h"

#include "oracle.h"
#include "seeds.h"

int main(void)
{
    const struct seeds_plan plan = {.name = "agrees_with_the_model",
                                    .prefix = "ORACLE",
                                    .seeds = 30,
                                    .steps = checks_allocator_is_replaced() ? 13000 : 40000,
                                    .run = oracle_run};
    return seeds_main(&plan);
}
