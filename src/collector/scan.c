/*
 * C: scan. A grey object with a higher count than references were found to it
 * is held from outside: it is black again, and so is all that it reaches. What
 * stays grey is white.
 */
#include "collector/tracer.h"

RC_INLINE void reach(struct rc_tracer *tracer, struct rc_page *page, uint32_t slot)
{
    rc__slot_blacken(tracer->collector, page, slot);
}

RC_INLINE void scan_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    rc__trace_edge((struct rc_tracer *)(void *)visitor, child, reach);
}

static void scan_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    (void)child;
}

/* A weak map is an ephemeron table: a value is held if both the map and the key are. Whichever of
   the two is blackened last comes here with the other one black. */
static void scan_entry(struct rc_tracer *tracer, struct rc_weak_entry *entry)
{
    if (!rc__is_white(tracer->collector, &entry->map->header) &&
        !rc__is_white(tracer->collector, entry->key)) {
        rc__walk_zval(&entry->value, &tracer->visitor, scan_object_child, scan_leaf_child);
    }
}

static RC_NOINLINE void scan_other(struct rc_tracer *tracer, struct gc_object *object)
{
    rc__trace_entries(tracer, object, scan_entry);
    if (rc__may_hold_objects(object)) {
        rc__walk(object, &tracer->visitor, scan_object_child, scan_leaf_child);
    }
}

RC_INLINE void scan_object(struct rc_tracer *tracer, struct gc_object *object)
{
    if (tracer->collector->findings.grey == 0) {
        return; /* whatever it leads to is black already */
    }
    if (!rc__walk_plain(object, &tracer->visitor, scan_object_child, scan_leaf_child)) {
        scan_other(tracer, object);
    }
}

bool rc__trace_black(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {scan_object_child, scan_leaf_child},
                               .collector = collector};
    return rc__trace(&tracer, reach, scan_object);
}

/* A count lower than what was found is one that has changed between slices. */
static bool is_held(const struct gc_object *object, uint32_t found)
{
    return object->refcount != found;
}

/* Recorded since the marking began: the program has had it in its hands, and it is looked at by the
   next run. */
static bool is_recorded(const struct gc_object *object, uint32_t found)
{
    (void)found;
    return rc__entry_of(object) != 0;
}

RC_INLINE void blacken_in_page(struct rc_collector *collector, struct rc_page *page,
                               bool (*is_to_live)(const struct gc_object *object, uint32_t found))
{
    const uint32_t *trial = rc__page_trial(page);
    for (uint32_t word = 0; word * 64 < page->fresh; word++) {
        for (uint64_t bits = rc__white_bits(page, word); bits != 0; bits &= bits - 1) {
            uint32_t slot = word * 64 + rc__lowest_bit(bits);
            if (is_to_live(rc__page_slot(page, slot), trial[slot])) {
                rc__slot_blacken(collector, page, slot);
            }
        }
    }
    rc__budget_spend(&collector->budget, page->fresh);
}

void rc__blacken_held(struct rc_collector *collector, struct rc_page *page)
{
    blacken_in_page(collector, page, is_held);
}

void rc__blacken_recorded(struct rc_collector *collector, struct rc_page *page)
{
    blacken_in_page(collector, page, is_recorded);
}

void rc__scan(struct rc_collector *collector)
{
    const struct rc_findings *findings = &collector->findings;
    if (findings->real_counts == findings->edges) {
        return; /* every reference was found inside: all of it is garbage */
    }
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        rc__blacken_held(collector, page);
    }
    rc__trace_black(collector);
}
