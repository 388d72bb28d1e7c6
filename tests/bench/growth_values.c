/*
 * Section C with values: objects of a class beside a list of such objects, and
 * arrays inside arrays.
 */
#include "bench_rcycle.h"

#define STEPS 1000000

static const char *const node_properties[] = {"a", "b", "number"};
static const struct zval_class node_class = {
    .name = "Node", .properties = node_properties, .property_count = 3};

static void put(zval *object, size_t property, zval value)
{
    zval_assign(zval_property_at(object, property), value);
}

/* ---- beside ------------------------------------------------------------------------ */

struct beside {
    zval head; /* undefined if there is no list */
    uint64_t sum;
};

static void append_node(struct beside *beside, zval *last)
{
    zval node = zval_object(&node_class);
    put(&node, 2, zval_int(1));
    if (zval_type_of(last) == ZVAL_OBJECT) {
        put(&node, 1, zval_copy(last));
        put(last, 0, zval_copy(&node));
    } else {
        beside->head = zval_copy(&node);
    }
    zval_assign(last, node);
}

static void build_list(struct beside *beside, size_t nodes)
{
    zval last = zval_undef();
    gc_disable();
    for (size_t i = 0; i < nodes; i++) {
        append_node(beside, &last);
    }
    zval_release(&last);
    gc_enable();
    gc_collect_cycles();
}

static void run_steps(void *context)
{
    struct beside *beside = context;
    for (size_t i = 0; i < STEPS; i++) {
        zval node = zval_object(&node_class);
        put(&node, 0, zval_copy(&node));
        zval_release(&node);
        if (zval_type_of(&beside->head) == ZVAL_OBJECT) {
            zval head = zval_copy(&beside->head);
            beside->sum += (uint64_t)zval_to_int(zval_property_at(&head, 2));
            zval_release(&head);
        }
    }
}

static void beside(size_t size)
{
    struct beside beside = {.head = zval_undef()};
    bench_heap_begin_default();
    build_list(&beside, size);
    double elapsed_ns = bench_measure(run_steps, &beside);
    bench_report(elapsed_ns, STEPS, beside.sum);
    bench_heap_end();
}

/* ---- release ----------------------------------------------------------------------- */

static void release_value(void *context)
{
    zval_release(context);
}

/* Arrays of one element, each in the next. */
static void release_nested(size_t size)
{
    bench_heap_begin_default();
    zval array = zval_array();
    for (size_t i = 1; i < size; i++) {
        zval outer = zval_array();
        if (zval_array_push(&outer, array) != GC_OK) {
            bench_fail();
        }
        array = outer;
    }
    double elapsed_ns = bench_measure(release_value, &array);
    bench_report(elapsed_ns, (double)size, size);
    bench_heap_end();
}

const struct bench_workload growth_values[] = {
    {"beside-zval", beside},
    {"release-nested-zval", release_nested},
    {NULL, NULL},
};
