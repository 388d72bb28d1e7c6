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

/* What is old has no part in a young run, and what is not suspected none in a recount. */
RC_INLINE void count_edge(struct rc_tracer *tracer, struct rc_page *page, uint32_t slot)
{
    struct rc_collector *collector = tracer->collector;
    const struct rc_colours *colours = &page->colours[slot >> 6];
    bool is_seen = (colours->seen & rc__slot_bit(slot)) != 0;
    bool is_old = (colours->live & rc__slot_bit(slot)) != 0;
    if (RC_UNLIKELY(is_old || (!is_seen && collector->recounts))) {
        collector->findings.outward++;
        return;
    }
    collector->findings.edges++;
    if (is_seen) {
        rc__page_trial(page)[slot]++;
    } else {
        see(collector, page, slot, 1);
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
    if (entry->counting != tracer->collector->counting) {
        entry->counting = tracer->collector->counting;
        rc__walk_zval(&entry->value, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

/* An object that is more than references, or that is no own struct. */
static RC_NOINLINE void mark_other(struct rc_tracer *tracer, struct gc_object *object)
{
    tracer->collector->findings.nodes -= !rc__is_node(object);
    tracer->page->teardown |= rc__needs_dismantling(object);
    tracer->page->spares |= rc__awaits_destructor(object);
    tracer->page->teardown |= (object->info & RC_INFO_WEAK) != 0;
    rc__trace_entries(tracer, object, count_entry);
    if (rc__may_hold_objects(object)) {
        rc__walk(object, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

RC_INLINE void mark_object(struct rc_tracer *tracer, struct gc_object *object)
{
    struct rc_findings *findings = &tracer->collector->findings;
    findings->grey++;
    findings->nodes++;
    findings->real_counts += object->refcount;
    if (!rc__walk_plain(object, &tracer->visitor, mark_object_child, mark_leaf_child)) {
        mark_other(tracer, object);
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

/* But in a young run the buffer is empty from here on: what comes into it now is for the next run.
 */
static void take_buffer(struct rc_collector *collector)
{
    struct rc_roots *roots = &collector->heap.roots;
    bool stays = collector->scope == RC_SCOPE_YOUNG;
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object == NULL) {
            continue;
        }
        if (!stays) {
            rc__clear_entry(object);
        }
        see_root(collector, object);
    }
    if (!stays) {
        rc__roots_clear(roots);
    }
}

typedef void (*page_action)(struct rc_collector *collector, struct rc_page *page);

static void for_each_traced_page(struct rc_collector *collector, page_action action)
{
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&collector->heap.space, page)) != NULL) {
        if (page->kind == RC_PAGE_TRACED) {
            action(collector, page);
        }
    }
}

static void remember_page(struct rc_collector *collector, struct rc_page *page)
{
    (void)collector;
    rc__page_begin_remembering(page);
}

void rc__roots_take(struct rc_collector *collector)
{
    take_buffer(collector);
    if (collector->scope == RC_SCOPE_HEAP) {
        for_each_traced_page(collector, remember_page);
    }
}

static void take_remembered(struct rc_collector *collector, struct rc_page *page)
{
    struct rc_roots *roots = &collector->heap.roots;
    rc__page_forget(page);
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (!rc__is_alive(object)) {
            continue;
        }
        bool is_remembered = rc__entry_of(object) == RC_ENTRY_REMEMBERED;
        if (is_remembered) {
            rc__roots_remove(roots, object);
        }
        if (is_remembered || collector->scope == RC_SCOPE_HEAP) {
            see_root(collector, object);
        }
    }
    rc__budget_spend(&collector->budget, page->fresh);
}

bool rc__roots_take_remembered(struct rc_collector *collector)
{
    struct rc_space *space = &collector->heap.space;
    while (space->remembering != NULL && collector->scope != RC_SCOPE_YOUNG) {
        if (rc__budget_is_spent(&collector->budget)) {
            return false;
        }
        take_remembered(collector, space->remembering);
    }
    return true;
}

bool rc__mark_grey(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {mark_object_child, mark_leaf_child},
                               .collector = collector};
    return rc__trace(&tracer, count_edge, mark_object);
}

static void see_page(struct rc_collector *collector, struct rc_page *page)
{
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (rc__is_alive(object)) {
            see_root(collector, object);
        }
    }
}

void rc__count_heap(struct rc_collector *collector)
{
    for_each_traced_page(collector, see_page);
    rc__mark_grey(collector);
}

/* ---- counting the suspects once more ------------------------------------ */

/* One that has been recorded since the marking began is for the next run. */
static void suspect(struct rc_collector *collector, struct rc_page *page, uint32_t slot)
{
    const struct gc_object *object = rc__page_slot(page, slot);
    if (rc__entry_of(object) == 0) {
        see(collector, page, slot, 0);
    }
}

/* What is white is suspected, and grey again; all else in the page is not seen any more. */
static void suspect_white(struct rc_collector *collector, struct rc_page *page)
{
    page->teardown = page->spares = false;
    for (uint32_t word = 0; word < rc__page_words(page); word++) {
        uint64_t white = rc__white_bits(page, word);
        page->colours[word].seen = page->colours[word].live = 0;
        for (; white != 0; white &= white - 1) {
            suspect(collector, page, word * 64 + rc__lowest_bit(white));
        }
    }
}

void rc__recount_white(struct rc_collector *collector)
{
    rc__counting_begin(collector);
    collector->recounts = true;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        suspect_white(collector, page);
    }
    rc__mark_grey(collector);
}
