/*
 * Runs in slices, with everything between them that a program may do: random
 * graphs of own structs against a model that knows what is reachable.
 *
 *   Sound:    what the program can reach is never freed.
 *   Complete: what is garbage when a full run begins is gone when it is over,
 *             but for what destructors reach, which waits for a later one,
 *             and for what a release that was cut has not come to.
 *
 * In every third world releases are cut, in most of these within objects, too: what
 * waits is whole, and gone when a collection on request is over.
 *
 * SLICES_SEED and SLICES_SEEDS choose the first seed and how many there are.
 */
#include "checks.h"

#include "collector/collector.h"
#include "fixture.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HANDLES 24
#define LINKS   3
#define NODES   1000
#define STEPS   4000

struct thing {
    struct gc_object gc;
    struct thing *links[LINKS];
    unsigned number;
};

/* What the model knows of a thing. */
struct shadow {
    bool is_made;
    bool is_freed;
    bool is_reached;
    bool was_garbage; /* when the run in progress began */
    bool awaits_destructor;
    struct thing *thing;
    int links[LINKS]; /* -1: none */
};

struct world {
    uint64_t random;
    unsigned count;
    struct shadow shadows[NODES];
    int handles[HANDLES]; /* -1: empty */
    struct gc_weak *weak[HANDLES];
    int weak_targets[HANDLES];
    enum gc_policy policy;
    bool was_in_progress;
    bool given_up; /* a run was, so it is not complete */
    uint64_t full_runs;
    uint64_t completed;
};

static struct world world;

static unsigned below(unsigned bound)
{
    world.random ^= world.random << 13;
    world.random ^= world.random >> 7;
    world.random ^= world.random << 17;
    return (unsigned)(world.random >> 33) % bound;
}

/* ---- the type ----------------------------------------------------------- */

static void note_free(void *self)
{
    world.shadows[((struct thing *)self)->number].is_freed = true;
}

static void destruct(void *self);

static const struct gc_field fields[] = {
    GC_FIELD_OBJECTS(struct thing, links),
};

static const struct gc_type types[] = {
    {.name = "thing",
     .size = sizeof(struct thing),
     .fields = fields,
     .field_count = 1,
     .free = note_free},
    {.name = "rescuer",
     .size = sizeof(struct thing),
     .fields = fields,
     .field_count = 1,
     .free = note_free,
     .destructor = destruct},
};

/* ---- the model ---------------------------------------------------------- */

static void reach(int number)
{
    static int pending[NODES * LINKS];
    size_t count = 0;
    pending[count++] = number;
    while (count > 0) {
        struct shadow *shadow = &world.shadows[pending[--count]];
        if (!shadow->is_reached) {
            shadow->is_reached = true;
            for (unsigned link = 0; link < LINKS; link++) {
                if (shadow->links[link] >= 0 && !world.shadows[shadow->links[link]].is_reached) {
                    pending[count++] = shadow->links[link];
                }
            }
        }
    }
}

static void reach_from_handles(void)
{
    for (unsigned i = 0; i < world.count; i++) {
        world.shadows[i].is_reached = false;
    }
    for (unsigned handle = 0; handle < HANDLES; handle++) {
        if (world.handles[handle] >= 0) {
            reach(world.handles[handle]);
        }
    }
}

/* ---- acts, each in the model first -------------------------------------- */

static void set_handle(unsigned handle, int number)
{
    int before = world.handles[handle];
    world.handles[handle] = number;
    if (before >= 0) {
        gc_release(world.shadows[before].thing);
    }
}

static void destruct(void *self)
{
    struct thing *thing = self;
    world.shadows[thing->number].awaits_destructor = false;
    if (below(2) == 0) {
        gc_retain(thing);
        set_handle(below(HANDLES), (int)thing->number);
    }
}

static void make(void)
{
    if (world.count == NODES) {
        return;
    }
    unsigned number = world.count++;
    struct shadow *shadow = &world.shadows[number];
    bool has_destructor = below(20) == 0;
    struct thing *thing = gc_new(&types[has_destructor]);
    assert_non_null(thing);
    thing->number = number;
    *shadow = (struct shadow){.is_made = true,
                              .thing = thing,
                              .awaits_destructor = has_destructor,
                              .links = {-1, -1, -1}};
    set_handle(below(HANDLES), (int)number);
}

static struct shadow *random_shadow(void)
{
    int number = world.handles[below(HANDLES)];
    for (unsigned steps = below(5); number >= 0 && steps > 0; steps--) {
        int next = world.shadows[number].links[below(LINKS)];
        number = next < 0 ? number : next;
    }
    return number < 0 ? NULL : &world.shadows[number];
}

static void set_link(struct shadow *from, unsigned link, int to)
{
    struct thing *before = from->thing->links[link];
    from->links[link] = to;
    from->thing->links[link] = to < 0 ? NULL : world.shadows[to].thing;
    gc_release(before);
}

static void link_up(void)
{
    struct shadow *from = random_shadow();
    const struct shadow *to = random_shadow();
    if (from != NULL && to != NULL) {
        gc_retain(to->thing);
        set_link(from, below(LINKS), (int)to->thing->number);
    }
}

/* A reference that moves into what only it holds makes garbage without a count going down. The
   program has to tell. */
static void tell_if_lost(int number)
{
    reach_from_handles();
    if (number >= 0 && !world.shadows[number].is_reached) {
        gc_release(gc_retain(world.shadows[number].thing));
    }
}

/* A link changes its place, and no count changes. */
static void move_link(void)
{
    struct shadow *from = random_shadow();
    struct shadow *to = random_shadow();
    unsigned source = below(LINKS);
    unsigned target = below(LINKS);
    if (from == NULL || to == NULL || (from == to && source == target)) {
        return;
    }
    int number = from->links[source];
    from->links[source] = -1;
    from->thing->links[source] = NULL;
    set_link(to, target, number);
    tell_if_lost(number);
}

/* A link goes to where a handle was, and back. */
static void swap_with_handle(void)
{
    struct shadow *from = random_shadow();
    unsigned handle = below(HANDLES);
    unsigned link = below(LINKS);
    if (from != NULL) {
        int number = world.handles[handle];
        world.handles[handle] = from->links[link];
        from->links[link] = number;
        from->thing->links[link] = number < 0 ? NULL : world.shadows[number].thing;
        tell_if_lost(number);
    }
}

static void unlink_one(void)
{
    struct shadow *from = random_shadow();
    if (from != NULL) {
        set_link(from, below(LINKS), -1);
    }
}

static void take_to_handle(void)
{
    const struct shadow *shadow = random_shadow();
    if (shadow != NULL) {
        gc_retain(shadow->thing);
        set_handle(below(HANDLES), (int)shadow->thing->number);
    }
}

static void drop_handle(void)
{
    set_handle(below(HANDLES), -1);
}

static void watch_weakly(void)
{
    const struct shadow *shadow = random_shadow();
    unsigned place = below(HANDLES);
    if (shadow != NULL) {
        gc_weak_release(world.weak[place]);
        world.weak[place] = gc_weak_new(shadow->thing);
        world.weak_targets[place] = (int)shadow->thing->number;
    }
}

/* Brings back what may be garbage, and suspected. */
static void upgrade(void)
{
    unsigned place = below(HANDLES);
    struct thing *thing = world.weak[place] == NULL ? NULL : gc_weak_get(world.weak[place]);
    if (thing != NULL) {
        assert_int_equal(thing->number, world.weak_targets[place]);
        assert_false(world.shadows[thing->number].is_freed);
        if (below(2) == 0) {
            set_handle(below(HANDLES), (int)thing->number);
        } else {
            gc_release(thing);
        }
    }
}

/* What the classic policy drops while it is off it does not find again. */
static void switch_off_and_on(void)
{
    if (world.policy == GC_POLICY_CLASSIC) {
        return;
    }
    if (gc_enabled()) {
        gc_disable();
    } else {
        gc_enable();
    }
}

static void interrupt(void)
{
    world.given_up = true;
    switch (below(3)) {
    case 0:
        gc_collect_cycles();
        break;
    case 1:
        gc_collect_heap();
        break;
    default:
        assert_int_equal(gc_heap_verify(NULL, stderr), 0);
        return;
    }
    assert_false(gc_status().release_pending);
}

/* ---- what must hold ------------------------------------------------------ */

static void check_nothing_reached_is_freed(void)
{
    reach_from_handles();
    for (unsigned i = 0; i < world.count; i++) {
        if (world.shadows[i].is_reached && world.shadows[i].is_freed) {
            fail_msg("thing %u is freed, and the program can reach it", i);
        }
    }
}

/* What a destructor is going to reach may live on. */
static void note_garbage(void)
{
    reach_from_handles();
    for (unsigned i = 0; i < world.count; i++) {
        struct shadow *shadow = &world.shadows[i];
        if (!shadow->is_freed && !shadow->is_reached && shadow->awaits_destructor) {
            reach((int)i);
        }
    }
    for (unsigned i = 0; i < world.count; i++) {
        world.shadows[i].was_garbage = !world.shadows[i].is_reached && !world.shadows[i].is_freed;
    }
    for (unsigned place = 0; place < HANDLES; place++) {
        if (world.weak[place] != NULL) {
            reach(world.weak_targets[place]);
        }
    }
    for (unsigned i = 0; i < world.count; i++) {
        world.shadows[i].was_garbage &= !world.shadows[i].is_reached;
    }
}

static void check_garbage_is_gone(void)
{
    for (unsigned i = 0; i < world.count; i++) {
        if (world.shadows[i].was_garbage && !world.shadows[i].is_freed) {
            fail_msg("thing %u was garbage when the run began, and is alive after it", i);
        }
    }
}

/* A run begins with the act in which it is in progress first: what was garbage before that act. */
static void follow_run(void)
{
    struct gc_status status = gc_status();
    bool is_over = world.was_in_progress && !status.in_progress;
    world.given_up |= status.release_pending;
    if (is_over && status.full_runs > world.full_runs && !world.given_up) {
        check_garbage_is_gone();
        world.completed++;
    }
    if (!status.in_progress || is_over) {
        note_garbage();
        world.given_up = status.release_pending;
    }
    world.was_in_progress = status.in_progress;
    world.full_runs = status.full_runs;
}

static void act(void)
{
    static void (*const acts[])(void) = {
        make,
        make,
        make,
        make,
        link_up,
        link_up,
        link_up,
        link_up,
        move_link,
        move_link,
        upgrade,
        unlink_one,
        swap_with_handle,
        take_to_handle,
        drop_handle,
        drop_handle,
        drop_handle,
        watch_weakly,
        upgrade,
        upgrade,
    };
    unsigned choice = below(100);
    if (choice < 80) {
        acts[below(sizeof acts / sizeof acts[0])]();
    } else if (choice < 98) {
        gc_step(0);
    } else if (below(16) == 0) {
        interrupt();
    } else if (below(4) == 0) {
        switch_off_and_on();
    }
}

/* ---- a run of the test -------------------------------------------------- */

static struct gc_heap *begin_world(uint64_t seed)
{
    memset(&world, 0, sizeof world);
    world.random = seed * 0x9e3779b97f4a7c15u + 1;
    memset(world.handles, -1, sizeof world.handles);
    struct gc_options options = gc_options_default();
    options.enabled = true;
    world.policy = below(3) == 0 ? GC_POLICY_CLASSIC : GC_POLICY_GENERATIONAL;
    options.policy = world.policy;
    options.root_buffer_entries = below(2) == 0 ? 4 + below(8) : 200;
    options.young_bytes = 64 * below(100);
    options.full_run_bytes = 64 * below(20);
    options.collect_at_safepoints_only = below(4) == 0;
    options.release_budget_ns = below(3) == 0;
    struct gc_heap *heap = gc_heap_new(&options);
    assert_non_null(heap);
    rc__collector_of(heap)->schedule.slice_objects = 1 + below(below(4) == 0 ? 60 : 4);
    heap->release_objects = 1 + below(below(2) == 0 ? 60 : 4);
    heap->release_places = below(3); /* 0: only what is large in earnest goes part by part */
    return heap;
}

static void end_world(void)
{
    for (unsigned handle = 0; handle < HANDLES; handle++) {
        gc_weak_release(world.weak[handle]);
    }
    for (unsigned round = 0; round < NODES && gc_status().live_nodes > 0; round++) {
        for (unsigned handle = 0; handle < HANDLES; handle++) {
            set_handle(handle, -1);
        }
        gc_collect_cycles();
    }
    assert_int_equal(gc_status().live_nodes, 0);
    assert_int_equal(gc_memory_usage(false), 0);
    for (unsigned i = 0; i < world.count; i++) {
        assert_true(world.shadows[i].is_freed);
    }
}

static uint64_t torture(uint64_t seed)
{
    struct gc_heap *heap = begin_world(seed);
    struct gc_heap *before = gc_heap_use(heap);
    for (unsigned step = 0; step < STEPS; step++) {
        act();
        gc_safepoint();
        check_nothing_reached_is_freed();
        follow_run();
    }
    end_world();
    gc_heap_use(before);
    gc_heap_free(heap);
    return world.completed;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void what_slices_free_is_exactly_what_was_garbage(void **state)
{
    (void)state;
    uint64_t first = number_from("SLICES_SEED", 1);
    uint64_t seeds = number_from("SLICES_SEEDS", 60);
    uint64_t completed = 0;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        print_message("seed %" PRIu64 "\n", seed);
        completed += torture(seed);
    }
    print_message("%" PRIu64 " runs in slices were completed\n", completed);
    assert_true(completed >= seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_slices_free_is_exactly_what_was_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
