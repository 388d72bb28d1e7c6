/*
 * D: collect white. First everything that runs code of the program or changes a
 * count, object by object, while all white objects are still in their slots;
 * then the slots go, and no code of the program sees that.
 *
 * Before anything else all white objects leave the sight of weak references and
 * weak maps, so that no hook finds one that is being taken apart.
 *
 * What the white objects held and is not white itself:
 *   - black objects lose a count and become no possible roots by it: they were
 *     proven live without these references. Once destructors have run that is
 *     proven no more, and a young run proves nothing: what holds them may be old
 *     garbage. Then they are released like anything else;
 *   - strings, acyclic objects and objects of other heaps, which the run did not
 *     visit, are released; those that die wait until the run is over.
 */
#include "collector/tracer.h"
#include "core/lifetime.h"

struct undertaker {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    bool proves_nothing; /* of what is not white: that it is held without what is */
};

typedef size_t (*white_action)(struct undertaker *undertaker, struct gc_object *object);

static size_t for_each_white(struct undertaker *undertaker, const struct rc_page *page,
                             white_action action)
{
    size_t sum = 0;
    RC_EACH_WORD(word, page) {
        for (uint64_t bits = rc__white_bits(page, word); bits != 0; bits &= bits - 1) {
            sum += action(undertaker, rc__page_object(page, word * 64 + rc__lowest_bit(bits)));
        }
    }
    return sum;
}

/* ---- what they held ----------------------------------------------------- */

/* What a young run has found to be held is old by now, and may be held by nothing but old garbage.
 */
static bool is_visited(const struct rc_collector *collector, const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    return page->epoch == collector->epoch &&
           !(collector->scope == RC_SCOPE_YOUNG && rc__is_old(page, object));
}

static void give_up_object(struct gc_visitor *visitor, struct gc_object *child)
{
    const struct undertaker *undertaker = (struct undertaker *)(void *)visitor;
    if (rc__is_white(undertaker->collector, child)) {
        return;
    }
    bool was_visited = is_visited(undertaker->collector, child);
    if (was_visited && !undertaker->proves_nothing && child->refcount < GC_REFCOUNT_TOP) {
        child->refcount--;
    } else {
        gc_release(child);
    }
}

static void give_up_leaf(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    rc__leaf_release(child);
}

static void keep_object(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    (void)child;
}

/* Returns 1 for a node. */
RC_INLINE size_t take_apart_with(struct undertaker *undertaker, struct gc_object *object,
                                 rc_visit object_child)
{
    rc__bury(object);
    rc__walk(object, &undertaker->visitor, object_child, give_up_leaf);
    rc__object_dismantle(object);
    return rc__is_node(object);
}

static size_t take_apart(struct undertaker *undertaker, struct gc_object *object)
{
    return take_apart_with(undertaker, object, give_up_object);
}

/* The same where all objects that white ones refer to are white. */
static size_t take_apart_among_white(struct undertaker *undertaker, struct gc_object *object)
{
    return take_apart_with(undertaker, object, keep_object);
}

/* ---- weak references ---------------------------------------------------- */

/* The entries of white keys and of white maps become orphans: their values go when the slots have
   gone. White values go with these. */
static size_t leave_sight(struct undertaker *undertaker, struct gc_object *object)
{
    struct gc_heap *heap = &undertaker->collector->heap;
    struct rc_weak_entry *before = heap->orphans;
    rc__weak_detach(&heap->weak, object, &heap->orphans);
    if (rc__kind_of(object) == RC_KIND_WEAKMAP) {
        rc__weak_detach_map(&heap->weak, (struct rc_weakmap *)(void *)object, &heap->orphans);
    }
    for (struct rc_weak_entry *entry = heap->orphans; entry != before; entry = entry->next_of_key) {
        bool holds_object = (entry->value.tag & RC_TAG_OBJECT) != 0;
        if (holds_object && rc__is_white(undertaker->collector, entry->value.payload.counted)) {
            entry->value = zval_undef();
        }
    }
    return 0;
}

/* ---- the pass ----------------------------------------------------------- */

static void free_slots(struct rc_page *page)
{
    uint32_t whites = 0;
    RC_EACH_WORD(word, page) {
        whites += rc__count_bits(rc__white_bits(page, word));
    }
    if (whites == page->used) {
        rc__space_free_all(page);
        return;
    }
    RC_EACH_WORD(word, page) {
        for (uint64_t bits = rc__white_bits(page, word); bits != 0; bits &= bits - 1) {
            rc__space_free(page, rc__page_object(page, word * 64 + rc__lowest_bit(bits)));
        }
    }
}

size_t rc__collect_white(struct rc_collector *collector, bool changed)
{
    struct undertaker undertaker = {
        {give_up_object, give_up_leaf}, collector, changed || collector->recounts};
    const struct rc_findings *findings = &collector->findings;
    bool all_white = rc__all_is_white(findings) && !changed;
    bool is_closed = all_white && !findings->leads_abroad;
    bool any_weak = collector->heap.weak.count > 0;
    size_t nodes = 0;
    if (!changed && !collector->recounts) {
        rc__promote(collector); /* before anything is given up: see is_visited() */
    }
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        if (any_weak && page->teardown) {
            for_each_white(&undertaker, page, leave_sight);
        }
    }
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        if (!all_white || page->teardown) {
            nodes +=
                for_each_white(&undertaker, page, is_closed ? take_apart_among_white : take_apart);
        }
    }
    nodes = all_white ? rc__nodes_seen(findings) : nodes;
    collector->heap.live_nodes -= nodes;
    collector->heap.space.open_epoch = RC_NO_EPOCH;
    struct rc_page *next;
    for (struct rc_page *page = collector->touched; page != NULL; page = next) {
        next = page->touched_next;
        rc__page_forget_trial(page);
        free_slots(page);
    }
    collector->touched = NULL;
    return nodes;
}
