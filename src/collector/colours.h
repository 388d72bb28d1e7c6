/*
 * The colours of objects, and the pages that a collection has open.
 *
 * A page is opened when the collection first touches it, so that one over a few
 * objects costs nothing for the rest of the heap. What has taken its colour and
 * has its children still to be visited is pending, and its page is in the queue.
 */
#ifndef RCYCLE_COLLECTOR_COLOURS_H
#define RCYCLE_COLLECTOR_COLOURS_H

#include "collector/collector.h"

/* First touch of a page in this epoch; false if it is not for this collector to look into. */
bool rc__page_open_slow(struct rc_collector *collector, struct rc_page *page);

RC_INLINE bool rc__page_open(struct rc_collector *collector, struct rc_page *page)
{
    return RC_LIKELY(page->epoch == collector->epoch) || rc__page_open_slow(collector, page);
}

/* All that is seen in the page gives its trial count back. Before the end of a collection or a
   count, and before what is seen is forgotten (P7). */
void rc__page_forget_trial(struct rc_page *page);

/* Of 64 places: seen, and not found to be held. */
RC_INLINE uint64_t rc__white_bits(const struct rc_page *page, uint32_t word)
{
    const struct rc_colours *colours = rc__page_colours(page, word);
    return colours->seen & ~colours->live;
}

RC_INLINE bool rc__place_is_white(const struct rc_page *page, uint32_t place)
{
    return rc__bit(rc__white_bits(page, place >> 6), place);
}

/* Seen, and not found to be held. */
RC_INLINE bool rc__is_white(const struct rc_collector *collector, const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    return page->epoch == collector->epoch &&
           rc__place_is_white(page, rc__page_place_of(page, object));
}

/* So many in 64 places have taken their colour, and their children are to be visited. */
RC_INLINE void rc__places_pend(struct rc_collector *collector, struct rc_page *page, uint32_t word,
                               uint64_t bits)
{
    rc__page_colours(page, word)->pending |= bits;
    page->pending_words |= (uint32_t)1 << word;
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

RC_INLINE void rc__place_pend(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    rc__places_pend(collector, page, place >> 6, rc__place_bit(place));
}

/* The object is held, or is to be spared; false: it is black already. One not seen yet is new since
   the marking, which was done in slices: it may have come to hold what has been seen. */
RC_INLINE bool rc__place_turn_black(struct rc_collector *collector, struct rc_page *page,
                                    uint32_t place)
{
    struct rc_colours *colours = rc__colours_of(page, place);
    if (RC_LIKELY(rc__bit(colours->live, place))) {
        return false;
    }
    colours->live |= rc__place_bit(place);
    collector->findings.black += rc__bit(colours->seen, place);
    return true;
}

RC_INLINE void rc__place_blacken(struct rc_collector *collector, struct rc_page *page,
                                 uint32_t place)
{
    if (rc__place_turn_black(collector, page, place)) {
        rc__place_pend(collector, page, place);
    }
}

#endif
