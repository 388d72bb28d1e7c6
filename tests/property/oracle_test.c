/*
 * The random-graph oracle with fixed seeds, more than a million operations in
 * all, or as the environment says: ORACLE_SEED, ORACLE_STEPS, ORACLE_SECONDS
 * (seeds.h). ORACLE_TRACE=1: every step is printed.
 */
#include "oracle.h"
#include "seeds.h"

#if defined __SANITIZE_ADDRESS__
#define STEPS 20000
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define STEPS 20000
#endif
#endif
#ifndef STEPS
#define STEPS 60000
#endif

int main(void)
{
    const struct seeds_plan plan = {.name = "agrees_with_the_model",
                                    .prefix = "ORACLE",
                                    .seeds = 30,
                                    .steps = STEPS,
                                    .run = oracle_run};
    return seeds_main(&plan);
}
