/*
 * The random-graph oracle with fixed seeds, more than a million operations in
 * all, and by hand:
 *
 *     ORACLE_SEED=n              that seed only
 *     ORACLE_STEPS=n             so many steps for each seed
 *     ORACLE_SECONDS=n           new seeds for so long
 *     ORACLE_TRACE=1             every step is printed
 */
#include "oracle.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define SEEDS 30

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

/* A number from the environment; `otherwise` if there is none. */
static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void agrees_with_the_model(void **state)
{
    uint64_t seed = *(const uint64_t *)*state;
    assert_true(oracle_run(seed, number("ORACLE_STEPS", STEPS), 0));
}

static int run_seeds(const uint64_t *seeds, size_t count)
{
    static struct CMUnitTest tests[SEEDS];
    static char names[SEEDS][64];
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "agrees_with_the_model_seed_%" PRIu64, seeds[i]);
        tests[i] = (struct CMUnitTest){names[i], agrees_with_the_model, NULL, NULL,
                                       (void *)(uintptr_t)&seeds[i]};
    }
    return _cmocka_run_group_tests("oracle", tests, count, NULL, NULL);
}

/* Each seed for at most four seconds, so that all kinds have their turn. */
static int soak(uint64_t seconds)
{
    time_t end = time(NULL) + (time_t)seconds;
    uint64_t seed = number("ORACLE_SEED", (uint64_t)time(NULL) * 1000);
    for (; time(NULL) < end; seed++) {
        time_t left = end - time(NULL);
        if (!oracle_run(seed, 0, left < 4 ? (unsigned)left : 4)) {
            return 1;
        }
    }
    return 0;
}

int main(void)
{
    uint64_t seconds = number("ORACLE_SECONDS", 0);
    if (seconds > 0) {
        return soak(seconds);
    }
    uint64_t seeds[SEEDS];
    for (uint64_t i = 0; i < SEEDS; i++) {
        seeds[i] = i;
    }
    if (getenv("ORACLE_SEED") != NULL) {
        seeds[0] = number("ORACLE_SEED", 0);
        return run_seeds(seeds, 1);
    }
    return run_seeds(seeds, SEEDS);
}
