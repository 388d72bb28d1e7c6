/*
 * Objects: properties that their class declares, and added ones.
 */
#include "checks.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static const char *const point_names[] = {"x", "y", "label"};
static const struct zval_class point = {
    .name = "point", .properties = point_names, .property_count = 3};

/* The names in order, like "x,y". */
static const char *names_of(const zval *object)
{
    static char text[512];
    struct zval_property_cursor cursor = {0};
    const char *name;
    size_t length = 0;
    text[0] = '\0';
    while (zval_property_next(object, &cursor, &name, NULL) && length < sizeof text - 40) {
        length += (size_t)snprintf(text + length, 40, "%s%.30s", length == 0 ? "" : ",", name);
    }
    return text;
}

/* ---- classes ------------------------------------------------------------------- */

static void a_new_objects_declared_properties_are_null(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_type(&object, ZVAL_OBJECT);
    assert_ptr_equal(zval_class_of(&object), &point);
    assert_int_equal(zval_property_count(&object), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_type(zval_property_get(&object, point_names[i]), ZVAL_NULL);
    }
    assert_nodes(1);
    zval_release(&object);
}

static void an_object_without_a_class_has_none(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    assert_type(&object, ZVAL_OBJECT);
    assert_null(zval_class_of(&object));
    assert_int_equal(zval_property_count(&object), 0);
    zval_release(&object);
}

static void a_class_may_have_no_name_and_no_properties(void **state)
{
    (void)state;
    static const struct zval_class nameless = {0};
    zval object = zval_object(&nameless);
    assert_ptr_equal(zval_class_of(&object), &nameless);
    assert_ok(zval_property_set(&object, "x", zval_int(1)));
    assert_int_equal(zval_property_count(&object), 1);
    zval_release(&object);
}

static void the_class_is_found_through_a_reference(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    zval handle = zval_reference(&object);
    assert_ptr_equal(zval_class_of(&handle), &point);
    zval_release(&object);
    zval_release(&handle);
}

static void what_is_no_object_has_no_class(void **state)
{
    (void)state;
    zval list = checks_list(1);
    const zval number = zval_int(1);
    assert_null(zval_class_of(NULL));
    assert_null(zval_class_of(&list));
    assert_null(zval_class_of(&number));
    zval_release(&list);
}

static void a_class_with_too_many_properties_makes_no_object(void **state)
{
    (void)state;
    static const size_t counts[] = {((size_t)1 << 24) + 1, SIZE_MAX / 16, SIZE_MAX / 16 + 1,
                                    SIZE_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        const struct zval_class class_ = {
            .name = "huge", .properties = point_names, .property_count = counts[i]};
        zval object = zval_object(&class_);
        assert_type(&object, ZVAL_UNDEF);
    }
    assert_int_equal(gc_memory_usage(false), 0);
}

static void without_memory_there_is_no_object(void **state)
{
    (void)state;
    gc_memory_fail_after(0);
    zval object = zval_object(&point);
    gc_memory_fail_never();
    assert_type(&object, ZVAL_UNDEF);
    assert_nodes(0);
}

/* ---- setting and getting ---------------------------------------------------------- */

static void declared_and_added_properties_are_set_and_found(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "x", zval_int(1)));
    assert_ok(zval_property_set(&object, "colour", zval_cstring("red")));
    assert_int(zval_property_get(&object, "x"), 1);
    assert_text(zval_property_get(&object, "colour"), "red");
    assert_int_equal(zval_property_count(&object), 4);
    assert_ok(zval_property_set(&object, "colour", zval_cstring("blue")));
    assert_text(zval_property_get(&object, "colour"), "blue");
    assert_int_equal(zval_property_count(&object), 4);
    zval_release(&object);
}

static void names_are_compared_by_their_bytes(void **state)
{
    (void)state;
    char name[] = "x";
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, name, zval_int(1)));
    assert_int_equal(zval_property_count(&object), 3);
    assert_int(zval_property_get(&object, "x"), 1);
    assert_null(zval_property_get(&object, "X"));
    zval_release(&object);
}

static void the_empty_name_is_a_name(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    assert_ok(zval_property_set(&object, "", zval_int(1)));
    assert_int(zval_property_get(&object, ""), 1);
    zval_release(&object);
}

static void a_write_is_seen_by_all_that_share_the_object(void **state)
{
    (void)state;
    zval first = zval_object(&point);
    zval second = zval_copy(&first);
    assert_ok(zval_property_set(&first, "x", zval_int(1)));
    assert_ok(zval_property_set(&second, "added", zval_int(2)));
    assert_int(zval_property_get(&second, "x"), 1);
    assert_int(zval_property_get(&first, "added"), 2);
    assert_nodes(1);
    zval_release(&first);
    zval_release(&second);
}

static void a_hundred_properties_are_added_in_order(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    char name[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "added %d", i);
        assert_ok(zval_property_set(&object, name, zval_int(i)));
    }
    struct zval_property_cursor cursor = {0};
    const zval *value;
    for (int i = -3; i < 100; i++) {
        const char *found;
        snprintf(name, sizeof name, "added %d", i);
        assert_true(zval_property_next(&object, &cursor, &found, &value));
        assert_string_equal(found, i < 0 ? point_names[i + 3] : name);
    }
    assert_false(zval_property_next(&object, &cursor, NULL, NULL));
    zval_release(&object);
}

/* ---- slots and positions ------------------------------------------------------------- */

static void a_property_slot_is_the_property_itself(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_type(zval_property_slot(&object, "x"), ZVAL_NULL);
    zval_assign(zval_property_slot(&object, "x"), zval_int(1));
    assert_int(zval_property_get(&object, "x"), 1);
    assert_type(zval_property_slot(&object, "added"), ZVAL_NULL);
    assert_int_equal(zval_property_count(&object), 4);
    zval_release(&object);
}

static void a_declared_property_is_reached_by_its_position(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    zval_assign(zval_property_at(&object, 1), zval_int(2));
    assert_int(zval_property_get(&object, "y"), 2);
    assert_ptr_equal(zval_property_at(&object, 2), zval_property_get(&object, "label"));
    zval_release(&object);
}

static void no_property_is_declared_at_a_position_out_of_range(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "added", zval_int(1)));
    assert_null(zval_property_at(&object, 3));
    assert_null(zval_property_at(&object, SIZE_MAX));
    zval_release(&object);
    object = zval_object(NULL);
    assert_null(zval_property_at(&object, 0));
    zval_release(&object);
    assert_null(zval_property_at(NULL, 0));
    zval list = checks_list(1);
    assert_null(zval_property_at(&list, 0));
    zval_release(&list);
}

static void an_undefined_value_in_an_added_slot_stays_a_property(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval_assign(zval_property_slot(&object, "k"), zval_undef());
    assert_sound();
    assert_int_equal(zval_property_count(&object), 1);
    assert_ok(zval_property_set(&object, "k", zval_int(1)));
    assert_int(zval_property_get(&object, "k"), 1);
    assert_int_equal(zval_property_count(&object), 1);
    zval_release(&object);
}

/* ---- removing ----------------------------------------------------------------------------- */

static void a_removed_added_property_is_gone(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "a", zval_cstring("text")));
    assert_ok(zval_property_set(&object, "b", zval_int(2)));
    assert_ok(zval_property_remove(&object, "a"));
    assert_null(zval_property_get(&object, "a"));
    assert_string_equal(names_of(&object), "x,y,label,b");
    assert_ok(zval_property_remove(&object, "b"));
    assert_int_equal(zval_property_count(&object), 3);
    zval_release(&object);
}

static void a_removed_declared_property_is_gone_until_it_is_set_again(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_remove(&object, "y"));
    assert_null(zval_property_get(&object, "y"));
    assert_type(zval_property_at(&object, 1), ZVAL_UNDEF);
    assert_int_equal(zval_property_count(&object), 2);
    assert_string_equal(names_of(&object), "x,label");
    assert_ok(zval_property_set(&object, "y", zval_int(5)));
    assert_int(zval_property_get(&object, "y"), 5);
    assert_string_equal(names_of(&object), "x,y,label");
    zval_release(&object);
}

static void a_removed_declared_property_comes_back_null_by_its_slot(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "y", zval_int(5)));
    assert_ok(zval_property_remove(&object, "y"));
    assert_type(zval_property_slot(&object, "y"), ZVAL_NULL);
    assert_int_equal(zval_property_count(&object), 3);
    zval_release(&object);
}

static void what_is_not_there_cannot_be_removed(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_result(GC_ENOKEY, zval_property_remove(&object, "added"));
    assert_ok(zval_property_remove(&object, "x"));
    assert_result(GC_ENOKEY, zval_property_remove(&object, "x"));
    assert_ok(zval_property_set(&object, "added", zval_int(1)));
    assert_ok(zval_property_remove(&object, "added"));
    assert_result(GC_ENOKEY, zval_property_remove(&object, "added"));
    zval_release(&object);
}

/* ---- iterating ------------------------------------------------------------------------------- */

static void properties_come_with_names_and_values(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "x", zval_int(1)));
    struct zval_property_cursor cursor = {0};
    const char *name;
    const zval *value;
    assert_true(zval_property_next(&object, &cursor, &name, &value));
    assert_string_equal(name, "x");
    assert_int(value, 1);
    assert_ptr_equal(value, zval_property_get(&object, "x"));
    zval_release(&object);
}

static void the_end_leaves_name_and_value_unchanged(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    struct zval_property_cursor cursor = {0};
    const char *name = "before";
    const zval *value = &object;
    assert_false(zval_property_next(&object, &cursor, &name, &value));
    assert_string_equal(name, "before");
    assert_ptr_equal(value, &object);
    zval_release(&object);
}

static void a_property_added_meanwhile_is_visited(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    struct zval_property_cursor cursor = {0};
    int visited = 0;
    const char *name;
    while (zval_property_next(&object, &cursor, &name, NULL)) {
        if (++visited == 1) {
            assert_ok(zval_property_set(&object, "added", zval_null()));
        }
    }
    assert_string_equal(name, "added");
    assert_int_equal(visited, 4);
    assert_ok(zval_property_set(&object, "after the end", zval_null()));
    assert_true(zval_property_next(&object, &cursor, &name, NULL));
    assert_string_equal(name, "after the end");
    zval_release(&object);
}

static void each_property_may_be_removed_when_it_is_returned(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "added", zval_null()));
    assert_ok(zval_property_set(&object, "more", zval_null()));
    struct zval_property_cursor cursor = {0};
    const char *name;
    int visited = 0;
    while (zval_property_next(&object, &cursor, &name, NULL)) {
        assert_ok(zval_property_remove(&object, name));
        visited++;
    }
    assert_int_equal(visited, 5);
    assert_int_equal(zval_property_count(&object), 0);
    zval_release(&object);
}

/* ---- what is refused ----------------------------------------------------------------------------
 */

static zval precious(void)
{
    return checks_list(20);
}

static void assert_refused(zval *object, const char *name, zval (*value)(void),
                           enum gc_result expected)
{
    size_t bytes = gc_memory_usage(false);
    assert_result(expected, zval_property_set(object, name, value()));
    assert_int_equal(gc_memory_usage(false), bytes);
}

static void setting_is_refused_where_there_is_no_object(void **state)
{
    (void)state;
    zval undefined = zval_undef();
    zval values[] = {zval_null(), zval_int(1), zval_cstring("text"), checks_list(2),
                     zval_native(fixture_node_new(1))};
    assert_refused(NULL, "x", precious, GC_EINVAL);
    assert_refused(&undefined, "x", precious, GC_ENOMEM);
    for (size_t i = 0; i < 5; i++) {
        assert_refused(&values[i], "x", precious, GC_ETYPE);
        assert_result(GC_ETYPE, zval_property_remove(&values[i], "x"));
        assert_null(zval_property_slot(&values[i], "x"));
        assert_null(zval_property_get(&values[i], "x"));
        assert_int_equal(zval_property_count(&values[i]), 0);
        zval_release(&values[i]);
    }
}

static void setting_the_undefined_value_is_no_memory(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    const zval number = zval_int(1);
    zval copy = number;
    assert_refused(&object, "x", zval_undef, GC_ENOMEM);
    assert_refused(&object, "added", zval_undef, GC_ENOMEM);
    assert_refused(&copy, "x", zval_undef, GC_ENOMEM);
    assert_refused(NULL, "x", zval_undef, GC_ENOMEM);
    assert_type(zval_property_get(&object, "x"), ZVAL_NULL);
    assert_int_equal(zval_property_count(&object), 3);
    zval_release(&object);
}

static void no_name_is_invalid(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    assert_refused(&object, NULL, precious, GC_EINVAL);
    assert_result(GC_EINVAL, zval_property_remove(&object, NULL));
    assert_null(zval_property_get(&object, NULL));
    assert_null(zval_property_slot(&object, NULL));
    zval_release(&object);
}

static void other_calls_on_no_object_return_nothing(void **state)
{
    (void)state;
    zval undefined = zval_undef();
    struct zval_property_cursor cursor = {0};
    assert_result(GC_EINVAL, zval_property_remove(NULL, "x"));
    assert_result(GC_ENOMEM, zval_property_remove(&undefined, "x"));
    assert_null(zval_property_get(NULL, "x"));
    assert_null(zval_property_slot(NULL, "x"));
    assert_int_equal(zval_property_count(NULL), 0);
    assert_false(zval_property_next(NULL, &cursor, NULL, NULL));
    assert_false(zval_property_next(&undefined, &cursor, NULL, NULL));
    zval object = zval_object(&point);
    assert_false(zval_property_next(&object, NULL, NULL, NULL));
    zval_release(&object);
}

static void adding_without_memory_changes_nothing(void **state)
{
    (void)state;
    zval object = zval_object(&point);
    for (uint64_t successes = 0;; successes++) {
        zval value = precious();
        gc_memory_fail_after(successes);
        enum gc_result result = zval_property_set(&object, "added", value);
        if (gc_memory_fail_never() == 0) {
            assert_ok(result);
            break;
        }
        assert_result(GC_ENOMEM, result);
        assert_null(zval_property_get(&object, "added"));
        assert_string_equal(names_of(&object), "x,y,label");
        assert_sound();
    }
    assert_int_equal(zval_property_count(&object), 4);
    zval_release(&object);
}

static void set_again(zval *object, const char *name)
{
    assert_ok(zval_property_remove(object, name));
    assert_ok(zval_property_set(object, name, zval_int(1)));
}

static void what_is_set_again_behind_a_cursor_stands_where_it_stood_or_last(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", NULL};
    static const struct zval_class class_ = {
        .name = "pair", .properties = names, .property_count = 2};
    zval object = zval_object(&class_);
    assert_ok(zval_property_set(&object, "a", zval_int(1)));
    assert_ok(zval_property_set(&object, "b", zval_int(1)));
    assert_ok(zval_property_set(&object, "x", zval_int(1)));
    assert_ok(zval_property_set(&object, "y", zval_int(1)));
    struct zval_property_cursor cursor = {0};
    static const char *const order[] = {"a", "b", "x", "y", "x"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const char *name;
        assert_true(zval_property_next(&object, &cursor, &name, NULL));
        assert_string_equal(name, order[i]);
        if (i == 1) {
            set_again(&object, "a");
        }
        if (i == 2) {
            set_again(&object, "x");
        }
    }
    assert_false(zval_property_next(&object, &cursor, NULL, NULL));
    zval_release(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_new_objects_declared_properties_are_null),
        fixture_test(an_object_without_a_class_has_none),
        fixture_test(a_class_may_have_no_name_and_no_properties),
        fixture_test(the_class_is_found_through_a_reference),
        fixture_test(what_is_no_object_has_no_class),
        fixture_test(a_class_with_too_many_properties_makes_no_object),
        fixture_test(without_memory_there_is_no_object),
        fixture_test(declared_and_added_properties_are_set_and_found),
        fixture_test(names_are_compared_by_their_bytes),
        fixture_test(the_empty_name_is_a_name),
        fixture_test(a_write_is_seen_by_all_that_share_the_object),
        fixture_test(a_hundred_properties_are_added_in_order),
        fixture_test(a_property_slot_is_the_property_itself),
        fixture_test(a_declared_property_is_reached_by_its_position),
        fixture_test(no_property_is_declared_at_a_position_out_of_range),
        fixture_test(an_undefined_value_in_an_added_slot_stays_a_property),
        fixture_test(a_removed_added_property_is_gone),
        fixture_test(a_removed_declared_property_is_gone_until_it_is_set_again),
        fixture_test(a_removed_declared_property_comes_back_null_by_its_slot),
        fixture_test(what_is_not_there_cannot_be_removed),
        fixture_test(properties_come_with_names_and_values),
        fixture_test(the_end_leaves_name_and_value_unchanged),
        fixture_test(a_property_added_meanwhile_is_visited),
        fixture_test(each_property_may_be_removed_when_it_is_returned),
        fixture_test(setting_is_refused_where_there_is_no_object),
        fixture_test(setting_the_undefined_value_is_no_memory),
        fixture_test(no_name_is_invalid),
        fixture_test(other_calls_on_no_object_return_nothing),
        fixture_test(adding_without_memory_changes_nothing),
        fixture_test(what_is_set_again_behind_a_cursor_stands_where_it_stood_or_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
