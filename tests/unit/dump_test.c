/*
 * What zval_dump() writes, to the letter.
 */
#include "checks.h"
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_dumped(zval value, const char *text)
{
    assert_dump(&value, text);
    zval_release(&value);
}

/* ---- one line --------------------------------------------------------------------- */

static void plain_values_are_a_line(void **state)
{
    (void)state;
    assert_dumped(zval_undef(), "undefined\n");
    assert_dumped(zval_null(), "null\n");
    assert_dumped(zval_bool(true), "true\n");
    assert_dumped(zval_bool(false), "false\n");
    assert_dumped(zval_int(-42), "-42\n");
    assert_dumped(zval_int(INT64_MIN), "-9223372036854775808\n");
}

static void no_value_is_undefined(void **state)
{
    (void)state;
    assert_dump(NULL, "undefined\n");
}

static void nothing_is_written_nowhere(void **state)
{
    (void)state;
    zval array = checks_list(3);
    zval_dump(NULL, &array);
    zval_release(&array);
}

static void doubles_are_told_from_integers_and_from_each_other(void **state)
{
    (void)state;
    assert_dumped(zval_double(1), "double 1\n");
    assert_dumped(zval_double(-0.0), "double -0\n");
    assert_dumped(zval_double(0.1), "double 0.10000000000000001\n");
    assert_dumped(zval_double(1e300), "double 1.0000000000000001e+300\n");
    assert_dumped(zval_double(INFINITY), "double inf\n");
    assert_dumped(zval_double(NAN), "double nan\n");
}

static void strings_are_quoted_and_show_their_count(void **state)
{
    (void)state;
    assert_dumped(zval_cstring("text"), "\"text\" refcount=1\n");
    assert_dumped(zval_cstring(""), "\"\" refcount=1\n");
    assert_dumped(zval_cstring("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\" refcount=1\n");
    assert_dumped(zval_string("\0\n\x1f\x7f", 4), "\"\\x00\\x0a\\x1f\\x7f\" refcount=1\n");
    assert_dumped(zval_cstring("gr\xc3\xbcn"), "\"gr\xc3\xbcn\" refcount=1\n");
}

static void own_structs_show_their_type(void **state)
{
    (void)state;
    static const struct gc_type nameless = {.size = sizeof(struct gc_object)};
    assert_dumped(zval_native(fixture_node_new(1)), "struct fixture_node refcount=1\n");
    assert_dumped(zval_native(gc_new(&nameless)), "struct ? refcount=1\n");
}

static void references_show_their_handles(void **state)
{
    (void)state;
    zval number = zval_int(5);
    zval handle = zval_reference(&number);
    assert_dump(&number, "reference(2) 5\n");
    zval_release(&number);
    assert_dump(&handle, "reference(1) 5\n");
    zval_release(&handle);
}

/* ---- arrays and objects --------------------------------------------------------------- */

static void an_empty_array_has_nothing_between_its_braces(void **state)
{
    (void)state;
    assert_dumped(zval_array(), "array(0) #1 refcount=1 {\n"
                                "}\n");
}

static void an_array_shows_keys_in_order(void **state)
{
    (void)state;
    zval array = checks_list(2);
    assert_ok(zval_array_set(&array, "a \"key\"", zval_null()));
    assert_ok(zval_array_set_at(&array, -7, zval_double(0.5)));
    assert_ok(zval_array_set_bytes(&array, "a\0b", 3, zval_cstring("x")));
    assert_ok(zval_array_remove_at(&array, 0));
    assert_dumped(array, "array(4) #1 refcount=1 {\n"
                         "    [1] => 1\n"
                         "    [\"a \\\"key\\\"\"] => null\n"
                         "    [-7] => double 0.5\n"
                         "    [\"a\\x00b\"] => \"x\" refcount=1\n"
                         "}\n");
}

static void an_object_shows_its_class_and_properties(void **state)
{
    (void)state;
    static const char *const names[] = {"x", "y"};
    static const struct zval_class point = {
        .name = "point", .properties = names, .property_count = 2};
    zval object = zval_object(&point);
    assert_ok(zval_property_set(&object, "x", zval_int(1)));
    assert_ok(zval_property_set(&object, "added", zval_int(3)));
    assert_dump(&object, "object point(3) #1 refcount=1 {\n"
                         "    x => 1\n"
                         "    y => null\n"
                         "    [\"added\"] => 3\n"
                         "}\n");
    assert_ok(zval_property_remove(&object, "x"));
    assert_dumped(object, "object point(2) #1 refcount=1 {\n"
                          "    y => null\n"
                          "    [\"added\"] => 3\n"
                          "}\n");
}

static void an_object_without_a_class_shows_none(void **state)
{
    (void)state;
    static const struct zval_class nameless = {0};
    assert_dumped(zval_object(NULL), "object (0) #1 refcount=1 {\n}\n");
    assert_dumped(zval_object(&nameless), "object (0) #1 refcount=1 {\n}\n");
}

static void nested_values_are_indented_and_numbered(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_push(&array, checks_list(1)));
    zval object = zval_object(NULL);
    assert_ok(zval_property_set(&object, "empty", zval_array()));
    assert_ok(zval_array_push(&array, object));
    assert_dumped(array, "array(2) #1 refcount=1 {\n"
                         "    [0] => array(1) #2 refcount=1 {\n"
                         "        [0] => 0\n"
                         "    }\n"
                         "    [1] => object (1) #3 refcount=1 {\n"
                         "        [\"empty\"] => array(0) #4 refcount=1 {\n"
                         "        }\n"
                         "    }\n"
                         "}\n");
}

static void what_is_met_again_is_written_once(void **state)
{
    (void)state;
    zval shared = checks_list(1);
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_copy(&shared)));
    assert_ok(zval_array_push(&array, shared));
    assert_dumped(array, "array(2) #1 refcount=1 {\n"
                         "    [0] => array(1) #2 refcount=2 {\n"
                         "        [0] => 0\n"
                         "    }\n"
                         "    [1] => array(1) #2, shown above\n"
                         "}\n");
}

/* ---- cycles ------------------------------------------------------------------------------ */

static void an_array_that_contains_itself_is_marked(void **state)
{
    (void)state;
    zval array = zval_array();
    assert_ok(zval_array_push(&array, zval_reference(&array)));
    assert_dump(&array, "reference(2) array(1) #1 refcount=1 {\n"
                        "    [0] => reference(2) array(1) #1, a cycle\n"
                        "}\n");
    zval_release(&array);
    gc_collect_cycles();
}

static void a_cycle_of_objects_is_marked_where_it_closes(void **state)
{
    (void)state;
    zval first = zval_object(NULL);
    zval second = zval_object(NULL);
    assert_ok(zval_property_set(&first, "second", zval_copy(&second)));
    assert_ok(zval_property_set(&second, "first", zval_copy(&first)));
    assert_dump(&first, "object (1) #1 refcount=2 {\n"
                        "    [\"second\"] => object (1) #2 refcount=2 {\n"
                        "        [\"first\"] => object (1) #1, a cycle\n"
                        "    }\n"
                        "}\n");
    zval_release(&first);
    zval_release(&second);
    gc_collect_cycles();
}

static void a_second_way_to_a_closed_place_is_no_cycle(void **state)
{
    (void)state;
    zval inner = zval_object(NULL);
    zval outer = zval_object(NULL);
    assert_ok(zval_property_set(&inner, "self", zval_copy(&inner)));
    assert_ok(zval_property_set(&outer, "one", zval_copy(&inner)));
    assert_ok(zval_property_set(&outer, "two", inner));
    assert_dump(&outer, "object (2) #1 refcount=1 {\n"
                        "    [\"one\"] => object (1) #2 refcount=3 {\n"
                        "        [\"self\"] => object (1) #2, a cycle\n"
                        "    }\n"
                        "    [\"two\"] => object (1) #2, shown above\n"
                        "}\n");
    zval_release(&outer);
    gc_collect_cycles();
}

/* ---- deep --------------------------------------------------------------------------------- */

static void indentation_ends_somewhere(void **state)
{
    (void)state;
    zval array = zval_array();
    for (int i = 0; i < 1000; i++) {
        zval outer = zval_array();
        (void)zval_array_push(&outer, array);
        array = outer;
    }
    char *text = checks_dump_of(&array);
    assert_non_null(strstr(text, "#1001 refcount=1 {\n"));
    assert_true(strlen(text) < (size_t)1001 * 2 * 200);
    free(text);
    zval_release(&array);
}

static void dumping_changes_nothing(void **state)
{
    (void)state;
    zval array = checks_list(3);
    zval copy = zval_copy(&array);
    size_t bytes = gc_memory_usage(false);
    free(checks_dump_of(&array));
    assert_int_equal(gc_memory_usage(false), bytes);
    assert_int_equal(zval_refcount(&array), 2);
    assert_roots(0);
    zval_release(&array);
    zval_release(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(plain_values_are_a_line),
        fixture_test(no_value_is_undefined),
        fixture_test(nothing_is_written_nowhere),
        fixture_test(doubles_are_told_from_integers_and_from_each_other),
        fixture_test(strings_are_quoted_and_show_their_count),
        fixture_test(own_structs_show_their_type),
        fixture_test(references_show_their_handles),
        fixture_test(an_empty_array_has_nothing_between_its_braces),
        fixture_test(an_array_shows_keys_in_order),
        fixture_test(an_object_shows_its_class_and_properties),
        fixture_test(an_object_without_a_class_shows_none),
        fixture_test(nested_values_are_indented_and_numbered),
        fixture_test(what_is_met_again_is_written_once),
        fixture_test(an_array_that_contains_itself_is_marked),
        fixture_test(a_cycle_of_objects_is_marked_where_it_closes),
        fixture_test(a_second_way_to_a_closed_place_is_no_cycle),
        fixture_test(indentation_ends_somewhere),
        fixture_test(dumping_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
