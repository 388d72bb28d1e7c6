/*
 * Weak maps: the calls, what they return, and iterating. Keys that go are in
 * weak_map_keys_test.c.
 */
#include "checks.h"
#include "dying.h"

/* ---- setting and getting ------------------------------------------------------------ */

static void a_new_map_is_empty(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    assert_type(&map, ZVAL_WEAKMAP);
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_int_equal(zval_refcount(&map), 1);
    assert_true(zval_to_bool(&map));
    assert_int_equal(zval_to_int(&map), 0);
    assert_nodes(1);
    zval_release(&map);
}

static void what_is_set_is_got(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval keys[] = {zval_object(NULL), zval_native(fixture_node_new(1)), zval_weakmap(),
                   zval_copy(&map)};
    for (int i = 0; i < 4; i++) {
        assert_ok(zval_weakmap_set(&map, &keys[i], zval_int(i)));
    }
    assert_int_equal(zval_weakmap_count(&map), 4);
    for (int i = 0; i < 4; i++) {
        assert_int(zval_weakmap_get(&map, &keys[i]), i);
    }
    assert_sound();
    for (int i = 0; i < 4; i++) {
        zval_release(&keys[i]);
    }
    assert_int_equal(zval_weakmap_count(&map), 1); /* the map is its own key */
    zval_release(&map);
}

static void setting_again_overwrites(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, dying_new()));
    assert_ok(zval_weakmap_set(&map, &key, zval_cstring("second")));
    assert_int_equal(dying_count, 1);
    assert_int_equal(zval_weakmap_count(&map), 1);
    assert_text(zval_weakmap_get(&map, &key), "second");
    zval_release(&map);
    zval_release(&key);
}

static void a_map_is_a_handle(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval copy = zval_copy(&map);
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&copy, &key, zval_int(1)));
    assert_int(zval_weakmap_get(&map, &key), 1);
    assert_true(zval_identical(&map, &copy));
    zval other = zval_weakmap();
    assert_false(zval_identical(&map, &other));
    zval_release(&map);
    assert_int_equal(zval_weakmap_count(&copy), 1);
    zval_release(&copy);
    zval_release(&other);
    zval_release(&key);
}

static void maps_and_keys_are_looked_for_through_references(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval map_handle = zval_reference(&map);
    zval key_handle = zval_reference(&key);
    assert_ok(zval_weakmap_set(&map_handle, &key_handle, zval_int(1)));
    assert_int(zval_weakmap_get(&map, &key), 1);
    assert_int_equal(zval_weakmap_count(&map_handle), 1);
    struct zval_weakmap_cursor cursor = {0};
    assert_true(zval_weakmap_next(&map_handle, &cursor, NULL, NULL));
    assert_ok(zval_weakmap_remove(&map_handle, &key_handle));
    zval_release(&map_handle);
    zval_release(&key_handle);
    zval_release(&key);
    zval_release(&map);
}

static void a_value_is_written_through_a_reference_that_is_there(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval variable = zval_int(1);
    assert_ok(zval_weakmap_set(&map, &key, zval_reference(&variable)));
    assert_int_equal(zval_reference_count(&variable), 2);
    assert_ok(zval_weakmap_set(&map, &key, zval_int(2)));
    assert_int(&variable, 2);
    zval other = zval_int(3);
    assert_ok(zval_weakmap_set(&map, &key, zval_reference(&other)));
    assert_int_equal(zval_reference_count(&variable), 1);
    assert_int(&variable, 2);
    zval_release(&key);
    assert_int_equal(zval_reference_count(&other), 1);
    zval_release(&other);
    zval_release(&variable);
    zval_release(&map);
}

static void a_slot_is_made_null_and_can_be_written(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval *slot = zval_weakmap_slot(&map, &key);
    assert_type(slot, ZVAL_NULL);
    assert_int_equal(zval_weakmap_count(&map), 1);
    zval_assign(slot, checks_list(3));
    for (int i = 0; i < 100; i++) { /* the slot stays where it is */
        zval other = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &other, zval_int(i)));
        zval_release(&other);
    }
    assert_ptr_equal(zval_weakmap_slot(&map, &key), slot);
    assert_ok(zval_array_push(slot, zval_int(3)));
    assert_int_equal(zval_array_count(zval_weakmap_get(&map, &key)), 4);
    zval_release(&map);
    zval_release(&key);
}

static void removing_ends_the_entry_and_nothing_else(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval other = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, dying_new()));
    assert_ok(zval_weakmap_set(&map, &other, zval_int(2)));
    assert_ok(zval_weakmap_remove(&map, &key));
    assert_int_equal(dying_count, 1);
    assert_int_equal(zval_weakmap_count(&map), 1);
    assert_null(zval_weakmap_get(&map, &key));
    assert_int(zval_weakmap_get(&map, &other), 2);
    assert_result(GC_ENOKEY, zval_weakmap_remove(&map, &key));
    assert_ok(zval_weakmap_set(&map, &key, zval_int(3)));
    assert_int(zval_weakmap_get(&map, &key), 3);
    zval_release(&map);
    zval_release(&key);
    zval_release(&other);
}

/* ---- what fails ------------------------------------------------------------------------ */

/* What the three writing calls say of a map and a key; the value is gone in any case. */
static void assert_refused(enum gc_result result, zval *map, const zval *key)
{
    int dead_before = dying_count;
    assert_result(result, zval_weakmap_set(map, key, dying_new()));
    assert_int_equal(dying_count, dead_before + 1);
    assert_null(zval_weakmap_slot(map, key));
    assert_result(result, zval_weakmap_remove(map, key));
    assert_null(zval_weakmap_get(map, key));
    assert_sound();
}

static void null_pointers_are_refused(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_refused(GC_EINVAL, NULL, &key);
    assert_refused(GC_EINVAL, &map, NULL);
    assert_refused(GC_EINVAL, NULL, NULL);
    assert_int_equal(zval_weakmap_count(NULL), 0);
    assert_false(zval_weakmap_next(NULL, NULL, NULL, NULL));
    assert_false(zval_weakmap_next(&map, NULL, NULL, NULL));
    zval_release(&key);
    zval_release(&map);
}

static void undefined_values_are_failed_constructors(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval undefined = zval_undef();
    assert_refused(GC_ENOMEM, &undefined, &key);
    assert_refused(GC_ENOMEM, &map, &undefined);
    assert_result(GC_ENOMEM, zval_weakmap_set(&map, &key, zval_undef()));
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&key);
    zval_release(&map);
}

static void an_undefined_value_leaves_what_was_there(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, zval_int(1)));
    assert_result(GC_ENOMEM, zval_weakmap_set(&map, &key, zval_undef()));
    assert_int(zval_weakmap_get(&map, &key), 1);
    zval_release(&key);
    zval_release(&map);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval values[] = {zval_null(),  zval_bool(true),      zval_int(1),
                     zval_array(), zval_cstring("text"), zval_weakref(&key)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused(GC_ETYPE, &map, &values[i]);
        assert_refused(GC_ETYPE, &values[i], &key);
        assert_int_equal(zval_weakmap_count(&values[i]), 0);
        struct zval_weakmap_cursor cursor = {0};
        assert_false(zval_weakmap_next(&values[i], &cursor, NULL, NULL));
        zval_release(&values[i]);
    }
    assert_refused(GC_ETYPE, &key, &key);
    zval_release(&key);
    zval_release(&map);
}

static void a_key_of_another_heap_is_refused(void **state)
{
    (void)state;
    zval map = zval_weakmap();
    struct gc_heap *heap = gc_heap_use(NULL);
    zval key = zval_object(NULL);
    gc_heap_use(heap);
    assert_refused(GC_EINVAL, &map, &key);
    assert_int_equal(zval_weakmap_count(&map), 0);
    gc_heap_use(NULL);
    zval_release(&key);
    gc_heap_use(heap);
    zval_release(&map);
}

/* ---- iterating ---------------------------------------------------------------------------- */

#define KEYS 10

static zval map;
static zval keys[KEYS];

static int begin_filled(void **state)
{
    int result = dying_begin(state);
    map = zval_weakmap();
    for (int i = 0; i < KEYS; i++) {
        keys[i] = zval_object(NULL);
        (void)zval_weakmap_set(&map, &keys[i], zval_int(i));
    }
    return result;
}

static int end_filled(void **state)
{
    zval_release(&map);
    for (int i = 0; i < KEYS; i++) {
        zval_release(&keys[i]);
    }
    return fixture_end(state);
}

#define filled_test(function) cmocka_unit_test_setup_teardown(function, begin_filled, end_filled)

static int64_t next_value(struct zval_weakmap_cursor *cursor)
{
    const zval *value;
    return zval_weakmap_next(&map, cursor, NULL, &value) ? zval_to_int(value) : -1;
}

static void assert_values(const int64_t *expected, size_t count)
{
    struct zval_weakmap_cursor cursor = {0};
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(next_value(&cursor), expected[i]);
    }
    assert_int_equal(next_value(&cursor), -1);
    assert_int_equal(next_value(&cursor), -1);
}

static void entries_come_in_the_order_of_insertion(void **state)
{
    (void)state;
    assert_ok(zval_weakmap_set(&map, &keys[2], zval_int(22))); /* stays in its place */
    assert_ok(zval_weakmap_remove(&map, &keys[4]));
    assert_ok(zval_weakmap_set(&map, &keys[4], zval_int(44))); /* comes anew */
    assert_values((const int64_t[]){0, 1, 22, 3, 5, 6, 7, 8, 9, 44}, 10);
}

static void a_cursor_lends_key_and_value(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    for (int i = 0; i < KEYS; i++) {
        zval key;
        const zval *value;
        assert_true(zval_weakmap_next(&map, &cursor, &key, &value));
        assert_shared(&key, &keys[i]);
        assert_int_equal(zval_refcount(&key), 1);
        assert_ptr_equal(value, zval_weakmap_get(&map, &key));
    }
}

static void at_the_end_key_and_value_are_unchanged(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    zval key = zval_int(5);
    const zval *value = &key;
    while (zval_weakmap_next(&map, &cursor, NULL, NULL)) {
    }
    assert_false(zval_weakmap_next(&map, &cursor, &key, &value));
    assert_int(&key, 5);
    assert_ptr_equal(value, &key);
}

static void every_entry_may_be_removed_as_it_is_visited(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(next_value(&cursor), i);
        if (i % 2 == 0) {
            assert_ok(zval_weakmap_remove(&map, &keys[i]));
        } else {
            zval_release(&keys[i]);
        }
    }
    assert_int_equal(next_value(&cursor), -1);
    assert_int_equal(zval_weakmap_count(&map), 0);
}

static void entries_that_go_before_their_turn_are_not_visited(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    assert_int_equal(next_value(&cursor), 0);
    zval_release(&keys[1]);
    zval_release(&keys[2]);
    assert_ok(zval_weakmap_remove(&map, &keys[3]));
    assert_int_equal(next_value(&cursor), 4);
    zval_release(&keys[9]);
    for (int i = 5; i < 9; i++) {
        assert_int_equal(next_value(&cursor), i);
    }
    assert_int_equal(next_value(&cursor), -1);
}

static void entries_that_come_are_visited(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    zval added[3];
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(next_value(&cursor), i);
    }
    for (int i = 0; i < 3; i++) { /* each time at the end already */
        assert_int_equal(next_value(&cursor), -1);
        added[i] = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &added[i], zval_int(100 + i)));
        assert_int_equal(next_value(&cursor), 100 + i);
    }
    assert_ok(zval_weakmap_remove(&map, &keys[0]));
    assert_ok(zval_weakmap_set(&map, &keys[0], zval_int(200)));
    assert_int_equal(next_value(&cursor), 200);
    for (int i = 0; i < 3; i++) {
        zval_release(&added[i]);
    }
}

static void several_cursors_go_their_own_way(void **state)
{
    (void)state;
    struct zval_weakmap_cursor slow = {0};
    struct zval_weakmap_cursor fast = {0};
    assert_int_equal(next_value(&slow), 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(next_value(&fast), i);
    }
    zval_release(&keys[0]); /* where the slow one is */
    zval_release(&keys[1]);
    zval_release(&keys[4]); /* where the fast one is */
    zval_release(&keys[5]);
    assert_int_equal(next_value(&slow), 2);
    assert_int_equal(next_value(&fast), 6);
    assert_int_equal(next_value(&slow), 3);
    assert_int_equal(next_value(&slow), 6);
    assert_int_equal(next_value(&fast), 7);
    struct zval_weakmap_cursor copy = fast;
    assert_int_equal(next_value(&fast), 8);
    assert_int_equal(next_value(&copy), 8);
}

static void cursors_nested_visit_all_pairs(void **state)
{
    (void)state;
    int pairs = 0;
    struct zval_weakmap_cursor outer = {0};
    for (int64_t left = 0; next_value(&outer) == left; left++) {
        struct zval_weakmap_cursor inner = {0};
        for (int64_t right = 0; next_value(&inner) == right; right++) {
            pairs++;
        }
    }
    assert_int_equal(pairs, KEYS * KEYS);
}

static void a_collection_between_two_steps_takes_what_is_garbage(void **state)
{
    (void)state;
    struct zval_weakmap_cursor cursor = {0};
    for (int i = 0; i < KEYS; i++) {
        assert_ok(zval_property_set(&keys[i], "self", zval_copy(&keys[i])));
    }
    assert_int_equal(next_value(&cursor), 0);
    for (int i = 0; i < KEYS - 1; i++) {
        zval_release(&keys[i]);
    }
    assert_int_equal(next_value(&cursor), 1);
    assert_int_equal(gc_collect_cycles(), KEYS - 1);
    assert_int_equal(next_value(&cursor), KEYS - 1);
    assert_int_equal(next_value(&cursor), -1);
    zval_release(&keys[KEYS - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(a_new_map_is_empty),
        dying_test(what_is_set_is_got),
        dying_test(setting_again_overwrites),
        dying_test(a_map_is_a_handle),
        dying_test(maps_and_keys_are_looked_for_through_references),
        dying_test(a_value_is_written_through_a_reference_that_is_there),
        dying_test(a_slot_is_made_null_and_can_be_written),
        dying_test(removing_ends_the_entry_and_nothing_else),
        dying_test(null_pointers_are_refused),
        dying_test(undefined_values_are_failed_constructors),
        dying_test(an_undefined_value_leaves_what_was_there),
        dying_test(other_types_are_refused),
        dying_test(a_key_of_another_heap_is_refused),
        filled_test(entries_come_in_the_order_of_insertion),
        filled_test(a_cursor_lends_key_and_value),
        filled_test(at_the_end_key_and_value_are_unchanged),
        filled_test(every_entry_may_be_removed_as_it_is_visited),
        filled_test(entries_that_go_before_their_turn_are_not_visited),
        filled_test(entries_that_come_are_visited),
        filled_test(several_cursors_go_their_own_way),
        filled_test(cursors_nested_visit_all_pairs),
        filled_test(a_collection_between_two_steps_takes_what_is_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
