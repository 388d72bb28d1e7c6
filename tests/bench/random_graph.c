/*
 * The workloads random-dead and random-live: N own structs of 64 bytes with two
 * random links each, all held by one array while building. Prints the time of
 * the collection alone, in nanoseconds a node.
 *
 * Usage: random_graph dead|live NODES
 */
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
    struct gc_object gc;
    struct node *links[2];
    uint64_t number;
    char rest[24];
};

static const struct gc_field fields[] = {GC_FIELD_OBJECTS(struct node, links)};
static const struct gc_type node_type = {
    .name = "node", .size = sizeof(struct node), .fields = fields, .field_count = 1};

/* The node array is itself an object, as in PHP: what holds all while building. */
struct holder {
    struct gc_object gc;
    struct node **nodes;
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

static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state & INT64_MAX;
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static struct holder *build(size_t count)
{
    struct holder *holder = gc_new(&holder_type);
    holder->nodes = calloc(count, sizeof(struct node *));
    if (holder->nodes == NULL) {
        exit(1);
    }
    for (; holder->count < count; holder->count++) {
        holder->nodes[holder->count] = gc_new(&node_type);
    }
    for (size_t i = 0; i < count; i++) {
        holder->nodes[i]->links[0] = gc_retain(holder->nodes[next_random() % count]);
        holder->nodes[i]->links[1] = gc_retain(holder->nodes[next_random() % count]);
    }
    return holder;
}

int main(int argc, char **argv)
{
    size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (count == 0 || count > 100000000) {
        fprintf(stderr, "usage: %s dead|live NODES\n", argv[0]);
        return 2;
    }
    struct gc_options options = gc_options_default();
    options.root_buffer_entries = count < 4000000 ? count : 4000000;
    options.enabled = false;
    struct gc_heap *heap = gc_heap_new(&options);
    gc_heap_use(heap);
    struct holder *holder = build(count);
    if (strcmp(argv[1], "dead") == 0) {
        gc_release(holder);
    } else {
        for (size_t i = 0; i < count; i++) {
            gc_release(gc_retain(holder->nodes[i]));
        }
    }
    double began = now_ns();
    size_t freed = gc_collect_cycles();
    double taken = now_ns() - began;
    fprintf(stderr, "%s %zu: %zu freed\n", argv[1], count, freed);
    printf("%.2f\n", taken / (double)count);
    gc_heap_use(NULL);
    gc_heap_free(heap);
    return 0;
}
