/*
 * PHP's scenarios, section 5: weak maps, as a map and as something that lets go
 * of its keys. What values and keys do to each other is in
 * weakmap_cycles_scenario.c.
 */
#include "dying.h"
#include "scenario.h"

static void put_int(zval *map, const zval *key, int64_t number)
{
    ok(zval_weakmap_set(map, key, zval_int(number)));
}

static void expect_int(const zval *map, const zval *key, int64_t number)
{
    const zval *value = zval_weakmap_get(map, key);
    assert_non_null(value);
    assert_int_equal(zval_type_of(value), ZVAL_INT);
    assert_int_equal(zval_to_int(value), number);
}

static void expect_result(enum gc_result expected, enum gc_result result)
{
    assert_string_equal(gc_result_text(result), gc_result_text(expected));
}

/* ---- as a map ----------------------------------------------------------- */

static void weakmap_basic_put_get_overwrite(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval first = zval_object(NULL);
    zval second = zval_object(NULL);
    put_int(&map, &first, 1);
    put_int(&map, &second, 2);
    assert_int_equal(zval_weakmap_count(&map), 2);
    expect_int(&map, &first, 1);
    put_int(&map, &first, 3);
    assert_int_equal(zval_weakmap_count(&map), 2);
    expect_int(&map, &first, 3);
    expect_int(&map, &second, 2);
    assert_int_equal(zval_refcount(&first), 1);
    zval_release(&first);
    zval_release(&second);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

static void weakmap_basic_unset_and_missing_keys(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_null(zval_weakmap_get(&map, &key));
    expect_result(GC_ENOKEY, zval_weakmap_remove(&map, &key));
    put_int(&map, &key, 1);
    expect_result(GC_OK, zval_weakmap_remove(&map, &key));
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_null(zval_weakmap_get(&map, &key));
    expect_result(GC_ENOKEY, zval_weakmap_remove(&map, &key));
    zval_release(&key);
    zval_release(&map);
}

static void weakmap_error_conditions_key_is_no_object(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval keys[] = {zval_int(1), zval_cstring("key"), zval_array(), zval_null()};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        expect_result(GC_ETYPE, zval_weakmap_set(&map, &keys[i], zval_int(2)));
        expect_result(GC_ETYPE, zval_weakmap_remove(&map, &keys[i]));
        assert_null(zval_weakmap_get(&map, &keys[i]));
        assert_null(zval_weakmap_slot(&map, &keys[i]));
        zval_release(&keys[i]);
    }
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* function (stdClass &$reference) { $map[$reference] = 1; } */
static void weakmap_object_reference_finds_the_entry(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval object = zval_object(NULL);
    zval argument = zval_reference(&object);
    put_int(&map, &argument, 1);
    expect_int(&map, &object, 1);
    expect_int(&map, &argument, 1);
    zval_release(&argument);
    zval_release(&object);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* $map[$obj] =& $integer; $integer++ (gh20073: with a plain value there before). */
static void weakmap_by_ref_dimension_assign(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval object = zval_object(NULL);
    zval integer = zval_int(1);
    put_int(&map, &object, 0);
    ok(zval_weakmap_set(&map, &object, zval_reference(&integer)));
    zval_assign(&integer, zval_int(2));
    expect_int(&map, &object, 2);
    put_int(&map, &object, 3); /* through the reference */
    assert_int_equal(zval_to_int(&integer), 3);
    zval_release(&integer);
    zval_release(&object);
    zval_release(&map);
}

/* ---- weakness ----------------------------------------------------------- */

static void weakmap_weakness_temporary_key_goes_at_once(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    put_int(&map, &key, 1);
    zval_release(&key);
    assert_int_equal(zval_weakmap_count(&map), 0);
    expect_figures(.live_nodes = 1);
    zval_release(&map);
}

static void weakmap_weakness_value_is_destructed_with_its_key(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, dying_new()));
    assert_int_equal(dying_count, 0);
    zval_release(&key);
    assert_int_equal(dying_count, 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

static void weakmap_weakness_map_goes_before_its_key(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    put_int(&map, &key, 3);
    zval_release(&map);
    expect_figures(.live_nodes = 1);
    assert_int_equal(zval_refcount(&key), 1);
    zval_release(&key);
}

static void weakmap_weakness_key_freed_by_the_collector(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = self_object();
    put_int(&map, &key, 4);
    zval_release(&key);
    assert_int_equal(zval_weakmap_count(&map), 1);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    expect_figures(.runs = 1, .collected = 1, .live_nodes = 1);
    zval_release(&map);
}

static void weakmap_weakness_object_as_its_own_value(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval object = zval_object(NULL);
    ok(zval_weakmap_set(&map, &object, zval_copy(&object)));
    zval_release(&object);
    assert_int_equal(zval_weakmap_count(&map), 1);
    zval_release(&map); /* and with the map its value */
    expect_figures(.live_nodes = 0);
}

static void weakmap_weakness_map_in_itself(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    ok(zval_weakmap_set(&map, &map, zval_copy(&map)));
    assert_int_equal(zval_weakmap_count(&map), 1);
    assert_int_equal(zval_refcount(&map), 2);
    zval_release(&map);
    expect_figures(.roots = 1, .live_nodes = 1);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_figures(.runs = 1, .collected = 1);
}

/* ---- iteration ---------------------------------------------------------- */

static void weakmap_iteration_empty_and_in_order(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval keys[3];
    zval key;
    const zval *value;
    struct zval_weakmap_cursor cursor = {0};
    assert_false(zval_weakmap_next(&map, &cursor, NULL, NULL));
    for (int i = 0; i < 3; i++) {
        keys[i] = zval_object(NULL);
        put_int(&map, &keys[i], i);
    }
    cursor = (struct zval_weakmap_cursor){0};
    for (int i = 0; i < 3; i++) {
        assert_true(zval_weakmap_next(&map, &cursor, &key, &value));
        assert_true(zval_identical(&key, &keys[i]));
        assert_int_equal(zval_to_int(value), i);
        assert_int_equal(zval_refcount(&key), 1);
    }
    assert_false(zval_weakmap_next(&map, &cursor, &key, &value));
    for (int i = 0; i < 3; i++) {
        zval_release(&keys[i]);
    }
    zval_release(&map);
}

/* foreach ($map as $key => $value) { if ($key === $obj1) unset($obj1); }
   In PHP $key holds the object until the next round; here the key is lent. */
static void weakmap_iteration_key_dropped_meanwhile(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval keys[3];
    for (int i = 0; i < 3; i++) {
        keys[i] = zval_object(NULL);
        put_int(&map, &keys[i], i);
    }
    int visited = 0;
    zval lent;
    const zval *value;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&map, &cursor, &lent, &value)) {
        zval key = zval_copy(&lent);
        if (zval_identical(&key, &keys[1])) {
            zval_release(&keys[1]);
        }
        assert_int_equal(zval_to_int(value), visited);
        zval_release(&key);
        visited++;
    }
    assert_int_equal(visited, 3);
    assert_int_equal(zval_weakmap_count(&map), 2);
    zval_release(&keys[0]);
    zval_release(&keys[2]);
    zval_release(&map);
}

/* foreach ($map as $key => &$value) { $value++; } */
static void weakmap_iteration_values_updated_by_reference(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval keys[2] = {zval_object(NULL), zval_object(NULL)};
    put_int(&map, &keys[0], 0);
    put_int(&map, &keys[1], 2);
    zval key;
    zval value = zval_undef();
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&map, &cursor, &key, NULL)) {
        rebind(&value, zval_reference(zval_weakmap_slot(&map, &key)));
        zval_assign(&value, zval_int(zval_to_int(&value) + 1));
    }
    zval_release(&value);
    expect_int(&map, &keys[0], 1);
    expect_int(&map, &keys[1], 3);
    assert_true(zval_is_reference(zval_weakmap_get(&map, &keys[1])));
    zval_release(&keys[0]);
    zval_release(&keys[1]);
    zval_release(&map);
}

/* ---- several maps ------------------------------------------------------- */

static void fill_from(zval *map, const zval *other)
{
    zval key;
    const zval *value;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(other, &cursor, &key, &value)) {
        ok(zval_weakmap_set(map, &key, zval_copy(value)));
    }
}

/* One object in a weak reference, two maps, and a clone of the second. */
static void hold_weakly(const zval *object, zval *reference, zval maps[3])
{
    *reference = zval_weakref(object);
    for (int i = 0; i < 3; i++) {
        maps[i] = zval_weakmap();
    }
    put_int(&maps[0], object, 1);
    put_int(&maps[1], object, 2);
    fill_from(&maps[2], &maps[1]);
    expect_int(&maps[2], object, 2);
}

static void weakmap_multiple_weakrefs_object_goes_first(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval reference;
    zval maps[3];
    hold_weakly(&object, &reference, maps);
    zval_release(&object);
    zval target = zval_weakref_get(&reference);
    assert_int_equal(zval_type_of(&target), ZVAL_NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(zval_weakmap_count(&maps[i]), 0);
        zval_release(&maps[i]);
    }
    zval_release(&reference);
}

static void weakmap_multiple_weakrefs_maps_go_first(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval reference;
    zval maps[3];
    hold_weakly(&object, &reference, maps);
    zval_release(&reference);
    for (int i = 0; i < 3; i++) {
        zval_release(&maps[i]);
    }
    expect_figures(.live_nodes = 1);
    assert_int_equal(zval_refcount(&object), 1);
    zval_release(&object);
}

/* $map[$obj] = $map2; $map2[$obj] = 1; unset($map2); unset($obj) */
static void weakmap_nested_with_one_key(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval inner = zval_weakmap();
    zval object = zval_object(NULL);
    ok(zval_weakmap_set(&map, &object, zval_copy(&inner)));
    put_int(&inner, &object, 1);
    zval_release(&inner);
    expect_figures(.roots = 1, .live_nodes = 3);
    zval_release(&object);
    expect_figures(.live_nodes = 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* ---- size --------------------------------------------------------------- */

/* Section 3. $objs[] = $obj = new stdClass; $wm[$obj] = $obj; each becomes a possible root when the
   variable takes the next one. */
static void gh13569_many_entries_that_are_their_own_keys(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval objects = zval_array();
    zval object = zval_undef();
    for (int i = 0; i < 30000; i++) {
        zval_assign(&object, zval_object(NULL));
        push(&objects, zval_copy(&object));
        ok(zval_weakmap_set(&map, &object, zval_copy(&object)));
    }
    expect_figures(.runs = 2, .roots = 9999, .live_nodes = 30002);
    assert_int_equal(gc_collect_cycles(), 0);
    zval copy = zval_copy(&map);
    zval_release(&copy);
    expect_figures(.runs = 3, .roots = 1, .live_nodes = 30002);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 4, .live_nodes = 30002);
    assert_int_equal(zval_weakmap_count(&map), 30000);
    zval_release(&object);
    zval_release(&objects);
    expect_figures(.runs = 7, .collected = 29999, .roots = 1, .live_nodes = 2);
    assert_int_equal(zval_weakmap_count(&map), 1);
    zval_release(&map);
    assert_int_equal(gc_status().live_nodes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(weakmap_basic_put_get_overwrite),
        dying_test(weakmap_basic_unset_and_missing_keys),
        dying_test(weakmap_error_conditions_key_is_no_object),
        dying_test(weakmap_object_reference_finds_the_entry),
        dying_test(weakmap_by_ref_dimension_assign),
        dying_test(weakmap_weakness_temporary_key_goes_at_once),
        dying_test(weakmap_weakness_value_is_destructed_with_its_key),
        dying_test(weakmap_weakness_map_goes_before_its_key),
        dying_test(weakmap_weakness_key_freed_by_the_collector),
        dying_test(weakmap_weakness_object_as_its_own_value),
        dying_test(weakmap_weakness_map_in_itself),
        dying_test(weakmap_iteration_empty_and_in_order),
        dying_test(weakmap_iteration_key_dropped_meanwhile),
        dying_test(weakmap_iteration_values_updated_by_reference),
        dying_test(weakmap_multiple_weakrefs_object_goes_first),
        dying_test(weakmap_multiple_weakrefs_maps_go_first),
        dying_test(weakmap_nested_with_one_key),
        dying_test(gh13569_many_entries_that_are_their_own_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
