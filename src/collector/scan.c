/*
 * C: scan. A grey object with a higher count than references were found to it
 * is held from outside: it is black again, and so is all that it reaches. What
 * stays grey is white.
 */
#include "collector/tracer.h"

RC_INLINE void blacken(struct rc_tracer *tracer, struct rc_page *page, uint32_t slot)
{
    if ((page->live[slot >> 6] & rc__slot_bit(slot)) == 0) {
        page->live[slot >> 6] |= rc__slot_bit(slot);
        rc__slot_pend(tracer->collector, page, slot);
    }
}

static void scan_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    rc__trace_edge((struct rc_tracer *)(void *)visitor, child, blacken);
}

static void scan_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    (void)child;
}

RC_INLINE void scan_object(struct rc_tracer *tracer, struct gc_object *object)
{
    if (rc__may_hold_objects(object)) {
        rc__walk(object, &tracer->visitor, scan_object_child, scan_leaf_child);
    }
}

static void blacken_held(struct rc_tracer *tracer, struct rc_page *page)
{
    const uint32_t *trial = rc__page_trial(page);
    for (uint32_t word = 0; word * 64 < page->fresh; word++) {
        for (uint64_t bits = page->seen[word]; bits != 0; bits &= bits - 1) {
            uint32_t slot = word * 64 + rc__lowest_bit(bits);
            const struct gc_object *object = rc__page_slot(page, slot);
            if (object->refcount > trial[slot]) {
                blacken(tracer, page, slot);
            }
        }
    }
}

void rc__scan(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {scan_object_child, scan_leaf_child},
                               .collector = collector};
    const struct rc_findings *findings = &collector->findings;
    if (findings->real_counts == findings->edges) {
        return; /* every reference was found inside: all of it is garbage */
    }
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        blacken_held(&tracer, page);
    }
    rc__trace(&tracer, blacken, scan_object);
}
