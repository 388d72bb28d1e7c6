/*
 * What waits when releases are cut: how it goes on beside everything else that a
 * program does. How far a part goes is counted in objects, not by a clock.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "dying.h"
#include <stdlib.h>
#include <string.h>

#define OBJECTS_IN_A_PART 100

static int begin_with(void **state, struct gc_options *options)
{
    options->release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, options);
    gc_heap_current()->release_objects = OBJECTS_IN_A_PART;
    return result;
}

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    return begin_with(state, &options);
}

static int begin_small(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 4;
    return begin_with(state, &options);
}

static int begin_at_safepoints(void **state)
{
    struct gc_options options = gc_options_default();
    options.collect_at_safepoints_only = true;
    return begin_with(state, &options);
}

#define cut_test(function)       cmocka_unit_test_setup_teardown(function, begin, fixture_end)
#define cut_test_small(function) cmocka_unit_test_setup_teardown(function, begin_small, fixture_end)
#define cut_test_at_safepoints(function) \
    cmocka_unit_test_setup_teardown(function, begin_at_safepoints, fixture_end)

static struct fixture_node *chain_before(void *last, long count)
{
    struct fixture_node *first = last;
    for (long i = 0; i < count; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = first;
        first = node;
    }
    return first;
}

static struct fixture_node *chain_of(long count)
{
    return chain_before(NULL, count);
}

static void let_much_wait(void)
{
    gc_release(chain_of(1000));
    assert_true(gc_status().release_pending);
}

/* Each link holds something that has a destructor. */
static struct fixture_node *chain_with_destructors(long count)
{
    struct fixture_node *first = chain_of(count);
    for (struct fixture_node *node = first; node != NULL; node = node->a) {
        node->b = (struct fixture_node *)(void *)dying_node_new();
    }
    return first;
}

/* Something that holds itself is dropped: a possible root. */
static void drop_ring(void)
{
    struct fixture_node *ring = fixture_node_new(0);
    ring->a = gc_retain(ring);
    gc_release(ring);
}

/* ---- pauses -------------------------------------------------------------- */

static int hook_depth;
static int hook_depth_max;

static void release_in_hook(const struct gc_pause *pause, void *context)
{
    (void)pause;
    (void)context;
    hook_depth++;
    hook_depth_max = hook_depth > hook_depth_max ? hook_depth : hook_depth_max;
    gc_release(fixture_node_new(0));
    gc_release(chain_of(2 * OBJECTS_IN_A_PART));
    hook_depth--;
}

static void a_hook_that_releases_is_not_called_by_that(void **state)
{
    (void)state;
    hook_depth_max = 0;
    gc_pause_set_hook(release_in_hook, NULL);
    let_much_wait();
    gc_collect_heap();
    assert_int_equal(hook_depth_max, 1);
    gc_pause_set_hook(NULL, NULL);
}

static void a_share_is_no_pause(void **state)
{
    (void)state;
    let_much_wait();
    uint64_t pauses = gc_pauses().count;
    gc_release(fixture_node_new(0));
    assert_int_equal(gc_pauses().count, pauses);
}

static struct gc_pause last_release;

static void keep_release(const struct gc_pause *pause, void *context)
{
    (void)context;
    last_release = pause->kind == GC_PAUSE_RELEASE ? *pause : last_release;
}

static void what_goes_before_a_collection_is_a_pause(void **state)
{
    (void)state;
    let_much_wait();
    uint64_t pauses = gc_pauses().count;
    gc_pause_set_hook(keep_release, NULL);
    last_release = (struct gc_pause){.is_over = false};
    gc_collect_cycles();
    assert_true(last_release.is_over);
    assert_int_equal(gc_pauses().count, pauses + 1);
    gc_pause_set_hook(NULL, NULL);
}

/* ---- weak maps ----------------------------------------------------------- */

static void the_value_of_a_key_that_goes_is_prompt(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, dying_new()));
    let_much_wait();
    zval_release(&key);
    assert_int_equal(dying_count, 1);
    assert_true(gc_status().release_pending);
    zval_release(&map);
}

static void values_that_wait_go_by_shares(void **state)
{
    (void)state;
    enum {
        KEYS = 300
    };
    zval map = zval_weakmap();
    zval keys = zval_array();
    for (int i = 0; i < KEYS; i++) {
        zval key = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &key, zval_native(fixture_node_new(i))));
        assert_ok(zval_array_push(&keys, key));
    }
    gc_heap_current()->release_objects++; /* so that it stops before an entry, not within */
    zval_release(&map);
    assert_true(gc_status().release_pending);
    uint64_t nodes = gc_status().live_nodes;
    gc_release(fixture_node_new(0));
    assert_in_range(gc_status().live_nodes, nodes - 32, nodes - 1);
    while (gc_status().release_pending) {
        gc_release(fixture_node_new(0));
    }
    assert_nodes(KEYS + 1);
    zval_release(&keys);
    gc_collect_cycles();
}

static void a_value_comes_before_what_waits_behind_its_key(void **state)
{
    (void)state;
    struct fixture_node *key = fixture_node_new(0);
    struct fixture_node *first = chain_before(key, 3 * OBJECTS_IN_A_PART / 2);
    zval map = zval_weakmap();
    zval key_value = zval_native(gc_retain(key));
    assert_ok(zval_weakmap_set(&map, &key_value, dying_new()));
    zval_release(&key_value);
    let_much_wait();
    gc_release(first);
    assert_int_equal(dying_count, 0);
    assert_false(gc_step(0));
    assert_int_equal(dying_count, 1);
    zval_release(&map);
}

/* ---- as the heap grows ---------------------------------------------------- */

static void a_large_allocation_leaves_some_waiting(void **state)
{
    (void)state;
    static const char bytes[200000];
    gc_release(chain_of(100000));
    uint64_t nodes = gc_status().live_nodes;
    zval text = zval_string(bytes, sizeof bytes);
    assert_type(&text, ZVAL_STRING);
    assert_true(gc_status().live_nodes < nodes);
    assert_true(gc_status().release_pending);
    zval_release(&text);
}

/* What has a destructor waits behind nodes, and these go as the heap grows. */
static void hold_back_a_destructor_of(void *last)
{
    gc_release(chain_before(last, 5000));
    struct fixture_node *kept = chain_of(20000);
    assert_false(gc_status().release_pending);
    assert_int_equal(dying_count, 0);
    gc_heap_current()->release_objects = 1000000;
    gc_release(kept);
    assert_int_equal(dying_count, 0);
}

static void hold_back_a_destructor(void)
{
    hold_back_a_destructor_of(dying_node_new());
}

static void a_step_runs_destructors_held_back(void **state)
{
    (void)state;
    hold_back_a_destructor();
    gc_step(1000000);
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
}

static void a_safe_point_runs_destructors_held_back(void **state)
{
    (void)state;
    hold_back_a_destructor();
    gc_safepoint();
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
}

static void a_possible_root_runs_them_without_a_collection(void **state)
{
    (void)state;
    hold_back_a_destructor();
    uint64_t runs = gc_status().runs;
    drop_ring();
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().runs, runs);
}

static void they_wait_for_a_safe_point_if_runs_do(void **state)
{
    (void)state;
    hold_back_a_destructor();
    drop_ring();
    assert_int_equal(dying_count, 0);
    gc_safepoint();
    assert_int_equal(dying_count, 1);
}

static void many_destructors_are_not_held_back_at_once(void **state)
{
    (void)state;
    enum {
        LISTS = 500,
        EACH = 50,
        MANY = LISTS * EACH
    };
    zval lists = zval_array();
    for (int i = 0; i < MANY; i++) {
        zval *list = zval_array_slot_at(&lists, i / EACH);
        if (i % EACH == 0) {
            *list = zval_array();
        }
        assert_ok(zval_array_push(list, zval_native(dying_node_new())));
    }
    zval_release(&lists);
    int before = dying_count;
    struct fixture_node *kept = chain_of(4500);
    assert_true(gc_status().release_pending);
    assert_int_equal(dying_count, before);
    gc_release(kept);
    gc_collect_cycles();
    assert_int_equal(dying_count, MANY);
    assert_int_equal(dying_freed, MANY);
}

static void destructors_held_back_go_a_budget_at_a_time(void **state)
{
    (void)state;
    enum {
        MANY = 50000
    };
    gc_release(chain_with_destructors(MANY));
    struct fixture_node *kept = chain_of(100000);
    int before = dying_count;
    assert_false(gc_step(0));
    assert_in_range(dying_count, before + 1, before + 1000);
    gc_release(kept);
    while (!gc_step(0)) {
    }
    assert_int_equal(dying_count, MANY);
}

/* ---- the verifier --------------------------------------------------------- */

static char *report_text;

static size_t faults_reported(void)
{
    size_t length;
    free(report_text);
    FILE *report = open_memstream(&report_text, &length);
    size_t faults = gc_heap_verify(NULL, report);
    fclose(report);
    return faults;
}

static void what_is_dead_and_does_not_wait_is_a_fault(void **state)
{
    (void)state;
    let_much_wait();
    assert_int_equal(faults_reported(), 0);
    struct rc_dead *dead = &gc_heap_current()->dead;
    struct gc_object *first = dead->rest;
    dead->rest = rc__next_dead(first);
    size_t faults = faults_reported();
    dead->rest = first;
    assert_int_equal(faults, 1);
    assert_non_null(strstr(report_text, "D5: 1 dead objects, 0 wait"));
}

static void a_list_of_the_dead_that_runs_in_a_circle_is_a_fault(void **state)
{
    (void)state;
    gc_release(chain_of(OBJECTS_IN_A_PART + 1));
    struct rc_dead *dead = &gc_heap_current()->dead;
    rc__link_dead(dead->rest, dead->rest);
    size_t faults = faults_reported();
    rc__bury(dead->rest);
    assert_int_equal(faults, 1);
    assert_non_null(strstr(report_text, "D5: 1 dead objects, 1 or more wait"));
    assert_int_equal(faults_reported(), 0);
}

static void what_waits_and_is_alive_is_a_fault(void **state)
{
    (void)state;
    gc_release(chain_of(OBJECTS_IN_A_PART + 1));
    struct gc_object *object = gc_heap_current()->dead.rest;
    object->info &= ~RC_INFO_DEAD;
    size_t faults = faults_reported();
    object->info |= RC_INFO_DEAD;
    free(report_text);
    report_text = NULL;
    assert_in_range(faults, 1, 5);
}

/* ---- collections ---------------------------------------------------------- */

static const struct gc_type acyclic_type = {.name = "acyclic",
                                            .size = sizeof(struct gc_object) + 16};

static void what_was_released_counts_as_no_garbage(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < 1000; i++) {
        assert_ok(zval_array_push(&list, zval_native(gc_new(&acyclic_type))));
    }
    zval_release(&list);
    uint64_t nodes = gc_status().live_nodes;
    assert_true(gc_status().release_pending);
    uint64_t collected = gc_status().collected;
    for (int i = 0; i < 5; i++) {
        drop_ring();
    }
    assert_true(gc_status().runs > 0);
    assert_int_equal(gc_status().collected, collected + 4);
    assert_int_equal(gc_status().live_nodes, nodes + 1);
    gc_collect_cycles();
    assert_int_equal(gc_status().collected, collected + 5);
}

static void count_death(void *self)
{
    (void)self;
    dying_count++;
}

static const struct gc_type acyclic_dying_type = {
    .name = "acyclic and dying", .size = sizeof(struct gc_object) + 16, .destructor = count_death};

static void what_was_held_back_counts_as_no_garbage(void **state)
{
    (void)state;
    hold_back_a_destructor_of(gc_new(&acyclic_dying_type));
    gc_safepoint();
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, 0);
    assert_int_equal(gc_status().runs, 0);
}

static void a_release_that_is_over_is_no_reason_for_a_collection(void **state)
{
    (void)state;
    gc_release(chain_of(OBJECTS_IN_A_PART + 1));
    while (gc_status().release_pending) {
        gc_release(fixture_node_new(0));
    }
    drop_ring();
    struct fixture_node *kept = chain_of(5000);
    assert_int_equal(gc_status().runs, 0);
    gc_release(kept);
    gc_collect_cycles();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cut_test(a_hook_that_releases_is_not_called_by_that),
        cut_test(a_share_is_no_pause),
        cut_test(what_goes_before_a_collection_is_a_pause),
        cut_test(the_value_of_a_key_that_goes_is_prompt),
        cut_test(values_that_wait_go_by_shares),
        cut_test(a_value_comes_before_what_waits_behind_its_key),
        cut_test(a_large_allocation_leaves_some_waiting),
        cut_test(a_step_runs_destructors_held_back),
        cut_test(a_safe_point_runs_destructors_held_back),
        cut_test(a_possible_root_runs_them_without_a_collection),
        cut_test_at_safepoints(they_wait_for_a_safe_point_if_runs_do),
        cut_test(many_destructors_are_not_held_back_at_once),
        cut_test(destructors_held_back_go_a_budget_at_a_time),
        cut_test(what_is_dead_and_does_not_wait_is_a_fault),
        cut_test(a_list_of_the_dead_that_runs_in_a_circle_is_a_fault),
        cut_test(what_waits_and_is_alive_is_a_fault),
        cut_test_small(what_was_released_counts_as_no_garbage),
        cut_test(what_was_held_back_counts_as_no_garbage),
        cut_test(a_release_that_is_over_is_no_reason_for_a_collection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
