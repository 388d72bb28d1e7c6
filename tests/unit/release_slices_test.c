/*
 * Releases that are cut: nothing is lost, nothing is late but what waits, and
 * memory is bounded. How far a part goes is counted in objects, not by a clock.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "dying.h"

#define OBJECTS_IN_A_PART 100

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    options.release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, &options);
    gc_heap_current()->release_objects = OBJECTS_IN_A_PART;
    return result;
}

#define cut_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)

static struct fixture_node *chain_of(long count)
{
    struct fixture_node *first = NULL;
    for (long i = 0; i < count; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = first;
        first = node;
    }
    return first;
}

static void assert_pending(uint64_t nodes)
{
    assert_int_equal(gc_status().release_pending, nodes > 0);
    assert_nodes(nodes);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

static void a_release_stops_when_its_budget_is_used_up(void **state)
{
    (void)state;
    gc_release(chain_of(1000));
    assert_pending(1000 - OBJECTS_IN_A_PART);
    gc_collect_cycles();
    assert_pending(0);
}

static void a_short_release_is_not_cut(void **state)
{
    (void)state;
    gc_release(chain_of(OBJECTS_IN_A_PART - 1));
    assert_pending(0);
    assert_int_equal(gc_pauses().count, 0);
}

static void parts_are_pauses_and_no_slices(void **state)
{
    (void)state;
    gc_release(chain_of(1000));
    assert_int_equal(gc_pauses().count, 1);
    assert_int_equal(gc_status().slices, 0);
    gc_collect_cycles();
}

static struct fixture_node *dropped_by_destructor;

static void drop_chain(void *self)
{
    (void)self;
    gc_release(dropped_by_destructor);
}

static void a_release_in_a_destructor_is_not_cut(void **state)
{
    (void)state;
    static const struct gc_type type = {
        .name = "dropping", .size = sizeof(struct gc_object), .destructor = drop_chain};
    dropped_by_destructor = chain_of(1000);
    struct fixture_node *waiting = chain_of(1000);
    gc_release(waiting);
    gc_release(gc_new(&type));
    assert_in_range(gc_status().live_nodes, 1, 1000 - OBJECTS_IN_A_PART);
    gc_collect_cycles();
    assert_pending(0);
}

static void steps_and_safe_points_go_on(void **state)
{
    (void)state;
    gc_release(chain_of(1000));
    gc_safepoint();
    assert_pending(1000 - 2 * OBJECTS_IN_A_PART);
    assert_false(gc_step(0));
    assert_pending(1000 - 3 * OBJECTS_IN_A_PART);
    int steps = 1;
    while (!gc_step(0)) {
        steps++;
    }
    assert_int_equal(steps, 7);
    assert_pending(0);
}

static void a_later_release_is_prompt_and_takes_a_share_along(void **state)
{
    (void)state;
    gc_release(chain_of(1000));
    struct dying_node *node = dying_node_new();
    gc_release(node);
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
    uint64_t waiting = gc_status().live_nodes;
    assert_true(waiting > 0 && waiting < 1000 - OBJECTS_IN_A_PART);
    while (gc_status().release_pending) {
        gc_release(fixture_node_new(0));
    }
    assert_pending(0);
}

static void what_waits_is_found_by_weak_references(void **state)
{
    (void)state;
    struct fixture_node *last = fixture_node_new(0);
    struct gc_weak *weak = gc_weak_new(last);
    struct fixture_node *first = chain_of(500);
    struct fixture_node *node = first;
    while (node->a != NULL) {
        node = node->a;
    }
    node->a = last;
    gc_release(first);
    struct fixture_node *found = gc_weak_get(weak);
    assert_ptr_equal(found, last);
    gc_collect_cycles();
    assert_nodes(1);
    gc_release(found);
    assert_null(gc_weak_get(weak));
    gc_weak_release(weak);
}

static void destructors_of_what_waits_are_late(void **state)
{
    (void)state;
    struct fixture_node *first = chain_of(500);
    struct fixture_node *node = first;
    while (node->a != NULL) {
        node = node->a;
    }
    struct dying_node *dying = dying_node_new();
    node->a = (struct fixture_node *)(void *)dying;
    gc_release(first);
    assert_int_equal(dying_count, 0);
    gc_collect_heap();
    assert_int_equal(dying_count, 1);
}

static void memory_is_bounded_though_nothing_but_allocations_comes(void **state)
{
    (void)state;
    enum {
        NODES = 100000
    };
    gc_release(chain_of(NODES));
    uint64_t before = gc_status().live_nodes;
    struct fixture_node *kept = chain_of(NODES);
    assert_false(gc_status().release_pending);
    assert_true(gc_memory_peak(false) < (before + NODES / 8) * sizeof *kept);
    assert_nodes(NODES);
    gc_release(kept);
    gc_collect_cycles();
}

static void no_destructor_runs_as_the_heap_grows(void **state)
{
    (void)state;
    struct dying_node *dying = dying_node_new();
    struct fixture_node *first = chain_of(5000);
    struct fixture_node *node = first;
    while (node->a != NULL) {
        node = node->a;
    }
    node->a = (struct fixture_node *)(void *)dying;
    gc_release(first);
    struct fixture_node *kept = chain_of(100000);
    assert_int_equal(dying_count, 0);
    assert_false(gc_status().release_pending);
    gc_collect_cycles();
    assert_int_equal(dying_count, 1);
    gc_release(kept);
    gc_collect_cycles();
}

static void collections_are_sound_while_something_waits(void **state)
{
    (void)state;
    struct fixture_node *shared = fixture_node_new(7);
    shared->b = gc_retain(shared);
    struct fixture_node *first = chain_of(2000);
    struct fixture_node *node = first;
    while (node->a != NULL) {
        node = node->a;
    }
    node->b = shared;
    gc_release(first);
    for (int i = 0; i < 12000; i++) {
        struct fixture_node *ring = fixture_node_new(i);
        ring->a = gc_retain(ring);
        gc_release(ring);
        if (gc_status().release_pending) {
            assert_int_equal(shared->number, 7);
        }
    }
    gc_collect_cycles();
    assert_pending(0);
}

static void a_heap_ends_with_all_that_waits(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.release_budget_ns = 1;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    heap->release_objects = 10;
    struct dying_node *first = dying_node_new();
    for (int i = 1; i < 100; i++) {
        struct dying_node *node = dying_node_new();
        node->a = first;
        first = node;
    }
    gc_release(first);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(dying_count, 100);
    assert_int_equal(dying_freed, 100);
}

static void the_clock_cuts_too(void **state)
{
    (void)state;
    gc_heap_current()->release_objects = 0;
    gc_heap_current()->release_budget_ns = 1;
    gc_release(chain_of(10000));
    assert_true(gc_status().release_pending);
    gc_collect_cycles();
    assert_pending(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cut_test(a_release_stops_when_its_budget_is_used_up),
        cut_test(a_short_release_is_not_cut),
        cut_test(parts_are_pauses_and_no_slices),
        cut_test(a_release_in_a_destructor_is_not_cut),
        cut_test(steps_and_safe_points_go_on),
        cut_test(a_later_release_is_prompt_and_takes_a_share_along),
        cut_test(what_waits_is_found_by_weak_references),
        cut_test(destructors_of_what_waits_are_late),
        cut_test(memory_is_bounded_though_nothing_but_allocations_comes),
        cut_test(no_destructor_runs_as_the_heap_grows),
        cut_test(collections_are_sound_while_something_waits),
        cut_test(a_heap_ends_with_all_that_waits),
        cut_test(the_clock_cuts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
