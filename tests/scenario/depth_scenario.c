/*
 * PHP's scenarios, section 3: structures so deep or long that recursion over
 * them overflows the stack. All of it runs with 256 KiB of stack. (Valgrind
 * brings a stack of its own, so there it proves less.)
 */
#include "scenario.h"

#include <sys/resource.h>

static const char *const node_properties[] = {"previous", "next"};
static const struct zval_class node_class = {
    .name = "node", .properties = node_properties, .property_count = 2};

enum link {
    PREVIOUS,
    NEXT
};

static void set_link(zval *node, enum link link, const zval *target)
{
    zval_assign(zval_property_at(node, link), zval_copy(target));
}

static int shrink_stack(void **state)
{
    (void)state;
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0) {
        return -1;
    }
    limit.rlim_cur = 256 << 10;
    return setrlimit(RLIMIT_STACK, &limit);
}

/* ---- doubly linked ------------------------------------------------------ */

/* PHP's test line by line: the list grows between the current node and the next one, and the
   variables that walk it and the links that are replaced make two nodes an insertion possible
   roots. */
static zval circular_doubly_linked_list(int insertions)
{
    zval first = zval_object(&node_class);
    set_link(&first, PREVIOUS, &first);
    set_link(&first, NEXT, &first);
    zval list = zval_copy(&first);
    zval current = zval_undef();
    zval next = zval_undef();
    zval fresh = zval_undef();
    for (int i = 0; i < insertions; i++) {
        zval_assign(&current, zval_copy(&list));
        zval_assign(&next, zval_copy(zval_property_at(&list, NEXT)));
        zval_assign(&fresh, zval_object(&node_class));
        set_link(&fresh, PREVIOUS, &current);
        set_link(&current, NEXT, &fresh);
        set_link(&fresh, NEXT, &next);
        set_link(&next, PREVIOUS, &fresh);
        zval_assign(&list, zval_copy(&next));
    }
    zval *const variables[] = {&list, &current, &next, &fresh};
    for (size_t i = 0; i < 4; i++) {
        zval_release(variables[i]);
    }
    return first;
}

static void bug77345_1_long_list_alive_during_runs(void **state)
{
    (void)state;
    zval first = circular_doubly_linked_list(200000);
    struct gc_status status = gc_status();
    assert_int_equal(status.live_nodes, 200001);
    assert_int_equal(status.collected, 0);
    assert_int_equal(status.runs, 39);
    zval_release(&first);
    assert_int_equal(gc_collect_cycles(), 200001);
    expect_figures(.runs = 40, .collected = 200001);
}

static void bug77345_2_long_list_collected(void **state)
{
    (void)state;
    gc_disable();
    zval first = circular_doubly_linked_list(300000);
    assert_int_equal(gc_status().live_nodes, 300001);
    zval_release(&first);
    assert_int_equal(gc_collect_cycles(), 300001);
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().live_nodes, 0);
}

/* ---- singly linked ------------------------------------------------------ */

/* `last` is the end of the chain, whose head is returned. */
static zval chain_in_front_of(zval last, int count)
{
    zval head = last;
    for (int i = 0; i < count; i++) {
        zval node = zval_object(&node_class);
        zval_assign(zval_property_at(&node, NEXT), head);
        head = node;
    }
    return head;
}

/* PHP overflows the stack here, in freeing. */
static void extra_ring_of_100001_collected(void **state)
{
    (void)state;
    zval last = zval_object(&node_class);
    zval head = chain_in_front_of(zval_copy(&last), 100000);
    set_link(&last, NEXT, &head);
    zval_release(&last);
    zval_release(&head);
    expect_figures(.roots = 2, .live_nodes = 100001);
    assert_int_equal(gc_collect_cycles(), 100001);
    expect_figures(.runs = 1, .collected = 100001);
}

/* And here and below: no cycle, all goes by counting when the head is dropped. */
static void extra_chain_of_100000_objects_released(void **state)
{
    (void)state;
    zval head = chain_in_front_of(zval_null(), 100000);
    expect_figures(.live_nodes = 100000);
    zval_release(&head);
    expect_figures(.runs = 0);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void extra_300000_nested_arrays_released(void **state)
{
    (void)state;
    zval nested = zval_null();
    for (int i = 0; i < 300000; i++) {
        zval outer = zval_array();
        push(&outer, nested);
        nested = outer;
    }
    expect_figures(.live_nodes = 300000);
    zval_release(&nested);
    expect_figures(.runs = 0);
    assert_int_equal(gc_memory_usage(false), 0);
}

/* The same depth reached by a run: a cycle at the top, 300,000 arrays below it. */
static void extra_300000_nested_arrays_collected(void **state)
{
    (void)state;
    zval nested = zval_null();
    for (int i = 0; i < 300000; i++) {
        zval outer = zval_array();
        push(&outer, nested);
        nested = outer;
    }
    zval object = self_object();
    set(&object, "nested", nested);
    assert_int_equal(gc_collect_cycles(), 0);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 300001);
    expect_figures(.runs = 1, .collected = 300001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scenario_test(bug77345_1_long_list_alive_during_runs),
        scenario_test(bug77345_2_long_list_collected),
        scenario_test(extra_ring_of_100001_collected),
        scenario_test(extra_chain_of_100000_objects_released),
        scenario_test(extra_300000_nested_arrays_released),
        scenario_test(extra_300000_nested_arrays_collected),
    };
    return cmocka_run_group_tests(tests, shrink_stack, NULL);
}
