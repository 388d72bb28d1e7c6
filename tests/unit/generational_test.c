/*
 * The generational policy: what young runs look at, what they leave for the
 * next full run, and when that comes.
 */
#include "checks.h"

#include "fixture.h"

#define BUFFER_ENTRIES 4
#define FULL_RUN_BYTES 4096
#define YOUNG_BYTES    2048

static struct gc_options generational_options(void)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_GENERATIONAL;
    options.root_buffer_entries = BUFFER_ENTRIES;
    options.full_run_bytes = FULL_RUN_BYTES;
    return options;
}

static int begin_generational(void **state)
{
    struct gc_options options = generational_options();
    return fixture_begin_with(state, &options);
}

/* Young runs come often, and full ones late. */
static int begin_idle(void **state)
{
    struct gc_options options = generational_options();
    options.young_bytes = YOUNG_BYTES;
    options.full_run_bytes = 1000 * YOUNG_BYTES;
    return fixture_begin_with(state, &options);
}

#define idle_test(function) cmocka_unit_test_setup_teardown(function, begin_idle, fixture_end)

#define generational_test(function) \
    cmocka_unit_test_setup_teardown(function, begin_generational, fixture_end)

static struct gc_status status(void)
{
    return gc_status();
}

static struct fixture_node *new_ring(void)
{
    struct fixture_node *node = fixture_node_new(1);
    node->a = fixture_node_new(2);
    node->a->a = gc_retain(node);
    return node;
}

static void drop_rings(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gc_release(new_ring());
    }
}

/* So that it has survived a young run, and its last candidate was looked at in that. */
static void make_old(struct fixture_node *node)
{
    uint64_t runs = gc_status().minor_runs;
    gc_release(gc_retain(node));
    drop_rings(BUFFER_ENTRIES - 1);
    assert_true(gc_status().minor_runs > runs);
}

static void touch(struct fixture_node *node)
{
    gc_release(gc_retain(node));
}

/* ---- young runs --------------------------------------------------------- */

static void a_full_buffer_starts_a_young_run(void **state)
{
    (void)state;
    drop_rings(BUFFER_ENTRIES - 1);
    assert_int_equal(status().runs, 0);
    drop_rings(1);
    assert_int_equal(status().minor_runs, 1);
    assert_int_equal(status().full_runs, 0);
    assert_int_equal(status().collected, BUFFER_ENTRIES * 2);
    assert_int_equal(status().roots, 0);
}

static void an_old_object_is_no_entry_of_the_buffer(void **state)
{
    (void)state;
    struct fixture_node *node = new_ring();
    make_old(node);
    touch(node);
    assert_int_equal(status().roots, 0);
    gc_collect_cycles(); /* has looked at it, so it is recorded anew */
    touch(node);
    assert_int_equal(status().roots, 0);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void old_garbage_waits_for_a_full_run(void **state)
{
    (void)state;
    struct fixture_node *node = new_ring();
    make_old(node);
    gc_release(node);
    drop_rings(BUFFER_ENTRIES);
    assert_int_equal(status().live_nodes, 2);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(status().full_runs, 1);
}

static void young_garbage_held_by_old_garbage_is_not_forgotten(void **state)
{
    (void)state;
    struct fixture_node *old = new_ring();
    make_old(old);
    struct fixture_node *young = new_ring();
    old->b = gc_retain(young);
    gc_release(old);
    gc_release(young);
    drop_rings(BUFFER_ENTRIES - 1);
    assert_int_equal(status().live_nodes, 4);
    assert_int_equal(gc_collect_cycles(), 4);
}

static void what_young_garbage_held_becomes_a_candidate(void **state)
{
    (void)state;
    struct fixture_node *old = new_ring();
    make_old(old);
    gc_collect_cycles();
    struct fixture_node *young = new_ring();
    young->b = old;
    gc_release(young);
    drop_rings(BUFFER_ENTRIES - 1);
    assert_int_equal(status().live_nodes, 2);
    assert_int_equal(gc_collect_cycles(), 2);
}

/* It looks held in the young run that frees what let it go, and only old garbage holds it. */
static void what_old_garbage_holds_and_young_garbage_held_is_not_forgotten(void **state)
{
    (void)state;
    struct fixture_node *old = new_ring();
    make_old(old);
    gc_collect_cycles();
    struct fixture_node *held = fixture_node_new(3);
    held->a = old;
    old->b = gc_retain(held);
    struct fixture_node *young = new_ring();
    young->b = held;
    gc_release(young);
    drop_rings(BUFFER_ENTRIES - 1);
    assert_int_equal(status().live_nodes, 3);
    assert_int_equal(gc_collect_cycles(), 3);
}

static void an_old_neighbour_does_not_hide_that_something_is_held(void **state)
{
    (void)state;
    struct fixture_node *old = new_ring();
    make_old(old);
    struct fixture_node *young = fixture_node_new(7);
    young->a = gc_retain(old);
    touch(young);
    drop_rings(BUFFER_ENTRIES - 1);
    assert_int_equal(young->number, 7);
    assert_ptr_equal(young->a, old);
    assert_int_equal(gc_refcount(young), 1);
    gc_release(young);
    gc_release(old);
}

static void a_slot_used_again_is_young(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    make_old(node);
    gc_release(node);
    uint64_t full_runs = status().full_runs;
    for (int i = 0; i < 10; i++) {
        drop_rings(BUFFER_ENTRIES);
        assert_int_equal(status().live_nodes, 0);
    }
    assert_int_equal(status().full_runs, full_runs);
}

static void heap_of_values(zval *map, zval *key)
{
    static const struct zval_class class_ = {.name = "key"};
    *map = zval_weakmap();
    *key = zval_object(&class_);
}

static void an_old_weak_map_holds_young_values(void **state)
{
    (void)state;
    zval map;
    zval key;
    heap_of_values(&map, &key);
    gc_collect_cycles();
    zval copy = zval_copy(&key);
    zval_release(&copy);
    drop_rings(BUFFER_ENTRIES);
    zval value = zval_array();
    assert_int_equal(zval_array_push(&value, zval_copy(&key)), GC_OK);
    assert_int_equal(zval_weakmap_set(&map, &key, zval_copy(&value)), GC_OK);
    zval_release(&value);
    drop_rings(BUFFER_ENTRIES);
    assert_int_equal(zval_array_count(zval_weakmap_get(&map, &key)), 1);
    zval_release(&key);
    gc_collect_cycles();
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* ---- full runs ---------------------------------------------------------- */

static void growth_starts_a_full_run(void **state)
{
    (void)state;
    struct fixture_node *held = new_ring();
    make_old(held);
    gc_release(held);
    struct fixture_node *list = NULL;
    for (int i = 0; i < 1000 && status().full_runs == 0; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = list;
        list = node;
        touch(list);
    }
    assert_int_equal(status().full_runs, 1);
    assert_true(gc_memory_usage(false) > FULL_RUN_BYTES / 2);
    assert_true(status().collected >= 2);
    gc_release(list);
}

static void runs_that_find_nothing_become_rare(void **state)
{
    (void)state;
    enum {
        NODES = 4000
    };
    struct fixture_node *list = NULL;
    for (int i = 0; i < NODES; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = list;
        list = node;
        touch(list);
    }
    assert_in_range(status().minor_runs, 1, NODES / BUFFER_ENTRIES / 10);
    assert_in_range(status().full_runs, 1, 20);
    gc_release(list);
}

static struct fixture_node *push_node(struct fixture_node *list)
{
    struct fixture_node *node = fixture_node_new(0);
    node->a = list;
    touch(node);
    return node;
}

/* A list long enough that a young run has found it alive. */
static struct fixture_node *build_until_idle(void)
{
    struct fixture_node *list = NULL;
    while (status().minor_runs == 0) {
        list = push_node(list);
    }
    return list;
}

static void possible_roots_take_no_room_while_young_runs_are_left_out(void **state)
{
    (void)state;
    struct fixture_node *list = build_until_idle();
    for (int i = 0; i < BUFFER_ENTRIES * 4; i++) {
        list = push_node(list);
        assert_int_equal(status().roots, 0);
        assert_int_equal(gc_heap_verify(gc_heap_current(), stderr), 0);
    }
    assert_int_equal(status().minor_runs, 1);
    gc_release(list);
}

static void young_runs_come_back_when_the_heap_has_grown(void **state)
{
    (void)state;
    struct fixture_node *list = build_until_idle();
    size_t before = gc_memory_usage(false);
    while (status().minor_runs == 1) {
        list = push_node(list);
    }
    assert_in_range(gc_memory_usage(false) - before, YOUNG_BYTES, 3 * YOUNG_BYTES);
    gc_release(list);
}

/* Three times twice as many and one: 15. */
static void a_full_run_that_finds_little_tells_for_young_ones_too(void **state)
{
    (void)state;
    struct fixture_node *list = build_until_idle();
    assert_int_equal(gc_collect_cycles(), 0);
    size_t before = gc_memory_usage(false);
    while (status().minor_runs == 1) {
        list = push_node(list);
    }
    assert_in_range(gc_memory_usage(false) - before, 15 * YOUNG_BYTES, 17 * YOUNG_BYTES);
    gc_release(list);
}

static void a_full_run_that_finds_little_tells_nothing_of_young_ones_that_find_much(void **state)
{
    (void)state;
    struct fixture_node *held = new_ring();
    while (status().minor_runs == 0) {
        drop_rings(1);
    }
    touch(held);
    assert_int_equal(gc_collect_cycles(), 0);
    struct fixture_node *list = NULL;
    size_t before = gc_memory_usage(false);
    while (status().minor_runs == 1) {
        list = push_node(list);
    }
    assert_true(gc_memory_usage(false) - before <= 2 * YOUNG_BYTES);
    gc_release(list);
    gc_release(held);
}

static void the_less_a_full_run_finds_the_later_comes_the_next(void **state)
{
    (void)state;
    struct fixture_node *list = NULL;
    size_t full_at[3] = {0};
    for (int run = 0; run < 3; run++) {
        while (status().full_runs == (uint64_t)run) {
            list = push_node(list);
        }
        full_at[run] = gc_memory_usage(false);
    }
    assert_in_range(full_at[0], FULL_RUN_BYTES, 2 * FULL_RUN_BYTES);
    assert_in_range(full_at[1], 8 * full_at[0], 10 * full_at[0]);
    assert_in_range(full_at[2], 8 * full_at[1], 10 * full_at[1]);
    gc_release(list);
}

static void what_was_left_out_is_found_by_a_full_run(void **state)
{
    (void)state;
    struct fixture_node *list = NULL;
    for (int i = 0; i < 400; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = list;
        list = node;
        touch(list);
        gc_release(new_ring());
    }
    gc_release(list);
    gc_collect_cycles();
    assert_int_equal(status().live_nodes, 0);
}

/* ---- dropped roots ------------------------------------------------------ */

static void dropped_roots_are_healed_by_the_next_run(void **state)
{
    (void)state;
    gc_disable();
    drop_rings(BUFFER_ENTRIES + 3);
    assert_int_equal(status().dropped_roots, 3);
    gc_enable();
    drop_rings(1);
    assert_int_equal(status().live_nodes, 2);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void an_explicit_collect_heals_too(void **state)
{
    (void)state;
    gc_disable();
    drop_rings(BUFFER_ENTRIES + 3);
    assert_int_equal(gc_collect_cycles(), (BUFFER_ENTRIES + 3) * 2);
}

/* ---- destructors -------------------------------------------------------- */

static struct fixture_node *rescued;

static void rescue(void *self)
{
    rescued = gc_retain(self);
}

static const struct gc_field rescuer_fields[] = {GC_FIELD_OBJECT(struct fixture_node, a)};
static const struct gc_type rescuer_type = {
    .name = "rescuer",
    .size = sizeof(struct fixture_node),
    .fields = rescuer_fields,
    .field_count = 1,
    .destructor = rescue,
};

static void a_rescued_object_can_become_garbage_again(void **state)
{
    (void)state;
    struct fixture_node *node = gc_new(&rescuer_type);
    node->a = gc_retain(node);
    gc_release(node);
    drop_rings(BUFFER_ENTRIES - 1);
    assert_ptr_equal(rescued, node);
    assert_int_equal(status().live_nodes, 1);
    gc_release(rescued);
    assert_int_equal(gc_collect_cycles(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        generational_test(a_full_buffer_starts_a_young_run),
        generational_test(an_old_object_is_no_entry_of_the_buffer),
        generational_test(old_garbage_waits_for_a_full_run),
        generational_test(young_garbage_held_by_old_garbage_is_not_forgotten),
        generational_test(what_young_garbage_held_becomes_a_candidate),
        generational_test(what_old_garbage_holds_and_young_garbage_held_is_not_forgotten),
        generational_test(an_old_neighbour_does_not_hide_that_something_is_held),
        generational_test(a_slot_used_again_is_young),
        generational_test(an_old_weak_map_holds_young_values),
        generational_test(growth_starts_a_full_run),
        generational_test(runs_that_find_nothing_become_rare),
        idle_test(possible_roots_take_no_room_while_young_runs_are_left_out),
        idle_test(young_runs_come_back_when_the_heap_has_grown),
        idle_test(a_full_run_that_finds_little_tells_for_young_ones_too),
        idle_test(a_full_run_that_finds_little_tells_nothing_of_young_ones_that_find_much),
        generational_test(the_less_a_full_run_finds_the_later_comes_the_next),
        generational_test(what_was_left_out_is_found_by_a_full_run),
        generational_test(dropped_roots_are_healed_by_the_next_run),
        generational_test(an_explicit_collect_heals_too),
        generational_test(a_rescued_object_can_become_garbage_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
