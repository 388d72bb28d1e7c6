#include "collector/tracer.h"

#include <stdatomic.h>
#include <string.h>

/* Numbers are unique in the process, so another heap's page is never taken for an open one. */
void rc__epoch_begin(struct rc_collector *collector, enum rc_scope scope)
{
    static _Atomic uint64_t last_epoch;
    collector->epoch = atomic_fetch_add_explicit(&last_epoch, 1, memory_order_relaxed) + 1;
    collector->stays_young = scope == RC_SCOPE_YOUNG;
    collector->queue_head = NULL;
    collector->touched = NULL;
    collector->heap.space.open_epoch = collector->epoch;
    memset(&collector->findings, 0, sizeof collector->findings);
}

static void begin_colours(struct rc_page *page, bool old_are_black)
{
    uint32_t words = (page->slot_count + 63) / 64;
    for (uint32_t word = 0; word < words; word++) {
        struct rc_colours *colours = &page->colours[word];
        colours->seen = colours->live = old_are_black ? colours->old : 0;
        colours->pending = 0;
    }
}

bool rc__page_open_slow(struct rc_collector *collector, struct rc_page *page)
{
    if (page->kind != RC_PAGE_TRACED || page->space != &collector->heap.space) {
        return false;
    }
    begin_colours(page, collector->stays_young && page->has_old);
    page->pending_words = 0;
    page->queued = false;
    page->teardown = false;
    page->spares = false;
    page->epoch = collector->epoch;
    page->touched_next = collector->touched;
    collector->touched = page;
    return true;
}
