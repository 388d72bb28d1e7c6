/*
 * Section A with values: objects of a class with three declared properties, in
 * an array. What is dropped and what stays is as in collection_structs.c.
 */
#include "bench_rcycle.h"
#include "graph_shapes.h"
#include <stdio.h>

static const char *const property_names[] = {"a", "b", "number"};
static const struct zval_class node_class = {
    .name = "Node", .properties = property_names, .property_count = 3};

static void check(enum gc_result result)
{
    if (result != GC_OK) {
        bench_fail();
    }
}

static zval array_of_objects(size_t count)
{
    zval array = zval_array();
    for (size_t i = 0; i < count; i++) {
        check(zval_array_push(&array, zval_object(&node_class)));
    }
    return array;
}

static zval *element(zval *array, size_t index)
{
    return bench_checked(zval_array_slot_at(array, (int64_t)index));
}

static void link_objects(void *nodes, size_t from, unsigned link, size_t to)
{
    zval *property = zval_property_at(element(nodes, from), link);
    zval_assign(property, zval_copy(element(nodes, to)));
}

static void add_texts(zval *array, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[40];
        int length = snprintf(text, sizeof text, "%032zu", i);
        zval_assign(zval_property_at(element(array, i), 2), zval_string(text, (size_t)length));
    }
}

static void touch(void *variable)
{
    zval copy = zval_copy(variable);
    zval_release(&copy);
}

static void run_dead(const char *shape, bool texts, size_t size)
{
    bench_heap_begin(size, false);
    zval array = array_of_objects(size);
    graph_shape_of(shape)->connect(&array, size, link_objects);
    if (texts) {
        add_texts(&array, size);
    }
    zval_release(&array);
    bench_collection((double)size, 1, NULL, NULL);
    bench_heap_end();
}

static void run_live(const char *shape, size_t size)
{
    bench_heap_begin(size, false);
    zval array = array_of_objects(size);
    graph_shape_of(shape)->connect(&array, size, link_objects);
    zval first = zval_copy(element(&array, 0));
    zval_release(&array);
    bench_collection((double)size, 1, NULL, NULL);
    zval_release(&first);
    bench_heap_end();
}

static void self(size_t size)
{
    run_dead("self", false, size);
}

static void list_dead(size_t size)
{
    run_dead("list", false, size);
}

static void list_live(size_t size)
{
    run_live("list", size);
}

static void shuffled_dead(size_t size)
{
    run_dead("shuffled", false, size);
}

static void shuffled_live(size_t size)
{
    run_live("shuffled", size);
}

static void random_dead(size_t size)
{
    run_dead("random", false, size);
}

static void random_live(size_t size)
{
    bench_heap_begin(size, false);
    zval array = array_of_objects(size);
    graph_shape_of("random")->connect(&array, size, link_objects);
    for (size_t i = 0; i < size; i++) {
        touch(element(&array, i));
    }
    bench_collection((double)size, 1, NULL, NULL);
    zval_release(&array);
    bench_heap_end();
}

static void tree_dead(size_t size)
{
    run_dead("tree", false, size);
}

static void tree_live(size_t size)
{
    run_live("tree", size);
}

static void rings21(size_t size)
{
    run_dead("rings21", false, size);
}

static void strings(size_t size)
{
    run_dead("random", true, size);
}

static void hub(size_t size)
{
    bench_heap_begin(size, false);
    zval object = zval_object(&node_class);
    zval_assign(zval_property_at(&object, 0), array_of_objects(size));
    bench_collection((double)size, BENCH_REPEATED, touch, &object);
    zval_release(&object);
    bench_heap_end();
}

static void nested(size_t size)
{
    bench_heap_begin(size, false);
    size_t lists = graph_nested_lists(size);
    zval list = zval_array();
    for (size_t n = 1; n < lists; n++) {
        zval outer = zval_array();
        for (size_t i = 0; i < n; i++) {
            check(zval_array_push(&outer, zval_copy(&list)));
        }
        zval_assign(&list, outer);
    }
    bench_collection((double)lists * (double)(lists - 1) / 2, BENCH_REPEATED, touch, &list);
    zval_release(&list);
    bench_heap_end();
}

static void ints(size_t size)
{
    bench_heap_begin(size, false);
    zval array = zval_array();
    for (size_t i = 0; i < size; i++) {
        check(zval_array_push(&array, zval_int((int64_t)i)));
    }
    bench_collection((double)size, BENCH_REPEATED, touch, &array);
    zval_release(&array);
    bench_heap_end();
}

const struct bench_workload collection_values[] = {
    {"self-zval", self},
    {"list-dead-zval", list_dead},
    {"list-live-zval", list_live},
    {"shuffled-dead-zval", shuffled_dead},
    {"shuffled-live-zval", shuffled_live},
    {"random-dead-zval", random_dead},
    {"random-live-zval", random_live},
    {"tree-dead-zval", tree_dead},
    {"tree-live-zval", tree_live},
    {"hub-zval", hub},
    {"rings21-zval", rings21},
    {"nested-zval", nested},
    {"strings-zval", strings},
    {"ints-zval", ints},
    {NULL, NULL},
};
