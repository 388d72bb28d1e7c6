/*
 * Heaps: how they begin and end, and which one a thread uses.
 *
 * A thread's default heap is made at its first use and ends with the thread;
 * the main thread's ends with the process.
 */
#include "base/clock.h"
#include "base/compiler.h"
#include "base/misuse.h"
#include "collector/collector.h"
#include "collector/options.h"
#include "core/current.h"
#include "core/lifetime.h"
#include "values/hash.h"
#include <pthread.h>
#include <stdlib.h>

#define LAST_DESTRUCTOR_ROUNDS 16

static RC_THREAD_LOCAL struct gc_heap *default_heap;

struct gc_heap *gc_heap_new(const struct gc_options *options)
{
    struct gc_options defaults = gc_options_default();
    options = options == NULL ? &defaults : options;
    if (!rc__options_are_valid(options)) {
        return NULL;
    }
    rc__hash_begin();
    struct rc_collector *collector = calloc(1, sizeof *collector);
    if (collector == NULL) {
        return NULL;
    }
    if (!rc__roots_begin(&collector->heap.roots, options->root_buffer_entries)) {
        free(collector);
        return NULL;
    }
    rc__space_begin(&collector->heap.space);
    rc__schedule_begin(collector, options);
    (void)rc__limit_set(collector, options->memory_limit_bytes);
    collector->heap.space.idle_ns = options->idle_return_ns;
    collector->heap.space.looked_ns = rc__clock_ns();
    collector->heap.enabled = options->enabled;
    collector->heap.release_budget_ns = options->release_budget_ns;
    collector->heap.cuts_releases = options->release_budget_ns != 0;
    collector->logs = rc__environment_wants_log();
    collector->born_ns = rc__clock_ns();
    return &collector->heap;
}

/* ---- the end of a heap -------------------------------------------------- */

typedef void (*object_action)(struct gc_object *object);

static void for_each_object(struct gc_heap *heap, object_action action)
{
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&heap->space, page)) != NULL) {
        for (uint32_t slot = 0; page->kind > RC_PAGE_LEAF && slot < page->fresh; slot++) {
            struct gc_object *object = rc__page_slot(page, slot);
            if (object->info != 0) {
                action(object);
            }
        }
    }
}

static void bury(struct gc_object *object)
{
    if ((object->info & RC_INFO_DEAD) == 0) {
        rc__bury(object);
    }
}

static void call_free_hook(struct gc_object *object)
{
    if (rc__kind_of(object) == RC_KIND_NATIVE && object->type->free != NULL) {
        object->type->free(object);
    }
}

/* ---- destructors at the end ---- */

/* Holds all pages of objects in place and links them, so that destructors may do what they want. */
static void hold_pages(struct rc_collector *collector)
{
    struct rc_page *page = NULL;
    rc__epoch_begin(collector, RC_SCOPE_HEAP);
    while ((page = rc__space_next_page(&collector->heap.space, page)) != NULL) {
        if (page->kind > RC_PAGE_LEAF) {
            page->epoch = collector->epoch;
            page->touched_next = collector->touched;
            collector->touched = page;
        }
    }
}

static bool destruct_page(struct gc_heap *heap, const struct rc_page *page)
{
    bool any = false;
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (rc__is_alive(object) && rc__awaits_destructor(object)) {
            any = true;
            if (rc__object_destruct(heap, object) && object->refcount == 0) {
                rc__object_end(heap, object);
            }
        }
    }
    return any;
}

/* Objects that destructors make are destructed too, in the next round; but a destructor that always
   makes one more must come to an end. */
static void destruct_everything(struct gc_heap *heap)
{
    struct rc_collector *collector = rc__collector_of(heap);
    bool any = true;
    heap->collecting = true;
    for (int round = 0; any && round < LAST_DESTRUCTOR_ROUNDS; round++) {
        any = false;
        hold_pages(collector);
        for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
            any |= destruct_page(heap, page);
        }
    }
}

/* All objects are dead before the first hook runs, so no hook can bring anything back. */
static void end_everything(struct gc_heap *heap)
{
    heap->cuts_releases = false;
    rc__dead_drain_all(heap);
    rc__forget_waiting(heap);
    destruct_everything(heap);
    heap->releasing = heap->ending = true;
    for_each_object(heap, bury);
    for_each_object(heap, call_free_hook);
}

void gc_heap_free(struct gc_heap *heap)
{
    if (heap == NULL || RC_MISUSE(rc__is_used_elsewhere(heap), "end of another thread's heap")) {
        return;
    }
    if (heap->collecting || heap->releasing || heap->pins > 0) {
        (void)RC_MISUSE(true, "end of a heap that is in the middle of something");
        return;
    }
    struct gc_heap *before = rc__current_enter(heap);
    end_everything(heap);
    rc__current_leave(heap, before);
    if (before == heap) {
        rc__current_set(heap == default_heap ? NULL : default_heap);
    }
    if (heap == default_heap) {
        default_heap = NULL;
    }
    rc__attachments_end(heap);
    rc__space_end(&heap->space);
    rc__roots_end(&heap->roots);
    free(rc__collector_of(heap));
}

/* ---- threads ------------------------------------------------------------ */

static pthread_key_t thread_key;
static bool has_thread_key;

static void end_thread(void *marker)
{
    (void)marker;
    rc__current_set(NULL);
    gc_heap_free(default_heap);
}

static void make_thread_key(void)
{
    has_thread_key = pthread_key_create(&thread_key, end_thread) == 0;
}

/* From now on this thread's end is noticed. */
static bool watch_thread(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_thread_key);
    return has_thread_key && pthread_setspecific(thread_key, &default_heap) == 0;
}

RC_AT_EXIT static void end_process(void)
{
    end_thread(NULL);
}

static struct gc_heap *make_default_heap(void)
{
    if (default_heap == NULL && watch_thread()) {
        default_heap = gc_heap_new(NULL);
    }
    rc__current_set(default_heap);
    return default_heap;
}

struct gc_heap *gc_heap_use(struct gc_heap *heap)
{
    if (heap != NULL && RC_MISUSE(rc__is_used_elsewhere(heap), "use of another thread's heap")) {
        return NULL;
    }
    watch_thread();
    struct gc_heap *before = rc__current_set(heap != NULL ? heap : default_heap);
    return before == default_heap ? NULL : before;
}

struct gc_heap *gc_heap_current(void)
{
    return rc__heap_current();
}

/* ---- what the core calls ------------------------------------------------ */

static void run_due(struct gc_heap *heap)
{
    rc__run_when_due(rc__collector_of(heap));
}

static void put_off_is_due(struct gc_heap *heap)
{
    struct rc_collector *collector = rc__collector_of(heap);
    if (heap->quiet || rc__is_busy(collector)) {
        return;
    }
    if (collector->schedule.at_safepoints_only) {
        collector->schedule.is_due |= collector->kept_doomed;
    } else if (!collector->kept_doomed) {
        rc__run_put_off(collector, heap->release_budget_ns);
    } else if (heap->enabled) {
        rc__collect(collector, RC_SCOPE_ROOTS);
    }
}

static void weakly_reached(struct gc_heap *heap, struct gc_object *object)
{
    rc__spare_reached(rc__collector_of(heap), object);
}

const struct rc_upcalls rc__upcalls = {
    .run_due = run_due,
    .default_heap = make_default_heap,
    .weakly_reached = weakly_reached,
    .put_off_is_due = put_off_is_due,
    .release_parted = rc__release_parted,
    .relieve = rc__relieve,
};
