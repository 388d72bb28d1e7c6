/*
 * Entries of weak maps that are garbage while destructors run: what these reach
 * through a map is kept, and what they end goes once.
 */
#include "checks.h"
#include "dying.h"

static zval map;

static zval self_referring(void)
{
    zval object = zval_object(NULL);
    assert_ok(zval_property_set(&object, "self", zval_copy(&object)));
    return object;
}

/* ---- what destructors reach through a map in a collection ------------------------------------ */

static zval rescued;

static void rescue_keys(zval *self)
{
    (void)self;
    zval key;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&map, &cursor, &key, NULL)) {
        (void)zval_array_push(&rescued, zval_copy(&key));
    }
}

/* Keys that are garbage can be met by iterating; what is taken hold of is kept, with its value. */
static void garbage_keys_may_be_rescued_by_iterating(void **state)
{
    (void)state;
    dying_act = rescue_keys;
    map = zval_weakmap();
    rescued = zval_array();
    for (int i = 0; i < 10; i++) {
        zval key = self_referring();
        zval value = checks_list(i);
        assert_ok(zval_array_push(&value, zval_copy(&key)));
        assert_ok(zval_weakmap_set(&map, &key, value));
        zval_release(&key);
    }
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_sound();
    assert_int_equal(zval_weakmap_count(&map), 10);
    for (int i = 0; i < 10; i++) {
        const zval *key = zval_array_get_at(&rescued, i);
        assert_int_equal(zval_array_count(zval_weakmap_get(&map, key)), i + 1);
    }
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 20);
    zval_release(&map);
}

/* The value leads nowhere; what keeps the key, and what hangs off it, is only that it was met. */
static void garbage_keys_of_plain_values_may_be_rescued(void **state)
{
    (void)state;
    dying_act = rescue_keys;
    map = zval_weakmap();
    rescued = zval_array();
    zval key = self_referring();
    assert_ok(zval_property_set(&key, "list", checks_list(3)));
    assert_ok(zval_weakmap_set(&map, &key, zval_int(7)));
    zval_release(&key);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_sound();
    const zval *kept = zval_array_get_at(&rescued, 0);
    assert_int(zval_weakmap_get(&map, kept), 7);
    assert_int_equal(zval_array_count(zval_property_get(kept, "list")), 3);
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 2);
    zval_release(&map);
}

static void rescue_values(zval *self)
{
    (void)self;
    const zval *item;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&map, &cursor, NULL, &item)) {
        (void)zval_array_push(&rescued, zval_copy(item));
    }
}

static void values_of_garbage_keys_may_be_rescued_by_iterating(void **state)
{
    (void)state;
    dying_act = rescue_values;
    map = zval_weakmap();
    rescued = zval_array();
    for (int i = 0; i < 10; i++) {
        zval key = self_referring();
        assert_ok(zval_weakmap_set(&map, &key, zval_object(NULL)));
        zval_release(&key);
    }
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 11);
    assert_sound();
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_int_equal(zval_array_count(&rescued), 10);
    assert_nodes(12);
    assert_int_equal(zval_refcount(zval_array_get_at(&rescued, 5)), 1);
    zval_release(&rescued);
    zval_release(&map);
}

static zval weak_to_map;
static size_t count_inside;

static void look_into_garbage_map(zval *self)
{
    (void)self;
    rescued = zval_weakref_get(&weak_to_map);
    count_inside = zval_weakmap_count(&rescued);
}

static void a_garbage_map_may_be_rescued_with_its_values(void **state)
{
    (void)state;
    dying_act = look_into_garbage_map;
    map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, checks_list(3)));
    assert_ok(zval_array_push(zval_weakmap_slot(&map, &key), zval_copy(&map)));
    weak_to_map = zval_weakref(&map);
    zval_release(&map);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(count_inside, 1);
    assert_int_equal(zval_array_count(zval_weakmap_get(&rescued, &key)), 4);
    zval_release(&rescued);
    zval_release(&weak_to_map);
    zval_release(&key); /* and with it its value, the last to hold the map */
    assert_nodes(0);
}

/* ---- destructors that end the live half of a garbage entry --------------------------------- */

static zval live_half;

static void drop_live_half(zval *self)
{
    (void)self;
    zval_release(&live_half);
}

/* A value whose own child leads back to it, so that counting cannot take it. */
static zval value_in_a_cycle(void)
{
    zval value = zval_object(NULL);
    zval child = zval_object(NULL);
    assert_ok(zval_property_set(&child, "parent", zval_copy(&value)));
    assert_ok(zval_property_set(&value, "child", child));
    return value;
}

/* The value is garbage with its map; a destructor ends the key, and the entry before its time. */
static void a_live_key_may_be_dropped_whose_map_is_garbage(void **state)
{
    (void)state;
    dying_act = drop_live_half;
    zval garbage = self_referring();
    map = zval_weakmap();
    live_half = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &live_half, value_in_a_cycle()));
    assert_ok(zval_property_set(&garbage, "map", map));
    zval_release(&garbage);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 5);
    assert_sound();
    assert_nodes(0);
}

/* The value is garbage with its key; a destructor ends the map. */
static void a_live_map_may_be_dropped_whose_key_is_garbage(void **state)
{
    (void)state;
    dying_act = drop_live_half;
    zval key = self_referring();
    live_half = zval_weakmap();
    assert_ok(zval_weakmap_set(&live_half, &key, value_in_a_cycle()));
    zval_release(&key);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 4);
    assert_sound();
    assert_nodes(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(garbage_keys_may_be_rescued_by_iterating),
        dying_test(garbage_keys_of_plain_values_may_be_rescued),
        dying_test(values_of_garbage_keys_may_be_rescued_by_iterating),
        dying_test(a_garbage_map_may_be_rescued_with_its_values),
        dying_test(a_live_key_may_be_dropped_whose_map_is_garbage),
        dying_test(a_live_map_may_be_dropped_whose_key_is_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
