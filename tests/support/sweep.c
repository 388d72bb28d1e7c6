#include "sweep.h"

#include "collector/collector.h"
#include "core/current.h"
#include <stdlib.h>
#include <string.h>

#define MOST_ATTEMPTS 20000

/* ---- what there is ------------------------------------------------------------ */

static char *dump_variables(const struct sweep *sweep)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    for (size_t i = 0; i < SWEEP_VARIABLES; i++) {
        zval_dump(out, &sweep->v[i]);
    }
    fclose(out);
    return text;
}

void sweep_before(struct sweep *sweep)
{
    free(sweep->before);
    sweep->before = dump_variables(sweep);
    sweep->bytes_before = gc_memory_usage(false);
    sweep->nodes_before = gc_status().live_nodes;
    sweep->calls++;
    if (sweep->pressed) {
        struct rc_space *space = &rc__heap_current()->space;
        rc__space_set_step(space, rc__space_used_bytes(space) + sweep->allowance);
    }
}

static void check_unchanged(const struct sweep *sweep, int line)
{
    char *after = dump_variables(sweep);
    if (strcmp(after, sweep->before) != 0) {
        fail_msg("line %d: the refused call made of\n%sthis:\n%s", line, sweep->before, after);
    }
    free(after);
    bool as_before = gc_memory_usage(false) == sweep->bytes_before &&
                     gc_status().live_nodes == sweep->nodes_before;
    bool less = sweep->reason == GC_ELIMIT && gc_memory_usage(false) < sweep->bytes_before;
    if (!as_before && !less) {
        fail_msg("line %d: the refused call made of %zu bytes and %llu nodes %zu and %llu", line,
                 sweep->bytes_before, (unsigned long long)sweep->nodes_before,
                 gc_memory_usage(false), (unsigned long long)gc_status().live_nodes);
    }
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

/* The first call that is refused must have found no memory, or have been given what found none;
   later ones may miss what it would have made. */
void sweep_result(struct sweep *sweep, enum gc_result result, int line)
{
    if (result == GC_OK) {
        return;
    }
    bool is_reason = result == sweep->reason || result == GC_ENOMEM;
    if (!is_reason && sweep->refused == 0) {
        fail_msg("line %d: expected '%s', not '%s'", line, gc_result_text(sweep->reason),
                 gc_result_text(result));
    }
    sweep->refused++;
    check_unchanged(sweep, line);
}

void sweep_pointer(struct sweep *sweep, bool succeeded, int line)
{
    sweep_result(sweep, succeeded ? GC_OK : sweep->reason, line);
}

bool sweep_is_undef(zval value)
{
    return zval_type_of(&value) == ZVAL_UNDEF;
}

/* ---- attempts --------------------------------------------------------------------- */

static void release_all(struct sweep *sweep)
{
    free(sweep->before);
    sweep->before = NULL;
    for (size_t i = 0; i < SWEEP_VARIABLES; i++) {
        zval_release(&sweep->v[i]);
    }
    gc_collect_cycles();
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    assert_int_equal(gc_status().live_nodes, 0);
    assert_int_equal(gc_memory_usage(false), 0);
}

static char *run_undisturbed(sweep_script script)
{
    struct sweep sweep = {0};
    script(&sweep);
    assert_int_equal(sweep.refused, 0);
    assert_true(sweep.calls > 0);
    char *expected = dump_variables(&sweep);
    release_all(&sweep);
    return expected;
}

static void check_outcome(const struct sweep *sweep, bool failed, const char *expected)
{
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    assert_int_equal(sweep->refused > 0, failed);
    if (!failed) {
        char *found = dump_variables(sweep);
        assert_string_equal(found, expected);
        free(found);
    }
}

/* Returns how many allocations failed. */
static uint64_t attempt(sweep_script script, uint64_t successes, const char *expected)
{
    struct sweep sweep = {.reason = GC_ENOMEM};
    gc_memory_fail_after(successes);
    script(&sweep);
    uint64_t failures = gc_memory_fail_never();
    check_outcome(&sweep, failures > 0, expected);
    release_all(&sweep);
    return failures;
}

void sweep_run(sweep_script script)
{
    char *expected = run_undisturbed(script);
    uint64_t successes = 0;
    while (attempt(script, successes, expected) > 0) {
        successes++;
        assert_true(successes < MOST_ATTEMPTS);
        if (successes % 3 == 0) {
            gc_mem_caches();
        }
    }
    assert_true(successes > 0);
    free(expected);
}

/* Small ones all, large ones in steps. */
static size_t next_size(size_t bytes)
{
    return bytes < 2048 ? bytes + 16 : bytes + bytes / 8;
}

/* Returns how many calls were refused. */
static uint64_t attempt_with_limit(sweep_script script, size_t limit, const char *expected)
{
    struct sweep sweep = {.reason = GC_ELIMIT};
    uint64_t before = gc_memory_status().refusals;
    assert_ok(gc_memory_set_limit(limit));
    script(&sweep);
    uint64_t refusals = gc_memory_status().refusals - before;
    assert_true(gc_memory_peak(false) <= limit);
    assert_ok(gc_memory_set_limit(0));
    check_outcome(&sweep, refusals > 0, expected);
    release_all(&sweep);
    gc_memory_reset_peak();
    return refusals;
}

void sweep_limits(sweep_script script)
{
    char *expected = run_undisturbed(script);
    gc_memory_reset_peak();
    size_t limit = 16;
    while (attempt_with_limit(script, limit, expected) > 0) {
        limit = next_size(limit);
        assert_true(limit < (size_t)1 << 24);
    }
    assert_true(limit > 16);
    free(expected);
}

/* Returns how often relief was made. */
static uint64_t attempt_with_relief(sweep_script script, size_t allowance, const char *expected)
{
    struct sweep sweep = {.reason = GC_ELIMIT, .pressed = true, .allowance = allowance};
    uint64_t before = gc_memory_status().collections;
    assert_ok(gc_memory_set_limit((size_t)1 << 30));
    script(&sweep);
    uint64_t collections = gc_memory_status().collections - before;
    assert_ok(gc_memory_set_limit(0));
    check_outcome(&sweep, false, expected);
    release_all(&sweep);
    return collections;
}

void sweep_relief(sweep_script script)
{
    char *expected = run_undisturbed(script);
    size_t allowance = 0;
    while (attempt_with_relief(script, allowance, expected) > 0) {
        allowance = next_size(allowance);
    }
    assert_true(allowance > 0);
    free(expected);
}
