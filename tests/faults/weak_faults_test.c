/*
 * Weak references and weak maps when memory runs out: each call with the first,
 * the second, ... allocation failing, until it succeeds. A call that fails has
 * changed nothing, not even the bytes in use.
 */
#include "checks.h"
#include "dying.h"

/* ---- one call --------------------------------------------------------------------------- */

static zval map;
static zval key;
static zval weak;
static struct fixture_node *node;
static struct gc_weak *weak_node;

/* A call that needs memory: does it, and says whether it succeeded. */
typedef bool (*attempt)(void);

/* Lets it fail until it succeeds; returns how many allocations it makes. */
static uint64_t sweep(attempt try_it)
{
    for (uint64_t successes = 0;; successes++) {
        size_t bytes_before = gc_memory_usage(false);
        size_t count_before = zval_weakmap_count(&map);
        uint64_t nodes_before = gc_status().live_nodes;
        gc_memory_fail_after(successes);
        bool succeeded = try_it();
        uint64_t failures = gc_memory_fail_never();
        assert_sound();
        assert_int_equal(succeeded, failures == 0);
        if (succeeded) {
            return successes;
        }
        assert_int_equal(gc_memory_usage(false), bytes_before);
        assert_int_equal(zval_weakmap_count(&map), count_before);
        assert_nodes(nodes_before);
    }
}

static int begin(void **state)
{
    int result = dying_begin(state);
    map = zval_weakmap();
    key = zval_object(NULL);
    node = fixture_node_new(1);
    weak = zval_undef();
    weak_node = NULL;
    return result;
}

static int end(void **state)
{
    zval_release(&map);
    zval_release(&key);
    zval_release(&weak);
    gc_release(node);
    gc_weak_release(weak_node);
    return fixture_end(state);
}

#define faults_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

static bool try_weakref(void)
{
    weak = zval_weakref(&key);
    return zval_type_of(&weak) == ZVAL_WEAKREF;
}

static bool try_weak_new(void)
{
    weak_node = gc_weak_new(node);
    return weak_node != NULL;
}

static void a_first_weak_reference_needs_the_registry_and_a_handle(void **state)
{
    (void)state;
    assert_int_equal(sweep(try_weakref), 2);
    zval target = zval_weakref_get(&weak);
    assert_true(zval_identical(&target, &key));
    zval_release(&target);
    assert_int_equal(sweep(try_weak_new), 1);
    assert_ptr_equal(gc_weak_get(weak_node), node);
    gc_release(node);
}

static void another_owner_of_a_handle_needs_no_memory(void **state)
{
    (void)state;
    weak = zval_weakref(&key);
    gc_memory_fail_after(0);
    zval again = zval_weakref(&key);
    zval target = zval_weakref_get(&again);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_true(zval_identical(&again, &weak));
    assert_true(zval_identical(&target, &key));
    zval_release(&target);
    zval_release(&again);
}

static zval made;

static bool try_weakmap(void)
{
    made = zval_weakmap();
    return zval_type_of(&made) == ZVAL_WEAKMAP;
}

static void a_map_is_one_allocation(void **state)
{
    (void)state;
    assert_int_equal(sweep(try_weakmap), 1);
    zval_release(&made);
}

static bool try_set(void)
{
    enum gc_result result = zval_weakmap_set(&map, &key, zval_int(1));
    assert_true(result == GC_OK || result == GC_ENOMEM);
    return result == GC_OK;
}

static void a_first_entry_needs_the_registry_and_the_entry(void **state)
{
    (void)state;
    assert_int_equal(sweep(try_set), 2);
    assert_int(zval_weakmap_get(&map, &key), 1);
    assert_int_equal(sweep(try_set), 0); /* there it is */
}

static bool try_slot(void)
{
    return zval_weakmap_slot(&map, &key) != NULL;
}

static void a_slot_needs_what_an_entry_needs(void **state)
{
    (void)state;
    weak = zval_weakref(&key);
    assert_int_equal(sweep(try_slot), 1);
    assert_type(zval_weakmap_get(&map, &key), ZVAL_NULL);
}

/* The value was handed over, so it goes when the call fails, whatever it is. */
static zval value_to_set;

static bool try_set_value(void)
{
    return zval_weakmap_set(&map, &key, zval_copy(&value_to_set)) == GC_OK;
}

static void the_value_of_a_refused_entry_goes(void **state)
{
    (void)state;
    value_to_set = checks_list(3);
    assert_int_equal(sweep(try_set_value), 2);
    assert_int_equal(zval_refcount(&value_to_set), 2);
    zval_release(&value_to_set);
    gc_memory_fail_after(0);
    zval other = zval_copy(&map);
    assert_result(GC_ENOMEM, zval_weakmap_set(&map, &other, zval_native(dying_node_new())));
    zval_release(&other);
    (void)gc_memory_fail_never();
}

static void a_refused_value_is_destructed(void **state)
{
    (void)state;
    zval value = dying_new();
    gc_memory_fail_after(0);
    assert_result(GC_ENOMEM, zval_weakmap_set(&map, &key, value));
    (void)gc_memory_fail_never();
    assert_int_equal(dying_count, 1);
}

/* ---- the registry grows -------------------------------------------------------------------- */

#define KEYS 200

/* Each new key with a sweep of its own; those that find the registry full need one more allocation,
   and what was in it is found whether that fails or not. */
static void the_registry_grows_or_stays_as_it_was(void **state)
{
    (void)state;
    zval keys[KEYS];
    int growths = 0;
    for (int i = 0; i < KEYS; i++) {
        zval_release(&key);
        key = zval_object(NULL);
        keys[i] = zval_copy(&key);
        growths += sweep(try_set) == 2;
        for (int j = 0; j <= i; j++) {
            assert_int(zval_weakmap_get(&map, &keys[j]), 1);
        }
    }
    assert_true(growths >= 4);
    assert_int_equal(zval_weakmap_count(&map), KEYS);
    for (int i = 0; i < KEYS; i++) {
        zval_release(&keys[i]);
    }
    assert_int_equal(zval_weakmap_count(&map), 1);
}

/* ---- what needs no memory -------------------------------------------------------------------- */

static void reading_and_removing_need_no_memory(void **state)
{
    (void)state;
    weak_node = gc_weak_new(node);
    assert_ok(zval_weakmap_set(&map, &key, zval_int(1)));
    gc_memory_fail_after(0);
    struct zval_weakmap_cursor cursor = {0};
    assert_true(zval_weakmap_next(&map, &cursor, NULL, NULL));
    assert_int(zval_weakmap_get(&map, &key), 1);
    assert_ok(zval_weakmap_set(&map, &key, zval_int(2)));
    assert_int(zval_weakmap_slot(&map, &key), 2);
    assert_ok(zval_weakmap_remove(&map, &key));
    assert_ptr_equal(gc_weak_get(weak_node), node);
    gc_release(node);
    assert_int_equal(gc_memory_fail_never(), 0);
}

static zval rescued;

static void rescue_through_the_map(zval *self)
{
    (void)self;
    zval found;
    struct zval_weakmap_cursor cursor = {0};
    if (zval_weakmap_next(&map, &cursor, &found, NULL)) {
        rescued = zval_copy(&found);
    }
}

static void collecting_weak_things_needs_no_memory(void **state)
{
    (void)state;
    assert_ok(zval_property_set(&key, "self", zval_copy(&key)));
    assert_ok(zval_weakmap_set(&map, &key, zval_copy(&key)));
    weak = zval_weakref(&key);
    zval_release(&key);
    dying_act = rescue_through_the_map;
    dying_drop_self();
    gc_memory_fail_after(0);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_type(&rescued, ZVAL_OBJECT);
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 1);
    zval target = zval_weakref_get(&weak);
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_type(&target, ZVAL_NULL);
    assert_int_equal(zval_weakmap_count(&map), 0);
}

/* ---- a whole program
 * ----------------------------------------------------------------------------- */

/* Goes on whatever fails, as a careless program would: a value that could not be made is handed on,
   and the calls refuse it. */
static void careless_program(void)
{
    zval maps[2] = {zval_weakmap(), zval_weakmap()};
    zval objects[12];
    for (int i = 0; i < 12; i++) {
        objects[i] = i % 3 == 0 ? dying_new() : zval_object(NULL);
        zval reference = zval_weakref(&objects[i]);
        (void)zval_property_set(&objects[i], "weak", zval_copy(&reference));
        (void)zval_weakmap_set(&maps[i % 2], &objects[i], zval_copy(&objects[i]));
        (void)zval_weakmap_set(&maps[0], &maps[1], reference);
        zval *slot = zval_weakmap_slot(&maps[1], &objects[i]);
        if (slot != NULL) {
            zval_assign(slot, zval_copy(&objects[i / 2]));
        }
    }
    for (int i = 0; i < 12; i++) {
        zval_release(&objects[i]);
        (void)gc_collect_cycles();
    }
    zval_release(&maps[0]);
    zval_release(&maps[1]);
}

static void a_careless_program_loses_nothing_wherever_memory_ends(void **state)
{
    (void)state;
    uint64_t failures = 1;
    size_t bytes_before = gc_memory_usage(false);
    for (uint64_t successes = 0; failures > 0; successes++) {
        gc_memory_fail_after(successes);
        careless_program();
        failures = gc_memory_fail_never();
        assert_sound();
        (void)gc_collect_heap();
        assert_sound();
        assert_nodes(3);
        assert_int_equal(gc_memory_usage(false), bytes_before);
    }
    dying_count = 0;
    careless_program();
    (void)gc_collect_cycles();
    assert_int_equal(dying_count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        faults_test(a_first_weak_reference_needs_the_registry_and_a_handle),
        faults_test(another_owner_of_a_handle_needs_no_memory),
        faults_test(a_map_is_one_allocation),
        faults_test(a_first_entry_needs_the_registry_and_the_entry),
        faults_test(a_slot_needs_what_an_entry_needs),
        faults_test(the_value_of_a_refused_entry_goes),
        faults_test(a_refused_value_is_destructed),
        faults_test(the_registry_grows_or_stays_as_it_was),
        faults_test(reading_and_removing_need_no_memory),
        faults_test(collecting_weak_things_needs_no_memory),
        faults_test(a_careless_program_loses_nothing_wherever_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
