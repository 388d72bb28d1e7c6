/*
 * Young and old. What a run finds to be held is old from then on, and young
 * runs stay out of it: a reference from an old object holds like one from
 * outside. An old possible root waits for the next full run.
 *
 * Nothing is lost by that. Any garbage that a young run leaves has old members
 * or is held by such. If its candidate was young, the run has found it held,
 * and it is remembered here; if it was old, it is remembered already; and if it
 * was white, what it held is old before that is released (rc__collect_white()).
 */
#include "collector/tracer.h"

void rc__settle_young_roots(struct rc_collector *collector)
{
    struct rc_roots *roots = &collector->heap.roots;
    if (collector->findings.black == collector->findings.seen) {
        rc__roots_remember_all(roots); /* nothing is white */
        return;
    }
    uint32_t used = rc__all_is_white(&collector->findings) ? 0 : roots->used;
    for (uint32_t entry = 1; entry <= used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object != NULL && !rc__is_white(collector, object)) {
            rc__roots_remember(roots, object);
        }
    }
    rc__roots_clear(roots);
}

void rc__promote_in_page(struct rc_collector *collector, struct rc_page *page)
{
    if (!collector->heap.generational) {
        return;
    }
    RC_EACH_WORD(word, page) {
        struct rc_colours *colours = rc__page_colours(page, word);
        uint64_t held = colours->seen & colours->live;
        if (held != 0 && !page->has_old) {
            rc__page_begin_old(page);
        }
        colours->old |= held;
    }
}

void rc__promote(struct rc_collector *collector)
{
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        rc__promote_in_page(collector, page);
    }
}
