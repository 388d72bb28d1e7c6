/*
 * Operations on the whole heap.
 */
#include "oracle_ops.h"

static void shed(struct oracle_world *world)
{
    if (!oracle_may_shrink(world)) {
        return;
    }
    oracle_note(world, "release about half of the handles");
    for (size_t i = 0; i < ORACLE_VARIABLES; i++) {
        if (oracle_percent(world, 50)) {
            oracle_release(world, oracle_variable(world, i));
        }
    }
    for (size_t i = 0; i < ORACLE_HOLDS; i++) {
        if (oracle_percent(world, 50)) {
            oracle_hold(world, i, 0);
        }
    }
}
const struct oracle_op oracle_op_shed = {"shed", shed};

static void collect(struct oracle_world *world)
{
    oracle_note(world, "collect");
    oracle_collect(world, false);
}
const struct oracle_op oracle_op_collect = {"collect", collect};

static void collect_heap(struct oracle_world *world)
{
    oracle_note(world, "collect the heap");
    oracle_collect(world, true);
}
const struct oracle_op oracle_op_collect_heap = {"collect heap", collect_heap};

static void enable(struct oracle_world *world)
{
    oracle_note(world, "enable");
    gc_enable();
    world->disabled = false;
    oracle_expect(world, gc_enabled(), "not enabled");
}
const struct oracle_op oracle_op_enable = {"enable", enable};

static void disable(struct oracle_world *world)
{
    oracle_note(world, "disable");
    gc_disable();
    world->disabled = true;
    oracle_expect(world, !gc_enabled(), "not disabled");
}
const struct oracle_op oracle_op_disable = {"disable", disable};

static void caches(struct oracle_world *world)
{
    oracle_note(world, "give idle memory back");
    size_t before = gc_memory_usage(false);
    gc_mem_caches();
    oracle_expect(world, gc_memory_usage(false) == before, "%zu bytes in use, expected %zu",
                  gc_memory_usage(false), before);
}
const struct oracle_op oracle_op_caches = {"caches", caches};

/* Releases while another heap is the current one. */
static void release_elsewhere(struct oracle_world *world)
{
    struct oracle *oracle = world->oracle;
    struct oracle_world *other = &oracle->worlds[oracle_below(world, oracle->world_count)];
    if (!oracle_may_shrink(world)) {
        return;
    }
    oracle_note(world, "release from another heap");
    gc_heap_use(other->heap);
    oracle_release(world, oracle_some_variable(world));
    oracle_hold(world, oracle_below(world, ORACLE_HOLDS), 0);
    gc_heap_use(world->heap);
}
const struct oracle_op oracle_op_elsewhere = {"elsewhere", release_elsewhere};
