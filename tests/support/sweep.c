#include "sweep.h"

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
}

static void check_unchanged(const struct sweep *sweep, int line)
{
    char *after = dump_variables(sweep);
    if (strcmp(after, sweep->before) != 0) {
        fail_msg("line %d: the refused call made of\n%sthis:\n%s", line, sweep->before, after);
    }
    free(after);
    if (gc_memory_usage(false) != sweep->bytes_before ||
        gc_status().live_nodes != sweep->nodes_before) {
        fail_msg("line %d: the refused call made of %zu bytes and %llu nodes %zu and %llu", line,
                 sweep->bytes_before, (unsigned long long)sweep->nodes_before,
                 gc_memory_usage(false), (unsigned long long)gc_status().live_nodes);
    }
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

/* The first call that is refused must have found no memory; later ones may miss what it would have
   made. */
void sweep_result(struct sweep *sweep, enum gc_result result, int line)
{
    if (result == GC_OK) {
        return;
    }
    if (result != GC_ENOMEM && sweep->refused == 0) {
        fail_msg("line %d: expected '%s', not '%s'", line, gc_result_text(GC_ENOMEM),
                 gc_result_text(result));
    }
    sweep->refused++;
    check_unchanged(sweep, line);
}

void sweep_pointer(struct sweep *sweep, bool succeeded, int line)
{
    sweep_result(sweep, succeeded ? GC_OK : GC_ENOMEM, line);
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

/* Returns how many allocations failed. */
static uint64_t attempt(sweep_script script, uint64_t successes, const char *expected)
{
    struct sweep sweep = {0};
    gc_memory_fail_after(successes);
    script(&sweep);
    uint64_t failures = gc_memory_fail_never();
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    if (failures == 0) {
        char *found = dump_variables(&sweep);
        assert_int_equal(sweep.refused, 0);
        assert_string_equal(found, expected);
        free(found);
    } else {
        assert_true(sweep.refused > 0);
    }
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
