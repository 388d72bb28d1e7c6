/*
 * Destructors of white objects.
 *
 * Before the first one runs, everything that objects with a destructor reach is
 * blackened. The rest stays white and goes in this pass: no code of the program
 * can reach it, but through a weak reference, and what is reached through one
 * is blackened then. Those spared so are possible roots of the next pass, which
 * looks again at exactly what they reached. A doomed object whose destructor
 * broke the cycle may be left with a count of zero: it goes in that pass too, as
 * in PHP, and is counted.
 */
#include "base/clock.h"
#include "collector/tracer.h"
#include "core/lifetime.h"

typedef void (*white_action)(struct rc_collector *collector, struct rc_page *page, uint32_t place);

static void for_each_seen(struct rc_collector *collector, struct rc_page *page, white_action action)
{
    RC_EACH_WORD(word, page) {
        for (uint64_t bits = rc__page_colours(page, word)->seen; bits != 0; bits &= bits - 1) {
            action(collector, page, word * 64 + rc__lowest_bit(bits));
        }
    }
}

static void find_doomed(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    struct gc_object *object = rc__page_object(page, place);
    if (rc__place_is_white(page, place) && rc__awaits_destructor(object)) {
        object->info |= RC_INFO_SPARED;
        collector->findings.doomed++;
    }
}

static void spare(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    struct gc_object *object = rc__page_object(page, place);
    object->info |= RC_INFO_SPARED;
    page->spares = true;
    rc__place_blacken(collector, page, place);
}

static void spare_doomed(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    const struct gc_object *object = rc__page_object(page, place);
    if ((object->info & RC_INFO_SPARED) != 0) {
        spare(collector, page, place);
    }
}

void rc__spare_reached(struct rc_collector *collector, struct gc_object *object)
{
    if (collector->destructing && rc__is_white(collector, object)) {
        struct rc_page *page = rc__page_of(object);
        spare(collector, page, rc__page_place_of(page, object));
        rc__trace_black(collector);
    }
}

/* Earlier destructors may have freed the object (then the slot has lost its colour), or have had
   its own run. */
static void destruct(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    struct gc_heap *heap = &collector->heap;
    struct gc_object *object = rc__page_object(page, place);
    bool is_seen = rc__bit(rc__colours_of(page, place)->seen, place);
    if (is_seen && (object->info & RC_INFO_SPARED) != 0 && rc__awaits_destructor(object)) {
        rc__object_destruct(heap, object);
    }
}

static void record(struct rc_collector *collector, struct rc_page *page, uint32_t place)
{
    struct gc_heap *heap = &collector->heap;
    struct gc_object *object = rc__page_object(page, place);
    if ((object->info & RC_INFO_SPARED) == 0) {
        return;
    }
    object->info &= ~RC_INFO_SPARED;
    if ((object->info & RC_INFO_ROOTABLE) != 0) {
        rc__record(heap, object);
    }
}

static void for_each_spared(struct rc_collector *collector, white_action action)
{
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        if (page->spares) {
            for_each_seen(collector, page, action);
        }
    }
}

bool rc__destruct_white(struct rc_collector *collector, enum rc_destructors destructors)
{
    for_each_spared(collector, find_doomed);
    if (collector->findings.doomed == 0) {
        return false;
    }
    rc__promote(collector);
    /* Waves go on to tell what is black: nobody can change what is white, and whatever a destructor
       gets hold of is blackened with all that it reaches. */
    for_each_spared(collector, spare_doomed);
    rc__trace_black(collector);
    if (destructors == RC_DESTRUCTORS_RUN) {
        uint64_t began_ns = rc__clock_ns();
        collector->destructing = true;
        for_each_spared(collector, destruct);
        collector->destructing = false;
        collector->destructor_ns += rc__clock_ns() - began_ns;
    }
    for_each_spared(collector, record);
    return true;
}
