/*
 * Where marking begins anew, and the scan that ends when all of that is held:
 * nothing held may go by it, and no garbage may stay.
 */
#include "checks.h"
#include "fixture.h"

#include "collector/collector.h"

enum {
    FAR_APART = 3000 /* nodes, so that they are in several pages */
};

/* A ring of `count` nodes; the caller holds the one that is returned. */
static struct fixture_node *ring_of(int count)
{
    struct fixture_node *first = fixture_node_new(0);
    struct fixture_node *last = first;
    for (int i = 1; i < count; i++) {
        last->a = fixture_node_new(i);
        last = last->a;
    }
    last->a = gc_retain(first);
    return first;
}

static void touch(void *object)
{
    gc_release(gc_retain(object));
}

static void what_a_held_root_reaches_stays(void **state)
{
    (void)state;
    struct fixture_node *held = ring_of(FAR_APART);
    touch(held);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(FAR_APART);
    gc_release(held);
    assert_int_equal(gc_collect_cycles(), FAR_APART);
}

static void garbage_beside_a_held_root_goes(void **state)
{
    (void)state;
    struct fixture_node *held = ring_of(10);
    touch(held);
    gc_release(ring_of(20));
    assert_int_equal(gc_collect_cycles(), 20);
    gc_release(held);
}

static void garbage_that_refers_to_a_held_root_goes(void **state)
{
    (void)state;
    struct fixture_node *held = ring_of(10);
    struct fixture_node *garbage = ring_of(20);
    garbage->b = gc_retain(held);
    gc_release(garbage);
    touch(held);
    assert_int_equal(gc_collect_cycles(), 20);
    assert_int_equal(gc_refcount(held), 2);
    gc_release(held);
}

/* The root is held by nothing but the rest of its ring, and that from the far end. */
static void a_root_that_is_held_from_afar_stays_with_all(void **state)
{
    (void)state;
    struct fixture_node *root = ring_of(FAR_APART);
    struct fixture_node *held = root;
    for (int i = 0; i < FAR_APART / 2; i++) {
        held = held->a;
    }
    root->b = fixture_node_new(-1);
    gc_retain(held);
    gc_release(root);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(FAR_APART + 1);
    gc_release(held);
    assert_int_equal(gc_collect_cycles(), FAR_APART + 1);
}

/* As many as are kept note of, and one more: every other one is held. */
static void many_roots_are_told_apart(void **state)
{
    (void)state;
    enum {
        ROOTS = 2 * RC_WAVES_MAX
    };
    for (unsigned count = RC_WAVES_MAX - 2; count <= RC_WAVES_MAX + 2; count++) {
        struct fixture_node *rings[ROOTS];
        for (unsigned i = 0; i < count; i++) {
            rings[i] = ring_of(3);
        }
        size_t garbage = 0;
        for (unsigned i = 0; i < count; i++) {
            if (i % 2 == 0) {
                touch(rings[i]);
            } else {
                gc_release(rings[i]);
                garbage += 3;
            }
        }
        assert_int_equal(gc_collect_cycles(), garbage);
        for (unsigned i = 0; i < count; i += 2) {
            gc_release(rings[i]);
        }
        (void)gc_collect_cycles();
    }
}

/* All are held, so that nothing has to be scanned, first as young ones and then as old ones. */
static void held_roots_of_all_ages_stay(void **state)
{
    (void)state;
    struct fixture_node *rings[RC_WAVES_MAX];
    for (unsigned i = 0; i < RC_WAVES_MAX; i++) {
        rings[i] = ring_of(100);
    }
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < RC_WAVES_MAX; i++) {
            touch(rings[i]);
        }
        assert_int_equal(gc_collect_cycles(), 0);
        assert_nodes(RC_WAVES_MAX * 100);
    }
    for (unsigned i = 0; i < RC_WAVES_MAX; i++) {
        gc_release(rings[i]);
    }
    assert_int_equal(gc_collect_cycles(), RC_WAVES_MAX * 100);
}

/* A map is held, and leads to a key that only its own value holds. */
static void an_entry_does_not_hold_as_its_map_does(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    (void)zval_weakmap_set(&map, &key, zval_copy(&key));
    zval_release(&key);
    zval other = zval_copy(&map);
    zval_release(&other);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* Its trial count has the value that says "black" when it has had its turn; it is not. */
static void an_object_one_short_of_the_top_holds_what_it_holds(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = ring_of(2);
    touch(node->a);
    node->gc.refcount = GC_REFCOUNT_TOP - 1;
    touch(node);
    gc_release(ring_of(5));
    assert_int_equal(gc_collect_cycles(), 5);
    assert_nodes(3);
    node->gc.refcount = 1;
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 2);
}

/* The trial count of one at the top, or of one that is dead and waits, comes to 0 when it has had
   its turn. */
static void an_object_at_the_top_holds_what_it_holds(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = ring_of(2);
    touch(node);
    node->gc.refcount = GC_REFCOUNT_TOP;
    gc_release(ring_of(5));
    assert_int_equal(gc_collect_cycles(), 5);
    assert_nodes(3);
    node->gc.refcount = 1;
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void an_object_one_short_of_the_top_is_counted_exactly(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    node->b = ring_of(2);
    node->gc.refcount = GC_REFCOUNT_TOP - 1;
    touch(node);
    touch(node->b);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(3);
    node->gc.refcount = 2;
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(what_a_held_root_reaches_stays),
        fixture_test(garbage_beside_a_held_root_goes),
        fixture_test(garbage_that_refers_to_a_held_root_goes),
        fixture_test(a_root_that_is_held_from_afar_stays_with_all),
        fixture_test(many_roots_are_told_apart),
        fixture_test(held_roots_of_all_ages_stay),
        fixture_test(an_entry_does_not_hold_as_its_map_does),
        fixture_test(an_object_one_short_of_the_top_holds_what_it_holds),
        fixture_test(an_object_one_short_of_the_top_is_counted_exactly),
        fixture_test(an_object_at_the_top_holds_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
