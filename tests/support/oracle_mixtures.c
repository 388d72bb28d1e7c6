/*
 * The mixtures in which operations come.
 */
#include "oracle_ops.h"

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
    {&oracle_op_move_value, 15},
    {&oracle_op_move_pointer, 15},
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

/* One of these for each few others. */
const struct oracle_choice oracle_slices_choices[] = {
    {&oracle_op_step, 60},       {&oracle_op_steps, 4},         {&oracle_op_safepoint, 16},
    {&oracle_op_move_value, 20}, {&oracle_op_move_pointer, 20}, {&oracle_op_check, 1},
    {&oracle_op_enable, 2},      {&oracle_op_disable, 1},       {NULL, 0},
};

const struct oracle_choice oracle_parts_choices[] = {
    {&oracle_op_safepoint, 30},
    {&oracle_op_grow, 30},
    {&oracle_op_part, 10},
    {&oracle_op_strengthen, 20},
    {&oracle_op_check, 6},
    {&oracle_op_chain, 2},
    {NULL, 0},
};

#define COUNT_OF(profiles) (sizeof(profiles) / sizeof((profiles)[0]))

/* Whether full runs are cut, runs wait for safe points, releases are cut. */
#define CLASSIC                                \
    {                                          \
        GC_POLICY_CLASSIC, false, false, false \
    }
#define CLASSIC_SLICES                        \
    {                                         \
        GC_POLICY_CLASSIC, true, false, false \
    }
#define CLASSIC_SAFE                         \
    {                                        \
        GC_POLICY_CLASSIC, true, true, false \
    }
#define CLASSIC_PARTS                         \
    {                                         \
        GC_POLICY_CLASSIC, false, false, true \
    }
#define CLASSIC_SLICES_AND_PARTS             \
    {                                        \
        GC_POLICY_CLASSIC, true, false, true \
    }
#define GENERATIONS                                 \
    {                                               \
        GC_POLICY_GENERATIONAL, false, false, false \
    }
#define GENERATIONS_SLICES                         \
    {                                              \
        GC_POLICY_GENERATIONAL, true, false, false \
    }
#define GENERATIONS_SAFE                          \
    {                                             \
        GC_POLICY_GENERATIONAL, true, true, false \
    }
#define GENERATIONS_PARTS                          \
    {                                              \
        GC_POLICY_GENERATIONAL, false, false, true \
    }
#define GENERATIONS_SLICES_AND_PARTS              \
    {                                             \
        GC_POLICY_GENERATIONAL, true, false, true \
    }
#define GENERATIONS_SAFE_PARTS                   \
    {                                            \
        GC_POLICY_GENERATIONAL, true, true, true \
    }

/* Nodes; structs and objects of 100 new ones; with a destructor; weak ones. */
static const struct oracle_profile whole[] = {
    {"everything", 300, 40, 30, 10, 10, true, CLASSIC, everything},
    {"values", 250, 5, 20, 0, 0, false, CLASSIC, values},
    {"wills", 120, 40, 40, 40, 15, false, CLASSIC, wills},
    {"structs", 300, 95, 5, 0, 0, false, CLASSIC, structs},
    {"small graphs", 25, 30, 30, 0, 5, true, CLASSIC, everything},
    {"weak", 150, 30, 30, 5, 60, false, CLASSIC, weak},
    {"few wills", 40, 30, 40, 50, 20, true, CLASSIC, wills},
    {"generations", 300, 40, 30, 10, 10, true, GENERATIONS, everything},
    {"young wills", 150, 40, 40, 30, 15, false, GENERATIONS, wills},
    {"young structs", 300, 80, 15, 0, 20, false, GENERATIONS, structs},
    {"switches", 200, 40, 30, 10, 5, true, CLASSIC, switches},
};

static const struct oracle_profile whole_floods[] = {
    {"flood", 12000, 60, 20, 0, 0, false, CLASSIC, floods},
};

static const struct oracle_profile sliced[] = {
    {"slices", 300, 40, 30, 10, 10, true, GENERATIONS_SLICES, everything},
    {"slices, classic", 300, 40, 30, 10, 10, true, CLASSIC_SLICES, everything},
    {"slices, structs", 300, 80, 15, 0, 20, false, GENERATIONS_SLICES, structs},
    {"slices, structs, classic", 300, 95, 5, 0, 0, false, CLASSIC_SLICES, structs},
    {"slices, wills", 150, 40, 40, 30, 15, false, GENERATIONS_SLICES, wills},
    {"slices, wills, classic", 120, 40, 40, 40, 15, false, CLASSIC_SLICES, wills},
    {"slices, weak", 150, 30, 30, 5, 60, false, GENERATIONS_SLICES, weak},
    {"slices, values, classic", 250, 5, 20, 0, 0, false, CLASSIC_SLICES, values},
    {"safe points", 300, 40, 30, 10, 10, true, GENERATIONS_SAFE, everything},
    {"safe points, classic", 200, 40, 30, 20, 10, true, CLASSIC_SAFE, switches},
    {"slices, switches", 200, 40, 30, 10, 5, true, GENERATIONS_SLICES, switches},
    {"slices, small graphs", 25, 30, 30, 0, 5, true, GENERATIONS_SLICES, everything},
};

static const struct oracle_profile sliced_floods[] = {
    {"slices, flood", 12000, 60, 20, 0, 0, false, GENERATIONS_SLICES, floods},
    {"slices, flood, classic", 12000, 60, 20, 0, 0, false, CLASSIC_SLICES, floods},
};

static const struct oracle_profile cut[] = {
    {"parts", 300, 40, 30, 10, 10, true, GENERATIONS_PARTS, everything},
    {"parts, classic", 300, 40, 30, 10, 10, true, CLASSIC_PARTS, everything},
    {"parts, structs, classic", 300, 95, 5, 0, 0, false, CLASSIC_PARTS, structs},
    {"parts, wills", 150, 40, 40, 30, 15, false, GENERATIONS_PARTS, wills},
    {"parts, wills, classic", 120, 40, 40, 40, 15, false, CLASSIC_PARTS, wills},
    {"parts, weak, classic", 150, 30, 30, 5, 60, false, CLASSIC_PARTS, weak},
    {"parts, values, classic", 250, 5, 20, 0, 0, false, CLASSIC_PARTS, values},
    {"parts and slices", 300, 40, 30, 10, 10, true, GENERATIONS_SLICES_AND_PARTS, everything},
    {"parts and slices, wills", 150, 40, 40, 30, 15, false, GENERATIONS_SLICES_AND_PARTS, wills},
    {"parts and slices, classic", 120, 40, 40, 20, 15, true, CLASSIC_SLICES_AND_PARTS, wills},
    {"parts at safe points", 200, 40, 30, 20, 10, true, GENERATIONS_SAFE_PARTS, switches},
};

const struct oracle_profiles oracle_whole_profiles = {whole, COUNT_OF(whole), whole_floods,
                                                      COUNT_OF(whole_floods)};
const struct oracle_profiles oracle_sliced_profiles = {sliced, COUNT_OF(sliced), sliced_floods,
                                                       COUNT_OF(sliced_floods)};
const struct oracle_profiles oracle_cut_profiles = {cut, COUNT_OF(cut), NULL, 0};
