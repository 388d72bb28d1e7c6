/*
 * Runs in slices: gc_step(), the pause budget, safe points, and what may happen
 * between two slices.
 */
#include "checks.h"

#include "collector/collector.h"
#include "fixture.h"
#include "stepping.h"
#include <stdlib.h>

static int begin_with_budget(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 4;
    options.pause_budget_ns = 1;
    int result = fixture_begin_with(state, &options);
    stepping_collector()->schedule.slice_objects = 1;
    return result;
}

static int begin_at_safepoints(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 4;
    options.collect_at_safepoints_only = true;
    return fixture_begin_with(state, &options);
}

static int begin_young_at_safepoints(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_GENERATIONAL;
    options.root_buffer_entries = 4;
    options.collect_at_safepoints_only = true;
    return fixture_begin_with(state, &options);
}

static int begin_generations_in_tiny_slices(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_GENERATIONAL;
    options.root_buffer_entries = 4;
    int result = fixture_begin_with(state, &options);
    stepping_collector()->schedule.slice_objects = 1;
    return result;
}

#define sliced_test(function) cmocka_unit_test_setup_teardown(function, stepping_begin, fixture_end)
#define budget_test(function) \
    cmocka_unit_test_setup_teardown(function, begin_with_budget, fixture_end)
#define safepoint_test(function) \
    cmocka_unit_test_setup_teardown(function, begin_at_safepoints, fixture_end)

/* Phases in which a slice ends even if there is nothing to blacken. */
static const enum rc_phase stops[] = {RC_PHASE_MARK, RC_PHASE_FIND_HELD, RC_PHASE_FIND_RECORDED};

#define STOPS (sizeof stops / sizeof stops[0])

/* ---- steps -------------------------------------------------------------- */

static void steps_collect_as_a_run_does(void **state)
{
    (void)state;
    stepping_drop_ring(100);
    assert_false(gc_step(0));
    assert_true(gc_status().in_progress);
    stepping_to_the_end();
    struct gc_status status = gc_status();
    assert_int_equal(status.collected, 100);
    assert_int_equal(status.live_nodes, 0);
    assert_int_equal(status.runs, 1);
    assert_true(status.slices > 100);
}

static void a_step_with_nothing_to_do_begins_nothing(void **state)
{
    (void)state;
    assert_true(gc_step(UINT64_MAX));
    assert_int_equal(gc_status().slices, 0);
    assert_int_equal(gc_status().runs, 0);
}

static void one_step_with_time_enough_does_it_all(void **state)
{
    (void)state;
    stepping_drop_ring(1000);
    stepping_collector()->schedule.slice_objects = 0;
    assert_true(gc_step(UINT64_MAX));
    assert_int_equal(gc_status().collected, 1000);
    assert_int_equal(gc_status().slices, 1);
}

static void a_collect_on_request_takes_a_run_over(void **state)
{
    (void)state;
    stepping_drop_ring(50);
    gc_step(0);
    stepping_drop_ring(5);
    assert_int_equal(gc_collect_cycles(), 55);
    assert_false(gc_status().in_progress);
    assert_true(gc_step(0));
}

static void the_verifier_gives_a_run_up(void **state)
{
    (void)state;
    stepping_drop_ring(50);
    gc_step(0);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    assert_false(gc_status().in_progress);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 0);
}

/* ---- what the program does in between ----------------------------------- */

static void what_became_garbage_meanwhile_waits(void **state)
{
    (void)state;
    struct fixture_node *late = stepping_new_ring(10);
    stepping_drop_ring(10);
    gc_step(0);
    gc_release(late);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 10);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 0);
}

/* The link is moved from what has been marked to what has been scanned. */
static void a_moved_link_keeps_what_it_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < STOPS; i++) {
        struct fixture_node *holder = fixture_node_new(1);
        struct fixture_node *other = fixture_node_new(2);
        holder->b = stepping_new_ring(20);
        gc_release(gc_retain(holder->b));
        gc_release(gc_retain(holder));
        gc_release(gc_retain(other));
        stepping_to(stops[i]);
        other->b = holder->b;
        holder->b = NULL;
        stepping_to_the_end();
        assert_int_equal(gc_status().live_nodes, 22);
        assert_int_equal(other->b->number, 0);
        gc_release(other);
        gc_release(holder);
        assert_int_equal(gc_collect_cycles(), 20);
    }
}

static void slots_freed_and_used_again_are_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < STOPS; i++) {
        struct fixture_node *list = NULL;
        for (long number = 0; number < 20; number++) {
            struct fixture_node *node = fixture_node_new(number);
            node->a = list;
            list = node;
        }
        gc_release(gc_retain(list));
        stepping_to(stops[i]);
        gc_release(list);
        struct fixture_node *ring = stepping_new_ring(20);
        stepping_to_the_end();
        assert_int_equal(gc_status().live_nodes, 20);
        gc_release(ring);
        assert_int_equal(gc_collect_cycles(), 20);
    }
}

/* It is garbage, and suspected; then it is taken up, and dropped again. */
static void garbage_reached_weakly_waits_for_the_next_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < STOPS; i++) {
        struct fixture_node *ring = stepping_new_ring(8);
        struct gc_weak *weak = gc_weak_new(ring);
        gc_release(ring);
        stepping_to(stops[i]);
        gc_release(gc_weak_get(weak));
        stepping_to_the_end();
        assert_int_equal(gc_heap_verify(NULL, stderr), 0);
        gc_collect_heap();
        assert_null(gc_weak_get(weak));
        assert_int_equal(gc_status().live_nodes, 0);
        gc_weak_release(weak);
    }
}

static void garbage_taken_up_weakly_lives(void **state)
{
    (void)state;
    for (size_t i = 0; i < STOPS; i++) {
        struct fixture_node *ring = stepping_new_ring(8);
        struct gc_weak *weak = gc_weak_new(ring);
        gc_release(ring);
        stepping_to(stops[i]);
        ring = gc_weak_get(weak);
        stepping_to_the_end();
        assert_int_equal(gc_status().live_nodes, 8);
        assert_int_equal(ring->a->number, 1);
        gc_weak_release(weak);
        gc_release(ring);
        assert_int_equal(gc_collect_cycles(), 8);
    }
}

static void touch_if_looked_through(struct gc_weak *weak)
{
    struct fixture_node *node = gc_weak_get(weak);
    const struct rc_page *page = stepping_collector()->touched;
    while (page != stepping_collector()->cursor && page != rc__page_of(node)) {
        page = page->touched_next;
    }
    if (page == stepping_collector()->cursor) {
        node->gc.refcount--;
    } else {
        gc_release(node);
    }
}

/* In pages that have been looked through for what was recorded. */
static void garbage_recorded_at_the_last_moment_waits_too(void **state)
{
    (void)state;
    enum {
        NODES = 5000,
        WEAK = 50
    };
    struct gc_weak *weak[WEAK];
    struct fixture_node *ring = stepping_new_ring(NODES);
    struct fixture_node *node = ring;
    for (size_t i = 0; i < NODES; i++, node = node->a) {
        if (i % (NODES / WEAK) == 0) {
            weak[i / (NODES / WEAK)] = gc_weak_new(node);
        }
    }
    gc_release(ring);
    stepping_to(RC_PHASE_FIND_RECORDED);
    gc_step(0);
    assert_int_equal(stepping_collector()->phase, RC_PHASE_FIND_RECORDED);
    for (size_t i = 0; i < WEAK; i++) {
        touch_if_looked_through(weak[i]);
    }
    stepping_to_the_end();
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    gc_collect_heap();
    assert_int_equal(gc_status().live_nodes, 0);
    for (size_t i = 0; i < WEAK; i++) {
        gc_weak_release(weak[i]);
    }
}

static void idle_memory_can_go_meanwhile(void **state)
{
    (void)state;
    struct fixture_node *nodes[2000];
    for (size_t i = 0; i < 2000; i++) {
        nodes[i] = fixture_node_new((long)i);
        gc_release(gc_retain(nodes[i]));
    }
    stepping_to(RC_PHASE_FIND_HELD);
    for (size_t i = 0; i < 2000; i++) {
        gc_release(nodes[i]);
    }
    gc_mem_caches();
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 0);
    gc_mem_caches();
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

static void a_heap_can_end_in_the_middle_of_a_run(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    struct gc_heap *heap = gc_heap_new(&options);
    rc__collector_of(heap)->schedule.slice_objects = 1;
    struct gc_heap *before = gc_heap_use(heap);
    stepping_drop_ring(100);
    gc_step(0);
    assert_true(gc_status().in_progress);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_true(gc_step(0));
}

static void steps_of_two_heaps_do_not_meet(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    struct gc_heap *heap = gc_heap_new(&options);
    rc__collector_of(heap)->schedule.slice_objects = 1;
    stepping_drop_ring(30);
    gc_step(0);
    struct gc_heap *before = gc_heap_use(heap);
    stepping_drop_ring(40);
    gc_step(0);
    stepping_to_the_end();
    assert_int_equal(gc_status().collected, 40);
    gc_heap_use(before);
    stepping_to_the_end();
    assert_int_equal(gc_status().collected, 30);
    gc_heap_free(heap);
}

static void what_slices_have_found_alive_is_old(void **state)
{
    (void)state;
    struct fixture_node *ring = stepping_new_ring(3);
    gc_release(gc_retain(ring));
    stepping_collector()->schedule.idle_at_bytes = 0;
    stepping_to_the_end();
    assert_int_equal(gc_status().full_runs, 1);
    gc_release(gc_retain(ring->a));
    assert_int_equal(gc_status().roots, 0);
    assert_int_equal(gc_status().remembered, 1);
    gc_release(ring);
    assert_int_equal(gc_collect_cycles(), 3);
}

/* ---- destructors -------------------------------------------------------- */

static unsigned destructed;

static void destruct(void *self)
{
    (void)self;
    destructed++;
    assert_false(gc_step(0));
    assert_int_equal(gc_collect_cycles(), 0);
    stepping_drop_ring(3);
}

static const struct gc_field destructed_fields[] = {GC_FIELD_OBJECT(struct fixture_node, a)};
static const struct gc_type destructed_type = {
    .name = "destructed",
    .size = sizeof(struct fixture_node),
    .fields = destructed_fields,
    .field_count = 1,
    .destructor = destruct,
};

static void destructors_run_once_and_their_garbage_goes_later(void **state)
{
    (void)state;
    destructed = 0;
    for (size_t i = 0; i < 10; i++) {
        struct fixture_node *node = gc_new(&destructed_type);
        node->a = gc_retain(node);
        gc_release(node);
    }
    stepping_to_the_end();
    assert_int_equal(destructed, 10);
    stepping_to_the_end();
    assert_int_equal(destructed, 10);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* The second pass, over what destructors reached, is none of the run that has ended. */
static void a_run_is_over_when_it_has_run_destructors(void **state)
{
    (void)state;
    struct fixture_node *node = gc_new(&destructed_type);
    node->a = gc_retain(node);
    gc_release(node);
    stepping_collector()->schedule.idle_at_bytes = 0;
    while (gc_status().runs == 0) {
        gc_step(0);
    }
    struct gc_status status = gc_status();
    assert_false(status.in_progress);
    assert_int_equal(status.full_runs, 1);
    assert_int_equal(status.minor_runs, 1);
    assert_false(stepping_collector()->heap.overflowed);
}

/* A list of its own, which only its trace function knows. */
struct lister {
    struct gc_object gc;
    struct fixture_node **list;
    bool is_gone;
};

static unsigned traced_after_the_end;

static void trace_list(void *self, struct gc_visitor *visitor)
{
    const struct lister *lister = self;
    traced_after_the_end += lister->is_gone;
    if (!lister->is_gone) {
        gc_visit_object(visitor, lister->list[0]);
    }
}

static void free_list(void *self)
{
    struct lister *lister = self;
    lister->is_gone = true;
    free(lister->list);
    stepping_to_the_end();
}

static const struct gc_type lister_type = {
    .name = "lister",
    .size = sizeof(struct lister),
    .trace = trace_list,
    .free = free_list,
};

static void what_is_being_taken_apart_is_not_looked_into(void **state)
{
    (void)state;
    traced_after_the_end = 0;
    for (size_t i = 0; i < STOPS; i++) {
        struct lister *lister = gc_new(&lister_type);
        struct fixture_node *held = fixture_node_new(1);
        held->a = gc_retain(held);
        lister->list = malloc(sizeof(struct fixture_node *));
        lister->list[0] = held;
        gc_release(gc_retain(lister));
        stepping_drop_ring(20);
        stepping_to(stops[i]);
        gc_release(lister);
        assert_int_equal(traced_after_the_end, 0);
        gc_collect_cycles();
        assert_int_equal(gc_status().live_nodes, 0);
    }
}

/* ---- by themselves ------------------------------------------------------ */

static void a_budget_cuts_automatic_runs(void **state)
{
    (void)state;
    stepping_drop_rings(200, 10);
    struct gc_status status = gc_status();
    assert_true(status.runs > 0);
    assert_true(status.slices > status.runs);
    assert_true(status.collected > 0);
    gc_collect_cycles();
    assert_int_equal(gc_status().live_nodes, 0);
}

static void automatic_runs_wait_for_a_safepoint(void **state)
{
    (void)state;
    stepping_drop_rings(20, 2);
    assert_int_equal(gc_status().runs, 0);
    gc_safepoint();
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().live_nodes, 0);
    gc_safepoint();
    assert_int_equal(gc_status().runs, 1);
}

static void a_safepoint_does_nothing_while_disabled(void **state)
{
    (void)state;
    stepping_drop_rings(20, 2);
    gc_disable();
    gc_safepoint();
    assert_int_equal(gc_status().runs, 0);
    gc_enable();
    gc_safepoint();
    assert_int_equal(gc_status().runs, 1);
}

static void nothing_is_lost_before_a_safepoint(void **state)
{
    (void)state;
    stepping_drop_rings(50, 2);
    assert_int_equal(gc_status().runs, 0);
    assert_int_equal(gc_status().dropped_roots, 0);
    gc_safepoint();
    assert_true(gc_collect_cycles() > 0);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void pass_a_safepoint(void *self)
{
    (void)self;
    gc_safepoint();
}

static const struct gc_type passer_type = {
    .name = "passer",
    .size = sizeof(struct gc_object),
    .free = pass_a_safepoint,
};

/* A hook comes to one while what died by counting in a quiet collection is taken apart. */
static void a_safepoint_in_a_quiet_collection_leaves_the_run_due(void **state)
{
    (void)state;
    stepping_drop_rings(20, 2);
    zval holder = zval_object(NULL);
    assert_int_equal(zval_property_set(&holder, "self", zval_copy(&holder)), GC_OK);
    assert_int_equal(zval_property_set(&holder, "passer", zval_native(gc_new(&passer_type))),
                     GC_OK);
    zval_release(&holder);
    rc__collect_quietly(stepping_collector(), RC_SCOPE_HEAP);
    assert_int_equal(gc_status().live_nodes, 0);
    uint64_t runs = gc_status().runs;
    stepping_drop_ring(2);
    gc_safepoint();
    assert_int_equal(gc_status().runs, runs + 1);
    assert_int_equal(gc_status().live_nodes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sliced_test(steps_collect_as_a_run_does),
        sliced_test(a_step_with_nothing_to_do_begins_nothing),
        sliced_test(one_step_with_time_enough_does_it_all),
        sliced_test(a_collect_on_request_takes_a_run_over),
        sliced_test(the_verifier_gives_a_run_up),
        sliced_test(what_became_garbage_meanwhile_waits),
        sliced_test(a_moved_link_keeps_what_it_holds),
        sliced_test(slots_freed_and_used_again_are_new),
        sliced_test(garbage_reached_weakly_waits_for_the_next_run),
        sliced_test(garbage_taken_up_weakly_lives),
        sliced_test(garbage_recorded_at_the_last_moment_waits_too),
        sliced_test(idle_memory_can_go_meanwhile),
        sliced_test(a_heap_can_end_in_the_middle_of_a_run),
        sliced_test(steps_of_two_heaps_do_not_meet),
        sliced_test(destructors_run_once_and_their_garbage_goes_later),
        sliced_test(what_is_being_taken_apart_is_not_looked_into),
        cmocka_unit_test_setup_teardown(a_run_is_over_when_it_has_run_destructors,
                                        begin_generations_in_tiny_slices, fixture_end),
        cmocka_unit_test_setup_teardown(what_slices_have_found_alive_is_old,
                                        begin_generations_in_tiny_slices, fixture_end),
        budget_test(a_budget_cuts_automatic_runs),
        safepoint_test(automatic_runs_wait_for_a_safepoint),
        safepoint_test(a_safepoint_does_nothing_while_disabled),
        safepoint_test(a_safepoint_in_a_quiet_collection_leaves_the_run_due),
        cmocka_unit_test_setup_teardown(nothing_is_lost_before_a_safepoint,
                                        begin_young_at_safepoints, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
