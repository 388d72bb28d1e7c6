/*
 * Operations on the whole heap, and the mixtures in which all of them come.
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

/* ---- mixtures ----------------------------------------------------------- */

static const struct oracle_choice everything[] = {
    {&oracle_op_assign, 120},
    {&oracle_op_assign_variable, 60},
    {&oracle_op_release_variable, 40},
    {&oracle_op_bind, 60},
    {&oracle_op_assign_reference, 20},
    {&oracle_op_array_put, 90},
    {&oracle_op_array_slot, 30},
    {&oracle_op_array_remove, 40},
    {&oracle_op_property_put, 60},
    {&oracle_op_property_remove, 20},
    {&oracle_op_point, 80},
    {&oracle_op_hold, 30},
    {&oracle_op_unhold, 25},
    {&oracle_op_release_field, 15},
    {&oracle_op_list, 25},
    {&oracle_op_fill_array, 8},
    {&oracle_op_clear_array, 4},
    {&oracle_op_iterate_array, 10},
    {&oracle_op_iterate_object, 8},
    {&oracle_op_self_array, 10},
    {&oracle_op_self_object, 10},
    {&oracle_op_ring, 10},
    {&oracle_op_seclude, 15},
    {&oracle_op_keepers, 6},
    {&oracle_op_shed, 4},
    {&oracle_op_collect, 8},
    {&oracle_op_collect_heap, 2},
    {&oracle_op_enable, 6},
    {&oracle_op_disable, 3},
    {&oracle_op_caches, 1},
    {&oracle_op_elsewhere, 6},
    {NULL, 0},
};

static const struct oracle_choice values[] = {
    {&oracle_op_assign, 120},
    {&oracle_op_assign_variable, 60},
    {&oracle_op_release_variable, 40},
    {&oracle_op_bind, 90},
    {&oracle_op_assign_reference, 30},
    {&oracle_op_array_put, 150},
    {&oracle_op_array_slot, 60},
    {&oracle_op_array_remove, 80},
    {&oracle_op_property_put, 40},
    {&oracle_op_property_remove, 15},
    {&oracle_op_fill_array, 15},
    {&oracle_op_clear_array, 8},
    {&oracle_op_iterate_array, 25},
    {&oracle_op_iterate_object, 5},
    {&oracle_op_self_array, 20},
    {&oracle_op_self_object, 5},
    {&oracle_op_shed, 3},
    {&oracle_op_collect, 8},
    {&oracle_op_enable, 3},
    {&oracle_op_caches, 1},
    {&oracle_op_elsewhere, 6},
    {NULL, 0},
};

static const struct oracle_choice structs[] = {
    {&oracle_op_point, 200},
    {&oracle_op_hold, 60},
    {&oracle_op_unhold, 50},
    {&oracle_op_assign_variable, 20},
    {&oracle_op_release_variable, 20},
    {&oracle_op_list, 40},
    {&oracle_op_ring, 30},
    {&oracle_op_shed, 3},
    {&oracle_op_collect, 8},
    {&oracle_op_caches, 1},
    {&oracle_op_elsewhere, 4},
    {NULL, 0},
};

static const struct oracle_choice switches[] = {
    {&oracle_op_assign, 120},
    {&oracle_op_assign_variable, 60},
    {&oracle_op_release_variable, 40},
    {&oracle_op_bind, 50},
    {&oracle_op_array_put, 90},
    {&oracle_op_property_put, 60},
    {&oracle_op_point, 80},
    {&oracle_op_hold, 30},
    {&oracle_op_unhold, 30},
    {&oracle_op_ring, 20},
    {&oracle_op_self_object, 20},
    {&oracle_op_self_array, 20},
    {&oracle_op_seclude, 40},
    {&oracle_op_keepers, 6},
    {&oracle_op_shed, 6},
    {&oracle_op_collect, 8},
    {&oracle_op_collect_heap, 6},
    {&oracle_op_enable, 12},
    {&oracle_op_disable, 12},
    {&oracle_op_elsewhere, 10},
    {NULL, 0},
};

/* Destructors, and what they find: weak references and weak maps, and graphs in which garbage is
   frequent. */
static const struct oracle_choice wills[] = {
    {&oracle_op_assign, 100},
    {&oracle_op_assign_variable, 60},
    {&oracle_op_release_variable, 50},
    {&oracle_op_bind, 20},
    {&oracle_op_array_put, 50},
    {&oracle_op_array_remove, 20},
    {&oracle_op_property_put, 60},
    {&oracle_op_property_remove, 20},
    {&oracle_op_point, 80},
    {&oracle_op_hold, 30},
    {&oracle_op_unhold, 40},
    {&oracle_op_release_field, 15},
    {&oracle_op_list, 10},
    {&oracle_op_iterate_object, 4},
    {&oracle_op_self_object, 10},
    {&oracle_op_ring, 10},
    {&oracle_op_weaken, 20},
    {&oracle_op_watch, 20},
    {&oracle_op_strengthen, 20},
    {&oracle_op_map_put, 30},
    {&oracle_op_map_slot, 10},
    {&oracle_op_map_remove, 10},
    {&oracle_op_iterate_map, 6},
    {&oracle_op_map_cycle, 6},
    {&oracle_op_ephemeron, 8},
    {&oracle_op_shared_key, 6},
    {&oracle_op_orphan, 8},
    {&oracle_op_forget, 40},
    {&oracle_op_shed, 6},
    {&oracle_op_collect, 20},
    {&oracle_op_collect_heap, 4},
    {&oracle_op_enable, 4},
    {&oracle_op_disable, 1},
    {&oracle_op_elsewhere, 6},
    {NULL, 0},
};

static const struct oracle_choice weak[] = {
    {&oracle_op_assign, 100},
    {&oracle_op_assign_variable, 50},
    {&oracle_op_release_variable, 40},
    {&oracle_op_array_put, 40},
    {&oracle_op_property_put, 60},
    {&oracle_op_point, 60},
    {&oracle_op_hold, 30},
    {&oracle_op_unhold, 40},
    {&oracle_op_weaken, 30},
    {&oracle_op_watch, 20},
    {&oracle_op_strengthen, 30},
    {&oracle_op_map_put, 120},
    {&oracle_op_map_slot, 30},
    {&oracle_op_map_remove, 30},
    {&oracle_op_iterate_map, 15},
    {&oracle_op_map_cycle, 20},
    {&oracle_op_ephemeron, 20},
    {&oracle_op_shared_key, 15},
    {&oracle_op_orphan, 10},
    {&oracle_op_shed, 5},
    {&oracle_op_collect, 12},
    {&oracle_op_collect_heap, 2},
    {&oracle_op_enable, 3},
    {&oracle_op_disable, 2},
    {&oracle_op_elsewhere, 6},
    {NULL, 0},
};

static const struct oracle_choice floods[] = {
    {&oracle_op_assign, 120},
    {&oracle_op_assign_variable, 60},
    {&oracle_op_release_variable, 20},
    {&oracle_op_array_put, 60},
    {&oracle_op_point, 60},
    {&oracle_op_flood, 14},
    {&oracle_op_chain, 6},
    {&oracle_op_unhold, 1},
    {&oracle_op_shed, 1},
    {NULL, 0},
};

#define CLASSIC      GC_POLICY_CLASSIC
#define GENERATIONAL GC_POLICY_GENERATIONAL

/* Nodes; structs and objects of 100 new ones; with a destructor; weak ones. */
const struct oracle_profile oracle_profiles[] = {
    {"everything", 300, 40, 30, 10, 10, true, CLASSIC, everything},
    {"values", 250, 5, 20, 0, 0, false, CLASSIC, values},
    {"wills", 120, 40, 40, 40, 15, false, CLASSIC, wills},
    {"structs", 300, 95, 5, 0, 0, false, CLASSIC, structs},
    {"small graphs", 25, 30, 30, 0, 5, true, CLASSIC, everything},
    {"weak", 150, 30, 30, 5, 60, false, CLASSIC, weak},
    {"few wills", 40, 30, 40, 50, 20, true, CLASSIC, wills},
    {"generations", 300, 40, 30, 10, 10, true, GENERATIONAL, everything},
    {"young wills", 150, 40, 40, 30, 15, false, GENERATIONAL, wills},
    {"young structs", 300, 80, 15, 0, 20, false, GENERATIONAL, structs},
    {"switches", 200, 40, 30, 10, 5, true, CLASSIC, switches},
};
const size_t oracle_profile_count = sizeof oracle_profiles / sizeof oracle_profiles[0];

const struct oracle_profile oracle_flood_profile = {"flood", 12000, 60,      20,    0,
                                                    0,       false, CLASSIC, floods};
