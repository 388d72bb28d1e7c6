/*
 * PHP's scenarios, section 5: weak maps as ephemeron tables. A value is kept by
 * its entry as long as both the map and the key live; a key that only its own
 * value leads to goes. These are the rules of PHP 8.3; 8.2 keeps such keys.
 */
#include "dying.h"
#include "scenario.h"

static zval map;
static zval reference;

static void put_value(const zval *key, zval value)
{
    ok(zval_weakmap_set(&map, key, value));
}

static zval array_of(const zval *first, const zval *second)
{
    zval array = zval_array();
    push(&array, zval_copy(first));
    if (second != NULL) {
        push(&array, zval_copy(second));
    }
    return array;
}

/* possibleRoot($object) */
static void touch(const zval *object)
{
    zval copy = zval_copy(object);
    zval_release(&copy);
}

static void expect_map_is_gone(void)
{
    zval target = zval_weakref_get(&reference);
    assert_int_equal(zval_type_of(&target), ZVAL_NULL);
    zval_release(&reference);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

static void expect_entries(size_t count)
{
    assert_int_equal(zval_weakmap_count(&map), count);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

static int begin(void **state)
{
    int result = dying_begin(state);
    map = zval_weakmap();
    return result;
}

static int end(void **state)
{
    zval_release(&map);
    return fixture_end(state);
}

#define map_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

/* ---- the value is the key, or leads to it ------------------------------- */

static void gh10043_001_value_is_its_own_key(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, zval_copy(&object));
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_entries(0);
    expect_figures(.runs = 1, .collected = 1, .live_nodes = 1);
}

static void gh10043_002_value_is_an_array_of_the_key(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, array_of(&object, NULL));
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_entries(0);
    expect_figures(.runs = 1, .collected = 2, .live_nodes = 1);
}

static void gh10043_005_value_is_held_elsewhere_too(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval value = array_of(&object, NULL);
    put_value(&object, zval_copy(&value));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&value);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_entries(0);
    assert_int_equal(gc_status().live_nodes, 1);
}

static void gh10043_011_value_has_the_key_as_a_property(void **state)
{
    (void)state;
    zval key = zval_object(NULL);
    zval value = zval_object(NULL);
    set(&value, "k", zval_copy(&key));
    put_value(&key, zval_copy(&value));
    touch(&map);
    zval_release(&key);
    zval_release(&value);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_entries(0);
    expect_figures(.runs = 1, .collected = 2, .live_nodes = 1);
}

static void gh10043_007_destructors_of_key_and_value(void **state)
{
    (void)state;
    zval container = dying_new();
    zval canary = dying_new();
    set(&container, "a", zval_copy(&canary));
    put_value(&canary, zval_copy(&container));
    zval_release(&container);
    zval_release(&canary);
    assert_int_equal(dying_count, 0);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 2);
    expect_entries(0);
    expect_figures(.runs = 2, .collected = 2, .live_nodes = 1);
}

static void gh10043_008_destructor_of_what_is_its_own_key(void **state)
{
    (void)state;
    zval canary = dying_new();
    put_value(&canary, zval_copy(&canary));
    zval_release(&canary);
    assert_int_equal(dying_count, 0);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    expect_entries(0);
    expect_figures(.runs = 2, .collected = 1, .live_nodes = 1);
}

/* ---- the value leads to the map ----------------------------------------- */

static void gh10043_003_value_leads_to_map_and_key_key_dropped_first(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, array_of(&object, &map));
    reference = zval_weakref(&map);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&object);
    zval_release(&map);
    expect_figures(.roots = 2, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 3);
    expect_map_is_gone();
    expect_figures(.runs = 1, .collected = 3);
}

static void gh10043_004_value_leads_to_map_and_key_map_dropped_first(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, array_of(&map, &object));
    reference = zval_weakref(&map);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    zval_release(&map);
    zval_release(&object);
    expect_figures(.roots = 2, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 3);
    expect_map_is_gone();
    expect_figures(.runs = 1, .collected = 3);
}

static void gh10043_015_value_leads_to_map_and_key_is_held(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, array_of(&object, &map));
    reference = zval_weakref(&map);
    zval_release(&map);
    expect_figures(.roots = 1, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_map_is_gone();
    expect_figures(.runs = 1, .collected = 2, .live_nodes = 1);
    assert_int_equal(zval_refcount(&object), 1);
    zval_release(&object);
}

/* ---- the map is its own key --------------------------------------------- */

static void drop_map_that_is_its_own_key(zval own_value, size_t collected)
{
    zval object = zval_object(NULL);
    put_value(&object, zval_object(NULL));
    put_value(&map, own_value);
    reference = zval_weakref(&map);
    touch(&object);
    zval_release(&map);
    assert_int_equal(gc_collect_cycles(), collected);
    expect_map_is_gone();
    expect_figures(.runs = 1, .collected = collected, .live_nodes = 1);
    zval_release(&object);
}

/* The map, and the other entry's value. */
static void gh10043_009_map_is_its_own_key_and_value(void **state)
{
    (void)state;
    drop_map_that_is_its_own_key(zval_copy(&map), 2);
}

static void gh10043_012_map_is_its_own_key_and_its_value_leads_to_it(void **state)
{
    (void)state;
    zval value = zval_object(NULL);
    set(&value, "value", zval_copy(&map));
    drop_map_that_is_its_own_key(value, 3);
}

/* ---- nothing is to go --------------------------------------------------- */

/* $obj2 = $obj; $obj = null; $map2 = $map; $map = null: roots, but held by other variables. */
static void gh10043_006_entry_touched_but_held(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, zval_copy(&object));
    assert_int_equal(gc_collect_cycles(), 0);
    touch(&object);
    touch(&map);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    assert_true(zval_identical(zval_weakmap_get(&map, &object), &object));
    expect_figures(.runs = 1, .live_nodes = 2);
    zval_release(&object);
}

static void gh10043_014_entry_touched_but_held_map_first(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    put_value(&object, zval_copy(&object));
    touch(&map);
    touch(&object);
    expect_figures(.roots = 2, .live_nodes = 2);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(1);
    assert_true(zval_identical(zval_weakmap_get(&map, &object), &object));
    zval_release(&object);
}

static void gh10043_010_one_of_two_entries_goes(void **state)
{
    (void)state;
    zval root = zval_object(NULL);
    touch(&root);
    zval object = zval_object(NULL);
    put_value(&object, array_of(&object, &map));
    zval_release(&root);
    zval third = zval_object(NULL);
    put_value(&third, zval_copy(&third));
    zval_release(&third);
    assert_int_equal(gc_collect_cycles(), 1);
    expect_entries(1);
    const zval *value = zval_weakmap_get(&map, &object);
    assert_true(zval_identical(zval_array_get_at(value, 1), &map));
    assert_int_equal(gc_status().live_nodes, 3);
    reference = zval_weakref(&map);
    zval_release(&map);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 3);
    expect_map_is_gone();
}

static void gh10043_016_both_entries_stay(void **state)
{
    (void)state;
    zval first = zval_object(NULL);
    zval second = zval_object(NULL);
    put_value(&first, array_of(&first, &map));
    put_value(&second, zval_copy(&second));
    touch(&first);
    touch(&second);
    touch(&map);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_entries(2);
    assert_true(zval_identical(zval_weakmap_get(&map, &second), &second));
    zval_release(&first);
    zval_release(&second);
    assert_int_equal(gc_collect_cycles(), 2 + 1); /* the map is alive: [k, map] hangs off k */
    expect_entries(0);
}

/* ---- a weak table that is no weak map ----------------------------------- */

/* An extension's own table: it holds its value as long as it likes, and only knows of its key. */
struct weak_table {
    struct gc_object gc;
    struct gc_weak *key;
    zval value;
};

static void free_weak_table(void *self)
{
    gc_weak_release(((struct weak_table *)self)->key);
}

static const struct gc_field weak_table_fields[] = {GC_FIELD_ZVAL(struct weak_table, value)};
static const struct gc_type weak_table_type = {
    .name = "weak_table",
    .size = sizeof(struct weak_table),
    .fields = weak_table_fields,
    .field_count = 1,
    .free = free_weak_table,
};

static struct weak_table *attach(struct fixture_node *key, zval value)
{
    struct weak_table *table = gc_new(&weak_table_type);
    table->key = gc_weak_new(key);
    table->value = value;
    return table;
}

static void gh19543_001_value_of_another_table_is_kept(void **state)
{
    (void)state;
    struct fixture_node *key = fixture_node_new(1);
    struct weak_table *table = attach(key, self_object());
    gc_retain(table);
    gc_release(table);
    expect_figures(.roots = 1, .live_nodes = 4);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(zval_type_of(&table->value), ZVAL_OBJECT);
    assert_int_equal(gc_status().live_nodes, 4);
    gc_release(key);
    assert_null(gc_weak_get(table->key));
    gc_release(table);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void gh19543_002_value_is_kept_when_the_key_is_a_root(void **state)
{
    (void)state;
    struct fixture_node *key = fixture_node_new(1);
    struct weak_table *table = attach(key, zval_native(gc_retain(key)));
    gc_retain(key);
    gc_release(key); /* add to roots */
    gc_release(key); /* the table's value holds it: no ephemeron */
    expect_figures(.roots = 1, .live_nodes = 3);
    assert_int_equal(gc_collect_cycles(), 0);
    struct fixture_node *target = gc_weak_get(table->key);
    assert_ptr_equal(target, key);
    gc_release(target);
    gc_release(table);
    assert_int_equal(gc_status().live_nodes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        map_test(gh10043_001_value_is_its_own_key),
        map_test(gh10043_002_value_is_an_array_of_the_key),
        map_test(gh10043_003_value_leads_to_map_and_key_key_dropped_first),
        map_test(gh10043_004_value_leads_to_map_and_key_map_dropped_first),
        map_test(gh10043_005_value_is_held_elsewhere_too),
        map_test(gh10043_006_entry_touched_but_held),
        map_test(gh10043_007_destructors_of_key_and_value),
        map_test(gh10043_008_destructor_of_what_is_its_own_key),
        map_test(gh10043_009_map_is_its_own_key_and_value),
        map_test(gh10043_010_one_of_two_entries_goes),
        map_test(gh10043_011_value_has_the_key_as_a_property),
        map_test(gh10043_012_map_is_its_own_key_and_its_value_leads_to_it),
        map_test(gh10043_014_entry_touched_but_held_map_first),
        map_test(gh10043_015_value_leads_to_map_and_key_is_held),
        map_test(gh10043_016_both_entries_stay),
        map_test(gh19543_001_value_of_another_table_is_kept),
        map_test(gh19543_002_value_is_kept_when_the_key_is_a_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
