/*
 * Releasing: what happens when a count goes down.
 *
 * Owns the list of the dead. Depends on the root buffer, the registry of weak
 * references and the walk. What a budget for releases adds is in release_parts.c.
 *
 * Invariants:
 *   D1  an object in the list is out of the root buffer, and nothing refers to it.
 *   D2  its own references still count until it is taken apart; of one that is open,
 *       those that have not been given up.
 *   D3  only the outermost call takes objects apart and releases the values of
 *       orphaned entries, in a loop: the depth of the structure never becomes
 *       depth of the C stack.
 *       With a budget for releases it may stop; what is left waits in the list for
 *       a later one, and for whoever calls rc__dead_drain_slice().
 *       Destructors and runs that begin meanwhile have a list of their own.
 *   D4  while the heap is quiet, an object whose last reference goes and whose
 *       destructor has not run is held by the list of those that wait, if there
 *       is memory for that.
 *   D5  while nobody takes objects apart, those that have died and not gone are
 *       exactly those in the list, behind `rest`, the one that is open, and those
 *       that died by that. Checked by the heap verifier.
 */
#include "core/release.h"

#include "base/misuse.h"
#include "core/lifetime.h"
#include "core/walk.h"

/* What rc__record() comes to for the most part: nothing is due, and there is room in the buffer,
   also behind this one; or its page remembers already. False: it is not so. */
RC_INLINE bool record_at_once(struct gc_heap *heap, struct rc_page *page, struct gc_object *object)
{
    struct rc_roots *roots = &heap->roots;
    if (RC_UNLIKELY(heap->put_off || roots->count + 1 >= roots->capacity ||
                    heap->space.live_bytes >= heap->run_at_bytes)) {
        return false;
    }
    if (RC_LIKELY(!heap->idle && !rc__is_old(page, object))) {
        rc__roots_add(roots, object);
        return true;
    }
    if (page->remembers) {
        rc__roots_remember_at(roots, object, page);
        return true;
    }
    return false;
}

/* A count went down, but not to zero. For a reference what it refers to is the candidate. */
static void possible_root(struct gc_heap *heap, struct gc_object *object)
{
    if (rc__kind_of(object) == RC_KIND_REFERENCE) {
        const zval *value = &((struct rc_reference *)(void *)object)->value;
        if ((value->tag & RC_TAG_OBJECT) == 0) {
            return;
        }
        object = value->payload.counted;
    }
    if ((object->info & RC_INFO_ROOTABLE) != 0) {
        rc__record(heap, object);
    }
}

/* ---- the end of an object ----------------------------------------------- */

void rc__object_bury(struct gc_heap *heap, struct gc_object *object)
{
    if (rc__entry_of(object) != 0) {
        rc__roots_remove(&heap->roots, object);
    }
    rc__bury(object);
    if (heap->dead.first == NULL) {
        heap->dead.first = object;
    } else {
        rc__link_dead(heap->dead.last, object);
    }
    heap->dead.last = object;
}

/* The next to be taken apart; NULL: there is none. */
RC_INLINE struct gc_object *take_dead(struct rc_dead *dead)
{
    struct gc_object *object = dead->first;
    if (object == NULL) {
        object = dead->rest;
        dead->rest = object == NULL ? NULL : rc__next_dead(object);
        return object;
    }
    if (object != dead->last) {
        rc__link_dead(dead->last, dead->rest);
        dead->rest = rc__next_dead(object);
    }
    dead->first = NULL;
    return object;
}

static void release_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    rc__leaf_release(child);
}

/* What a dead object's references are released with. */
struct releaser {
    struct gc_visitor visitor; /* first */
    struct gc_heap *heap;
};

/* Only while the list of the dead is being taken apart: it may grow. Most objects die without
   further ado. */
RC_INLINE void release_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    struct gc_heap *heap = ((struct releaser *)(void *)visitor)->heap;
    if (child->refcount == 1 && !RC_CHECKED && rc__is_plain(child)) {
        rc__object_bury(heap, child);
    } else {
        gc_release(child);
    }
}

static void release_value(struct gc_heap *heap, zval value)
{
    struct releaser releaser = {{release_object_child, release_leaf_child}, heap};
    rc__walk_zval(&value, &releaser.visitor, release_object_child, release_leaf_child);
}

static bool is_gone(const struct gc_object *object)
{
    return (object->info & RC_INFO_DEAD) != 0 || rc__kind_of(object) == RC_KIND_FREE;
}

static void call_destructor(struct gc_object *object)
{
    if (rc__kind_of(object) == RC_KIND_NATIVE) {
        object->type->destructor(object);
    } else {
        zval self = {{.counted = object}, RC_TAG_OF_NODE(ZVAL_OBJECT), 0};
        ((struct rc_instance *)(void *)object)->class_->destructor(&self);
    }
}

bool rc__object_destruct(struct gc_heap *heap, struct gc_object *object)
{
    /* What the destructor drops is to be gone when it goes on, so it gets a list of its own, of
       which nothing is left for later; what it makes is to be in the object's heap. */
    struct rc_dead dead = heap->dead;
    struct rc_weak_entry *orphans = heap->orphans;
    bool releasing = heap->releasing;
    bool cuts_releases = heap->cuts_releases;
    struct gc_object *open = heap->open.object;
    heap->dead = (struct rc_dead){NULL, NULL, NULL};
    heap->open.object = NULL;
    heap->orphans = NULL;
    heap->releasing = false;
    heap->cuts_releases = false;
    object->info |= RC_INFO_DESTRUCTED;
    object->refcount++;
    struct gc_heap *before = rc__current_enter(heap);
    call_destructor(object);
    rc__current_leave(heap, before);
    heap->dead = dead;
    heap->open.object = open;
    heap->orphans = orphans;
    heap->releasing = releasing;
    heap->cuts_releases = cuts_releases;
    if (RC_UNLIKELY(is_gone(object))) {
        (void)RC_MISUSE(true, "a destructor released its own object");
        return false;
    }
    object->refcount--;
    return true;
}

void rc__leaf_end(struct gc_object *leaf)
{
    struct gc_heap *heap = rc__heap_of_page(rc__page_of(leaf));
    if (RC_MISUSE(rc__is_used_elsewhere(heap), "release of another thread's object")) {
        leaf->refcount++;
    } else if (RC_UNLIKELY(leaf->refcount != 0)) {
        gc_release_slow(leaf);
    } else if (rc__kind_of(leaf) == RC_KIND_WEAKREF) {
        rc__weak_handle_end(&heap->weak, (struct gc_weak *)(void *)leaf);
    } else {
        rc__object_free(leaf);
    }
}

/* ---- what comes before the end ------------------------------------------ */

/* False: it lives on, or is gone already. */
static RC_NOINLINE bool last_rites(struct gc_heap *heap, struct gc_object *object)
{
    if (heap->quiet && rc__put_off(heap, object)) {
        return false;
    }
    if (!rc__object_destruct(heap, object)) {
        return false;
    }
    if (object->refcount > 0) {
        possible_root(heap, object);
        return false;
    }
    return true;
}

/* False: it lives on, or is gone already. */
static bool end_other(struct gc_heap *heap, struct gc_object *object)
{
    if (RC_UNLIKELY(rc__awaits_destructor(object)) && !last_rites(heap, object)) {
        return false;
    }
    if (RC_UNLIKELY((object->info & RC_INFO_WEAK) != 0)) {
        rc__weak_detach(&heap->weak, object, &heap->orphans);
    }
    if (RC_UNLIKELY(rc__kind_of(object) == RC_KIND_WEAKMAP)) {
        rc__weak_detach_map(&heap->weak, (struct rc_weakmap *)(void *)object, &heap->orphans);
    }
    return true;
}

void rc__object_end(struct gc_heap *heap, struct gc_object *object)
{
    if (!rc__is_plain(object) && !end_other(heap, object)) {
        return;
    }
    rc__object_bury(heap, object);
    rc__dead_drain(heap);
}

void rc__object_dismantle(struct gc_object *object)
{
    switch (rc__kind_of(object)) {
    case RC_KIND_ARRAY:
        rc__table_free_storage(&((struct rc_array *)(void *)object)->table);
        break;
    case RC_KIND_INSTANCE: {
        struct rc_instance *instance = (struct rc_instance *)(void *)object;
        if (instance->added != NULL) {
            rc__table_free_storage(instance->added);
            rc__storage_free(instance->added);
            instance->added = NULL;
        }
        break;
    }
    case RC_KIND_NATIVE:
        if (object->type->free != NULL) {
            object->type->free(object);
        }
        break;
    default:
        break;
    }
}

/* The slot of what has been taken apart goes. */
RC_INLINE void free_dead(struct gc_heap *heap, struct gc_object *object)
{
    struct rc_page *page = rc__page_of(object);
    heap->finished_acyclic += page->kind == RC_PAGE_ACYCLIC;
    rc__space_free(page, object);
}

/* A hook may look at the heap, in which the object is still a node. */
static RC_NOINLINE void finish_other(struct releaser *releaser, struct gc_object *object)
{
    bool is_node = rc__is_node(object);
    rc__walk(object, &releaser->visitor, release_object_child, release_leaf_child);
    if (rc__needs_dismantling(object)) {
        rc__object_dismantle(object);
    }
    releaser->heap->live_nodes -= is_node;
}

RC_INLINE void finish_object(struct gc_heap *heap, struct gc_object *object)
{
    struct releaser releaser = {{release_object_child, release_leaf_child}, heap};
    enum rc_kind kind = rc__plain_kind_of_dead(object);
    if (RC_LIKELY(rc__walk_plain(object, kind, &releaser.visitor, release_object_child,
                                 release_leaf_child))) {
        heap->live_nodes--;
    } else {
        finish_other(&releaser, object);
    }
    free_dead(heap, object);
}

void rc__dead_finish(struct gc_heap *heap, struct gc_object *object)
{
    rc__dead_give_up(heap, object, 0, SIZE_MAX);
    rc__dead_close(heap, object);
}

void rc__dead_give_up(struct gc_heap *heap, struct gc_object *object, size_t from, size_t to)
{
    struct releaser releaser = {{release_object_child, release_leaf_child}, heap};
    rc__walk_part(object, from, to, &releaser.visitor, release_object_child, release_leaf_child);
}

void rc__dead_close(struct gc_heap *heap, struct gc_object *object)
{
    if (rc__needs_dismantling(object)) {
        rc__object_dismantle(object);
    }
    heap->live_nodes -= rc__is_node(object);
    free_dead(heap, object);
}

/* While destructors of white objects run, the value may be white too: its entry was counted as
   going with the one of map and key that is white, and now the other one has gone first. */
void rc__orphan_release(struct gc_heap *heap)
{
    zval value = rc__weak_take_orphan(&heap->orphans);
    if ((value.tag & RC_TAG_OBJECT) != 0) {
        rc__reach_weakly(value.payload.counted);
    }
    release_value(heap, value);
}

/* Takes one apart. False: there is nothing left to do. */
RC_INLINE bool drain_one(struct gc_heap *heap, struct gc_object *object)
{
    if (RC_LIKELY(object != NULL)) {
        finish_object(heap, object);
    } else if (heap->orphans != NULL) {
        rc__orphan_release(heap);
    } else {
        return false;
    }
    return true;
}

static void drain_all(struct gc_heap *heap)
{
    heap->releasing = true;
    while (drain_one(heap, take_dead(&heap->dead))) {
    }
    heap->releasing = false;
}

void rc__dead_drain_all(struct gc_heap *heap)
{
    if (!heap->releasing) {
        rc__open_finish(heap);
        drain_all(heap);
    }
}

void rc__dead_drain(struct gc_heap *heap)
{
    if (RC_UNLIKELY(heap->cuts_releases)) {
        rc__dead_drain_part(heap);
    } else if (!heap->releasing) {
        drain_all(heap);
    }
}

/* ---- a run in the middle ------------------------------------------------ */

struct rc_set_aside rc__dead_set_aside(struct gc_heap *heap)
{
    struct rc_set_aside aside = {heap->dead, heap->orphans};
    heap->dead = (struct rc_dead){NULL, NULL, NULL};
    heap->orphans = NULL;
    return aside;
}

/* Behind what has died since the last one was taken out, and before the rest. */
static void put_back_dead(struct rc_dead *dead, struct rc_dead aside)
{
    struct gc_object *first = dead->first != NULL ? dead->first : dead->rest;
    if (first == NULL) {
        *dead = aside;
        return;
    }
    if (dead->first != NULL) {
        rc__link_dead(dead->last, dead->rest);
    }
    struct gc_object *last = first;
    for (struct gc_object *next; (next = rc__next_dead(last)) != NULL;) {
        last = next;
    }
    if (aside.first != NULL) {
        rc__link_dead(aside.last, first);
        first = aside.first;
    }
    *dead = (struct rc_dead){first, last, aside.rest};
}

void rc__dead_put_back(struct gc_heap *heap, struct rc_set_aside aside)
{
    put_back_dead(&heap->dead, aside.dead);
    struct rc_weak_entry **end = &heap->orphans;
    while (*end != NULL) {
        end = &(*end)->next_of_key;
    }
    *end = aside.orphans;
}

void rc__dead_drain_new(struct gc_heap *heap)
{
    if (heap->cuts_releases) {
        rc__dead_drain_new_part(heap);
    } else {
        rc__dead_drain(heap);
    }
}

/* ---- the slow halves of the inline operations --------------------------- */

static void saturate(struct gc_heap *heap, struct gc_object *object)
{
    heap->saturated += object->refcount == GC_REFCOUNT_TOP;
    object->refcount = RC_REFCOUNT_SATURATED;
}

void gc_retain_at_top(struct gc_object *object)
{
    struct gc_heap *heap = rc__heap_of_page(rc__page_of(object));
    if (RC_UNLIKELY(is_gone(object))) {
        object->refcount--;
        (void)RC_MISUSE(!heap->ending, "retain of an object that has been freed");
        return;
    }
    saturate(heap, object);
}

/* The count was at the top, or this is no object any more: either shows as a count that high. */
static RC_NOINLINE void release_at_top(struct gc_heap *heap, struct gc_object *object)
{
    if (is_gone(object)) {
        object->refcount++;
        (void)RC_MISUSE(!heap->ending, "release of an object that has been freed");
    } else {
        object->refcount = RC_REFCOUNT_SATURATED;
    }
}

static RC_NOINLINE void release_other(struct gc_heap *heap, struct gc_object *object)
{
    if (RC_UNLIKELY(object->refcount >= GC_REFCOUNT_TOP - 1)) {
        release_at_top(heap, object);
        return;
    }
    possible_root(heap, object);
    if (RC_UNLIKELY(heap->put_off)) {
        rc__upcalls.put_off_is_due(heap);
    }
}

/* What is in the buffer, or is no possible root, comes here only with a count of zero or at the
 * top. */
void gc_release_slow(struct gc_object *object)
{
    struct rc_page *page = rc__page_of(object);
    struct gc_heap *heap = rc__heap_of_page(page);
    if (RC_MISUSE(rc__is_used_elsewhere(heap), "release of another thread's object")) {
        object->refcount++;
    } else if (object->refcount == 0) {
        rc__object_end(heap, object);
    } else if (RC_UNLIKELY(object->refcount >= GC_REFCOUNT_TOP - 1 ||
                           rc__kind_of(object) == RC_KIND_REFERENCE) ||
               !record_at_once(heap, page, object)) {
        release_other(heap, object);
    }
}
