/*
 * Relief: what is done when the heap nears its limit.
 *
 * The limit L is for live bytes plus external ones. An allocation that would
 * bring them beyond the step is refused (heap/space.h), the call that it belongs
 * to undoes what it has done, and comes here before it is made again
 * (rc__try_again()). So nothing is half built when code runs here, and the path
 * of allocations that fit has no more to do than without a limit.
 *
 *   wanted by the allocation   stage           what is done, those before it included
 *   from L * 12/16             COLLECT         a collection, but no destructor runs
 *   from L * 13/16             GIVE_BACK       idle memory goes back to the system
 *   from L * 14/16             NOTICE          the program is told
 *   from L * 15/16             RESERVE         the program is told that the reserve is in use
 *   beyond L                   LIMIT           the program is told; then GC_ELIMIT
 *
 * What comes later in the table is left out once what came earlier has brought
 * the bytes below the stage. Then the step moves to the next stage, but by at
 * least L/32: so at most one look is made for each 32nd of the limit that the
 * heap grows by, and a heap that stays below a step is never looked at. When a
 * collection ends the step comes down again with what is in use.
 *
 * No destructor runs, since a program may call a constructor where it would not
 * expect one. Garbage that has one goes with the next collection, which the next
 * possible root starts. Where nothing can be done (a collection is running,
 * relief is being made up the stack, the heap ends) only the step moves.
 */
#include "base/size.h"
#include "collector/collector.h"
#include "core/current.h"

#define PARTS       16
#define GROWTH_PART 32

static size_t parts_of(size_t limit_bytes, size_t parts)
{
    return limit_bytes / PARTS * parts + limit_bytes % PARTS * parts / PARTS;
}

static const size_t stage_parts[] = {
    [GC_PRESSURE_COLLECT] = 12,
    [GC_PRESSURE_GIVE_BACK] = 13,
    [GC_PRESSURE_NOTICE] = 14,
    [GC_PRESSURE_RESERVE] = 15,
};

enum gc_pressure rc__pressure_at(const struct rc_space *space, size_t used_bytes)
{
    size_t limit_bytes = space->limit_bytes;
    if (limit_bytes == SIZE_MAX) {
        return GC_PRESSURE_NONE;
    }
    if (used_bytes > limit_bytes) {
        return GC_PRESSURE_LIMIT;
    }
    enum gc_pressure stage = GC_PRESSURE_RESERVE;
    while (stage > GC_PRESSURE_NONE && used_bytes < parts_of(limit_bytes, stage_parts[stage])) {
        stage--;
    }
    return stage;
}

/* The step when so many bytes are in use, or will be at once. */
static void move_step(struct rc_collector *collector, size_t used_bytes)
{
    struct rc_space *space = &collector->heap.space;
    size_t limit_bytes = space->limit_bytes;
    collector->step_is_for_release = false;
    if (limit_bytes == SIZE_MAX) {
        rc__space_set_step(space, SIZE_MAX);
        return;
    }
    enum gc_pressure next = rc__pressure_at(space, used_bytes) + 1;
    size_t step =
        next > GC_PRESSURE_RESERVE ? limit_bytes : parts_of(limit_bytes, stage_parts[next]);
    size_t least;
    if (!rc__size_add(used_bytes, limit_bytes / GROWTH_PART, &least)) {
        least = SIZE_MAX;
    }
    rc__space_set_step(space, step > least ? step : least);
}

void rc__limit_follow(struct rc_collector *collector)
{
    struct rc_space *space = &collector->heap.space;
    if (space->limit_bytes != SIZE_MAX) {
        move_step(collector, rc__space_used_bytes(space));
    }
    rc__release_follow(collector, rc__space_used_bytes(space));
}

enum gc_result rc__limit_set(struct rc_collector *collector, size_t bytes)
{
    struct rc_space *space = &collector->heap.space;
    size_t limit_bytes = bytes == 0 ? SIZE_MAX : bytes;
    if (rc__space_used_bytes(space) > limit_bytes) {
        rc__collect_on_request(collector, RC_SCOPE_ROOTS);
    }
    if (rc__space_used_bytes(space) > limit_bytes) {
        return GC_ELIMIT;
    }
    rc__space_set_limit(space, limit_bytes);
    rc__limit_follow(collector);
    return GC_OK;
}

/* ---- what is done ------------------------------------------------------- */

/* Before an allocation is refused, a disabled collector is no reason not to, and candidates that
   found no room are looked at too. */
static void collect(struct rc_collector *collector, enum gc_pressure stage)
{
    struct rc_pressure *pressure = &collector->pressure;
    const struct gc_heap *heap = &collector->heap;
    enum rc_scope scope = RC_SCOPE_ROOTS;
    if (stage < GC_PRESSURE_LIMIT && !heap->enabled) {
        return;
    }
    if (stage == GC_PRESSURE_LIMIT && heap->dropped_roots != pressure->dropped_roots) {
        pressure->dropped_roots = heap->dropped_roots;
        scope = RC_SCOPE_HEAP;
    }
    pressure->collections++;
    rc__collect_quietly(collector, scope);
}

static void give_back(struct rc_collector *collector)
{
    collector->pressure.trims++;
    rc__space_trim(&collector->heap.space);
}

static void tell(struct rc_collector *collector, enum gc_pressure stage)
{
    struct rc_pressure *pressure = &collector->pressure;
    if (pressure->callback != NULL) {
        pressure->calls++;
        struct gc_heap *before = rc__current_enter(&collector->heap);
        pressure->callback(stage, pressure->context);
        rc__current_leave(&collector->heap, before);
    }
}

static size_t wanted_for(const struct rc_space *space, size_t needed_bytes)
{
    size_t wanted;
    return rc__size_add(rc__space_used_bytes(space), needed_bytes, &wanted) ? wanted : SIZE_MAX;
}

static void make_room(struct rc_collector *collector, size_t needed_bytes)
{
    const struct rc_space *space = &collector->heap.space;
    collect(collector, rc__pressure_at(space, wanted_for(space, needed_bytes)));
    if (rc__pressure_at(space, wanted_for(space, needed_bytes)) >= GC_PRESSURE_GIVE_BACK) {
        give_back(collector);
    }
    enum gc_pressure stage = rc__pressure_at(space, wanted_for(space, needed_bytes));
    if (stage >= GC_PRESSURE_NOTICE) {
        tell(collector, stage);
    }
}

static bool can_make_room(const struct rc_collector *collector)
{
    const struct gc_heap *heap = &collector->heap;
    return !heap->collecting && !heap->ending && !collector->draining_quietly &&
           !collector->pressure.relieving;
}

bool rc__relieve(struct gc_heap *heap)
{
    struct rc_collector *collector = rc__collector_of(heap);
    struct rc_space *space = &heap->space;
    size_t used = rc__space_used_bytes(space);
    size_t needed_bytes = space->wanted_bytes > used ? space->wanted_bytes - used : 0;
    bool is_for_release = collector->step_is_for_release || rc__release_is_pending(heap);
    space->wanted_bytes = 0;
    if (can_make_room(collector)) {
        collector->pressure.relieving = true;
        if (rc__release_is_pending(heap)) {
            rc__release_as_heap_grows(collector, needed_bytes);
        }
        if (!is_for_release ||
            rc__pressure_at(space, wanted_for(space, needed_bytes)) > GC_PRESSURE_NONE) {
            make_room(collector, needed_bytes);
        }
        collector->pressure.relieving = false;
    }
    bool fits = wanted_for(space, needed_bytes) <= space->limit_bytes;
    collector->pressure.refusals += !fits;
    size_t next = fits ? wanted_for(space, needed_bytes) : rc__space_used_bytes(space);
    move_step(collector, next);
    rc__release_follow(collector, next);
    return fits;
}
