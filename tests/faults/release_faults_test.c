/*
 * Memory that runs out while a release waits to go on: each allocation of some
 * calls failing in turn, or refused for a limit. What waits is neither lost nor
 * needs memory to go.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "dying.h"

#define WAITING 2000

static int begin(void **state)
{
    struct gc_options options = gc_options_default();
    options.release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, &options);
    gc_heap_current()->release_objects = 20;
    return result;
}

#define faults_test(function) cmocka_unit_test_setup_teardown(function, begin, fixture_end)

static struct fixture_node *chain_of(int count)
{
    struct fixture_node *first = NULL;
    for (int i = 0; i < count; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = first;
        first = node;
    }
    return first;
}

/* A chain; each link holds something with a destructor. */
static void let_much_wait(void)
{
    struct fixture_node *first = chain_of(WAITING);
    for (struct fixture_node *node = first; node != NULL; node = node->a) {
        node->b = (struct fixture_node *)(void *)dying_node_new();
    }
    gc_release(first);
    assert_true(gc_status().release_pending);
}

/* Makes some of everything that is alive at once, and drops it; says whether all of it was made. */
static bool make_and_drop(void)
{
    static const char bytes[100000];
    zval map = zval_weakmap();
    zval key = zval_object(NULL);
    zval list = zval_array();
    bool succeeded = zval_weakmap_set(&map, &key, zval_array()) == GC_OK;
    for (int i = 0; i < 20; i++) {
        succeeded &= zval_array_push(&list, zval_native(fixture_node_new(i))) == GC_OK;
    }
    succeeded &= zval_array_push(&list, zval_string(bytes, sizeof bytes)) == GC_OK;
    succeeded &= zval_array_push(&list, zval_copy(&map)) == GC_OK;
    zval_release(&key);
    zval_release(&map);
    zval_release(&list);
    return succeeded;
}

static void expect_all_gone(int destructors)
{
    assert_sound();
    gc_collect_cycles();
    assert_false(gc_status().release_pending);
    assert_nodes(0);
    assert_int_equal(dying_count, destructors);
    assert_int_equal(dying_freed, destructors);
    dying_count = dying_freed = 0;
}

static void what_waits_goes_though_memory_fails(void **state)
{
    (void)state;
    uint64_t failures = 1;
    for (uint64_t successes = 0; failures > 0; successes++) {
        let_much_wait();
        gc_memory_fail_after(successes);
        bool succeeded = make_and_drop();
        failures = gc_memory_fail_never();
        assert_int_equal(succeeded, failures == 0);
        expect_all_gone(WAITING);
    }
}

static void what_waits_goes_before_a_call_is_refused(void **state)
{
    (void)state;
    for (size_t room = 0; room < 200000; room += 8000) {
        gc_release(chain_of(3 * WAITING));
        assert_true(gc_status().release_pending);
        assert_ok(gc_memory_set_limit(gc_memory_usage(false) + room));
        assert_true(make_and_drop());
        assert_ok(gc_memory_set_limit(0));
        expect_all_gone(0);
    }
}

static void what_waits_goes_without_memory(void **state)
{
    (void)state;
    let_much_wait();
    gc_memory_fail_after(0);
    while (!gc_step(0)) {
    }
    assert_int_equal(gc_memory_fail_never(), 0);
    expect_all_gone(WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        faults_test(what_waits_goes_though_memory_fails),
        faults_test(what_waits_goes_before_a_call_is_refused),
        faults_test(what_waits_goes_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
