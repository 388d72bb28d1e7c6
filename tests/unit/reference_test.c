/*
 * References: one value behind several variables, elements or properties.
 */
#include "checks.h"
#include "fixture.h"

/* ---- making them --------------------------------------------------------------- */

static void a_variable_becomes_a_reference_with_two_handles(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval handle = zval_reference(&number);
    assert_true(zval_is_reference(&number));
    assert_true(zval_is_reference(&handle));
    assert_int_equal(zval_reference_count(&number), 2);
    assert_type(&number, ZVAL_INT);
    assert_int(&handle, 1);
    zval_release(&handle);
    assert_int_equal(zval_reference_count(&number), 1);
    zval_release(&number);
}

static void a_reference_of_a_reference_is_one_handle_more(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval first = zval_reference(&number);
    zval second = zval_reference(&first);
    assert_int_equal(zval_reference_count(&number), 3);
    zval_assign(&second, zval_int(2));
    assert_int(&number, 2);
    zval_release(&first);
    zval_release(&second);
    zval_release(&number);
}

static void an_undefined_variable_becomes_a_reference_to_null(void **state)
{
    (void)state;
    zval variable = zval_undef();
    zval handle = zval_reference(&variable);
    assert_type(&variable, ZVAL_NULL);
    assert_type(&handle, ZVAL_NULL);
    zval_release(&variable);
    zval_release(&handle);
}

static void no_variable_gives_no_reference(void **state)
{
    (void)state;
    zval handle = zval_reference(NULL);
    assert_type(&handle, ZVAL_UNDEF);
    assert_false(zval_is_reference(&handle));
}

static void without_memory_the_variable_is_unchanged(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    gc_memory_fail_after(0);
    zval handle = zval_reference(&text);
    assert_int_equal(gc_memory_fail_never(), 1);
    assert_false(zval_is_reference(&handle));
    assert_type(&handle, ZVAL_UNDEF);
    assert_false(zval_is_reference(&text));
    assert_text(&text, "text");
    zval_release(&text);
}

static void another_handle_needs_no_memory(void **state)
{
    (void)state;
    zval number = zval_int(1);
    zval first = zval_reference(&number);
    gc_memory_fail_after(0);
    zval second = zval_reference(&number);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_true(zval_is_reference(&second));
    zval_release(&first);
    zval_release(&second);
    zval_release(&number);
}

static void a_reference_takes_over_the_count_of_what_it_refers_to(void **state)
{
    (void)state;
    zval text = zval_cstring("text");
    zval handle = zval_reference(&text);
    assert_int_equal(zval_refcount(&text), 1);
    assert_int_equal(zval_refcount(&handle), 1);
    zval_release(&text);
    assert_text(&handle, "text");
    zval_release(&handle);
    assert_int_equal(gc_memory_usage(false), 0);
}

/* ---- variables --------------------------------------------------------------------- */

static void assigning_writes_through_a_reference(void **state)
{
    (void)state;
    zval first = zval_cstring("before");
    zval second = zval_reference(&first);
    zval_assign(&first, zval_cstring("after"));
    assert_text(&second, "after");
    zval_assign(&second, zval_int(3));
    assert_int(&first, 3);
    assert_int_equal(zval_reference_count(&first), 2);
    zval_release(&first);
    zval_release(&second);
}

static void a_copy_of_a_reference_is_its_value(void **state)
{
    (void)state;
    zval first = zval_int(1);
    zval handle = zval_reference(&first);
    zval copy = zval_copy(&handle);
    assert_false(zval_is_reference(&copy));
    zval_assign(&copy, zval_int(2));
    assert_int(&first, 1);
    zval_release(&first);
    zval_release(&handle);
}

static void assigning_a_handle_assigns_what_it_refers_to(void **state)
{
    (void)state;
    zval source = zval_cstring("text");
    zval variable = zval_int(1);
    zval_assign(&variable, zval_reference(&source));
    assert_false(zval_is_reference(&variable));
    assert_text(&variable, "text");
    assert_int_equal(zval_reference_count(&source), 1);
    zval_release(&variable);
    zval_release(&source);
}

static void a_reference_can_be_assigned_its_own_handle(void **state)
{
    (void)state;
    zval variable = zval_cstring("text");
    zval handle = zval_reference(&variable);
    zval_assign(&variable, zval_reference(&handle));
    assert_text(&variable, "text");
    assert_int_equal(zval_reference_count(&variable), 2);
    assert_int_equal(zval_refcount(&variable), 1);
    zval_release(&variable);
    zval_release(&handle);
}

static void releasing_a_handle_leaves_the_others(void **state)
{
    (void)state;
    zval first = zval_cstring("text");
    zval second = zval_reference(&first);
    zval_release(&first);
    assert_type(&first, ZVAL_UNDEF);
    assert_text(&second, "text");
    zval_release(&second);
}

static void a_reference_to_an_undefined_value_is_seen_through_all_handles(void **state)
{
    (void)state;
    zval first = zval_int(1);
    zval second = zval_reference(&first);
    zval_assign(&first, zval_undef());
    assert_type(&second, ZVAL_UNDEF);
    assert_true(zval_is_reference(&second));
    zval_release(&first);
    zval_release(&second);
}

/* ---- elements ------------------------------------------------------------------------- */

static void a_handle_put_into_an_array_is_an_element(void **state)
{
    (void)state;
    zval variable = zval_int(1);
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_reference(&variable)));
    assert_true(zval_is_reference(zval_array_get_at(&array, 0)));
    zval_assign(&variable, zval_int(2));
    assert_int(zval_array_get_at(&array, 0), 2);
    zval_release(&variable);
    zval_release(&array);
}

static void setting_an_element_writes_through_its_reference(void **state)
{
    (void)state;
    zval variable = zval_cstring("before");
    zval array = zval_array();
    assert_ok(zval_array_set(&array, "x", zval_reference(&variable)));
    assert_ok(zval_array_set(&array, "x", zval_cstring("after")));
    assert_text(&variable, "after");
    assert_int_equal(zval_reference_count(&variable), 2);
    zval_release(&variable);
    zval_release(&array);
}

static void setting_another_handle_binds_anew(void **state)
{
    (void)state;
    zval first = zval_int(1);
    zval second = zval_int(2);
    zval array = zval_array();
    assert_ok(zval_array_set_at(&array, 0, zval_reference(&first)));
    assert_ok(zval_array_set_at(&array, 0, zval_reference(&second)));
    assert_int(&first, 1);
    assert_int_equal(zval_reference_count(&first), 1);
    assert_ok(zval_array_set_at(&array, 0, zval_int(3)));
    assert_int(&first, 1);
    assert_int(&second, 3);
    zval_release(&first);
    zval_release(&second);
    zval_release(&array);
}

static void removing_an_element_gives_up_its_handle_only(void **state)
{
    (void)state;
    zval variable = zval_cstring("text");
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_reference(&variable)));
    assert_ok(zval_array_remove_at(&array, 0));
    assert_text(&variable, "text");
    assert_int_equal(zval_reference_count(&variable), 1);
    zval_release(&variable);
    zval_release(&array);
}

static void an_element_becomes_a_reference_by_its_slot(void **state)
{
    (void)state;
    zval array = checks_list(2);
    zval handle = zval_reference(zval_array_slot_at(&array, 1));
    zval_assign(&handle, zval_cstring("written through"));
    assert_text(zval_array_get_at(&array, 1), "written through");
    assert_ok(zval_array_set(&array, "x", zval_null()));
    zval_assign(&handle, zval_int(5));
    assert_int(zval_array_get_at(&array, 1), 5);
    zval_release(&handle);
    zval_release(&array);
}

static void two_elements_may_be_the_same_reference(void **state)
{
    (void)state;
    zval array = checks_list(1);
    assert_ok(zval_array_push(&array, zval_reference(zval_array_slot_at(&array, 0))));
    assert_ok(zval_array_set_at(&array, 0, zval_cstring("both")));
    assert_text(zval_array_get_at(&array, 1), "both");
    zval_release(&array);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void writing_calls_look_through_a_reference_to_an_array(void **state)
{
    (void)state;
    zval array = checks_list(1);
    zval handle = zval_reference(&array);
    assert_ok(zval_array_push(&handle, zval_int(1)));
    assert_ok(zval_array_set(&handle, "x", zval_int(2)));
    assert_ok(zval_array_remove_at(&handle, 0));
    assert_int_equal(zval_array_count(&array), 2);
    assert_int(zval_array_slot(&handle, "x"), 2);
    zval_release(&array);
    zval_release(&handle);
}

/* ---- references in copies ---------------------------------------------------------------- */

static void a_copied_array_shares_its_references(void **state)
{
    (void)state;
    zval variable = zval_int(1);
    zval first = zval_array();
    assert_ok(zval_array_push(&first, zval_reference(&variable)));
    zval second = zval_copy(&first);
    assert_ok(zval_array_push(&second, zval_null()));
    assert_ok(zval_array_set_at(&second, 0, zval_int(2)));
    assert_int(zval_array_get_at(&first, 0), 2);
    assert_int(&variable, 2);
    assert_int_equal(zval_reference_count(&variable), 3);
    zval_release(&first);
    zval_release(&second);
    zval_release(&variable);
}

static void a_reference_of_one_handle_becomes_its_value_in_a_copy(void **state)
{
    (void)state;
    zval first = checks_list(1);
    zval handle = zval_reference(zval_array_slot_at(&first, 0));
    zval_release(&handle);
    zval second = zval_copy(&first);
    assert_ok(zval_array_push(&second, zval_null()));
    assert_false(zval_is_reference(zval_array_get_at(&second, 0)));
    assert_ok(zval_array_set_at(&second, 0, zval_int(9)));
    assert_int(zval_array_get_at(&first, 0), 0);
    zval_release(&first);
    zval_release(&second);
}

static void writing_through_a_reference_separates_the_array_in_it(void **state)
{
    (void)state;
    zval array = checks_list(2);
    zval handle = zval_reference(&array);
    zval copy = zval_copy(&handle);
    assert_ok(zval_array_push(&handle, zval_int(2)));
    assert_int_equal(zval_array_count(&copy), 2);
    assert_int_equal(zval_array_count(&array), 3);
    zval_release(&array);
    zval_release(&handle);
    zval_release(&copy);
}

/* ---- properties ----------------------------------------------------------------------------- */

static void a_property_may_be_a_reference(void **state)
{
    (void)state;
    static const char *const names[] = {"declared"};
    static const struct zval_class class_ = {
        .name = "class", .properties = names, .property_count = 1};
    static const char *const both[] = {"declared", "added"};
    for (size_t i = 0; i < 2; i++) {
        zval variable = zval_int(1);
        zval object = zval_object(&class_);
        assert_ok(zval_property_set(&object, both[i], zval_reference(&variable)));
        assert_ok(zval_property_set(&object, both[i], zval_int(2)));
        assert_int(&variable, 2);
        zval_assign(&variable, zval_int(3));
        assert_int(zval_property_get(&object, both[i]), 3);
        zval_release(&object);
        assert_int_equal(zval_reference_count(&variable), 1);
        zval_release(&variable);
    }
}

static void property_calls_look_through_a_reference_to_an_object(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval handle = zval_reference(&object);
    assert_ok(zval_property_set(&handle, "x", zval_int(1)));
    assert_int(zval_property_get(&object, "x"), 1);
    assert_int(zval_property_slot(&handle, "x"), 1);
    assert_int_equal(zval_property_count(&handle), 1);
    assert_ok(zval_property_remove(&handle, "x"));
    assert_int_equal(zval_property_count(&object), 0);
    zval_release(&object);
    zval_release(&handle);
}

/* ---- cycles ------------------------------------------------------------------------------------
 */

static void an_array_that_refers_to_its_own_variable_is_garbage_once_dropped(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_reference(&array)));
    assert_int_equal(zval_reference_count(&array), 2);
    zval_release(&array);
    assert_nodes(1);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void binding_a_variable_anew_leaves_the_garbage_it_held(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_reference(&array)));
    zval other = zval_int(1);
    zval_release(&array);
    array = zval_reference(&other);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int(&array, 1);
    zval_release(&array);
    zval_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_variable_becomes_a_reference_with_two_handles),
        fixture_test(a_reference_of_a_reference_is_one_handle_more),
        fixture_test(an_undefined_variable_becomes_a_reference_to_null),
        fixture_test(no_variable_gives_no_reference),
        fixture_test(without_memory_the_variable_is_unchanged),
        fixture_test(another_handle_needs_no_memory),
        fixture_test(a_reference_takes_over_the_count_of_what_it_refers_to),
        fixture_test(assigning_writes_through_a_reference),
        fixture_test(a_copy_of_a_reference_is_its_value),
        fixture_test(assigning_a_handle_assigns_what_it_refers_to),
        fixture_test(a_reference_can_be_assigned_its_own_handle),
        fixture_test(releasing_a_handle_leaves_the_others),
        fixture_test(a_reference_to_an_undefined_value_is_seen_through_all_handles),
        fixture_test(a_handle_put_into_an_array_is_an_element),
        fixture_test(setting_an_element_writes_through_its_reference),
        fixture_test(setting_another_handle_binds_anew),
        fixture_test(removing_an_element_gives_up_its_handle_only),
        fixture_test(an_element_becomes_a_reference_by_its_slot),
        fixture_test(two_elements_may_be_the_same_reference),
        fixture_test(writing_calls_look_through_a_reference_to_an_array),
        fixture_test(a_copied_array_shares_its_references),
        fixture_test(a_reference_of_one_handle_becomes_its_value_in_a_copy),
        fixture_test(writing_through_a_reference_separates_the_array_in_it),
        fixture_test(a_property_may_be_a_reference),
        fixture_test(property_calls_look_through_a_reference_to_an_object),
        fixture_test(an_array_that_refers_to_its_own_variable_is_garbage_once_dropped),
        fixture_test(binding_a_variable_anew_leaves_the_garbage_it_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
