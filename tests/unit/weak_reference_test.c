/*
 * Weak references, to values and to own structs.
 */
#include "checks.h"
#include "dying.h"

#include <stdlib.h>

static void assert_answers(const zval *reference, const zval *object)
{
    zval target = zval_weakref_get(reference);
    assert_true(zval_identical(&target, object));
    zval_release(&target);
}

static void assert_gone(const zval *reference)
{
    zval target = zval_weakref_get(reference);
    assert_int_equal(zval_type_of(&target), ZVAL_NULL);
}

/* ---- handles ----------------------------------------------------------------------- */

static void one_object_has_one_handle(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval first = zval_weakref(&object);
    zval second = zval_weakref(&object);
    assert_type(&first, ZVAL_WEAKREF);
    assert_shared(&first, &second);
    assert_int_equal(zval_refcount(&first), 2);
    assert_true(zval_identical(&first, &second));
    zval_release(&first);
    assert_answers(&second, &object);
    zval_release(&second);
    zval_release(&object);
}

static void a_reference_made_anew_after_the_last_one_went_answers(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    for (int i = 0; i < 3; i++) {
        zval reference = zval_weakref(&object);
        assert_answers(&reference, &object);
        zval_release(&reference);
        assert_sound();
    }
    zval_release(&object);
}

static void a_weak_reference_counts_for_nothing(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval reference = zval_weakref(&object);
    assert_int_equal(zval_refcount(&object), 1);
    assert_nodes(1); /* the handle is none */
    zval_release(&object);
    assert_nodes(0);
    assert_gone(&reference);
    zval_release(&reference);
}

static void references_to_different_objects_are_not_identical(void **state)
{
    (void)state;
    zval left = zval_object(NULL);
    zval right = zval_object(NULL);
    zval to_left = zval_weakref(&left);
    zval to_right = zval_weakref(&right);
    assert_false(zval_identical(&to_left, &to_right));
    zval_release(&left);
    zval_release(&right);
    assert_gone(&to_left);
    assert_gone(&to_right);
    assert_false(zval_identical(&to_left, &to_right));
    zval_release(&to_left);
    zval_release(&to_right);
}

static void an_object_in_the_same_place_is_another_one(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    const void *place = object.payload.counted;
    zval old = zval_weakref(&object);
    zval_release(&object);
    object = zval_object(NULL);
    assert_ptr_equal(object.payload.counted, place);
    assert_gone(&old);
    zval fresh = zval_weakref(&object);
    assert_false(zval_identical(&old, &fresh));
    zval_release(&object);
    zval_release(&fresh);
    zval_release(&old);
}

static void it_is_looked_for_through_references(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval other_handle = zval_reference(&object);
    zval weak = zval_weakref(&other_handle);
    zval weak_handle = zval_reference(&weak);
    assert_answers(&weak_handle, &object);
    zval_release(&weak_handle);
    zval_release(&weak);
    zval_release(&other_handle);
    zval_release(&object);
}

static void a_weak_reference_is_a_value_like_any_other(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_weakref(&object)));
    zval copy = zval_copy(&array);
    assert_true(zval_to_bool(zval_array_get_at(&array, 0)));
    assert_int_equal(zval_to_int(zval_array_get_at(&array, 0)), 0);
    assert_ok(zval_array_push(&copy, zval_int(1)));
    assert_int_equal(zval_refcount(zval_array_get_at(&array, 0)), 2);
    zval_release(&array);
    zval_release(&object);
    assert_gone(zval_array_get_at(&copy, 0));
    zval_release(&copy);
}

/* ---- what can be held weakly ---------------------------------------------------------- */

static void arrays_strings_and_plain_values_have_no_identity(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval values[] = {zval_array(),    zval_cstring("text"), zval_int(1),  zval_double(0.5),
                     zval_bool(true), zval_null(),          zval_undef(), zval_weakref(&object)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        zval reference = zval_weakref(&values[i]);
        assert_type(&reference, ZVAL_UNDEF);
        zval_release(&values[i]);
    }
    zval reference = zval_weakref(NULL);
    assert_type(&reference, ZVAL_UNDEF);
    zval_release(&object);
}

static void only_weak_references_can_be_asked(void **state)
{
    (void)state;
    zval values[] = {zval_array(), zval_cstring("text"), zval_int(1),   zval_null(),
                     zval_undef(), zval_object(NULL),    zval_weakmap()};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        zval target = zval_weakref_get(&values[i]);
        assert_type(&target, ZVAL_UNDEF);
        zval_release(&values[i]);
    }
    zval target = zval_weakref_get(NULL);
    assert_type(&target, ZVAL_UNDEF);
}

static void a_weak_map_can_be_held_weakly(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval reference = zval_weakref(&map);
    zval target = zval_weakref_get(&reference);
    assert_type(&target, ZVAL_WEAKMAP);
    assert_true(zval_identical(&target, &map));
    zval_release(&target);
    zval_release(&map);
    assert_gone(&reference);
    zval_release(&reference);
}

/* ---- own structs ------------------------------------------------------------------------ */

static void both_interfaces_share_one_handle(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(7);
    struct gc_weak *weak = gc_weak_new(node);
    assert_ptr_equal(gc_weak_new(node), weak);
    zval value = zval_native(gc_retain(node));
    zval reference = zval_weakref(&value);
    assert_ptr_equal(reference.payload.counted, weak);
    zval target = zval_weakref_get(&reference);
    assert_type(&target, ZVAL_NATIVE);
    assert_ptr_equal(zval_to_native(&target), node);
    zval_release(&target);
    gc_weak_release(weak);
    gc_weak_release(weak);
    zval_release(&value);
    gc_release(node);
    assert_gone(&reference);
    zval_release(&reference);
}

static void a_struct_is_returned_retained(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(7);
    struct gc_weak *weak = gc_weak_new(node);
    assert_int_equal(gc_refcount(node), 1);
    struct fixture_node *target = gc_weak_get(weak);
    assert_ptr_equal(target, node);
    assert_int_equal(gc_refcount(node), 2);
    gc_release(node);
    assert_int_equal(target->number, 7);
    gc_release(target);
    assert_null(gc_weak_get(weak));
    gc_weak_release(weak);
}

static void null_is_allowed(void **state)
{
    (void)state;
    assert_null(gc_weak_new(NULL));
    assert_null(gc_weak_get(NULL));
    gc_weak_release(NULL);
}

static void a_handle_may_go_before_its_struct(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(7);
    gc_weak_release(gc_weak_new(node));
    assert_sound();
    gc_release(node);
}

static const struct gc_type leaf_type = {.name = "leaf", .size = sizeof(struct gc_object)};

static void structs_without_references_can_be_held_weakly(void **state)
{
    (void)state;
    void *leaf = gc_new(&leaf_type);
    struct gc_weak *weak = gc_weak_new(leaf);
    assert_ptr_equal(gc_weak_get(weak), leaf);
    gc_release(leaf);
    gc_release(leaf);
    assert_null(gc_weak_get(weak));
    gc_weak_release(weak);
}

static void a_reference_from_another_heap_answers(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(7);
    struct gc_heap *heap = gc_heap_use(NULL);
    struct gc_weak *weak = gc_weak_new(node);
    struct fixture_node *target = gc_weak_get(weak);
    assert_ptr_equal(target, node);
    gc_release(target);
    gc_weak_release(weak);
    gc_heap_use(heap);
    gc_release(node);
}

/* ---- the end of the object --------------------------------------------------------------- */

static zval watched;
static zval found;

static void ask(zval *self)
{
    (void)self;
    zval_assign(&found, zval_weakref_get(&watched));
}

static void it_answers_in_the_destructor_and_never_after(void **state)
{
    (void)state;
    zval object = dying_new();
    watched = zval_weakref(&object);
    dying_act = ask;
    zval_release(&object);
    assert_type(&found, ZVAL_OBJECT); /* which has rescued it */
    assert_answers(&watched, &found);
    zval_release(&found);
    assert_gone(&watched);
    assert_int_equal(dying_count, 1);
    zval_release(&watched);
}

static void make_a_reference(zval *self)
{
    watched = zval_weakref(self);
}

static void it_may_be_made_in_the_destructor(void **state)
{
    (void)state;
    dying_act = make_a_reference;
    zval object = dying_new();
    zval_release(&object);
    assert_gone(&watched);
    zval_release(&watched);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_gone(&watched);
    zval_release(&watched);
    assert_int_equal(dying_count, 2);
}

static struct gc_weak *weak_to_struct;
static void *found_in_hook;

static void ask_in_hook(void *self)
{
    (void)self;
    found_in_hook = gc_weak_get(weak_to_struct);
}

struct hooked {
    struct gc_object gc;
    struct hooked *self;
};

static const struct gc_field hooked_fields[] = {GC_FIELD_OBJECT(struct hooked, self)};
static const struct gc_type hooked_type = {
    .name = "hooked",
    .size = sizeof(struct hooked),
    .fields = hooked_fields,
    .field_count = 1,
    .free = ask_in_hook,
};

static void it_is_silent_in_the_free_hook(void **state)
{
    (void)state;
    for (int in_cycle = 0; in_cycle < 2; in_cycle++) {
        struct hooked *hooked = gc_new(&hooked_type);
        hooked->self = in_cycle ? gc_retain(hooked) : NULL;
        weak_to_struct = gc_weak_new(hooked);
        found_in_hook = hooked;
        gc_release(hooked);
        assert_int_equal(gc_collect_cycles(), in_cycle);
        assert_null(found_in_hook);
        gc_weak_release(weak_to_struct);
    }
}

static void garbage_that_holds_its_own_reference_is_collected(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    assert_ok(zval_property_set(&object, "self", zval_copy(&object)));
    assert_ok(zval_property_set(&object, "weak", zval_weakref(&object)));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_nodes(0);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_weak_link_makes_no_cycle(void **state)
{
    (void)state;
    zval parent = zval_object(NULL);
    zval child = zval_object(NULL);
    assert_ok(zval_property_set(&child, "parent", zval_weakref(&parent)));
    assert_ok(zval_property_set(&parent, "child", child));
    zval_release(&parent);
    assert_nodes(0);
    assert_int_equal(gc_status().runs, 0);
}

/* ---- many ----------------------------------------------------------------------------------- */

#define MANY 100000

struct many {
    zval objects[MANY];
    zval references[MANY];
    size_t order[MANY];
};

static void shuffle(size_t *order, size_t count)
{
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (size_t i = count - 1; i > 0; i--) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t j = (size_t)(seed >> 33) % (i + 1);
        size_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

/* Each reference answers exactly as long as its object lives. */
static void assert_agreement(const struct many *many)
{
    for (size_t i = 0; i < MANY; i++) {
        if (zval_type_of(&many->references[i]) == ZVAL_UNDEF) {
            continue;
        }
        if (zval_type_of(&many->objects[i]) == ZVAL_UNDEF) {
            assert_gone(&many->references[i]);
        } else {
            assert_answers(&many->references[i], &many->objects[i]);
        }
    }
    assert_sound();
}

/* In every third step the reference goes first, in every third one the object; each for a while. */
static void a_hundred_thousand_come_and_go_in_any_order(void **state)
{
    (void)state;
    struct many *many = calloc(1, sizeof *many);
    assert_non_null(many);
    shuffle(many->order, MANY);
    for (size_t i = 0; i < MANY; i++) {
        many->objects[many->order[i]] = i % 2 == 0 ? zval_object(NULL) : zval_weakmap();
        many->references[many->order[i]] = zval_weakref(&many->objects[many->order[i]]);
    }
    shuffle(many->order, MANY);
    for (size_t i = 0; i < MANY; i++) {
        zval_release(i % 3 == 0 ? &many->references[many->order[i]]
                                : &many->objects[many->order[i]]);
        if (i % (MANY / 8) == 0) {
            assert_agreement(many);
        }
    }
    assert_agreement(many);
    for (size_t i = 0; i < MANY; i++) {
        zval_release(&many->objects[i]);
        zval_release(&many->references[i]);
    }
    free(many);
    assert_int_equal(gc_memory_usage(false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(one_object_has_one_handle),
        dying_test(a_reference_made_anew_after_the_last_one_went_answers),
        dying_test(a_weak_reference_counts_for_nothing),
        dying_test(references_to_different_objects_are_not_identical),
        dying_test(an_object_in_the_same_place_is_another_one),
        dying_test(it_is_looked_for_through_references),
        dying_test(a_weak_reference_is_a_value_like_any_other),
        dying_test(arrays_strings_and_plain_values_have_no_identity),
        dying_test(only_weak_references_can_be_asked),
        dying_test(a_weak_map_can_be_held_weakly),
        dying_test(both_interfaces_share_one_handle),
        dying_test(a_struct_is_returned_retained),
        dying_test(null_is_allowed),
        dying_test(a_handle_may_go_before_its_struct),
        dying_test(structs_without_references_can_be_held_weakly),
        dying_test(a_reference_from_another_heap_answers),
        dying_test(it_answers_in_the_destructor_and_never_after),
        dying_test(it_may_be_made_in_the_destructor),
        dying_test(it_is_silent_in_the_free_hook),
        dying_test(garbage_that_holds_its_own_reference_is_collected),
        dying_test(a_weak_link_makes_no_cycle),
        dying_test(a_hundred_thousand_come_and_go_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
