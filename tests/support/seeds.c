#include "seeds.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define SEEDS_AT_MOST    64
#define SECONDS_FOR_EACH 4

static const struct seeds_plan *the_plan;

/* What the environment says; NULL: nothing. */
static const char *setting(const char *name)
{
    char variable[64];
    snprintf(variable, sizeof variable, "%s_%s", the_plan->prefix, name);
    return getenv(variable);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = setting(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void run_seed(void **state)
{
    const uint64_t *seed = *state;
    assert_true(the_plan->run(*seed, number("STEPS", the_plan->steps), 0));
}

static int run_seeds(uint64_t first, uint64_t count)
{
    static struct CMUnitTest tests[SEEDS_AT_MOST];
    static char names[SEEDS_AT_MOST][64];
    static uint64_t seeds[SEEDS_AT_MOST];
    for (uint64_t i = 0; i < count; i++) {
        seeds[i] = first + i;
        snprintf(names[i], sizeof names[i], "%s_seed_%" PRIu64, the_plan->name, seeds[i]);
        tests[i] = (struct CMUnitTest){names[i], run_seed, NULL, NULL, &seeds[i]};
    }
    return _cmocka_run_group_tests(the_plan->name, tests, count, NULL, NULL);
}

/* Each seed for some seconds only, so that all kinds have their turn. */
static int soak(uint64_t seconds)
{
    time_t end = time(NULL) + (time_t)seconds;
    uint64_t seed = number("SEED", (uint64_t)time(NULL) * 1000);
    for (; time(NULL) < end; seed++) {
        time_t left = end - time(NULL);
        if (!the_plan->run(seed, 0, left < SECONDS_FOR_EACH ? (unsigned)left : SECONDS_FOR_EACH)) {
            return 1;
        }
    }
    return 0;
}

int seeds_main(const struct seeds_plan *plan)
{
    the_plan = plan;
    uint64_t seconds = number("SECONDS", 0);
    if (seconds > 0) {
        return soak(seconds);
    }
    return setting("SEED") != NULL ? run_seeds(number("SEED", 0), 1) : run_seeds(0, plan->seeds);
}
