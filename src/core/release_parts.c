/*
 * Releases that are cut: with a budget a release stops after a while, and the
 * rest waits.
 *
 * Owns how far a part of a release has come, and the object that is open: a large
 * one of whose places some have been given up. Depends on release.c.
 *
 *     dead, large -- its turn comes, and none is open -- begin_inside() ----> open
 *     open --------- the last of its places is given up -- go_on_inside() --> slot free
 *     open --------- all is to go ---------------------- rc__open_finish() -> slot free
 *
 * Invariants:
 *   D6  at most one object is open, and it goes on before another large one is begun.
 *       Nothing but this file looks at its places, since the dead are not walked.
 *   D7  what dies by it waits with it until the last of its places has been given up,
 *       and comes next then. So the order is that of a release which is not cut, and a
 *       list of places may lie in the memory of a child.
 */
#include "base/clock.h"
#include "core/lifetime.h"
#include "core/release.h"
#include "core/walk.h"

/* So few that the clock is read every few microseconds; and so many of those that wait go with each
   later release. */
#define OBJECTS_TO_A_LOOK  128
#define OBJECTS_TO_A_SHARE 32

/* What an object costs is what it is itself, and its places. */
#define PLACES_TO_AN_OBJECT 8
#define PLACES_TO_A_LOOK    (OBJECTS_TO_A_LOOK * PLACES_TO_AN_OBJECT)

/* A part of a release. */
struct part {
    const struct gc_object *waiting;     /* the first that waited when it began, and has not gone */
    const struct rc_weak_entry *orphans; /* the same */
    int64_t share;                       /* how many of those may go; negative: all */
    uint64_t budget_ns;
    uint64_t began_ns;    /* 0: it is short so far */
    int64_t objects_left; /* until the clock is read */
    bool is_counted;      /* no clock: it is over then */
    bool is_sharing;      /* all else has gone: the share has begun, and is the end of it */
    bool is_inside;       /* it has begun the object that is open, or gone on with it */
};

static struct part part_of(const struct gc_heap *heap, int64_t share, uint64_t budget_ns)
{
    bool is_counted = heap->release_objects != 0;
    return (struct part){.waiting = heap->dead.rest,
                         .orphans = heap->orphans,
                         .share = share,
                         .budget_ns = budget_ns,
                         .objects_left = is_counted ? heap->release_objects : OBJECTS_TO_A_LOOK,
                         .is_counted = is_counted};
}

/* A share is so short that it is no pause. */
static bool is_over(struct part *part)
{
    if (RC_LIKELY(part->objects_left > 0)) {
        return false;
    }
    if (part->is_sharing) {
        return true;
    }
    uint64_t now_ns = rc__clock_ns();
    part->began_ns = part->began_ns == 0 ? now_ns : part->began_ns;
    part->objects_left = OBJECTS_TO_A_LOOK;
    return part->is_counted || now_ns - part->began_ns >= part->budget_ns;
}

/* What has died by this release is gone: of what waited before, only a share. */
static void come_to_waiting(struct part *part)
{
    if (!part->is_sharing && part->share >= 0) {
        part->objects_left = part->objects_left < part->share ? part->objects_left : part->share;
        part->is_sharing = true;
    }
}

/* What is left comes behind what will die. */
static void leave_waiting(struct rc_dead *dead)
{
    if (dead->first != NULL) {
        rc__link_dead(dead->last, dead->rest);
        dead->rest = dead->first;
        dead->first = NULL;
    }
}

/* ---- inside of a large object -------------------------------------------- */

static size_t large_places(const struct gc_heap *heap)
{
    return heap->release_places != 0 ? heap->release_places : PLACES_TO_A_LOOK;
}

static void begin_inside(struct gc_heap *heap, struct gc_object *object)
{
    heap->open = (struct rc_open){.object = object};
}

/* Gives up some places of the open object; with the last of them it goes. A destructor or a
   collection that this runs may take objects apart, too, but not this one. */
static void give_up_places(struct gc_heap *heap, size_t places)
{
    struct rc_open *open = &heap->open;
    struct rc_dead *dead = &heap->dead;
    struct gc_object *object = open->object;
    size_t extent = rc__walk_extent(object);
    size_t left = extent > open->done ? extent - open->done : 0;
    size_t to = open->done + (places < left ? places : left);
    leave_waiting(dead);
    dead->first = open->first;
    dead->last = open->last;
    open->object = NULL;
    open->is_walked = true;
    rc__dead_give_up(heap, object, open->done, to);
    heap->given_up_bytes += (to - open->done) * sizeof(void *);
    open->done = to;
    open->is_walked = false;
    if (places >= left) {
        rc__dead_close(heap, object);
        return;
    }
    open->object = object;
    open->first = dead->first;
    open->last = dead->last;
    dead->first = NULL;
}

void rc__open_finish(struct gc_heap *heap)
{
    if (heap->open.object != NULL) {
        heap->releasing = true;
        give_up_places(heap, SIZE_MAX);
        heap->releasing = false;
    }
}

static void go_on_inside(struct gc_heap *heap, struct part *part)
{
    size_t places = (size_t)part->objects_left * PLACES_TO_AN_OBJECT;
    places = places < large_places(heap) ? places : large_places(heap);
    part->objects_left -= 1 + (int64_t)(places / PLACES_TO_AN_OBJECT);
    give_up_places(heap, places);
    part->is_inside = heap->open.object != NULL;
}

/* ---- one after the other --------------------------------------------------- */

/* A large object is begun, or comes after the one that is open. */
static void take_next(struct gc_heap *heap, struct part *part, bool is_waiting)
{
    struct rc_dead *dead = &heap->dead;
    leave_waiting(dead);
    struct gc_object *object = dead->rest;
    size_t places = rc__walk_extent(object);
    bool is_large = places > large_places(heap) && !heap->open.is_walked;
    if (is_large && heap->open.object != NULL) {
        go_on_inside(heap, part);
        return;
    }
    dead->rest = rc__next_dead(object);
    part->waiting = is_waiting ? dead->rest : part->waiting;
    if (is_large) {
        begin_inside(heap, object);
        go_on_inside(heap, part);
    } else {
        part->objects_left -= 1 + (part->is_counted ? 0 : (int64_t)(places / PLACES_TO_AN_OBJECT));
        rc__dead_finish(heap, object);
    }
}

static void take_orphan(struct gc_heap *heap, struct part *part)
{
    bool has_waited = heap->orphans == part->orphans;
    part->orphans = has_waited ? heap->orphans->next_of_key : part->orphans;
    part->objects_left--;
    rc__orphan_release(heap);
}

/* Values of orphaned entries come when all has gone that has died since, and before what waits; of
   that, the open object comes first. False: there is nothing left to do. */
static bool drain_next(struct gc_heap *heap, struct part *part)
{
    const struct rc_dead *dead = &heap->dead;
    bool is_waiting = !part->is_inside && dead->first == NULL && dead->rest == part->waiting;
    if (is_waiting && heap->orphans == part->orphans) {
        come_to_waiting(part);
        if (is_over(part)) {
            return false;
        }
    }
    if (is_waiting && heap->orphans != NULL) {
        take_orphan(heap, part);
    } else if (heap->open.object != NULL && (is_waiting || part->is_inside)) {
        go_on_inside(heap, part);
    } else if (dead->first != NULL || dead->rest != NULL) {
        take_next(heap, part, is_waiting);
    } else {
        return false;
    }
    return true;
}

static void drain_part(struct gc_heap *heap, struct part part)
{
    heap->releasing = true;
    while (!is_over(&part) && drain_next(heap, &part)) {
    }
    leave_waiting(&heap->dead);
    heap->releasing = false;
    if (part.began_ns != 0 || rc__release_is_pending(heap)) {
        rc__upcalls.release_parted(heap, part.began_ns == 0 ? 0 : rc__clock_ns() - part.began_ns);
    }
}

static void drain(struct gc_heap *heap, int64_t share, uint64_t budget_ns)
{
    if (!heap->releasing) {
        drain_part(heap, part_of(heap, share, budget_ns));
    }
}

void rc__dead_drain_slice(struct gc_heap *heap, uint64_t budget_ns)
{
    drain(heap, -1, budget_ns);
}

void rc__dead_drain_new_part(struct gc_heap *heap)
{
    drain(heap, 0, heap->release_budget_ns);
}

void rc__dead_drain_part(struct gc_heap *heap)
{
    drain(heap, OBJECTS_TO_A_SHARE, heap->release_budget_ns);
}
