/*
 * C: scan. A grey object with a higher count than references were found to it
 * is held from outside: it is black again, and so is all that it reaches. What
 * stays grey is white.
 */
#include "collector/scouts.h"
#include "collector/tracer.h"

/* Until scouts are sent out; and then from one look at what they have found to the next. */
#define SCOUT_TURNS_ONE_IN 32u
#define LOOK_TURNS_ONE_IN  256u

RC_INLINE bool is_known_black(uint32_t *trial)
{
    return *trial == RC_TRIAL_BLACK;
}

/* Who comes next sees at the trial count that it is black, if it has been seen. */
RC_INLINE bool blacken(struct rc_tracer *tracer, struct rc_page *page, uint32_t place,
                       uint32_t *trial)
{
    if (RC_LIKELY(*trial != RC_TRIAL_UNSEEN)) {
        *trial = RC_TRIAL_BLACK;
    }
    return rc__place_turn_black(tracer->collector, page, place);
}

RC_INLINE void scan_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    rc__trace_edge((struct rc_tracer *)(void *)visitor, child, is_known_black, blacken);
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

static RC_NOINLINE void scan_other(struct rc_tracer *tracer, struct gc_object *object)
{
    if (!rc__is_alive(object)) {
        return; /* see mark_other() */
    }
    rc__trace_entries(tracer, object, scan_entry);
    if (rc__may_hold_objects(object) && !rc__trace_puts_off(tracer, object)) {
        rc__walk(object, &tracer->visitor, scan_object_child, scan_leaf_child);
    }
}

static void scan_part(struct rc_tracer *tracer, struct gc_object *object, size_t from, size_t to)
{
    rc__walk_part(object, from, to, &tracer->visitor, scan_object_child, scan_leaf_child);
}

static bool waves_are_black(struct rc_collector *collector)
{
    struct rc_waves *waves = &collector->waves;
    if (waves->count == RC_WAVES_UNKNOWN) {
        return false;
    }
    while (waves->count > 0 && !rc__is_white(collector, waves->first[waves->count - 1])) {
        waves->count--;
    }
    return waves->count == 0;
}

/* Whatever is left to be looked at leads to what is black already, or is going to be. */
static bool nothing_is_white(struct rc_collector *collector)
{
    return collector->findings.black == collector->findings.seen || waves_are_black(collector);
}

RC_INLINE void scan_object(struct rc_tracer *tracer, struct gc_object *object)
{
    if (!rc__trace_plain(tracer, object, scan_object_child, scan_leaf_child)) {
        scan_other(tracer, object);
    }
}

static void blacken_seen(struct rc_collector *collector)
{
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        RC_EACH_WORD(word, page) {
            rc__page_colours(page, word)->live |= rc__page_colours(page, word)->seen;
        }
    }
    collector->findings.black = collector->findings.seen;
}

static bool trace_pending(struct rc_tracer *tracer)
{
    return rc__trace(tracer, is_known_black, blacken, scan_object, scan_part, nothing_is_white);
}

/* It takes many turns: there is little to do in each. */
static void trace_behind_scouts(struct rc_tracer *tracer)
{
    struct rc_collector *collector = tracer->collector;
    struct rc_posts posts;
    rc__scouts_go(collector, &posts);
    do {
        rc__scouts_follow(collector, &posts);
        tracer->turns_left = rc__turns_of(collector, collector->findings.seen, LOOK_TURNS_ONE_IN);
    } while (!trace_pending(tracer));
    rc__scouts_forget(collector);
}

/* The program has had no turn since the marking began, and the budget is unlimited. A slice is
   none of that, however large its budget is. */
static bool goes_in_one_go(const struct rc_collector *collector)
{
    return collector->phase == RC_PHASE_REST || collector->phase == RC_PHASE_FINISH;
}

bool rc__trace_black(struct rc_collector *collector)
{
    struct rc_tracer tracer = {.visitor = {scan_object_child, scan_leaf_child},
                               .collector = collector};
    bool in_one_go = goes_in_one_go(collector);
    if (in_one_go) {
        tracer.turns_left = rc__turns_of(collector, collector->findings.seen, SCOUT_TURNS_ONE_IN);
    }
    bool is_over = trace_pending(&tracer);
    if (!is_over && in_one_go) {
        trace_behind_scouts(&tracer);
        is_over = true;
    }
    if (waves_are_black(collector)) {
        blacken_seen(collector);
    }
    return is_over;
}

/* ---- where it begins ---------------------------------------------------- */

/* Says which of 64 places are to live; `white` are those that are asked about. */
typedef uint64_t (*choose)(const struct rc_page *page, uint32_t word, uint64_t white);

/* Of 64 places: how many hold an object all references to which were found. */
static unsigned count_unheld(const uint32_t trial[64])
{
    uint32_t count = 0;
    for (unsigned i = 0; i < 64; i++) {
        count += trial[i] == RC_TRIAL_SEEN;
    }
    return count;
}

/* A count higher than what was found; or lower: then it has changed between slices. */
static uint64_t choose_held(const struct rc_page *page, uint32_t word, uint64_t white)
{
    const uint32_t *trial = rc__page_trial(page) + word * 64;
    uint64_t held = 0;
    bool are_there = rc__trial_bytes(page->shift) >= 64 * sizeof *trial;
    if (are_there && count_unheld(trial) == rc__count_bits(white)) {
        return 0;
    }
    for (uint64_t bits = white; bits != 0; bits &= bits - 1) {
        unsigned i = rc__lowest_bit(bits);
        held |= (uint64_t)(trial[i] != RC_TRIAL_SEEN) << i;
    }
    return held;
}

/* Recorded since the marking began: the program has had them in its hands, and the next run looks
   at them. */
static uint64_t choose_recorded(const struct rc_page *page, uint32_t word, uint64_t white)
{
    uint64_t recorded = 0;
    for (uint64_t bits = white; bits != 0; bits &= bits - 1) {
        unsigned i = rc__lowest_bit(bits);
        const struct gc_object *object = rc__page_object(page, word * 64 + i);
        recorded |= (uint64_t)(rc__entry_of(object) != 0) << i;
    }
    return recorded;
}

RC_INLINE void blacken_in_page(struct rc_collector *collector, struct rc_page *page, choose which)
{
    RC_EACH_WORD(word, page) {
        uint64_t white = rc__white_bits(page, word);
        uint64_t chosen = white == 0 ? 0 : which(page, word, white);
        if (chosen != 0) {
            rc__page_colours(page, word)->live |= chosen;
            collector->findings.black += rc__count_bits(chosen);
            rc__places_pend(collector, page, word, chosen);
        }
    }
    rc__budget_spend(&collector->budget, page->fresh);
}

void rc__blacken_held(struct rc_collector *collector, struct rc_page *page)
{
    RC_EACH_WORD(word, page) {
        collector->findings.seen += rc__count_bits(rc__page_colours(page, word)->seen);
    }
    blacken_in_page(collector, page, choose_held);
}

void rc__blacken_recorded(struct rc_collector *collector, struct rc_page *page)
{
    blacken_in_page(collector, page, choose_recorded);
}

void rc__scan(struct rc_collector *collector)
{
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        rc__blacken_held(collector, page);
    }
    rc__trace_black(collector);
}
