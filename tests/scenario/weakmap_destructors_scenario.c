/*
 * PHP's scenarios, section 5: what destructors of values do to their weak map
 * and to its keys.
 */
#include "dying.h"
#include "scenario.h"

static zval map;
static zval reference; /* to the key */

/* ---- the map grows under its own hands ---------------------------------- */

static zval all;

static void insert_ten(zval *self)
{
    (void)self;
    for (int i = 0; i < 10; i++) {
        zval key = zval_object(NULL);
        push(&all, zval_copy(&key));
        ok(zval_weakmap_set(&map, &key, zval_int(i)));
        zval_release(&key);
    }
}

static void weakrefs_006_overwritten_value_inserts_ten_entries(void **state)
{
    (void)state;
    dying_act = insert_ten;
    map = zval_weakmap();
    all = zval_array();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, dying_new()));
    ok(zval_weakmap_set(&map, &key, zval_int(123)));
    assert_int_equal(dying_count, 1);
    assert_int_equal(zval_weakmap_count(&map), 11);
    assert_int_equal(zval_to_int(zval_weakmap_get(&map, &key)), 123);
    for (int i = 0; i < 10; i++) {
        const zval *value = zval_weakmap_get(&map, zval_array_get_at(&all, i));
        assert_int_equal(zval_to_int(value), i);
    }
    zval_release(&all);
    assert_int_equal(zval_weakmap_count(&map), 1);
    zval_release(&key);
    zval_release(&map);
}

/* ---- the program's variable is being assigned to ------------------------ */

static zval variable;
static enum zval_type type_inside;

static void look_at_variable(zval *self)
{
    (void)self;
    type_inside = zval_type_of(&variable);
}

/* headers_sent($obj): an out-parameter overwrites the last handle to the key. */
static void gh17442_key_overwritten_as_an_out_parameter(void **state)
{
    (void)state;
    dying_act = look_at_variable;
    map = zval_weakmap();
    variable = zval_object(NULL);
    ok(zval_weakmap_set(&map, &variable, dying_new()));
    zval argument = zval_reference(&variable);
    zval_assign(&argument, zval_cstring(""));
    assert_int_equal(dying_count, 1);
    assert_int_equal(type_inside, ZVAL_STRING);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&argument);
    zval_release(&variable);
    zval_release(&map);
}

/* ---- the dying key gets into new maps ----------------------------------- */

static zval new_maps[8];
static int inserted;

static void insert_key_into_new_maps(zval *self)
{
    (void)self;
    zval key = zval_weakref_get(&reference);
    for (int i = 0; i < 8; i++) {
        new_maps[i] = zval_weakmap();
        inserted += zval_weakmap_set(&new_maps[i], &key, zval_int(1)) == GC_OK;
    }
    zval_release(&key);
}

static void make_entry_for_gh20404(void)
{
    inserted = 0;
    dying_act = insert_key_into_new_maps;
    map = zval_weakmap();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, dying_new()));
    reference = zval_weakref(&key);
    variable = key;
}

static void gh20404_key_put_into_new_maps_at_the_end(void **state)
{
    (void)state;
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    make_entry_for_gh20404();
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
    assert_int_equal(dying_count, 1);
    assert_int_equal(inserted, 8); /* the key is alive: destructors come first */
}

/* When the key goes by counting it is out of sight before its values go. */
static void gh20404_key_put_into_new_maps_when_it_goes(void **state)
{
    (void)state;
    make_entry_for_gh20404();
    zval_release(&variable);
    assert_int_equal(dying_count, 1);
    assert_int_equal(inserted, 0);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(zval_weakmap_count(&new_maps[i]), 0);
        zval_release(&new_maps[i]);
    }
    zval_release(&reference);
    zval_release(&map);
}

/* When both are garbage the destructor still finds the key, whole, and may rescue it by a value. */
static void gh20404_key_put_into_new_maps_when_it_is_garbage(void **state)
{
    (void)state;
    make_entry_for_gh20404();
    set(&variable, "self", zval_copy(&variable));
    zval_release(&variable);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(dying_count, 1);
    assert_int_equal(inserted, 8);
    assert_int_equal(zval_weakmap_count(&map), 0);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(zval_weakmap_count(&new_maps[i]), 0);
        zval_release(&new_maps[i]);
    }
    zval_release(&reference);
    zval_release(&map);
}

/* ---- a key in two maps -------------------------------------------------- */

static zval second_map;

/* The key's value in the first map is `value`, in the second one `kept`; both the key and the
   second map have been touched. */
static zval key_in_two_maps(zval value, const zval *kept)
{
    map = zval_weakmap();
    second_map = zval_weakmap();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, value));
    ok(zval_weakmap_set(&second_map, &key, zval_copy(kept)));
    zval *const touched[] = {&second_map, &key};
    for (int i = 0; i < 2; i++) {
        zval copy = zval_copy(touched[i]);
        zval_release(&copy);
    }
    return key;
}

static void expect_both_maps_empty(zval *kept)
{
    assert_int_equal(zval_refcount(kept), 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    assert_int_equal(zval_weakmap_count(&second_map), 0);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
    zval_release(kept);
    zval_release(&map);
    zval_release(&second_map);
}

static size_t collected_inside;
static size_t faults_inside;

static void collect_inside(zval *self)
{
    (void)self;
    collected_inside += gc_collect_cycles();
    faults_inside += gc_heap_verify(NULL, stderr);
}

static void weakmap_shared_key_free_value_collects(void **state)
{
    (void)state;
    collected_inside = faults_inside = 0;
    dying_act = collect_inside;
    zval kept = zval_object(NULL);
    zval key = key_in_two_maps(dying_new(), &kept);
    zval_release(&key);
    assert_int_equal(dying_count, 1);
    assert_int_equal(collected_inside, 0);
    assert_int_equal(faults_inside, 0);
    expect_both_maps_empty(&kept);
}

static void weakmap_shared_key_free_value_fills_the_buffer(void **state)
{
    (void)state;
    zval nodes = zval_array();
    zval copies = zval_array();
    for (int i = 0; i < 20000; i++) {
        zval node = zval_object(NULL);
        push(&nodes, zval_copy(&node));
        push(&copies, node);
    }
    zval kept = zval_object(NULL);
    zval key = key_in_two_maps(copies, &kept);
    zval_release(&key);
    assert_int_equal(gc_status().runs, 2);
    assert_int_equal(gc_status().collected, 0);
    expect_both_maps_empty(&kept);
    zval_release(&nodes);
}

static int keys_seen;
static size_t count_seen;

static void iterate_second_map(zval *self)
{
    (void)self;
    struct zval_weakmap_cursor cursor = {0};
    while (zval_weakmap_next(&second_map, &cursor, NULL, NULL)) {
        keys_seen++;
    }
    count_seen = zval_weakmap_count(&second_map);
}

static void weakmap_shared_key_free_value_iterates_the_second_map(void **state)
{
    (void)state;
    keys_seen = 0;
    count_seen = 99;
    dying_act = iterate_second_map;
    zval kept = zval_object(NULL);
    zval key = key_in_two_maps(dying_new(), &kept);
    zval_release(&key);
    assert_int_equal(dying_count, 1);
    assert_int_equal(keys_seen, 0);
    assert_int_equal(count_seen, 0);
    expect_both_maps_empty(&kept);
}

/* ---- a key or map is found before it goes ------------------------------- */

static zval found;

static void find_it(zval *self)
{
    (void)self;
    found = zval_weakref_get(&reference);
}

/* $box = [new Finder(WeakReference::create($last)), $last]; unset($last); unset($box) */
static void drop_behind_its_finder(zval last)
{
    reference = zval_weakref(&last);
    dying_act = find_it;
    zval box = zval_array();
    push(&box, dying_new());
    push(&box, last);
    zval_release(&box);
    zval_release(&reference);
    assert_int_equal(dying_count, 1);
}

/* Had the key gone, both maps would have. */
static void extra_key_is_found_of_maps_that_hold_each_other(void **state)
{
    (void)state;
    map = zval_weakmap();
    second_map = zval_weakmap();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, zval_copy(&second_map)));
    ok(zval_weakmap_set(&second_map, &key, zval_copy(&map)));
    zval_release(&map);
    zval_release(&second_map);
    drop_behind_its_finder(key);
    assert_int_equal(zval_type_of(&found), ZVAL_OBJECT);
    assert_int_equal(gc_status().live_nodes, 3);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(gc_status().live_nodes, 1);
    zval_release(&found);
}

/* Had the map gone, its value and the key would have. */
static void extra_map_is_found_whose_value_leads_to_its_key(void **state)
{
    (void)state;
    zval owner = zval_weakmap();
    zval key = zval_object(NULL);
    zval value = zval_object(NULL);
    ok(zval_property_set(&value, "key", zval_copy(&key)));
    ok(zval_weakmap_set(&owner, &key, value));
    zval_release(&key);
    drop_behind_its_finder(owner);
    assert_int_equal(zval_weakmap_count(&found), 1);
    assert_int_equal(gc_status().live_nodes, 3);
    zval_release(&found);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* ---- at the end --------------------------------------------------------- */

static int failures;

static void fail_to_do_anything(zval *self)
{
    gc_memory_fail_after(0);
    zval array = zval_array();
    failures += zval_type_of(&array) == ZVAL_UNDEF;
    failures += zval_property_set(self, "none", zval_int(1)) == GC_ENOMEM;
    (void)gc_memory_fail_never();
}

/* In PHP the destructor throws at shutdown; here nothing that it tries succeeds. */
static void weakmap_dtor_exception_at_the_end(void **state)
{
    (void)state;
    failures = 0;
    dying_act = fail_to_do_anything;
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    map = zval_weakmap();
    zval key = zval_object(NULL);
    ok(zval_weakmap_set(&map, &key, dying_new()));
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
    assert_int_equal(dying_count, 1);
    assert_int_equal(failures, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(weakrefs_006_overwritten_value_inserts_ten_entries),
        dying_test(gh17442_key_overwritten_as_an_out_parameter),
        dying_test(gh20404_key_put_into_new_maps_at_the_end),
        dying_test(gh20404_key_put_into_new_maps_when_it_goes),
        dying_test(gh20404_key_put_into_new_maps_when_it_is_garbage),
        dying_test(weakmap_shared_key_free_value_collects),
        dying_test(weakmap_shared_key_free_value_fills_the_buffer),
        dying_test(weakmap_shared_key_free_value_iterates_the_second_map),
        dying_test(extra_key_is_found_of_maps_that_hold_each_other),
        dying_test(extra_map_is_found_whose_value_leads_to_its_key),
        dying_test(weakmap_dtor_exception_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
