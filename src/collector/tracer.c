#include "collector/tracer.h"

#include <stdatomic.h>
#include <string.h>

/* Numbers are unique in the process, so another heap's page is never taken for an open one. */
void rc__epoch_begin(struct rc_collector *collector)
{
    static _Atomic uint64_t last_epoch;
    collector->epoch = atomic_fetch_add_explicit(&last_epoch, 1, memory_order_relaxed) + 1;
    collector->queue_head = NULL;
    collector->touched = NULL;
    collector->heap.space.open_epoch = collector->epoch;
    memset(&collector->findings, 0, sizeof collector->findings);
}

bool rc__page_open_slow(struct rc_collector *collector, struct rc_page *page)
{
    if (page->kind != RC_PAGE_TRACED || page->space != &collector->heap.space) {
        return false;
    }
    size_t words = ((size_t)page->slot_count + 63) / 64;
    memset(page->seen, 0, words * sizeof page->seen[0]);
    memset(page->pending, 0, words * sizeof page->pending[0]);
    memset(page->live, 0, words * sizeof page->live[0]);
    page->pending_words = 0;
    page->queued = false;
    page->teardown = false;
    page->spares = false;
    page->epoch = collector->epoch;
    page->touched_next = collector->touched;
    collector->touched = page;
    return true;
}
