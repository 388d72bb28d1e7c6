/*
 * Small clusters of garbage, which a run in slices frees one after the other.
 */
#include "checks.h"

#include "fixture.h"
#include "stepping.h"

#define sliced_test(function) cmocka_unit_test_setup_teardown(function, stepping_begin, fixture_end)

/* Until garbage goes, but not all of it. */
static void step_until_some_went(uint64_t nodes)
{
    for (int i = 0; i < 100000 && gc_status().live_nodes == nodes; i++) {
        assert_false(gc_step(0));
    }
    assert_true(gc_status().live_nodes < nodes);
}

static void small_clusters_go_one_after_the_other(void **state)
{
    (void)state;
    for (size_t i = 1; i <= 20; i++) {
        stepping_drop_ring(i);
    }
    step_until_some_went(210);
    assert_int_equal(stepping_collector()->phase, RC_PHASE_CLUSTERS);
    uint64_t left = gc_status().live_nodes;
    assert_true(left >= 210 - 20);
    while (left > 0) {
        gc_step(0);
        assert_in_range(left - gc_status().live_nodes, 0, 20);
        left = gc_status().live_nodes;
    }
    stepping_to_the_end();
    assert_int_equal(gc_status().collected, 210);
    assert_int_equal(gc_status().runs, 1);
}

/* The first comes alone to be looked at before what holds it. */
static void what_a_cluster_holds_goes_with_it(void **state)
{
    (void)state;
    struct fixture_node *held = stepping_new_ring(3);
    struct fixture_node *holder = stepping_new_ring(5);
    holder->b = held;
    gc_release(gc_retain(held));
    gc_release(holder);
    stepping_to(RC_PHASE_CLUSTERS);
    stepping_to(RC_PHASE_FINISH);
    assert_int_equal(gc_status().live_nodes, 0);
    stepping_to_the_end();
    assert_int_equal(gc_status().collected, 8);
}

static void what_a_cluster_held_is_released(void **state)
{
    (void)state;
    struct fixture_node *live = fixture_node_new(7);
    struct fixture_node *ring = stepping_new_ring(5);
    ring->b = gc_retain(live);
    ring->c = (void *)fixture_node_new(8);
    gc_release(ring);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 1);
    assert_int_equal(gc_refcount(live), 1);
    gc_release(live);
}

static void a_cluster_that_is_held_again_stays(void **state)
{
    (void)state;
    struct fixture_node *ring = stepping_new_ring(5);
    struct gc_weak *weak = gc_weak_new(ring->a);
    gc_release(ring);
    stepping_to(RC_PHASE_CLUSTERS);
    struct fixture_node *upgraded = gc_weak_get(weak);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 5);
    gc_weak_release(weak);
    gc_release(upgraded);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 0);
}

static void large_clusters_go_at_the_end(void **state)
{
    (void)state;
    stepping_drop_ring(1000);
    stepping_drop_ring(10);
    stepping_to(RC_PHASE_FINISH);
    assert_int_equal(gc_status().live_nodes, 1000);
    stepping_to_the_end();
    assert_int_equal(gc_status().collected, 1010);
}

static struct gc_weak *watched;

static void look_through_weak_reference(void *self)
{
    (void)self;
    assert_null(gc_weak_get(watched));
}

/* Its weak reference is silent when the hook of another one runs, which goes before it. */
static void weak_references_to_a_cluster_are_silent_when_hooks_run(void **state)
{
    (void)state;
    struct gc_type hooked = fixture_node_type;
    hooked.free = look_through_weak_reference;
    struct fixture_node *first = gc_new(&hooked);
    first->a = fixture_node_new(2);
    first->a->a = gc_retain(first);
    watched = gc_weak_new(first->a);
    gc_release(first);
    stepping_to(RC_PHASE_CLUSTERS);
    stepping_to(RC_PHASE_FINISH);
    assert_int_equal(gc_status().live_nodes, 0);
    assert_null(gc_weak_get(watched));
    gc_weak_release(watched);
    stepping_to_the_end();
}

static void keys_of_weak_maps_go_at_the_end(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    struct fixture_node *ring = stepping_new_ring(3);
    zval key = zval_native(gc_retain(ring));
    (void)zval_weakmap_set(&map, &key, zval_int(1));
    zval_release(&key);
    gc_release(ring);
    stepping_to(RC_PHASE_FINISH);
    assert_int_equal(gc_status().live_nodes, 4);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* One second's budget, of which all is spent when the first cluster has gone. */
static void a_long_budget_lets_clusters_be_larger(void **state)
{
    (void)state;
    stepping_drop_ring(4000);
    stepping_drop_ring(4000);
    stepping_to(RC_PHASE_CLUSTERS);
    struct rc_collector *collector = stepping_collector();
    size_t freed = 0;
    collector->budget = (struct rc_budget){1, 0, 1000000000};
    assert_false(rc__free_clusters(collector, &freed));
    assert_int_equal(freed, 4000);
    assert_int_equal(gc_status().live_nodes, 4000);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 0);
}

/* No destructor has run and nothing leads out, so their pages go whole. */
static void a_large_cluster_that_leads_nowhere_is_counted(void **state)
{
    (void)state;
    struct fixture_node *live = fixture_node_new(1);
    stepping_drop_ring(5000);
    gc_release(gc_retain(live));
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 1);
    assert_int_equal(gc_status().collected, 5000);
    gc_release(live);
}

static void what_a_large_cluster_held_is_released(void **state)
{
    (void)state;
    struct fixture_node *live = fixture_node_new(7);
    struct fixture_node *ring = stepping_new_ring(5000);
    ring->b = gc_retain(live);
    ring->c = fixture_node_new(8);
    gc_release(ring);
    stepping_to_the_end();
    assert_int_equal(gc_status().live_nodes, 1);
    assert_int_equal(gc_refcount(live), 1);
    gc_release(live);
}

static void a_run_given_up_among_clusters_loses_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        stepping_drop_ring(5);
    }
    stepping_drop_ring(1000);
    step_until_some_went(1100);
    gc_collect_cycles();
    assert_int_equal(gc_status().live_nodes, 0);
    assert_int_equal(gc_status().collected, 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sliced_test(small_clusters_go_one_after_the_other),
        sliced_test(what_a_cluster_holds_goes_with_it),
        sliced_test(what_a_cluster_held_is_released),
        sliced_test(a_cluster_that_is_held_again_stays),
        sliced_test(large_clusters_go_at_the_end),
        sliced_test(weak_references_to_a_cluster_are_silent_when_hooks_run),
        sliced_test(keys_of_weak_maps_go_at_the_end),
        sliced_test(a_long_budget_lets_clusters_be_larger),
        sliced_test(a_large_cluster_that_leads_nowhere_is_counted),
        sliced_test(what_a_large_cluster_held_is_released),
        sliced_test(a_run_given_up_among_clusters_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
