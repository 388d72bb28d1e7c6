/*
 * B: mark grey. Every reference found among what the roots reach takes one off
 * the child's count; here it is added to a trial count beside the object
 * instead, and the count itself stays as it is. When the object has its turn,
 * its count is taken off the trial count: once marking is over, RC_TRIAL_SEEN says
 * that all references to it have been found.
 */
#include "collector/tracer.h"
#include "core/lifetime.h"

#define HEAP_TURNS_ONE_IN 8u

RC_INLINE void see(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    collector->waves.count = RC_WAVES_UNKNOWN;
    rc__colours_of(page, place)->seen |= rc__place_bit(place);
    rc__page_trial(page)[place] = RC_TRIAL_SEEN;
    rc__place_pend(collector, page, place);
}

RC_INLINE bool count_again(uint32_t *trial)
{
    uint32_t found = *trial;
    if (RC_LIKELY(found > RC_TRIAL_BLACK)) {
        *trial = found + 1;
        return true;
    }
    return false;
}

/* What is old has no part in a young run, and what is not suspected none in a recount. What is seen
   comes here only if its count is at the top, or it is dead: then it is never found to be equal. */
RC_INLINE bool count_first(struct rc_tracer *tracer, struct rc_page *page, uint32_t place,
                           uint32_t *trial)
{
    struct rc_colours *colours = rc__colours_of(page, place);
    if (RC_UNLIKELY(rc__bit(colours->seen | colours->live, place))) {
        tracer->collector->findings.outward += !rc__bit(colours->seen, place);
        return false;
    }
    colours->seen |= rc__place_bit(place);
    *trial = RC_TRIAL_SEEN + 1;
    return true;
}

RC_INLINE void mark_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    rc__trace_edge((struct rc_tracer *)(void *)visitor, child, count_again, count_first);
}

static void mark_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)child;
    ((struct rc_tracer *)(void *)visitor)->page->teardown = true;
}

/* A reference from a weak map to a value goes when the map goes, and when the key goes: it counts
   as found from whichever is seen, and only once. So not all that it leads to lives as long as what
   it was reached from. */
static void count_entry(struct rc_tracer *tracer, struct rc_weak_entry *entry)
{
    tracer->collector->waves.count = RC_WAVES_UNKNOWN;
    if (entry->counting != tracer->collector->counting) {
        entry->counting = tracer->collector->counting;
        rc__walk_zval(&entry->value, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

/* An object that is more than references. One that has died since a run in slices saw it may be in
   the middle of being taken apart; what it still holds is released after that. */
static RC_NOINLINE void mark_other(struct rc_tracer *tracer, struct gc_object *object)
{
    if (!rc__is_alive(object)) {
        return;
    }
    tracer->collector->findings.references += !rc__is_node(object);
    tracer->page->teardown |= rc__needs_dismantling(object);
    tracer->page->spares |= rc__awaits_destructor(object);
    tracer->page->teardown |= (object->info & RC_INFO_WEAK) != 0;
    rc__trace_entries(tracer, object, count_entry);
    if (rc__may_hold_objects(object) && !rc__trace_puts_off(tracer, object)) {
        rc__walk(object, &tracer->visitor, mark_object_child, mark_leaf_child);
    }
}

static void mark_part(struct rc_tracer *tracer, struct gc_object *object, size_t from, size_t to)
{
    rc__walk_part(object, from, to, &tracer->visitor, mark_object_child, mark_leaf_child);
}

RC_INLINE void mark_object(struct rc_tracer *tracer, struct gc_object *object)
{
    *rc__trial_here(tracer, object) -= object->refcount;
    if (!rc__trace_plain(tracer, object, mark_object_child, mark_leaf_child)) {
        mark_other(tracer, object);
    }
}

/* ---- where it begins ---------------------------------------------------- */

static void see_root(struct rc_collector *collector, const struct gc_object *object)
{
    struct rc_page *page = rc__page_of(object);
    uint32_t place = rc__page_place_of(page, object);
    if (rc__page_open(collector, page) && !rc__bit(rc__colours_of(page, place)->seen, place)) {
        see(collector, page, place);
    }
}

void rc__roots_take(struct rc_collector *collector)
{
    struct rc_roots *roots = &collector->heap.roots;
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        struct gc_object *object = rc__roots_at(roots, entry);
        if (object != NULL) {
            rc__clear_entry(object);
            see_root(collector, object);
        }
    }
    rc__roots_clear(roots);
}

/* It has not been seen so far. Unless there are many such already, it is looked whether something
   in the rings leads to it. */
static RC_NOINLINE void begin_wave(struct rc_tracer *tracer, struct gc_object *object,
                                   const uint32_t *trial)
{
    struct rc_waves *waves = &tracer->collector->waves;
    rc__trace_flush(tracer, count_again, count_first);
    rc__trace_later(tracer);
    if (*trial != RC_TRIAL_UNSEEN) {
        return;
    }
    if (waves->count < RC_WAVES_MAX) {
        waves->first[waves->count] = object;
    }
    waves->count++;
}

/* Says whether it is the turn of a possible root, in the page at work: it has not been seen, or its
   turn would have come later. An old one has no part in a young run. */
RC_INLINE bool begin_root(struct rc_tracer *tracer, struct rc_page *page, struct gc_object *object)
{
    uint32_t *trial = rc__trial_here(tracer, object);
    if (*trial == RC_TRIAL_UNSEEN && tracer->collector->waves.count < RC_WAVES_UNKNOWN) {
        begin_wave(tracer, object, trial);
    }
    bool is_seen = *trial != RC_TRIAL_UNSEEN;
    if (is_seen && page->pending_words == 0) {
        return false;
    }
    uint32_t place = rc__place_of_trial(trial);
    struct rc_colours *colours = rc__colours_of(page, place);
    if (is_seen || RC_UNLIKELY(rc__bit(colours->seen | colours->live, place))) {
        bool is_pending = rc__bit(colours->pending, place);
        if (is_pending) {
            rc__place_unpend(page, place);
        }
        tracer->collector->findings.outward += !rc__bit(colours->seen, place);
        return is_pending;
    }
    colours->seen |= rc__place_bit(place);
    *trial = RC_TRIAL_SEEN;
    return true;
}

/* Each possible root has its turn in the order of the list, which mostly is that of the addresses:
   a way through the tables would cost more than it gains. Entries are as in the root buffer; behind
   them are RC_ROOTS_AHEAD more of any content. */
static RC_NOINLINE void mark_listed(struct rc_tracer *tracer, const uintptr_t *entries,
                                    uint32_t count)
{
    const uintptr_t *end = entries + count;
    for (; entries < end; entries++) {
        rc__prefetch((const void *)entries[RC_ROOTS_AHEAD]);
        if (rc__root_is_vacant(*entries)) {
            continue;
        }
        struct gc_object *object = (struct gc_object *)*entries;
        if (rc__entry_of(object) != 0) {
            rc__clear_entry(object);
        }
        if (!rc__is_here(tracer, object)) {
            struct rc_page *page = rc__page_of(object);
            (void)rc__page_open(tracer->collector, page);
            rc__trace_at(tracer, page);
        }
        if (begin_root(tracer, tracer->page, object)) {
            rc__trace_whole_chain(tracer, object, mark_object);
        }
    }
}

typedef void (*page_action)(struct rc_collector *collector, struct rc_page *page);

static void for_each_traced_page(struct rc_collector *collector, page_action action)
{
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&collector->heap.space, page)) != NULL) {
        if (page->kind == RC_PAGE_TRACED) {
            action(collector, page);
        }
    }
}

static void remember_page(struct rc_collector *collector, struct rc_page *page)
{
    (void)collector;
    rc__page_begin_remembering(page);
}

void rc__roots_take_heap(struct rc_collector *collector)
{
    for_each_traced_page(collector, remember_page);
}

/* Whether the object is remembered, or as if it were. It is not any more. */
RC_INLINE bool take_remembered(struct rc_collector *collector, struct gc_object *object)
{
    if (!rc__is_alive(object)) {
        return false;
    }
    bool is_remembered = rc__entry_of(object) == RC_ENTRY_REMEMBERED;
    if (is_remembered) {
        rc__roots_forget(&collector->heap.roots, object);
    }
    return is_remembered || collector->scope == RC_SCOPE_HEAP;
}

static void see_remembered(struct rc_collector *collector, struct rc_page *page)
{
    rc__page_forget(page);
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (take_remembered(collector, object)) {
            see_root(collector, object);
        }
    }
    rc__budget_spend(&collector->budget, page->fresh);
}

bool rc__roots_take_remembered(struct rc_collector *collector)
{
    struct rc_space *space = &collector->heap.space;
    while (space->remembering != NULL) {
        if (rc__budget_is_spent(&collector->budget)) {
            return false;
        }
        see_remembered(collector, space->remembering);
    }
    return true;
}

/* Those of 64 slots at a time. */
static void mark_remembered_in(struct rc_tracer *tracer, const struct rc_page *page)
{
    uintptr_t entries[64 + RC_ROOTS_AHEAD] = {0};
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (take_remembered(tracer->collector, object)) {
            entries[count++] = (uintptr_t)object;
        }
        if ((slot + 1) % 64 == 0 || slot + 1u == page->fresh) {
            mark_listed(tracer, entries, count);
            count = 0;
        }
    }
}

static void mark_remembered(struct rc_tracer *tracer)
{
    struct rc_page *page;
    while ((page = tracer->collector->heap.space.remembering) != NULL) {
        rc__page_forget(page);
        mark_remembered_in(tracer, page);
    }
}

/* Marking finds out something with each turn. */
static bool is_never_settled(struct rc_collector *collector)
{
    (void)collector;
    return false;
}

static void mark_roots(struct rc_tracer *tracer)
{
    const struct rc_roots *roots = &tracer->collector->heap.roots;
    if (tracer->collector->scope != RC_SCOPE_YOUNG) {
        mark_remembered(tracer);
    }
    mark_listed(tracer, &roots->entries[1], roots->used);
}

static struct rc_tracer marker_of(struct rc_collector *collector)
{
    return (struct rc_tracer){.visitor = {mark_object_child, mark_leaf_child},
                              .collector = collector};
}

static bool mark_pending(struct rc_tracer *tracer)
{
    return rc__trace(tracer, count_again, count_first, mark_object, mark_part, is_never_settled);
}

bool rc__mark_grey(struct rc_collector *collector)
{
    struct rc_tracer tracer = marker_of(collector);
    return mark_pending(&tracer);
}

/* ---- the whole heap, after all ------------------------------------------- */

/* A long list that lies in the memory at random is followed at the pace of a cache miss for each of
   its objects. To mark the whole heap in the order of the addresses costs a tenth of that an
   object. */
static uint64_t turns_worth_a_heap(const struct rc_collector *collector)
{
    bool may_look_at_more = collector->heap.generational && collector->scope == RC_SCOPE_ROOTS;
    return may_look_at_more ? rc__turns_of(collector, collector->heap.live_nodes, HEAP_TURNS_ONE_IN)
                            : 0;
}

/* Every object is marked as if it were a possible root. All possible roots have had their turn, so
   those that have begun a wave say when the scan is over, as before. */
static void mark_heap(struct rc_tracer *tracer)
{
    tracer->collector->scope = RC_SCOPE_HEAP;
    tracer->collector->waves.count += RC_WAVES_CLOSED;
    rc__roots_take_heap(tracer->collector);
    mark_remembered(tracer);
}

static void open_waves(struct rc_waves *waves)
{
    waves->count -= waves->count >= RC_WAVES_CLOSED ? RC_WAVES_CLOSED : 0;
}

void rc__mark_grey_from_roots(struct rc_collector *collector)
{
    struct rc_tracer tracer = marker_of(collector);
    tracer.turns_left = turns_worth_a_heap(collector);
    mark_roots(&tracer);
    if (!mark_pending(&tracer)) {
        mark_heap(&tracer);
        mark_pending(&tracer);
        open_waves(&collector->waves);
    }
}

static void see_page(struct rc_collector *collector, struct rc_page *page)
{
    for (uint32_t slot = 0; slot < page->fresh; slot++) {
        struct gc_object *object = rc__page_slot(page, slot);
        if (rc__is_alive(object)) {
            see_root(collector, object);
        }
    }
}

void rc__count_heap(struct rc_collector *collector)
{
    for_each_traced_page(collector, see_page);
    rc__mark_grey(collector);
}

/* ---- counting the suspects once more ------------------------------------ */

/* One that has been recorded since the marking began is for the next run. */
static void suspect(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    const struct gc_object *object = rc__page_object(page, place);
    if (rc__entry_of(object) == 0) {
        see(collector, page, place);
    }
}

/* What is white is suspected, and grey again; all else in the page is outside. */
static void suspect_white(struct rc_collector *collector, struct rc_page *page)
{
    page->teardown = page->spares = false;
    rc__page_forget_trial(page);
    RC_EACH_WORD(word, page) {
        struct rc_colours *colours = rc__page_colours(page, word);
        uint64_t white = rc__white_bits(page, word);
        colours->seen = 0;
        for (; white != 0; white &= white - 1) {
            suspect(collector, page, word * 64 + rc__lowest_bit(white));
        }
        colours->live = ~colours->seen;
    }
}

void rc__recount_white(struct rc_collector *collector)
{
    rc__counting_begin(collector);
    collector->recounts = true;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        suspect_white(collector, page);
    }
    rc__mark_grey(collector);
}
