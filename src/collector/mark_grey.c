/*
 * B: mark grey. Every reference found among what the roots reach takes one off
 * the child's count; here it is added to a trial count beside the object
 * instead, and the count itself stays as it is.
 */
#include "collector/tracer.h"
#include "core/lifetime.h"

static void see(struct rc_collector *collector, struct rc_page *page, uint32_t slot,
                uint32_t references)
{
    page->colours[slot >> 6].seen |= rc__slot_bit(slot);
    rc__page_trial(page)[slot] = references;
    rc__slot_pend(collector, page, slot);
}

/* Nothing that is old has a part in a young run. */
RC_INLINE void count_edge(struct rc_tracer *tracer, struct rc_page *page, uint32_t slot)
{
    const struct rc_colours *colours = &page->colours[slot >> 6];
    if (RC_UNLIKELY((colours->live & rc__slot_bit(slot)) != 0)) {
        tracer->collector->findings.outward++;
        return;
    }
    tracer->collector->findings.edges++;
    if ((colours->seen & rc__slot_bit(slot)) != 0) {
        rc__page_trial(page)[slot]++;
    } else {
        see(tracer->collector, page, slot, 1);
    }
}

RC_INLINE void mark_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    rc__trace_edge((struct rc_tracer *)(void *)visitor, child, count_edge);
}

static void mark_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)child;
    ((struct rc_tracer *)(void *)visitor)->page->teardown = true;
}

/* A reference from a weak map to a value goes when the map goes, and when the key goes: it counts
   as found from whichever is seen, and only once. */
static void count_entry(struct rc_tracer *tracer, struct rc_weak_entry *entry)
{
    if (entry->epoch != tracer->collector->epoch) {
        entry->epoch = tracer->collector->epoch;
        rc__walk_zval(&entry->value, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

RC_INLINE void mark_object(struct rc_tracer *tracer, struct gc_object *object)
{
    struct rc_findings *findings = &tracer->collector->findings;
    findings->objects++;
    findings->grey++;
    findings->nodes += rc__is_node(object);
    findings->real_counts += object->refcount;
    tracer->page->teardown |= rc__needs_dismantling(object);
    tracer->page->spares |= rc__awaits_destructor(object);
    tracer->page->teardown |= (object->info & RC_INFO_WEAK) != 0;
    rc__trace_entries(tracer, object, count_entry);
    if (rc__may_hold_objects(object)) {
        rc__walk(object, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

/* ---- where it begins ---------------------------------------------------- */

static void see_root(struct rc_collector *collector, struct gc_object *object)
{
    struct rc_page *page = rc__page_of(object);
    uint32_t slot = rc__page_slot_of(page, object);
    bool opened = rc__page_open(collector, page);
    if (opened && (page->colours[slot >> 6].seen & rc__slot_bit(slot)) == 0) {
        see(collector, page, slot, 0);
    }
}

static void see_roots(struct rc_collector *collector)
{
    const struct rc_roots *roots = &collector->heap.roots;
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object != NULL) {
            see_root(collector, object);
        }
    }
}

/* The buffer is empty from here on: what comes into it now is for the next run. */
static void empty_buffer(struct rc_roots *roots)
{
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object != NULL) {
            rc__clear_entry(object);
        }
    }
    rc__roots_clear(roots);
}

static void see_remembered_in(struct rc_collector *collector, struct rc_page *page)
{
    page->remembers = false;
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (rc__is_alive(object) && rc__entry_of(object) == RC_ENTRY_REMEMBERED) {
            rc__clear_entry(object);
            see_root(collector, object);
        }
    }
}

static void see_remembered(struct rc_collector *collector)
{
    const struct rc_space *space = &collector->heap.space;
    struct rc_page *page = NULL;
    if (collector->heap.roots.remembered == 0) {
        return;
    }
    while ((page = rc__space_next_page(space, page)) != NULL) {
        if (page->kind == RC_PAGE_TRACED && page->remembers) {
            see_remembered_in(collector, page);
        }
    }
    collector->heap.roots.remembered = 0;
}

static void see_page(struct rc_collector *collector, struct rc_page *page)
{
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (rc__is_alive(object) && rc__page_open(collector, page)) {
            see(collector, page, slot, 0);
        }
    }
}

static void see_heap(struct rc_collector *collector)
{
    const struct rc_space *space = &collector->heap.space;
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(space, page)) != NULL) {
        if (page->kind == RC_PAGE_TRACED) {
            see_page(collector, page);
        }
    }
}

static void trace_seen(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {mark_object_child, mark_leaf_child},
                               .collector = collector};
    rc__trace(&tracer, count_edge, mark_object);
}

void rc__mark_grey(struct rc_collector *collector, enum rc_scope scope)
{
    if (scope == RC_SCOPE_HEAP) {
        see_heap(collector);
    }
    see_roots(collector);
    if (scope != RC_SCOPE_YOUNG) {
        empty_buffer(&collector->heap.roots);
        see_remembered(collector);
    }
    trace_seen(collector);
}

void rc__count_heap(struct rc_collector *collector)
{
    see_heap(collector);
    trace_seen(collector);
}
