/*
 * Torture: destructors and free hooks that do anything at all, in a heap that
 * is verified after every act.
 *
 * There is no model here, and so no restraint either: what the oracle must not
 * do because nothing could be expected of it is done here. Destructors and hooks
 * act within each other, on everything that the program holds, while memory
 * fails in the middle; in every other heap releases are cut, within objects
 * too. All results are ignored. What must hold: no destructor runs twice, the heap's invariants
 * stand wherever they can be looked at, and at the end nothing is left; and the sanitizers are
 * content.
 *
 * TORTURE_SEED, TORTURE_STEPS, TORTURE_SECONDS: see seeds.h.
 */
#include "core/heap_state.h"
#include "seeds.h"
#include "torture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 50 /* of letting everything go */
#define STEPS  10000

static struct gc_heap *begin(uint64_t seed)
{
    memset(&torture, 0, sizeof torture);
    torture.seed = seed;
    torture.random = seed * 7919 + 13;
    struct gc_options options = gc_options_default();
    options.root_buffer_entries = torture_one_in(3)   ? 1 + torture_below(4)
                                  : torture_one_in(2) ? 64
                                                      : 10000;
    unsigned objects_in_a_release = torture_one_in(2) ? 1 + torture_below(40) : 0;
    options.release_budget_ns = objects_in_a_release;
    struct gc_heap *heap = gc_heap_new(&options);
    heap->release_objects = objects_in_a_release;
    heap->release_places = torture_below(4);
    gc_heap_use(heap);
    for (int i = 0; i < TORTURE_MAPS; i++) {
        torture.maps[i] = zval_weakmap();
    }
    return heap;
}

static void let_go(void)
{
    for (int i = 0; i < TORTURE_VARIABLES; i++) {
        zval_release(&torture.variables[i]);
        zval_release(&torture.weak[i]);
    }
    for (int i = 0; i < TORTURE_MAPS; i++) {
        zval_release(&torture.maps[i]);
    }
    (void)gc_collect_cycles();
}

/* What was dropped while the collector was off is found by looking at everything. */
static void expect_nothing_left(void)
{
    torture.ending = true;
    for (int round = 0; round < ROUNDS; round++) {
        let_go();
    }
    (void)gc_collect_heap();
    (void)gc_collect_heap();
    torture_verify();
    if (gc_status().live_nodes > 0 || gc_memory_usage(false) > 0) {
        torture_fail("something is left at the end");
    }
}

static bool report(void)
{
    fprintf(stderr,
            "torture: seed %" PRIu64 ": %" PRIu64 " steps, %" PRIu64 " acts, %" PRIu32
            " destructors%s%s\n",
            torture.seed, torture.step, torture.acts, torture.destructors,
            torture.fault == NULL ? "" : ": ", torture.fault == NULL ? "" : torture.fault);
    return torture.fault == NULL;
}

/* Some heaps end with all that is in it, and some of these while destructors still act. */
static bool run(uint64_t seed, uint64_t steps, unsigned seconds)
{
    struct gc_heap *heap = begin(seed);
    time_t until = time(NULL) + (time_t)seconds;
    while (!torture.ending && (seconds == 0 ? torture.step < steps : time(NULL) < until)) {
        torture.step++;
        torture_act();
    }
    (void)gc_memory_fail_never();
    if (seed % 3 != 0) {
        expect_nothing_left();
    }
    bool acts_to_the_end = seed % 2 == 0;
    torture.ending |= !acts_to_the_end;
    gc_heap_free(heap);
    if (torture.owed > 0 && torture.ending) {
        torture_fail("a destructor has not run");
    }
    return report();
}

int main(void)
{
    const struct seeds_plan plan = {
        .name = "survives", .prefix = "TORTURE", .seeds = 30, .steps = STEPS, .run = run};
    return seeds_main(&plan);
}
