/*
 * PHP's scenarios, section 5: weak references.
 */
#include "dying.h"
#include "scenario.h"

static void expect_answer(const zval *reference, enum zval_type type)
{
    zval target = zval_weakref_get(reference);
    assert_int_equal(zval_type_of(&target), type);
    zval_release(&target);
}

/* ---- one handle for one object ------------------------------------------ */

static void weakrefs_001_same_handle_each_time(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval first = zval_weakref(&object);
    zval second = zval_weakref(&object);
    assert_true(zval_identical(&first, &second));
    zval target = zval_weakref_get(&first);
    assert_true(zval_identical(&target, &object));
    assert_int_equal(zval_refcount(&object), 2);
    zval_release(&target);
    zval_release(&object);
    expect_answer(&first, ZVAL_NULL);
    expect_answer(&second, ZVAL_NULL);
    zval_release(&first);
    expect_answer(&second, ZVAL_NULL);
    zval_release(&second);
}

static void weakrefs_001_another_handle_for_another_object(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval other = zval_object(NULL);
    zval first = zval_weakref(&object);
    zval second = zval_weakref(&other);
    assert_false(zval_identical(&first, &second));
    zval_release(&object);
    expect_answer(&first, ZVAL_NULL);
    expect_answer(&second, ZVAL_OBJECT);
    zval_release(&other);
    zval_release(&first);
    zval_release(&second);
}

/* A handle is no reference: what it leads to goes when its last owner lets go. */
static void weakrefs_001_temporary_is_gone_at_once(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval reference = zval_weakref(&object);
    expect_figures(.live_nodes = 1);
    zval_release(&object);
    expect_figures(.live_nodes = 0);
    expect_answer(&reference, ZVAL_NULL);
    zval_release(&reference);
}

/* ---- everything that can go tells its weak references ------------------- */

static const struct zval_class acyclic_class = {.name = "acyclic", .flags = ZVAL_CLASS_ACYCLIC};
static const struct gc_type leaf_type = {.name = "leaf", .size = sizeof(struct gc_object)};

static void expect_told(zval object, size_t collected)
{
    zval reference = zval_weakref(&object);
    expect_answer(&reference, zval_type_of(&object));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), collected);
    expect_answer(&reference, ZVAL_NULL);
    zval_release(&reference);
    assert_int_equal(gc_status().live_nodes, 0);
}

static void notify_every_kind_of_object_tells(void **state)
{
    (void)state;
    expect_told(zval_object(NULL), 0);
    expect_told(zval_object(&acyclic_class), 0);
    expect_told(zval_native(gc_new(&leaf_type)), 0);
    expect_told(zval_native(fixture_node_new(1)), 0);
    expect_told(zval_weakmap(), 0);
    expect_told(dying_new(), 0);
    expect_told(zval_native(dying_node_new()), 0);
}

static void notify_every_kind_of_garbage_tells(void **state)
{
    (void)state;
    expect_told(self_object(), 1);
    expect_told(dying_self_new(), 1);
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    expect_told(zval_native(node), 1);
    struct dying_node *dying = dying_node_new();
    dying->a = gc_retain(dying);
    expect_told(zval_native(dying), 1);
    zval map = zval_weakmap();
    ok(zval_weakmap_set(&map, &map, zval_copy(&map)));
    expect_told(map, 1);
}

/* ---- destructors and weak references ------------------------------------ */

static zval reference_to_owner;
static enum zval_type answer;

static void ask(zval *self)
{
    (void)self;
    zval target = zval_weakref_get(&reference_to_owner);
    answer = zval_type_of(&target);
    zval_release(&target);
}

/* The owner, without a destructor, goes by counting; its handler, which it alone holds, asks for it
   when it is being taken apart. */
static void gh13612_owner_is_half_gone(void **state)
{
    (void)state;
    answer = ZVAL_UNDEF;
    dying_act = ask;
    zval owner = zval_object(NULL);
    zval handlers = zval_array();
    push(&handlers, dying_new());
    set(&owner, "handlers", handlers);
    reference_to_owner = zval_weakref(&owner);
    zval_release(&owner);
    assert_int_equal(dying_count, 1);
    assert_int_equal(answer, ZVAL_NULL);
    zval_release(&reference_to_owner);
}

/* In a collection destructors come first: the owner is still whole. */
static void gh13612_owner_is_garbage(void **state)
{
    (void)state;
    answer = ZVAL_UNDEF;
    dying_act = ask;
    zval owner = self_object();
    set(&owner, "handler", dying_new());
    reference_to_owner = zval_weakref(&owner);
    zval_release(&owner);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    assert_int_equal(answer, ZVAL_OBJECT);
    expect_answer(&reference_to_owner, ZVAL_NULL);
    expect_figures(.runs = 2, .collected = 2);
    zval_release(&reference_to_owner);
}

/* PHP's manual: a reference answers until the last owner has let go, and null ever after. */
static void extra_answers_in_its_own_destructor(void **state)
{
    (void)state;
    answer = ZVAL_UNDEF;
    dying_act = ask;
    zval object = dying_new();
    reference_to_owner = zval_weakref(&object);
    zval_release(&object);
    assert_int_equal(answer, ZVAL_OBJECT);
    expect_answer(&reference_to_owner, ZVAL_NULL);
    zval_release(&reference_to_owner);
}

/* What a destructor can get at through a weak reference stays whole for it, and is collected all
   the same. */
static void extra_garbage_seen_through_a_weak_reference_is_collected(void **state)
{
    (void)state;
    zval seen = self_object();
    reference_to_owner = zval_weakref(&seen);
    zval_release(&seen);
    dying_act = ask;
    answer = ZVAL_UNDEF;
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(answer, ZVAL_OBJECT);
    expect_answer(&reference_to_owner, ZVAL_NULL);
    expect_figures(.runs = 2, .collected = 2);
    zval_release(&reference_to_owner);
}

/* The same with a destructor that has better things to do. */
static void extra_garbage_under_a_weak_reference_beside_a_destructor(void **state)
{
    (void)state;
    zval object = self_object();
    zval reference = zval_weakref(&object);
    zval_release(&object);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 2);
    expect_answer(&reference, ZVAL_NULL);
    zval_release(&reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(weakrefs_001_same_handle_each_time),
        dying_test(weakrefs_001_another_handle_for_another_object),
        dying_test(weakrefs_001_temporary_is_gone_at_once),
        dying_test(notify_every_kind_of_object_tells),
        dying_test(notify_every_kind_of_garbage_tells),
        dying_test(gh13612_owner_is_half_gone),
        dying_test(gh13612_owner_is_garbage),
        dying_test(extra_answers_in_its_own_destructor),
        dying_test(extra_garbage_seen_through_a_weak_reference_is_collected),
        dying_test(extra_garbage_under_a_weak_reference_beside_a_destructor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
