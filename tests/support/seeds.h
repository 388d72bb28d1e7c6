/*
 * Tests with random programs: some fixed seeds, or what the environment asks for.
 *
 *     <PREFIX>_SEED=n       that seed only
 *     <PREFIX>_STEPS=n      so many steps for each seed
 *     <PREFIX>_SECONDS=n    new seeds for so long
 */
#ifndef RCYCLE_TESTS_SEEDS_H
#define RCYCLE_TESTS_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

struct seeds_plan {
    const char *name;   /* of the tests, with the seed behind it */
    const char *prefix; /* of the environment variables */
    uint64_t seeds;     /* 0 and so on, at most 64 */
    uint64_t steps;     /* for each */
    /* Runs one; with `seconds` for so long, whatever the steps. False: it failed, and standard
       error says why. */
    bool (*run)(uint64_t seed, uint64_t steps, unsigned seconds);
};

/* What main() returns. */
int seeds_main(const struct seeds_plan *plan);

#endif
