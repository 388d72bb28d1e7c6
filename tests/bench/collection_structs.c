/*
 * Section A with own structs: the time of one collection.
 *
 * The collector is off while the graph is built. Every node is held by one
 * holder meanwhile; giving that up makes every node a possible root. A live
 * graph stays held by its first node, a live random graph by its holder, and
 * then each node is retained and released once instead.
 */
#include "bench_rcycle.h"
#include "bench_support.h"
#include "graph_shapes.h"
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

struct node {
    struct gc_object gc;
    struct node *links[2];
    uint64_t number;
    char rest[24];
};

struct tree_node {
    struct gc_object gc;
    struct tree_node *links[3];
    uint64_t number;
    char rest[16];
};

struct text_node {
    struct gc_object gc;
    struct text_node *links[2];
    zval text;
    char rest[16];
};

static const struct gc_field node_fields[] = {GC_FIELD_OBJECTS(struct node, links)};
static const struct gc_type node_type = {
    .name = "node", .size = sizeof(struct node), .fields = node_fields, .field_count = 1};

static const struct gc_field tree_fields[] = {GC_FIELD_OBJECTS(struct tree_node, links)};
static const struct gc_type tree_type = {
    .name = "tree_node", .size = sizeof(struct tree_node), .fields = tree_fields, .field_count = 1};

static const struct gc_field text_fields[] = {GC_FIELD_OBJECTS(struct text_node, links),
                                              GC_FIELD_ZVAL(struct text_node, text)};
static const struct gc_type text_type = {
    .name = "text_node", .size = sizeof(struct text_node), .fields = text_fields, .field_count = 2};

/* The array that holds the nodes, itself an object as it is in PHP. */
struct holder {
    struct gc_object gc;
    void **nodes;
    size_t count;
};

static void free_holder(void *self)
{
    free(((struct holder *)self)->nodes);
}

static const struct gc_field holder_fields[] = {GC_FIELD_OBJECT_LIST(struct holder, nodes, count)};
static const struct gc_type holder_type = {.name = "holder",
                                           .size = sizeof(struct holder),
                                           .fields = holder_fields,
                                           .field_count = 1,
                                           .free = free_holder};

static struct holder *holder_new(size_t count)
{
    struct holder *holder = bench_checked(gc_new(&holder_type));
    holder->nodes = bench_memory(count, sizeof(void *));
    return holder;
}

static struct holder *hold_new_nodes(const struct gc_type *type, size_t count)
{
    struct holder *holder = holder_new(count);
    for (; holder->count < count; holder->count++) {
        holder->nodes[holder->count] = bench_checked(gc_new(type));
    }
    return holder;
}

static void link_nodes(void *nodes, size_t from, unsigned link, size_t to)
{
    void **all = nodes;
    struct tree_node *node = all[from];
    node->links[link] = gc_retain(all[to]);
}

static void add_texts(struct holder *holder)
{
    for (size_t i = 0; i < holder->count; i++) {
        char text[40];
        int length = snprintf(text, sizeof text, "%032zu", i);
        ((struct text_node *)holder->nodes[i])->text = zval_string(text, (size_t)length);
    }
}

static void touch_all(struct holder *holder)
{
    for (size_t i = 0; i < holder->count; i++) {
        gc_release(gc_retain(holder->nodes[i]));
    }
}

/* ---- graphs --------------------------------------------------------------- */

static void run_dead(const char *shape_name, const struct gc_type *type, size_t size)
{
    const struct graph_shape *shape = graph_shape_of(shape_name);
    bench_heap_begin(size, false);
    struct holder *holder = hold_new_nodes(type, size);
    shape->connect(holder->nodes, size, link_nodes);
    if (type == &text_type) {
        add_texts(holder);
    }
    gc_release(holder);
    bench_collection((double)size, 1, NULL, NULL);
    bench_heap_end();
}

static void run_live(const char *shape_name, const struct gc_type *type, size_t size)
{
    const struct graph_shape *shape = graph_shape_of(shape_name);
    bench_heap_begin(size, false);
    struct holder *holder = hold_new_nodes(type, size);
    shape->connect(holder->nodes, size, link_nodes);
    void *first = gc_retain(holder->nodes[0]);
    gc_release(holder);
    bench_collection((double)size, 1, NULL, NULL);
    gc_release(first);
    bench_heap_end();
}

static void self(size_t size)
{
    run_dead("self", &node_type, size);
}

static void list_dead(size_t size)
{
    run_dead("list", &node_type, size);
}

static void list_live(size_t size)
{
    run_live("list", &node_type, size);
}

static void shuffled_dead(size_t size)
{
    run_dead("shuffled", &node_type, size);
}

static void shuffled_live(size_t size)
{
    run_live("shuffled", &node_type, size);
}

static void random_dead(size_t size)
{
    run_dead("random", &node_type, size);
}

static void random_live(size_t size)
{
    bench_heap_begin(size, false);
    struct holder *holder = hold_new_nodes(&node_type, size);
    graph_shape_of("random")->connect(holder->nodes, size, link_nodes);
    touch_all(holder);
    bench_collection((double)size, 1, NULL, NULL);
    gc_release(holder);
    bench_heap_end();
}

static void tree_dead(size_t size)
{
    run_dead("tree", &tree_type, size);
}

static void tree_live(size_t size)
{
    run_live("tree", &tree_type, size);
}

static void rings21(size_t size)
{
    run_dead("rings21", &node_type, size);
}

static void strings(size_t size)
{
    run_dead("random", &text_type, size);
}

/* ---- what is looked at again and again -------------------------------------- */

static void touch(void *object)
{
    gc_release(gc_retain(object));
}

static void hub(size_t size)
{
    bench_heap_begin(size, false);
    struct holder *holder = hold_new_nodes(&node_type, size);
    bench_collection((double)size, BENCH_REPEATED, touch, holder);
    gc_release(holder);
    bench_heap_end();
}

static void nested(size_t size)
{
    bench_heap_begin(size, false);
    size_t lists = graph_nested_lists(size);
    struct holder *list = holder_new(0);
    for (size_t n = 1; n < lists; n++) {
        struct holder *outer = holder_new(n);
        for (; outer->count < n; outer->count++) {
            outer->nodes[outer->count] = gc_retain(list);
        }
        gc_release(list);
        list = outer;
    }
    bench_collection((double)lists * (double)(lists - 1) / 2, BENCH_REPEATED, touch, list);
    gc_release(list);
    bench_heap_end();
}

const struct bench_workload collection_structs[] = {
    {"self", self},
    {"list-dead", list_dead},
    {"list-live", list_live},
    {"shuffled-dead", shuffled_dead},
    {"shuffled-live", shuffled_live},
    {"random-dead", random_dead},
    {"random-live", random_live},
    {"tree-dead", tree_dead},
    {"tree-live", tree_live},
    {"hub", hub},
    {"rings21", rings21},
    {"nested", nested},
    {"strings", strings},
    {NULL, NULL},
};
