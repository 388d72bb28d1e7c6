/*
 * What waits in the heap when a call is over, of releases that were cut: where it
 * is, and which of the model's nodes it is.
 */
#include "oracle_waits.h"

#include "core/heap_state.h"
#include <stdlib.h>

/* ---- where it is -------------------------------------------------------- */

static void append(struct oracle_world *world, struct oracle_waits *list, void *real)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
        oracle_expect(world, list->items != NULL, "no memory for the test");
    }
    list->items[list->count++] = (struct oracle_waiting){real, NULL};
}

static int compare(const void *one, const void *other)
{
    uintptr_t first = (uintptr_t)((const struct oracle_waiting *)one)->real;
    uintptr_t second = (uintptr_t)((const struct oracle_waiting *)other)->real;
    return (first > second) - (first < second);
}

struct oracle_waiting *oracle_waits_find(const struct oracle_waits *list, void *real)
{
    struct oracle_waiting wanted = {real, NULL};
    return list->count == 0 ? NULL
                            : bsearch(&wanted, list->items, list->count, sizeof wanted, compare);
}

static void append_dead(struct oracle_world *world, struct oracle_waits *list,
                        struct gc_object *first)
{
    for (struct gc_object *object = first; object != NULL; object = rc__next_dead(object)) {
        append(world, list, object);
    }
}

void oracle_waits_objects(struct oracle_world *world, struct oracle_waits *list)
{
    const struct gc_heap *heap = world->heap;
    oracle_expect(world, heap->dead.first == NULL, "something has died, and does not wait");
    list->count = 0;
    append_dead(world, list, heap->dead.rest);
    if (heap->open.object != NULL) {
        append(world, list, heap->open.object);
        append_dead(world, list, heap->open.first);
    }
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof *list->items, compare);
    }
}

size_t oracle_waits_orphans(struct oracle_world *world, struct oracle_waits *list)
{
    size_t count = 0;
    list->count = 0;
    for (const struct rc_weak_entry *entry = world->heap->orphans; entry != NULL;
         entry = entry->next_of_key) {
        count++;
        if ((entry->value.tag & RC_TAG_COUNTED) != 0) {
            append(world, list, entry->value.payload.counted);
        }
    }
    return count;
}

/* ---- which node it is --------------------------------------------------- */

bool oracle_can_wait(const struct model_node *node)
{
    return node->real != NULL && node->kind != MODEL_STRING && node->kind != MODEL_WEAKREF;
}

/* Where one has gone another one may be by now, and wait too. */
static void match_one(struct oracle_waiting *waiting, struct model_node *node)
{
    bool is_last = waiting != NULL && node != NULL &&
                   (waiting->node == NULL || waiting->node->number < node->number);
    if (is_last) {
        waiting->node = node;
    }
}

void oracle_waits_match(const struct oracle_waits *list, struct model_node *nodes)
{
    for (struct model_node *node = nodes; node != NULL; node = node->chain) {
        match_one(oracle_can_wait(node) ? oracle_waits_find(list, node->real) : NULL, node);
    }
}

void oracle_waits_match_alive(const struct oracle_waits *list, struct model *model)
{
    for (size_t i = 0; i < list->count; i++) {
        match_one(&list->items[i], model_node_at(model, list->items[i].real));
    }
}

/* An array that has been separated and has died in the same call: nobody has seen where it is. */
static struct model_node *find_unseen(const struct model *model, void *real)
{
    struct model_node *node = model->dead;
    while (node != NULL && (node->real != NULL || node->kind != MODEL_ARRAY)) {
        node = node->chain;
    }
    if (node != NULL) {
        node->real = real;
    }
    return node;
}

/* A destructor has found that weak references to it answer no more: nothing is mapped there. */
static struct model_node *find_gone(const struct model *model, const void *real)
{
    struct model_node *node = model->alive;
    while (node != NULL && !(node->gone && node->real == real && oracle_can_wait(node))) {
        node = node->next;
    }
    return node;
}

void oracle_waits_expect_known(struct oracle_world *world, const struct oracle_waits *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct oracle_waiting *waiting = &list->items[i];
        if (waiting->node == NULL) {
            waiting->node = find_gone(&world->model, waiting->real);
        }
        if (waiting->node == NULL) {
            waiting->node = find_unseen(&world->model, waiting->real);
        }
        struct model_node *node = waiting->node;
        oracle_expect(world, node != NULL, "%p waits, and nothing has been there",
                      list->items[i].real);
        node->waits = !node->dead;
    }
}
