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

RC_INLINE void scan_object(struct rc_tracer *tracer, struct gc_object *object)
{
    if (tracer->collector->findings.grey == 0) {
        return; /* whatever it leads to is black already */
    }
    rc__trace_entries(tracer, object, scan_entry);
    if (rc__may_hold_objects(object)) {
        rc__walk(object, &tracer->visitor, scan_object_child, scan_leaf_child);
    }
}

void rc__trace_black(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {scan_object_child, scan_leaf_child},
                               .collector = collector};
    rc__trace(&tracer, reach, scan_object);
}

static void blacken_held(struct rc_collector *collector, struct rc_page *page)
{
    const uint32_t *trial = rc__page_trial(page);
    for (uint32_t word = 0; word * 64 < page->fresh; word++) {
        for (uint64_t bits = rc__white_bits(page, word); bits != 0; bits &= bits - 1) {
            uint32_t slot = word * 64 + rc__lowest_bit(bits);
            const struct gc_object *object = rc__page_slot(page, slot);
            if (object->refcount > trial[slot]) {
                rc__slot_blacken(collector, page, slot);
            }
        }
    }
}

void rc__scan(struct rc_collector *collector)
{
    const struct rc_findings *findings = &collector->findings;
    if (findings->real_counts == findings->edges) {
        return; /* every reference was found inside: all of it is garbage */
    }
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        blacken_held(collector, page);
    }
    rc__trace_black(collector);
}
