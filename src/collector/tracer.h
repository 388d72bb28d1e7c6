/*
 * The traversal that marking and scanning share: pages are its work list.
 *
 * A page with pending objects hangs in a queue by a link in its descriptor: first
 * in, first out, so that work gathers on a page before it is done, and then it
 * is done in address order. No memory is needed, however large the graph.
 *
 * Each edge leads to a trial count, found from the child's address, and most end
 * there. A child in the page at work is handled at once, and so is one in a page
 * that is warm: that other children have led to lately. Any other goes through
 * two small rings: when it enters the first its page's descriptor is asked for,
 * when it changes to the second its trial count and colours are, and when it
 * leaves that, some children later, it is handled.
 *
 * The first new child of an object in the page at work has its turn next, without
 * a way through the tables, and so has what the rings hold last: a chain is followed
 * as fast as its links can be read.
 */
#ifndef RCYCLE_COLLECTOR_TRACER_H
#define RCYCLE_COLLECTOR_TRACER_H

#include "collector/colours.h"
#include "core/walk.h"
#include <string.h>

#define RC_NEAR_ENTRIES  16u
#define RC_FAR_ENTRIES   8u
#define RC_WARM_PAGES    8u
#define RC_OBJECTS_AHEAD 6u

struct rc_far {
    struct gc_object *child; /* NULL: vacant */
    struct rc_page *parent;
};

struct rc_near {
    struct gc_object *child; /* NULL: vacant */
    uint32_t *trial;
};

struct rc_tracer {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    struct rc_page *page; /* the one at work, and: */
    uintptr_t base;       /* where it begins; 0: no page is at work */
    unsigned shift;
    struct gc_object *next; /* whose turn it is next, mostly in it; NULL: the tables say */
    struct rc_links links;  /* of the type met last that has nothing else */
    size_t far_next;        /* entries that came into the ring since it was empty; the next */
    size_t near_next;       /* one comes after the last, and in the end at the beginning again */
    int64_t left;           /* objects, until it is time to look at the clock */
    uint64_t turns_left;    /* it returns when they are down to 0; 0 at first: no limit */
    struct rc_far far[RC_FAR_ENTRIES];
    struct rc_near near[RC_NEAR_ENTRIES];
    uintptr_t warm[RC_WARM_PAGES]; /* open pages: rc__warm_key() + shift; 0: none */
};

/* What a pass does with an edge to an object of an open page. `meet` looks at the trial count:
   true, it says that nothing more is to be done. If not, `take` says whether the object's own turn
   is to come; and `process` is what is done when that has come. */
typedef bool (*rc_meet)(uint32_t *trial);
typedef bool (*rc_take)(struct rc_tracer *tracer, struct rc_page *page, uint32_t place,
                        uint32_t *trial);
typedef void (*rc_process)(struct rc_tracer *tracer, struct gc_object *object);

/* Whether nothing more is to be found out, though there are pending objects. */
typedef bool (*rc_settled)(struct rc_collector *collector);

/* What it does with a part of a large object. */
typedef void (*rc_walk_part)(struct rc_tracer *tracer, struct gc_object *object, size_t from,
                             size_t to);

/* A limit. So many turns are a sign that there is little to do in each; one more ends it. */
static inline uint64_t rc__turns_of(const struct rc_collector *collector, uint64_t objects,
                                    uint64_t one_in)
{
    uint64_t share = objects / one_in;
    return 1 + (share > collector->turns_least ? share : collector->turns_least);
}

/* Blackens all that pending objects reach. False: the budget is spent first. */
bool rc__trace_black(struct rc_collector *collector);

/* ---- the traversal ------------------------------------------------------ */

RC_INLINE uintptr_t rc__warm_key(const void *object)
{
    return ((uintptr_t)object >> RC_PAGE_SHIFT) << 5;
}

RC_INLINE uintptr_t *rc__warm_entry(struct rc_tracer *tracer, const void *object)
{
    return &tracer->warm[((uintptr_t)object >> RC_PAGE_SHIFT) % RC_WARM_PAGES];
}

/* An edge out of the page at work, to where what is known of the child is in the cache. */
RC_INLINE void rc__trace_there(struct rc_tracer *tracer, struct gc_object *child, uint32_t *trial,
                               rc_meet meet, rc_take take)
{
    if (RC_LIKELY(meet(trial))) {
        return;
    }
    struct rc_page *page = rc__page_of(child);
    uint32_t place = rc__place_of_trial(trial);
    if (take(tracer, page, place, trial)) {
        rc__place_pend(tracer->collector, page, place);
    }
}

/* From the first ring into the second. */
RC_INLINE void rc__trace_near(struct rc_tracer *tracer, struct rc_far far, rc_meet meet,
                              rc_take take)
{
    struct rc_page *page = rc__page_of(far.child);
    if (!rc__page_open(tracer->collector, page)) {
        far.parent->teardown = true;
        tracer->collector->findings.leads_abroad = true;
        return;
    }
    uint32_t *trial = rc__trial_of(page, far.child);
    rc__prefetch(trial);
    rc__prefetch(rc__colours_of(page, rc__page_place_of(page, far.child)));
    *rc__warm_entry(tracer, far.child) = rc__warm_key(far.child) + page->shift;
    struct rc_near *entry = &tracer->near[tracer->near_next++ % RC_NEAR_ENTRIES];
    struct rc_near leaving = *entry;
    *entry = (struct rc_near){far.child, trial};
    if (leaving.child != NULL) {
        rc__trace_there(tracer, leaving.child, leaving.trial, meet, take);
    }
}

/* An edge out of the page at work. */
RC_INLINE void rc__trace_far(struct rc_tracer *tracer, struct gc_object *child, rc_meet meet,
                             rc_take take)
{
    uintptr_t warm_shift = *rc__warm_entry(tracer, child) - rc__warm_key(child);
    if (warm_shift <= RC_PAGE_SHIFT) {
        rc__trace_there(tracer, child, rc__trial_at(child, (unsigned)warm_shift), meet, take);
        return;
    }
    rc__prefetch(rc__page_of(child));
    struct rc_far *entry = &tracer->far[tracer->far_next++ % RC_FAR_ENTRIES];
    struct rc_far leaving = *entry;
    *entry = (struct rc_far){child, tracer->page};
    if (leaving.child != NULL) {
        rc__trace_near(tracer, leaving, meet, take);
    }
}

/* That of an object in the page at work. */
RC_INLINE uint32_t *rc__trial_here(const struct rc_tracer *tracer, const struct gc_object *object)
{
    return (uint32_t *)tracer->base + (((uintptr_t)object - tracer->base) >> tracer->shift);
}

RC_INLINE bool rc__is_here(const struct rc_tracer *tracer, const struct gc_object *object)
{
    return (uintptr_t)object - tracer->base < RC_PAGE_BYTES;
}

/* What is not known from its trial count has its turn next, or later, or none. */
RC_INLINE void rc__trace_new(struct rc_tracer *tracer, struct rc_page *page,
                             struct gc_object *object, uint32_t *trial, rc_take take)
{
    uint32_t place = rc__place_of_trial(trial);
    if (!take(tracer, page, place, trial)) {
        return;
    }
    if (tracer->next == NULL) {
        tracer->next = object;
    } else {
        rc__place_pend(tracer->collector, page, place);
    }
}

RC_INLINE void rc__trace_edge(struct rc_tracer *tracer, struct gc_object *child, rc_meet meet,
                              rc_take take)
{
    if (!rc__is_here(tracer, child)) {
        rc__trace_far(tracer, child, meet, take);
        return;
    }
    uint32_t *trial = rc__trial_here(tracer, child);
    if (RC_LIKELY(meet(trial))) {
        return;
    }
    rc__trace_new(tracer, tracer->page, child, trial, take);
}

/* Empties the rings; the first new object in them has its turn next. What is in them may be all
   there is to do: so the objects themselves are asked for, too. */
RC_INLINE void rc__trace_flush(struct rc_tracer *tracer, rc_meet meet, rc_take take)
{
    for (unsigned i = 0; i < tracer->far_next && i < RC_FAR_ENTRIES; i++) {
        struct rc_far leaving = tracer->far[i];
        tracer->far[i].child = NULL;
        rc__prefetch(leaving.child);
        rc__trace_near(tracer, leaving, meet, take);
    }
    for (unsigned i = 0; i < tracer->near_next && i < RC_NEAR_ENTRIES; i++) {
        struct rc_near leaving = tracer->near[i];
        tracer->near[i].child = NULL;
        if (!meet(leaving.trial)) {
            struct rc_page *page = rc__page_of(leaving.child);
            rc__trace_new(tracer, page, leaving.child, leaving.trial, take);
        }
    }
    tracer->far_next = tracer->near_next = 0;
}

/* The page is the one at work; NULL: none is. */
RC_INLINE void rc__trace_at(struct rc_tracer *tracer, struct rc_page *page)
{
    tracer->page = page;
    tracer->base = page == NULL ? 0 : (uintptr_t)page->data;
    tracer->shift = page == NULL ? 0 : page->shift;
}

/* What is next has its turn later. */
RC_INLINE void rc__trace_later(struct rc_tracer *tracer)
{
    if (tracer->next != NULL) {
        struct rc_page *page = rc__page_of(tracer->next);
        rc__place_pend(tracer->collector, page, rc__page_place_of(page, tracer->next));
        tracer->next = NULL;
    }
}

/* Processes an object and the chain of those that have their turn next. */
RC_INLINE void rc__trace_whole_chain(struct rc_tracer *tracer, struct gc_object *object,
                                     rc_process process)
{
    while (object != NULL) {
        process(tracer, object);
        object = tracer->next;
        tracer->next = NULL;
    }
}

/* The same as long as there are any left to be processed; the rest of the chain becomes pending. */
RC_INLINE void rc__trace_chain(struct rc_tracer *tracer, struct gc_object *object,
                               rc_process process)
{
    for (;;) {
        tracer->left--;
        process(tracer, object);
        object = tracer->next;
        if (object == NULL) {
            return;
        }
        if (RC_UNLIKELY(tracer->left <= 0)) {
            rc__trace_later(tracer);
            return;
        }
        tracer->next = NULL;
    }
}

/* The same for the pending ones in 64 places. */
RC_INLINE void rc__trace_word(struct rc_tracer *tracer, struct rc_page *page, unsigned word,
                              rc_process process)
{
    struct rc_colours *colours = rc__page_colours(page, word);
    uint64_t bits = colours->pending;
    colours->pending = 0;
    page->pending_words &= ~((uint32_t)1 << word);
    uint64_t ahead = bits;
    for (unsigned i = 0; i < RC_OBJECTS_AHEAD; i++) {
        ahead &= ahead - 1;
    }
    bool is_exact = rc__page_is_exact(page);
    do {
        uint32_t place = word * 64 + rc__lowest_bit(bits);
        char *begin = page->data + ((size_t)place << page->shift);
        struct gc_object *object = (struct gc_object *)(void *)begin;
        object = is_exact ? object : rc__page_object(page, place);
        bits &= bits - 1;
        if (ahead != 0) {
            const char *later = page->data + ((word * 64 + rc__lowest_bit(ahead)) << page->shift);
            rc__prefetch_bytes(later, page->slot_bytes);
            ahead &= ahead - 1;
        }
        rc__trace_chain(tracer, object, process);
    } while (bits != 0 && tracer->left > 0);
    if (RC_UNLIKELY(bits != 0)) {
        rc__places_pend(tracer->collector, page, word, bits);
    }
}

/* What is next, be it in another page, and the chain that begins there. */
RC_INLINE void rc__trace_next(struct rc_tracer *tracer, rc_process process)
{
    struct gc_object *object = tracer->next;
    tracer->next = NULL;
    rc__trace_at(tracer, rc__page_of(object));
    tracer->left = tracer->collector->budget.objects_left;
    rc__trace_chain(tracer, object, process);
    tracer->collector->budget.objects_left = tracer->left;
}

/* Until none is pending, or it is time to look at the clock. */
RC_INLINE void rc__trace_page(struct rc_tracer *tracer, struct rc_page *page, rc_process process)
{
    int64_t *objects_left = &tracer->collector->budget.objects_left;
    tracer->left = *objects_left;
    rc__trace_at(tracer, page);
    while (page->pending_words != 0 && tracer->left > 0) {
        rc__trace_word(tracer, page, rc__lowest_bit(page->pending_words), process);
    }
    *objects_left = tracer->left;
}

/* ---- large objects ------------------------------------------------------ */

/* An object with very many references, in a run that may be interrupted, is walked part by part,
   and nothing else before that is done. False: it is to be walked here and now. */
RC_INLINE bool rc__trace_puts_off(struct rc_tracer *tracer, struct gc_object *object)
{
    struct rc_collector *collector = tracer->collector;
    if (rc__budget_is_unlimited(&collector->budget) ||
        rc__walk_extent(object) <= collector->part_places) {
        return false;
    }
    collector->part = (struct rc_part){object, 0};
    tracer->left = 0;
    return true;
}

/* It may have changed since, or even gone, and another be in its place: then it was alive, and the
   suspicions that the run arrives at are looked into in any case. */
static inline bool rc__part_is_there(const struct rc_collector *collector)
{
    const struct rc_page *page = rc__page_of(collector->part.object);
    uint32_t place = rc__page_place_of(page, collector->part.object);
    const struct rc_colours *colours = rc__colours_of(page, place);
    return rc__bit(colours->seen | colours->live, place) && rc__is_alive(collector->part.object);
}

RC_INLINE void rc__trace_part(struct rc_tracer *tracer, rc_walk_part walk)
{
    struct rc_part *part = &tracer->collector->part;
    size_t extent = rc__part_is_there(tracer->collector) ? rc__walk_extent(part->object) : 0;
    if (part->done >= extent) {
        part->object = NULL;
        return;
    }
    rc__trace_at(tracer, rc__page_of(part->object));
    uint32_t places = tracer->collector->part_places;
    walk(tracer, part->object, part->done, part->done + places);
    part->done += places;
    rc__budget_spend(&tracer->collector->budget, places);
    rc__trace_later(tracer);
}

/* ---- all of it ---------------------------------------------------------- */

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

/* The pending objects are forgotten, as far as the budget goes. */
static inline void rc__queue_drop(struct rc_collector *collector)
{
    while (collector->queue_head != NULL && !rc__budget_is_spent(&collector->budget)) {
        struct rc_page *page = rc__queue_take(collector);
        for (; page->pending_words != 0; page->pending_words &= page->pending_words - 1) {
            rc__page_colours(page, rc__lowest_bit(page->pending_words))->pending = 0;
        }
        page->queued = false;
        rc__budget_spend(&collector->budget, rc__page_words(page));
    }
}

static inline void rc__rings_drop(struct rc_tracer *tracer)
{
    memset(tracer->far, 0, sizeof tracer->far);
    memset(tracer->near, 0, sizeof tracer->near);
    tracer->far_next = tracer->near_next = 0;
}

/* Processes pending objects until there are none, in the rings or in the queue. False: the budget
   or the turns were spent first. */
RC_INLINE bool rc__trace(struct rc_tracer *tracer, rc_meet meet, rc_take take, rc_process process,
                         rc_walk_part walk, rc_settled settled)
{
    struct rc_collector *collector = tracer->collector;
    for (;;) {
        bool is_spent = rc__budget_is_spent(&collector->budget);
        if (RC_UNLIKELY(collector->part.object != NULL) && !is_spent) {
            rc__trace_part(tracer, walk);
            continue;
        }
        if (settled(collector)) {
            rc__queue_drop(collector);
            rc__rings_drop(tracer);
        }
        if (RC_UNLIKELY(tracer->turns_left != 0) && --tracer->turns_left == 0) {
            return false;
        }
        if (collector->queue_head != NULL && !is_spent) {
            struct rc_page *page = rc__queue_take(collector);
            rc__trace_page(tracer, page, process);
            rc__queue_return(collector, page);
            continue;
        }
        rc__trace_at(tracer, NULL);
        rc__trace_flush(tracer, meet, take);
        if (tracer->next != NULL && !is_spent) {
            rc__trace_next(tracer, process);
            continue;
        }
        rc__trace_later(tracer);
        bool is_over = collector->queue_head == NULL && collector->part.object == NULL;
        if (is_over || is_spent) {
            return is_over;
        }
    }
}

/* ---- plain objects ------------------------------------------------------ */

/* As rc__walk_plain(), with what is known of the type met last. False: there is more to the object
   than its references. */
RC_INLINE bool rc__trace_plain(struct rc_tracer *tracer, struct gc_object *object,
                               rc_visit object_child, rc_visit leaf_child)
{
    enum rc_kind kind = rc__plain_kind_of(object);
    if (RC_LIKELY(kind == RC_KIND_NATIVE && rc__links_of(&tracer->links, object))) {
        rc__walk_links(object, &tracer->links, &tracer->visitor, object_child);
        return true;
    }
    return rc__walk_plain(object, kind, &tracer->visitor, object_child, leaf_child);
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
