#include "fixture.h"

#include <stdio.h>

static struct gc_heap *heap_of_test;
static struct gc_heap *heap_before;

int fixture_begin_with(void **state, const struct gc_options *options)
{
    (void)state;
    heap_of_test = gc_heap_new(options);
    if (heap_of_test == NULL) {
        return -1;
    }
    heap_before = gc_heap_use(heap_of_test);
    return 0;
}

static int begin(void **state, size_t root_buffer_entries)
{
    struct gc_options options = gc_options_default();
    options.enabled = true;
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = root_buffer_entries;
    return fixture_begin_with(state, &options);
}

int fixture_begin(void **state)
{
    return begin(state, GC_ROOT_BUFFER_MAX_ENTRIES);
}

int fixture_begin_small(void **state)
{
    return begin(state, 4);
}

static int complain_of_what_is_left(void)
{
    size_t faults = gc_heap_verify(NULL, stderr);
    gc_collect_heap();
    faults += gc_heap_verify(NULL, stderr);
    size_t nodes = (size_t)gc_status().live_nodes;
    size_t bytes = gc_memory_usage(false);
    if (faults == 0 && nodes == 0 && bytes == 0) {
        return 0;
    }
    fprintf(stderr, "expected a sound and empty heap: %zu faults, %zu nodes, %zu bytes left\n",
            faults, nodes, bytes);
    return -1;
}

int fixture_end(void **state)
{
    (void)state;
    gc_heap_use(heap_of_test);
    int result = complain_of_what_is_left();
    gc_heap_use(heap_before);
    gc_heap_free(heap_of_test);
    return result;
}

static const struct gc_field node_fields[] = {
    GC_FIELD_OBJECT(struct fixture_node, a),
    GC_FIELD_OBJECT(struct fixture_node, b),
    GC_FIELD_OBJECT(struct fixture_node, c),
};

const struct gc_type fixture_node_type = {
    .name = "fixture_node",
    .size = sizeof(struct fixture_node),
    .fields = node_fields,
    .field_count = 3,
};

struct fixture_node *fixture_node_new(long number)
{
    struct fixture_node *node = gc_new(&fixture_node_type);
    if (node != NULL) {
        node->number = number;
    }
    return node;
}
