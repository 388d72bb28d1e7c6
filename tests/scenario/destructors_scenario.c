/*
 * PHP's scenarios, section 4: destructors in a collection. What is found white
 * and has a destructor not yet run is destructed and taken out of the count, with
 * all that it reaches; one more pass in the same call says what of it is garbage.
 */
#include "dying.h"
#include "scenario.h"

static zval new_object(void)
{
    return zval_object(NULL);
}

/* Two objects of the class that hold each other, by the property "a". */
static void leave_pair(const struct zval_class *left_class, const struct zval_class *right_class)
{
    zval left = zval_object(left_class);
    zval right = zval_object(right_class);
    set(&left, "a", zval_copy(&right));
    set(&right, "a", zval_copy(&left));
    zval_release(&left);
    zval_release(&right);
}

/* ---- what is counted ---------------------------------------------------- */

static void gc_011_cycle_with_a_destructor(void **state)
{
    (void)state;
    dying_drop_self();
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(dying_count, 0);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 2, .collected = 1);
}

static size_t collected_inside;

static void make_garbage_and_collect(zval *self)
{
    (void)self;
    drop_self_array();
    collected_inside += gc_collect_cycles();
}

static void gc_016_garbage_born_in_a_destructor(void **state)
{
    (void)state;
    collected_inside = 0;
    dying_act = make_garbage_and_collect;
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(collected_inside, 0);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 2, .collected = 2);
}

/* The first of the three to be destructed drops what holds the other two: they go by counting, each
   with its own destructor. Only the first one is left for the second pass. */
static void unset_all_properties(zval *self)
{
    (void)zval_property_remove(self, "a");
    (void)zval_property_remove(self, "b");
}

static void gc_017_destructors_that_unset_everything(void **state)
{
    (void)state;
    dying_act = unset_all_properties;
    zval parent = dying_new();
    zval children = zval_array();
    for (int i = 0; i < 2; i++) {
        zval child = dying_new();
        set(&child, "a", zval_copy(&parent));
        push(&children, child);
    }
    set(&parent, "a", children);
    zval_release(&parent);
    expect_figures(.roots = 1, .live_nodes = 4);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 3);
    expect_figures(.runs = 2, .collected = 1);
}

/* $this->bar goes by counting; $this is left with a count of zero, and is collected. */
static void gc_028_each_destructor_unsets_the_link(void **state)
{
    (void)state;
    dying_act = unset_all_properties;
    leave_pair(&dying_class, &dying_class);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 2);
    expect_figures(.runs = 2, .collected = 1);
}

/* The array goes by counting too. */
static void gc_029_destructors_that_drop_an_array_too(void **state)
{
    (void)state;
    dying_act = unset_all_properties;
    zval foo = dying_new();
    zval bar = dying_new();
    zval list = zval_array();
    push(&list, new_object());
    set(&foo, "a", zval_copy(&bar));
    set(&foo, "b", list);
    set(&bar, "a", zval_copy(&foo));
    zval_release(&foo);
    zval_release(&bar);
    expect_figures(.roots = 2, .live_nodes = 4);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 2);
    expect_figures(.runs = 2, .collected = 1);
}

/* The destructor takes the array out of the object; that array holds itself and the object. Older
   versions of PHP needed a further collect for the two. */
static void unset_b(zval *self)
{
    ok(zval_property_remove(self, "b"));
}

static void gc_035_inner_cycle_dropped_by_the_destructor(void **state)
{
    (void)state;
    dying_act = unset_b;
    zval a = dying_self_new();
    set(&a, "b", zval_array());
    zval *x = zval_property_slot(&a, "b");
    push(x, zval_reference(x));
    push(zval_property_slot(&a, "b"), zval_copy(&a));
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&a);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, 2);
    assert_int_equal(gc_collect_cycles(), 0);
}

static void collect_if_parent(zval *self)
{
    if (zval_type_of(zval_property_at(self, 0)) == ZVAL_ARRAY) {
        collected_inside += gc_collect_cycles();
    }
}

static void bug47343_collect_in_a_destructor(void **state)
{
    (void)state;
    collected_inside = 0;
    dying_act = collect_if_parent;
    for (unsigned round = 1; round <= 2; round++) {
        zval a = dying_new();
        set(&a, "a", zval_array());
        for (int i = 0; i < 2; i++) {
            zval b = dying_new();
            set(&b, "a", zval_copy(&a));
            push(zval_property_slot(&a, "a"), b);
        }
        zval_release(&a);
        assert_int_equal(gc_collect_cycles(), 4);
        assert_int_equal(collected_inside, 0);
        assert_int_equal(dying_count, 3 * round);
        expect_figures(.runs = 2 * round, .collected = 4 * round);
    }
}

/* The object's property is an array with a reference to the property; an array with a reference to
   itself holds the object. */
static void bug78589_references_around_a_destructor(void **state)
{
    (void)state;
    zval test = dying_new();
    zval inner = zval_array();
    push(&inner, zval_reference(zval_property_slot(&test, "a")));
    set(&test, "a", inner);
    zval array = zval_array();
    push(&array, zval_reference(&array));
    push(&array, zval_copy(&test));
    zval_release(&array);
    zval_release(&test);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, 2);
    assert_int_equal(gc_collect_cycles(), 0);
}

static void unset_link(zval *self)
{
    zval_assign(zval_property_at(self, 0), zval_null());
}

static void extra_destructor_breaks_the_cycle(void **state)
{
    (void)state;
    dying_act = unset_link;
    leave_pair(&dying_class, NULL);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 2, .collected = 1);
}

/* ---- garbage from destructors ------------------------------------------- */

static void make_pair(zval *self)
{
    (void)self;
    leave_pair(NULL, NULL);
}

static void gc_048_collected_without_delay(void **state)
{
    (void)state;
    dying_act = make_pair;
    const struct zval_class *const classes[] = {NULL, &dying_class};
    static const size_t nodes[] = {2, 4};
    for (int i = 0; i < 2; i++) {
        zval object = zval_object(classes[i]);
        zval other = new_object();
        set(&other, "x", zval_copy(&object));
        set(&object, "a", other);
        zval reference = zval_weakref(&object);
        assert_int_equal(gc_collect_cycles(), 0);
        zval_release(&object);
        assert_int_equal(gc_collect_cycles(), nodes[i]);
        zval target = zval_weakref_get(&reference);
        assert_int_equal(zval_type_of(&target), ZVAL_NULL);
        zval_release(&reference);
    }
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, 6);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void make_another(zval *self)
{
    (void)self;
    dying_drop_self();
}

/* Each collect destructs what it finds, what that made, and no more. */
static void gc_049_destructor_always_makes_another(void **state)
{
    (void)state;
    dying_act = make_another;
    dying_drop_self();
    for (unsigned call = 1; call <= 6; call++) {
        assert_int_equal(gc_collect_cycles(), call == 1 ? 1 : 2);
        assert_int_equal(dying_count, 2 * call);
        expect_figures(.runs = 2 * call, .collected = 2 * call - 1, .roots = 2, .live_nodes = 2);
    }
    dying_act = NULL;
    assert_int_equal(gc_collect_cycles(), 2);
}

static int generations_left;

static void make_another_while_some_are_left(zval *self)
{
    (void)self;
    if (generations_left > 0) {
        generations_left--;
        dying_drop_self();
    }
}

static void extra_chain_of_six_generations(void **state)
{
    (void)state;
    static const struct {
        size_t returned;
        int destructed;
        uint64_t runs;
        size_t roots;
    } calls[] = {{1, 2, 2, 2}, {2, 4, 4, 2}, {2, 6, 6, 1}, {1, 6, 7, 0}, {0, 6, 7, 0}};
    generations_left = 5;
    dying_act = make_another_while_some_are_left;
    dying_drop_self();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        assert_int_equal(gc_collect_cycles(), calls[i].returned);
        assert_int_equal(dying_count, calls[i].destructed);
        assert_int_equal(gc_status().runs, calls[i].runs);
        assert_int_equal(gc_status().roots, calls[i].roots);
    }
    assert_int_equal(gc_status().collected, 6);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* ---- destructors that fail ---------------------------------------------- */

/* A failing destructor throws in PHP. Here it has nothing to throw; it records its failure where
   the caller finds it, and the rest goes on. */
static zval failure;

static void note_failure(zval *self)
{
    zval error = new_object();
    set(&error, "previous", failure);
    set(&error, "subject", zval_int(zval_refcount(self)));
    failure = error;
}

static void gc_030_both_destructors_fail(void **state)
{
    (void)state;
    failure = zval_null();
    dying_act = note_failure;
    leave_pair(&dying_class, &dying_class);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 2);
    expect_figures(.runs = 2, .collected = 2, .live_nodes = 2);
    const zval *previous = zval_property_get(&failure, "previous");
    assert_int_equal(zval_type_of(previous), ZVAL_OBJECT);
    assert_int_equal(zval_type_of(zval_property_get(previous, "previous")), ZVAL_NULL);
    zval_release(&failure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(gc_011_cycle_with_a_destructor),
        dying_test(gc_016_garbage_born_in_a_destructor),
        dying_test(gc_017_destructors_that_unset_everything),
        dying_test(gc_028_each_destructor_unsets_the_link),
        dying_test(gc_029_destructors_that_drop_an_array_too),
        dying_test(gc_030_both_destructors_fail),
        dying_test(gc_035_inner_cycle_dropped_by_the_destructor),
        dying_test(gc_048_collected_without_delay),
        dying_test(gc_049_destructor_always_makes_another),
        dying_test(bug47343_collect_in_a_destructor),
        dying_test(bug78589_references_around_a_destructor),
        dying_test(extra_destructor_breaks_the_cycle),
        dying_test(extra_chain_of_six_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
