/*
 * Where marking begins anew, and the scan that ends when all of that is held:
 * nothing held may go by it, and no garbage may stay.
 */
#include "checks.h"
#include "fixture.h"

#include "collector/collector.h"
#include "stepping.h"

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

/* With its first entry, which is none, it fills a page of memory, and whoever goes through it asks
   for what is behind. */
static int begin_with_511_entries(void **state)
{
    struct gc_options options = gc_options_default();
    options.root_buffer_entries = 511;
    options.policy = GC_POLICY_CLASSIC; /* the other one would make a run when it is full */
    return fixture_begin_with(state, &options);
}

static void a_buffer_that_fills_a_page_is_gone_through(void **state)
{
    (void)state;
    for (int i = 0; i < 511; i++) {
        gc_release(ring_of(1));
    }
    assert_int_equal(gc_status().roots, 511);
    assert_int_equal(gc_collect_cycles(), 511);
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

static void an_object_one_short_of_the_top_that_refers_to_itself_stays(void **state)
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

/* References that marking came to go before it is counted what was seen. */
static void references_that_go_between_slices_are_no_fewer_nodes(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < 1000; i++) {
        zval item = zval_object(NULL);
        assert_ok(zval_array_push(&list, zval_reference(&item)));
        zval_release(&item);
    }
    zval other = zval_copy(&list);
    zval_release(&other);
    stepping_drop_ring(100);
    stepping_to(RC_PHASE_FIND_HELD);
    zval_release(&list);
    stepping_to_the_end();
    assert_int_equal(stepping_collector()->schedule.growth_percent, 50);
}

/* ---- how often it is looked ------------------------------------------------ */

struct looked_at {
    struct gc_object gc;
    struct looked_at *next;
    char filler[40000]; /* so that each is in a page of its own */
};

static unsigned looks;

static void look(void *self, struct gc_visitor *visitor)
{
    looks++;
    gc_visit_object(visitor, ((struct looked_at *)self)->next);
}

static const struct gc_type looked_at_type = {
    .name = "looked_at", .size = sizeof(struct looked_at), .trace = look};

/* A chain, of which each link is a possible root, and the first is held. */
static void what_is_held_is_looked_at_once(void **state)
{
    (void)state;
    enum {
        LINKS = 2 * RC_WAVES_MAX
    };
    struct looked_at *links[LINKS];
    for (unsigned i = 0; i < LINKS; i++) {
        links[i] = gc_new(&looked_at_type);
    }
    for (unsigned i = 0; i + 1 < LINKS; i++) {
        links[i]->next = gc_retain(links[i + 1]);
    }
    for (unsigned i = 0; i < LINKS; i++) {
        touch(links[i]);
    }
    for (unsigned i = 1; i < LINKS; i++) {
        gc_release(links[i]);
    }
    looks = 0;
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(looks, LINKS);
    gc_release(links[0]);
}

struct two_ways {
    struct gc_object gc;
    struct two_ways *next;
    struct two_ways *previous;
    char filler[40000];
};

static void look_both_ways(void *self, struct gc_visitor *visitor)
{
    looks++;
    gc_visit_object(visitor, ((struct two_ways *)self)->next);
    gc_visit_object(visitor, ((struct two_ways *)self)->previous);
}

static const struct gc_type two_ways_type = {
    .name = "two_ways", .size = sizeof(struct two_ways), .trace = look_both_ways};

/* Both ends are held, and a root near one of them: once that is black the rest need not be looked
   at again. */
static void a_scan_is_over_once_the_roots_are_black(void **state)
{
    (void)state;
    enum {
        LINKS = 200,
        ROOT = 5
    };
    struct two_ways *links[LINKS];
    for (unsigned i = 0; i < LINKS; i++) {
        links[i] = gc_new(&two_ways_type);
    }
    for (unsigned i = 0; i + 1 < LINKS; i++) {
        links[i]->next = gc_retain(links[i + 1]);
        links[i + 1]->previous = gc_retain(links[i]);
    }
    gc_disable();
    for (unsigned i = 1; i + 1 < LINKS; i++) {
        gc_release(links[i]);
    }
    gc_enable();
    (void)gc_collect_cycles();
    touch(links[ROOT]);
    looks = 0;
    assert_int_equal(gc_collect_cycles(), 0);
    assert_in_range(looks, LINKS, LINKS + 4 * ROOT);
    gc_release(links[0]);
    gc_release(links[LINKS - 1]);
    assert_int_equal(gc_collect_cycles(), LINKS);
}

/* ---- types with links only ---------------------------------------------------- */

struct short_node {
    struct gc_object gc;
    struct gc_object *links[1];
    uintptr_t number;
};

struct long_node {
    struct gc_object gc;
    uintptr_t number;
    struct gc_object *links[3];
};

static const struct gc_field short_fields[] = {GC_FIELD_OBJECTS(struct short_node, links)};
static const struct gc_field long_fields[] = {GC_FIELD_OBJECTS(struct long_node, links)};
static const struct gc_type short_type = {
    .name = "short", .size = sizeof(struct short_node), .fields = short_fields, .field_count = 1};
static const struct gc_type long_type = {
    .name = "long", .size = sizeof(struct long_node), .fields = long_fields, .field_count = 1};

/* One after the other, each with its references elsewhere. */
static void types_with_links_only_are_told_apart(void **state)
{
    (void)state;
    struct short_node *first = gc_new(&short_type);
    struct long_node *second = gc_new(&long_type);
    struct fixture_node *third = fixture_node_new(3);
    first->links[0] = gc_retain(second);
    second->links[2] = gc_retain(third);
    third->c = gc_retain(first);
    gc_release(second);
    gc_release(third);
    touch(first);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(3);
    gc_release(first);
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
        cmocka_unit_test_setup_teardown(a_buffer_that_fills_a_page_is_gone_through,
                                        begin_with_511_entries, fixture_end),
        fixture_test(an_entry_does_not_hold_as_its_map_does),
        fixture_test(an_object_one_short_of_the_top_holds_what_it_holds),
        fixture_test(an_object_one_short_of_the_top_that_refers_to_itself_stays),
        cmocka_unit_test_setup_teardown(references_that_go_between_slices_are_no_fewer_nodes,
                                        stepping_begin, fixture_end),
        fixture_test(what_is_held_is_looked_at_once),
        fixture_test(a_scan_is_over_once_the_roots_are_black),
        fixture_test(types_with_links_only_are_told_apart),
        fixture_test(an_object_at_the_top_holds_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
