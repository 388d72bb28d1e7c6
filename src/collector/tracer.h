/*
 * The traversal that marking and scanning share: pages are its work list.
 *
 * A page with pending slots hangs in a queue by a link in its descriptor: first
 * in, first out, so that work gathers on a page before it is done, and then it
 * is done in address order. No memory is needed, however large the graph.
 *
 * A child in the page at work is handled at once. Any other goes through two
 * small rings: when it enters the first its page's descriptor is asked for, when
 * it changes to the second the lines with its own colour and trial count are, and
 * when it leaves that, some children later, it is handled.
 */
#ifndef RCYCLE_COLLECTOR_TRACER_H
#define RCYCLE_COLLECTOR_TRACER_H

#include "collector/collector.h"
#include "core/walk.h"

#define RC_NEAR_ENTRIES 16u
#define RC_FAR_ENTRIES  8u

struct rc_far {
    struct gc_object *child; /* NULL: a vacant place */
    struct rc_page *parent;
};

struct rc_near {
    struct rc_page *page; /* NULL: a vacant place */
    uint32_t slot;
};

struct rc_tracer {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    struct rc_page *page; /* the one at work, and where its slots are: */
    char *slots;
    size_t slots_bytes; /* 0: no page is at work */
    unsigned far_next;
    unsigned near_next;
    struct rc_far far[RC_FAR_ENTRIES];
    struct rc_near near[RC_NEAR_ENTRIES];
};

/* What a pass does with an edge to a slot, and with a slot whose turn has come. */
typedef void (*rc_reach)(struct rc_tracer *tracer, struct rc_page *page, uint32_t slot);
typedef void (*rc_process)(struct rc_tracer *tracer, struct gc_object *object);

/* ---- pages and slots ---------------------------------------------------- */

/* First touch of a page in this epoch; false if it is not for this collector to look into. */
bool rc__page_open_slow(struct rc_collector *collector, struct rc_page *page);

RC_INLINE bool rc__page_open(struct rc_collector *collector, struct rc_page *page)
{
    return RC_LIKELY(page->epoch == collector->epoch) || rc__page_open_slow(collector, page);
}

/* Of 64 slots: seen, and not found to be held. */
RC_INLINE uint64_t rc__white_bits(const struct rc_page *page, uint32_t word)
{
    return page->colours[word].seen & ~page->colours[word].live;
}

RC_INLINE bool rc__slot_is_white(const struct rc_page *page, uint32_t slot)
{
    return (rc__white_bits(page, slot >> 6) & rc__slot_bit(slot)) != 0;
}

/* Seen, and not found to be held. */
RC_INLINE bool rc__is_white(const struct rc_collector *collector, const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    return page->epoch == collector->epoch &&
           rc__slot_is_white(page, rc__page_slot_of(page, object));
}

/* The slot's children are to be visited. */
RC_INLINE void rc__slot_pend(struct rc_collector *collector, struct rc_page *page, uint32_t slot)
{
    page->colours[slot >> 6].pending |= rc__slot_bit(slot);
    page->pending_words |= (uint64_t)1 << (slot >> 6);
    if (!page->queued) {
        page->queued = true;
        page->queue_next = NULL;
        if (collector->queue_head == NULL) {
            collector->queue_head = page;
        } else {
            collector->queue_tail->queue_next = page;
        }
        collector->queue_tail = page;
    }
}

/* The slot is held, or is to be spared. One not seen yet is new since the marking, which was done
   in slices: it may have come to hold what has been seen. A recount looks at what is suspected
   only. */
RC_INLINE void rc__slot_blacken(struct rc_collector *collector, struct rc_page *page, uint32_t slot)
{
    struct rc_colours *colours = &page->colours[slot >> 6];
    if ((colours->live & rc__slot_bit(slot)) != 0) {
        return;
    }
    bool was_seen = (colours->seen & rc__slot_bit(slot)) != 0;
    if (RC_UNLIKELY(!was_seen && collector->recounts)) {
        return;
    }
    colours->live |= rc__slot_bit(slot);
    collector->findings.grey -= was_seen;
    rc__slot_pend(collector, page, slot);
}

/* Blackens all that pending slots reach. False: the budget is spent first. */
bool rc__trace_black(struct rc_collector *collector);

/* ---- the traversal ------------------------------------------------------ */

/* From the first ring into the second. */
RC_INLINE void rc__trace_near(struct rc_tracer *tracer, struct rc_far far, rc_reach reach)
{
    struct rc_page *page = rc__page_of(far.child);
    if (!rc__page_open(tracer->collector, page)) {
        far.parent->teardown = true;
        return;
    }
    uint32_t slot = rc__page_slot_of(page, far.child);
    rc__prefetch(&page->colours[slot >> 6]);
    rc__prefetch(&rc__page_trial(page)[slot]);
    struct rc_near *entry = &tracer->near[tracer->near_next++ % RC_NEAR_ENTRIES];
    struct rc_near leaving = *entry;
    *entry = (struct rc_near){page, slot};
    if (leaving.page != NULL) {
        reach(tracer, leaving.page, leaving.slot);
    }
}

RC_INLINE void rc__trace_edge(struct rc_tracer *tracer, struct gc_object *child, rc_reach reach)
{
    size_t offset = (size_t)((char *)child - tracer->slots);
    if (offset < tracer->slots_bytes) {
        struct rc_page *page = tracer->page;
        reach(tracer, page, (uint32_t)((offset * page->reciprocal) >> 32));
        return;
    }
    rc__prefetch(rc__page_of(child));
    struct rc_far *entry = &tracer->far[tracer->far_next++ % RC_FAR_ENTRIES];
    struct rc_far leaving = *entry;
    *entry = (struct rc_far){child, tracer->page};
    if (leaving.child != NULL) {
        rc__trace_near(tracer, leaving, reach);
    }
}

RC_INLINE void rc__trace_flush(struct rc_tracer *tracer, rc_reach reach)
{
    for (unsigned i = 0; i < RC_FAR_ENTRIES; i++) {
        struct rc_far leaving = tracer->far[i];
        tracer->far[i].child = NULL;
        if (leaving.child != NULL) {
            rc__trace_near(tracer, leaving, reach);
        }
    }
    for (unsigned i = 0; i < RC_NEAR_ENTRIES; i++) {
        struct rc_near leaving = tracer->near[i];
        tracer->near[i].page = NULL;
        if (leaving.page != NULL) {
            reach(tracer, leaving.page, leaving.slot);
        }
    }
}

/* Until no slot is pending, or it is time to look at the clock. */
RC_INLINE void rc__trace_page(struct rc_tracer *tracer, struct rc_page *page, rc_process process)
{
    int64_t left = tracer->collector->budget.objects_left;
    char *slots = page->data + page->first_offset;
    size_t slot_bytes = page->slot_bytes;
    tracer->page = page;
    tracer->slots = slots;
    tracer->slots_bytes = RC_PAGE_BYTES - page->first_offset;
    while (page->pending_words != 0 && left > 0) {
        unsigned word = rc__lowest_bit(page->pending_words);
        uint64_t bits = page->colours[word].pending;
        uint32_t slot = word * 64 + rc__lowest_bit(bits);
        bits &= bits - 1;
        page->colours[word].pending = bits;
        if (bits == 0) {
            page->pending_words &= page->pending_words - 1;
        } else {
            rc__prefetch(slots + (word * 64 + rc__lowest_bit(bits)) * slot_bytes);
        }
        process(tracer, (struct gc_object *)(void *)(slots + slot * slot_bytes));
        left--;
    }
    tracer->collector->budget.objects_left = left;
}

RC_INLINE struct rc_page *rc__queue_take(struct rc_collector *collector)
{
    struct rc_page *page = collector->queue_head;
    collector->queue_head = page->queue_next;
    return page;
}

/* Back to where it was taken from, if there is still something to be done in it. */
RC_INLINE void rc__queue_return(struct rc_collector *collector, struct rc_page *page)
{
    if (RC_LIKELY(page->pending_words == 0)) {
        page->queued = false;
        return;
    }
    if (collector->queue_head == NULL) {
        collector->queue_tail = page;
    }
    page->queue_next = collector->queue_head;
    collector->queue_head = page;
}

/* Processes pending slots until there are none, in the rings or in the queue, or the budget is
   spent: then it returns false. */
RC_INLINE bool rc__trace(struct rc_tracer *tracer, rc_reach reach, rc_process process)
{
    struct rc_collector *collector = tracer->collector;
    for (;;) {
        bool is_spent = rc__budget_is_spent(&collector->budget);
        if (collector->queue_head != NULL && !is_spent) {
            struct rc_page *page = rc__queue_take(collector);
            rc__trace_page(tracer, page, process);
            rc__queue_return(collector, page);
            continue;
        }
        tracer->page = NULL;
        tracer->slots_bytes = 0;
        rc__trace_flush(tracer, reach);
        if (collector->queue_head == NULL || is_spent) {
            return collector->queue_head == NULL;
        }
    }
}

/* ---- weak maps ---------------------------------------------------------- */

typedef void (*rc_entry_action)(struct rc_tracer *tracer, struct rc_weak_entry *entry);

/* The entries that an object has a part in: as their key, and as their map. */
RC_INLINE void rc__trace_entries(struct rc_tracer *tracer, struct gc_object *object,
                                 rc_entry_action action)
{
    if (RC_UNLIKELY((object->info & RC_INFO_WEAK) != 0)) {
        const struct rc_weak_registry *registry = &tracer->collector->heap.weak;
        struct rc_weak_entry *entry = rc__weak_record(registry, object)->entries;
        for (; entry != NULL; entry = entry->next_of_key) {
            action(tracer, entry);
        }
    }
    if (RC_UNLIKELY(rc__kind_of(object) == RC_KIND_WEAKMAP)) {
        struct rc_weak_entry *entry = ((struct rc_weakmap *)(void *)object)->first;
        for (; entry != NULL; entry = entry->next) {
            action(tracer, entry);
        }
    }
}

#endif
