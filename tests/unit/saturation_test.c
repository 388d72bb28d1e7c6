/*
 * Counts that reach the top stay there, and the object lives for ever. The
 * counts are brought near the top by hand, and back in the end.
 */
#include "checks.h"
#include "fixture.h"

#define TOP GC_REFCOUNT_TOP

static void a_count_below_the_top_counts_exactly(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->gc.refcount = TOP - 2;
    gc_retain(node);
    assert_int_equal(gc_refcount(node), TOP - 1);
    gc_release(node);
    assert_int_equal(gc_refcount(node), TOP - 2);
    assert_int_equal(gc_status().saturated, 0);
    node->gc.refcount = 1;
    gc_release(node);
}

static void the_highest_exact_count_goes_down_again(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "leaf", .size = 64};
    struct gc_object *leaf = gc_new(&type);
    leaf->refcount = TOP - 2;
    gc_retain(leaf);
    gc_release(leaf);
    gc_release(leaf);
    assert_int_equal(gc_refcount(leaf), TOP - 3);
    assert_int_equal(gc_status().saturated, 0);
    leaf->refcount = 1;
    gc_release(leaf);
}

static void a_count_that_reaches_the_top_is_reported_once(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->gc.refcount = TOP - 1;
    gc_retain(node);
    assert_true(gc_refcount(node) >= TOP);
    assert_int_equal(gc_status().saturated, 1);
    gc_retain(node);
    gc_retain(node);
    assert_int_equal(gc_status().saturated, 1);
    node->gc.refcount = 1;
    gc_release(node);
}

static void each_saturated_object_is_reported(void **state)
{
    (void)state;
    struct fixture_node *nodes[3];
    for (int i = 0; i < 3; i++) {
        nodes[i] = fixture_node_new(i);
        nodes[i]->gc.refcount = TOP - 1;
        gc_retain(nodes[i]);
    }
    assert_int_equal(gc_status().saturated, 3);
    for (int i = 0; i < 3; i++) {
        nodes[i]->gc.refcount = 1;
        gc_release(nodes[i]);
    }
}

static struct fixture_node *saturated_node(void)
{
    struct fixture_node *node = fixture_node_new(1);
    node->gc.refcount = TOP - 1;
    gc_retain(node);
    return node;
}

static void a_saturated_count_moves_neither_up_nor_down(void **state)
{
    (void)state;
    struct fixture_node *node = saturated_node();
    uint32_t count = gc_refcount(node);
    for (int i = 0; i < 1000; i++) {
        gc_release(node);
    }
    assert_int_equal(gc_refcount(node), count);
    for (int i = 0; i < 1000; i++) {
        gc_retain(node);
    }
    assert_int_equal(gc_refcount(node), count);
    node->gc.refcount = 1;
    gc_release(node);
}

static void a_saturated_object_is_no_candidate(void **state)
{
    (void)state;
    struct fixture_node *node = saturated_node();
    gc_release(node);
    assert_roots(0);
    node->gc.refcount = 1;
    gc_release(node);
}

static void a_saturated_object_survives_collections_with_what_it_holds(void **state)
{
    (void)state;
    struct fixture_node *node = saturated_node();
    node->a = fixture_node_new(2);
    node->a->a = gc_retain(node);
    assert_int_equal(gc_collect_heap(), 0);
    assert_nodes(2);
    assert_sound();
    node->gc.refcount = 2;
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 2);
}

static void garbage_that_refers_to_a_saturated_object_leaves_its_count(void **state)
{
    (void)state;
    struct fixture_node *node = saturated_node();
    uint32_t count = gc_refcount(node);
    struct fixture_node *garbage = fixture_node_new(2);
    garbage->a = gc_retain(garbage);
    garbage->b = gc_retain(node);
    gc_release(garbage);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_refcount(node), count);
    node->gc.refcount = 1;
    gc_release(node);
}

/* Saturates what a value points to; counts are in the same place in all counted things. */
static struct gc_object *saturate(const zval *value)
{
    struct gc_object *counted = value->payload.counted;
    counted->refcount = TOP - 1;
    zval copy = zval_copy(value);
    (void)copy;
    return counted;
}

static void a_string_saturates(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    struct gc_object *string = saturate(&text);
    assert_int_equal(gc_status().saturated, 1);
    zval variable = zval_copy(&text);
    zval_release(&variable);
    variable = zval_copy(&text);
    zval_release(&variable);
    assert_true(zval_refcount(&text) >= TOP);
    assert_text(&text, "text");
    string->refcount = 1;
    zval_release(&text);
}

static void a_saturated_array_is_separated_for_ever(void **state)
{
    (void)state;
    zval list = checks_list(2);
    zval other = zval_copy(&list);
    struct gc_object *array = saturate(&list);
    assert_ok(zval_array_push(&list, zval_int(2)));
    assert_int_equal(zval_array_count(&list), 3);
    assert_int_equal(zval_array_count(&other), 2);
    assert_true(zval_refcount(&other) >= TOP);
    assert_int_equal(zval_refcount(&list), 1);
    array->refcount = 1;
    zval_release(&other);
    zval_release(&list);
}

static void a_reference_saturates(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval handle = zval_reference(&number);
    struct gc_object *reference = handle.payload.counted;
    reference->refcount = TOP - 1;
    zval more = zval_reference(&number);
    assert_int_equal(gc_status().saturated, 1);
    zval_release(&more);
    assert_true(zval_reference_count(&number) >= TOP);
    reference->refcount = 2;
    zval_release(&handle);
    zval_release(&number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_count_below_the_top_counts_exactly),
        fixture_test(the_highest_exact_count_goes_down_again),
        fixture_test(a_count_that_reaches_the_top_is_reported_once),
        fixture_test(each_saturated_object_is_reported),
        fixture_test(a_saturated_count_moves_neither_up_nor_down),
        fixture_test(a_saturated_object_is_no_candidate),
        fixture_test(a_saturated_object_survives_collections_with_what_it_holds),
        fixture_test(garbage_that_refers_to_a_saturated_object_leaves_its_count),
        fixture_test(a_string_saturates),
        fixture_test(a_saturated_array_is_separated_for_ever),
        fixture_test(a_reference_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
