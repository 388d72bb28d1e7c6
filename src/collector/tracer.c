#include "collector/tracer.h"

#include <stdatomic.h>
#include <string.h>

/* Unique in the process, so another heap's page is never taken for an open one. */
static uint64_t new_number(void)
{
    static _Atomic uint64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

void rc__counting_begin(struct rc_collector *collector)
{
    collector->counting = new_number();
    memset(&collector->findings, 0, sizeof collector->findings);
    collector->waves.count = 0;
}

void rc__epoch_begin(struct rc_collector *collector, enum rc_scope scope)
{
    rc__slices_give_up(collector);
    rc__counting_begin(collector);
    collector->epoch = collector->counting;
    collector->scope = scope;
    collector->recounts = false;
    collector->budget = rc__budget_unlimited();
    collector->part.object = NULL;
    collector->queue_head = NULL;
    collector->touched = NULL;
    collector->heap.space.open_epoch = collector->epoch;
}

void rc__epoch_give_up(struct rc_collector *collector)
{
    struct rc_page *next;
    collector->heap.space.open_epoch = RC_NO_EPOCH;
    for (struct rc_page *page = collector->touched; page != NULL; page = next) {
        next = page->touched_next;
        page->queued = false;
        page->pending_words = 0;
        rc__page_forget_trial(page);
        if (page->used == 0) {
            rc__space_free_all(page);
        }
    }
    collector->queue_head = collector->touched = NULL;
}

void rc__page_forget_trial(struct rc_page *page)
{
    RC_EACH_WORD(word, page) {
        uint64_t seen = rc__page_colours(page, word)->seen;
        if (seen != 0) {
            unsigned low = rc__lowest_bit(seen);
            uint32_t *trial = rc__page_trial(page) + word * 64 + low;
            memset(trial, 0, (rc__highest_bit(seen) - low + 1) * sizeof *trial);
        }
    }
}

/* In a young run what is old is black from the beginning; in a recount all is that is no suspect,
   and so whatever is in a page that has none. */
static void begin_colours(const struct rc_collector *collector, struct rc_page *page)
{
    bool old_are_black = collector->scope == RC_SCOPE_YOUNG && page->has_old;
    RC_EACH_WORD(word, page) {
        struct rc_colours *colours = rc__page_colours(page, word);
        colours->live = old_are_black ? colours->old : 0;
        colours->live = collector->recounts ? UINT64_MAX : colours->live;
        colours->seen = colours->pending = 0;
    }
}

bool rc__page_open_slow(struct rc_collector *collector, struct rc_page *page)
{
    if (page->kind != RC_PAGE_TRACED || page->space != &collector->heap.space) {
        return false;
    }
    begin_colours(collector, page);
    page->pending_words = 0;
    page->queued = false;
    page->teardown = false;
    page->spares = false;
    page->epoch = collector->epoch;
    page->touched_next = collector->touched;
    collector->touched = page;
    return true;
}
