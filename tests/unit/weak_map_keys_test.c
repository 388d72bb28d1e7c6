/*
 * Weak maps whose keys, values or selves go: one after another, in cycles, and
 * from destructors. What destructors do to entries that are garbage is in
 * weak_map_garbage_test.c, long chains are in weak_map_chains_test.c.
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

/* ---- the map, the key, the value ----------------------------------------------------- */

static void a_map_that_goes_first_leaves_its_keys_alone(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval keys[10];
    for (int i = 0; i < 10; i++) {
        keys[i] = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &keys[i], dying_new()));
    }
    zval_release(&map);
    assert_int_equal(dying_count, 10);
    assert_nodes(10);
    assert_sound();
    for (int i = 0; i < 10; i++) {
        zval_release(&keys[i]);
    }
}

static void values_of_all_kinds_go_with_the_key(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval key = zval_object(NULL);
    zval values[] = {zval_int(1),
                     zval_cstring("a string"),
                     checks_list(10),
                     dying_new(),
                     zval_weakref(&key),
                     zval_weakmap(),
                     zval_native(dying_node_new())};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        zval object = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &object, values[i]));
        zval_release(&object);
        assert_int_equal(zval_weakmap_count(&map), 0);
    }
    assert_int_equal(dying_count, 2);
    zval_release(&key);
    zval_release(&map);
}

static void many_maps_may_have_one_key(void **state)
{
    (void)state;
    zval maps[1000];
    zval key = zval_object(NULL);
    for (int i = 0; i < 1000; i++) {
        maps[i] = zval_weakmap();
        assert_ok(zval_weakmap_set(&maps[i], &key, zval_int(i)));
    }
    for (int i = 0; i < 1000; i++) {
        assert_int(zval_weakmap_get(&maps[i], &key), i);
    }
    for (int i = 0; i < 1000; i += 2) {
        zval_release(&maps[i]);
    }
    assert_sound();
    assert_int(zval_weakmap_get(&maps[501], &key), 501);
    zval_release(&key);
    for (int i = 1; i < 1000; i += 2) {
        assert_int_equal(zval_weakmap_count(&maps[i]), 0);
        zval_release(&maps[i]);
    }
}

static void maps_may_be_nested_in_each_other(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval inner = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &inner, zval_copy(&key)));
    assert_ok(zval_weakmap_set(&inner, &map, zval_copy(&key)));
    assert_ok(zval_weakmap_set(&inner, &key, zval_copy(&map)));
    zval_release(&inner);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&key);
    zval_release(&map);
    assert_nodes(0);
}

static void nested_maps_in_a_cycle_are_collected(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval inner = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, zval_copy(&inner)));
    assert_ok(zval_weakmap_set(&inner, &key, zval_copy(&map)));
    assert_ok(zval_property_set(&key, "self", zval_copy(&key)));
    zval_release(&map);
    zval_release(&inner);
    assert_int_equal(gc_collect_cycles(), 2); /* each is the other's value only */
    assert_nodes(1);
    zval_release(&key);
    assert_int_equal(gc_collect_cycles(), 1);
}

static void nested_maps_that_their_key_leads_to_stay_with_it(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval inner = zval_weakmap();
    zval key = self_referring();
    assert_ok(zval_weakmap_set(&map, &key, zval_copy(&inner)));
    assert_ok(zval_weakmap_set(&inner, &key, zval_int(1)));
    assert_ok(zval_property_set(&key, "map", zval_copy(&map)));
    zval_release(&map);
    zval_release(&inner);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&key);
    assert_nodes(3);
    assert_int_equal(gc_collect_cycles(), 3);
}

/* The key does not hold the value, so the value's link to the key makes no cycle of counts. */
static void a_live_map_does_not_keep_a_ring_of_keys_and_values(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval first = zval_object(NULL);
    zval key = zval_copy(&first);
    for (int i = 0; i < 99; i++) {
        zval next = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &key, zval_copy(&next)));
        zval_assign(&key, next);
    }
    assert_ok(zval_weakmap_set(&map, &key, zval_copy(&first)));
    zval_release(&key);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&first);
    assert_int_equal(zval_weakmap_count(&map), 100);
    assert_int_equal(gc_collect_cycles(), 100);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

static const struct gc_type leaf_type = {.name = "leaf", .size = sizeof(struct gc_object)};

/* The collector does not look into the key; its entry's value must not go twice for that. */
static void a_key_without_references_dies_with_the_map(void **state)
{
    (void)state;
    for (int order = 0; order < 4; order++) {
        zval holder = zval_object(NULL);
        zval key = zval_native(gc_new(&leaf_type));
        zval value = order & 1 ? dying_new() : self_referring();
        map = zval_weakmap();
        assert_ok(zval_weakmap_set(&map, &holder, zval_copy(&holder)));
        assert_ok(zval_weakmap_set(&map, &key, value));
        assert_ok(zval_property_set(&holder, "key", key));
        assert_ok(zval_property_set(&holder, "map", zval_copy(&map)));
        zval_release(order & 2 ? &map : &holder);
        zval_release(order & 2 ? &holder : &map);
        (void)gc_collect_cycles();
        (void)gc_collect_cycles();
        assert_nodes(0);
        assert_sound();
    }
    assert_int_equal(dying_count, 2);
}

static void a_key_without_references_dies_and_the_map_lives(void **state)
{
    (void)state;
    map = zval_weakmap();
    zval garbage = self_referring();
    zval key = zval_native(gc_new(&leaf_type));
    assert_ok(zval_weakmap_set(&map, &key, zval_native(gc_new(&leaf_type))));
    assert_ok(zval_property_set(&garbage, "key", key));
    zval_release(&garbage);
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* ---- maps in own structs ----------------------------------------------------------------- */

static void a_map_in_a_struct_is_collected_with_it(void **state)
{
    (void)state;
    struct dying_node *node = dying_node_new();
    zval key = zval_native(gc_retain(node));
    node->value = zval_weakmap();
    assert_ok(zval_weakmap_set(&node->value, &key, zval_copy(&key)));
    assert_int_equal(gc_refcount(node), 3);
    zval_release(&key);
    gc_release(node);
    assert_nodes(2);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
}

static void a_map_in_a_live_struct_is_kept(void **state)
{
    (void)state;
    struct dying_node *node = dying_node_new();
    zval key = zval_native(node);
    node->value = zval_weakmap();
    zval value = self_referring();
    assert_ok(zval_weakmap_set(&node->value, &key, zval_copy(&value)));
    zval_release(&value);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_collect_heap(), 0);
    assert_type(zval_weakmap_get(&node->value, &key), ZVAL_OBJECT);
    zval_release(&key);
    assert_int_equal(gc_collect_cycles(), 1);
}

/* ---- destructors ---------------------------------------------------------------------------- */

static size_t count_inside;

static void insert_ten(zval *self)
{
    for (int i = 0; i < 10; i++) {
        zval key = zval_object(NULL);
        (void)zval_weakmap_set(&map, &key, zval_int(i));
        if (i % 2 == 0) { /* the others stay */
            (void)zval_property_set(self, "key", zval_copy(&key));
        }
        zval_release(&key);
    }
    count_inside = zval_weakmap_count(&map);
}

static void a_dying_value_may_fill_its_map(void **state)
{
    (void)state;
    dying_act = insert_ten;
    map = zval_weakmap();
    zval key = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key, dying_new()));
    assert_ok(zval_weakmap_remove(&map, &key));
    assert_int_equal(count_inside, 1); /* the last key that it holds itself */
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_ok(zval_weakmap_set(&map, &key, dying_new()));
    zval_release(&key);
    assert_int_equal(count_inside, 1);
    assert_int_equal(dying_count, 2);
    zval_release(&map);
}

static zval key_of_value;

static void put_back(zval *self)
{
    (void)zval_weakmap_set(&map, &key_of_value, zval_copy(self));
}

/* Rescued by its own entry: it is there again when the call returns. */
static void a_removed_value_may_put_itself_back(void **state)
{
    (void)state;
    dying_act = put_back;
    map = zval_weakmap();
    key_of_value = zval_object(NULL);
    assert_ok(zval_weakmap_set(&map, &key_of_value, dying_new()));
    assert_ok(zval_weakmap_remove(&map, &key_of_value));
    assert_int_equal(zval_weakmap_count(&map), 1);
    assert_ok(zval_weakmap_remove(&map, &key_of_value));
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_int_equal(dying_count, 1);
    zval_release(&key_of_value);
    zval_release(&map);
}

static void remove_all(zval *self)
{
    (void)self;
    zval key;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&map, &cursor, &key, NULL)) {
        (void)zval_weakmap_remove(&map, &key);
    }
}

static void a_dying_value_may_empty_its_map(void **state)
{
    (void)state;
    dying_act = remove_all;
    map = zval_weakmap();
    zval keys[20];
    for (int i = 0; i < 20; i++) {
        keys[i] = zval_object(NULL);
        assert_ok(zval_weakmap_set(&map, &keys[i], dying_new()));
    }
    assert_ok(zval_weakmap_remove(&map, &keys[10]));
    assert_int_equal(dying_count, 20);
    assert_int_equal(zval_weakmap_count(&map), 0);
    for (int i = 0; i < 20; i++) {
        zval_release(&keys[i]);
    }
    zval_release(&map);
}

static void put_self_as_key(zval *self)
{
    (void)zval_weakmap_set(&map, self, zval_int(1));
    count_inside = zval_weakmap_count(&map);
}

static void a_dying_object_may_become_a_key(void **state)
{
    (void)state;
    dying_act = put_self_as_key;
    map = zval_weakmap();
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(count_inside, 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(count_inside, 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(a_map_that_goes_first_leaves_its_keys_alone),
        dying_test(values_of_all_kinds_go_with_the_key),
        dying_test(many_maps_may_have_one_key),
        dying_test(maps_may_be_nested_in_each_other),
        dying_test(nested_maps_in_a_cycle_are_collected),
        dying_test(nested_maps_that_their_key_leads_to_stay_with_it),
        dying_test(a_live_map_does_not_keep_a_ring_of_keys_and_values),
        dying_test(a_key_without_references_dies_with_the_map),
        dying_test(a_key_without_references_dies_and_the_map_lives),
        dying_test(a_map_in_a_struct_is_collected_with_it),
        dying_test(a_map_in_a_live_struct_is_kept),
        dying_test(a_dying_value_may_fill_its_map),
        dying_test(a_removed_value_may_put_itself_back),
        dying_test(a_dying_value_may_empty_its_map),
        dying_test(a_dying_object_may_become_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
