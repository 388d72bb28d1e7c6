/*
 * Objects whose destructor may not run now: while the heap is quiet, the last
 * reference to such an object becomes the list's.
 */
#include "base/clock.h"
#include "core/lifetime.h"
#include <stdlib.h>
#include <string.h>

struct rc_waiting {
    size_t count;
    size_t capacity;
    struct gc_object *objects[];
};

static bool make_room_to_wait(struct gc_heap *heap)
{
    struct rc_waiting *waiting = heap->waiting;
    if (waiting != NULL && waiting->count < waiting->capacity) {
        return true;
    }
    size_t count = waiting == NULL ? 0 : waiting->count;
    size_t capacity = waiting == NULL ? 16 : waiting->capacity * 2;
    waiting = realloc(waiting, sizeof *waiting + capacity * sizeof(struct gc_object *));
    if (waiting == NULL) {
        return false;
    }
    waiting->count = count;
    waiting->capacity = capacity;
    heap->waiting = waiting;
    return true;
}

bool rc__put_off(struct gc_heap *heap, struct gc_object *object)
{
    if (!make_room_to_wait(heap)) {
        return false;
    }
    object->refcount = 1;
    heap->waiting->objects[heap->waiting->count++] = object;
    heap->held_back_bytes += rc__page_of(object)->slot_bytes;
    heap->put_off = true;
    return true;
}

/* The first ones have been given up; the rest waits on, unless others have come to wait. */
static bool wait_on(struct gc_heap *heap, struct rc_waiting *waiting, size_t given_up)
{
    if (heap->waiting != NULL) {
        return false;
    }
    waiting->count -= given_up;
    memmove(waiting->objects, waiting->objects + given_up,
            waiting->count * sizeof(struct gc_object *));
    heap->waiting = waiting;
    heap->put_off = true;
    return true;
}

void rc__release_waiting(struct gc_heap *heap, uint64_t budget_ns)
{
    struct rc_waiting *waiting = heap->waiting;
    uint64_t began_ns = heap->cuts_releases ? rc__clock_ns() : 0;
    heap->waiting = NULL;
    for (size_t i = 0; waiting != NULL && i < waiting->count; i++) {
        bool is_over = heap->cuts_releases && i > 0 && rc__clock_ns() - began_ns >= budget_ns;
        if (is_over && wait_on(heap, waiting, i)) {
            return;
        }
        gc_release(waiting->objects[i]);
    }
    free(waiting);
}

void rc__forget_waiting(struct gc_heap *heap)
{
    free(heap->waiting);
    heap->waiting = NULL;
}
