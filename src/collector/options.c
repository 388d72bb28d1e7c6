#include "collector/options.h"

#include "core/roots.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define YOUNG_BYTES    ((size_t)512 << 10)
#define FULL_RUN_BYTES ((size_t)1 << 20)

/* ---- the environment ---------------------------------------------------- */

enum variable {
    ENABLE_GC,
    ROOTS,
    POLICY,
    LOG,
    MEMORY_LIMIT,
    IDLE,
    PAUSE,
    RELEASE,
    VARIABLES
};

static const char *const variable_names[VARIABLES] = {
    [ENABLE_GC] = "RCYCLE_ENABLE_GC",
    [ROOTS] = "RCYCLE_ROOTS",
    [POLICY] = "RCYCLE_POLICY",
    [LOG] = "RCYCLE_LOG",
    [MEMORY_LIMIT] = "RCYCLE_MEMORY_LIMIT",
    [IDLE] = "RCYCLE_IDLE_MS",
    [PAUSE] = "RCYCLE_PAUSE_US",
    [RELEASE] = "RCYCLE_RELEASE_US",
};

/* NULL if it is not set, or the program runs with raised privileges. */
static const char *read_variable(enum variable variable)
{
    return secure_getenv(variable_names[variable]);
}

static void report_once(enum variable variable, const char *text, const char *expected)
{
    static atomic_bool reported[VARIABLES];
    if (!atomic_exchange(&reported[variable], true)) {
        fprintf(stderr, "rcycle: %s=%s is ignored: expected %s\n", variable_names[variable], text,
                expected);
    }
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words != NULL && strcasecmp(text, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

static void read_switch(enum variable variable, bool *value)
{
    static const char *const yes[] = {"1", "on", "true", "yes", NULL};
    static const char *const no[] = {"0", "off", "false", "no", NULL};
    const char *text = read_variable(variable);
    if (text == NULL) {
        return;
    }
    if (is_one_of(text, yes)) {
        *value = true;
    } else if (is_one_of(text, no)) {
        *value = false;
    } else {
        report_once(variable, text, "1, 0, on, off, true, false, yes or no");
    }
}

/* Digits, and what stands behind them in `end`. False: there are none, or too many. */
static bool read_digits(const char *text, unsigned long long *number, char **end)
{
    errno = 0;
    *number = strtoull(text, end, 10);
    return text[0] >= '0' && text[0] <= '9' && errno == 0;
}

static void read_roots(size_t *entries)
{
    const char *text = read_variable(ROOTS);
    if (text == NULL) {
        return;
    }
    char *end;
    unsigned long long number;
    bool is_number = read_digits(text, &number, &end) && *end == '\0';
    if (is_number && number >= 1 && number <= RC_ROOTS_CAPACITY_MAX) {
        *entries = (size_t)number;
    } else {
        report_once(ROOTS, text, "a number from 1 to 4000000");
    }
}

/* By how many bits a suffix shifts, and how long it is. */
static unsigned read_suffix(const char *suffix, unsigned *shift)
{
    static const char letters[] = "kmg";
    const char *found = *suffix == '\0' ? NULL : strchr(letters, *suffix | 0x20);
    *shift = found == NULL ? 0 : 10 * (unsigned)(found - letters + 1);
    return found == NULL ? 0 : 1;
}

static void read_memory_limit(size_t *bytes)
{
    const char *text = read_variable(MEMORY_LIMIT);
    if (text == NULL) {
        return;
    }
    char *end;
    unsigned long long number;
    unsigned shift;
    if (read_digits(text, &number, &end) && end[read_suffix(end, &shift)] == '\0' &&
        number <= SIZE_MAX >> shift) {
        *bytes = (size_t)number << shift;
    } else {
        report_once(MEMORY_LIMIT, text, "bytes, as a number with K, M or G behind it or without");
    }
}

static void read_time(enum variable variable, uint64_t unit_ns, const char *expected, uint64_t *ns)
{
    const char *text = read_variable(variable);
    if (text == NULL) {
        return;
    }
    char *end;
    unsigned long long number;
    if (read_digits(text, &number, &end) && *end == '\0' && number <= UINT64_MAX / unit_ns) {
        *ns = number * unit_ns;
    } else {
        report_once(variable, text, expected);
    }
}

static void read_policy(enum gc_policy *policy)
{
    const char *text = read_variable(POLICY);
    if (text == NULL) {
        return;
    }
    if (strcasecmp(text, "classic") == 0) {
        *policy = GC_POLICY_CLASSIC;
    } else if (strcasecmp(text, "generational") == 0) {
        *policy = GC_POLICY_GENERATIONAL;
    } else {
        report_once(POLICY, text, "classic or generational");
    }
}

bool rc__environment_wants_log(void)
{
    bool wanted = false;
    read_switch(LOG, &wanted);
    return wanted;
}

/* ---- options ------------------------------------------------------------ */

struct gc_options gc_options_default(void)
{
    struct gc_options options = {
        .enabled = true,
        .root_buffer_entries = GC_ROOT_BUFFER_MAX_ENTRIES,
        .policy = GC_POLICY_GENERATIONAL,
        .young_bytes = YOUNG_BYTES,
        .full_run_bytes = FULL_RUN_BYTES,
    };
    read_switch(ENABLE_GC, &options.enabled);
    read_roots(&options.root_buffer_entries);
    read_policy(&options.policy);
    read_memory_limit(&options.memory_limit_bytes);
    read_time(IDLE, 1000000, "a number of milliseconds", &options.idle_return_ns);
    read_time(PAUSE, 1000, "a number of microseconds", &options.pause_budget_ns);
    read_time(RELEASE, 1000, "a number of microseconds", &options.release_budget_ns);
    return options;
}

bool rc__options_are_valid(const struct gc_options *options)
{
    return options->root_buffer_entries >= 1 &&
           options->root_buffer_entries <= RC_ROOTS_CAPACITY_MAX &&
           (options->policy == GC_POLICY_CLASSIC || options->policy == GC_POLICY_GENERATIONAL);
}
