/*
 * D: collect white. First everything that runs code of the program or changes a
 * count, object by object, while all white objects are still in their slots;
 * then the slots go, and no code of the program sees that.
 *
 * What the white objects held and is not white itself:
 *   - black objects lose a count and become no possible roots by it: they were
 *     proven live without these references;
 *   - strings, acyclic objects and objects of other heaps, which the run did not
 *     visit, are released; those that die wait until the run is over.
 */
#include "collector/tracer.h"
#include "core/lifetime.h"

struct undertaker {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
};

static void give_up_object(struct gc_visitor *visitor, struct gc_object *child)
{
    struct rc_collector *collector = ((struct undertaker *)(void *)visitor)->collector;
    struct rc_page *page = rc__page_of(child);
    if (page->epoch != collector->epoch) {
        gc_release(child);
    } else if (!rc__slot_is_white(page, rc__page_slot_of(page, child)) &&
               child->refcount < GC_REFCOUNT_TOP) {
        child->refcount--;
    }
}

static void give_up_leaf(struct gc_visitor *visitor, struct gc_object *child)
{
    (void)visitor;
    rc__leaf_release(child);
}

static uint64_t white_bits(const struct rc_page *page, uint32_t word)
{
    return page->seen[word] & ~page->live[word];
}

static uint32_t words_of(const struct rc_page *page)
{
    return (page->fresh + 63) / 64;
}

/* Returns how many of the white objects are nodes. */
static size_t take_apart_page(struct undertaker *undertaker, struct rc_page *page)
{
    size_t nodes = 0;
    for (uint32_t word = 0; word < words_of(page); word++) {
        for (uint64_t bits = white_bits(page, word); bits != 0; bits &= bits - 1) {
            struct gc_object *object = rc__page_slot(page, word * 64 + rc__lowest_bit(bits));
            nodes += rc__is_node(object);
            rc__bury(object, NULL);
            rc__walk(object, &undertaker->visitor, give_up_object, give_up_leaf);
            rc__object_dismantle(object);
        }
    }
    return nodes;
}

static void free_slots(struct rc_page *page)
{
    uint32_t whites = 0;
    for (uint32_t word = 0; word < words_of(page); word++) {
        whites += rc__count_bits(white_bits(page, word));
    }
    if (whites == page->used) {
        rc__space_free_all(page);
        return;
    }
    for (uint32_t word = 0; whites > 0; word++) {
        for (uint64_t bits = white_bits(page, word); bits != 0; bits &= bits - 1) {
            rc__space_free(page, rc__page_slot(page, word * 64 + rc__lowest_bit(bits)));
            whites--;
        }
    }
}

size_t rc__collect_white(struct rc_collector *collector)
{
    struct undertaker undertaker = {{give_up_object, give_up_leaf}, collector};
    const struct rc_findings *findings = &collector->findings;
    bool all_white = findings->real_counts == findings->edges;
    size_t nodes = 0;
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        if (!all_white || page->teardown) {
            nodes += take_apart_page(&undertaker, page);
        }
    }
    nodes = all_white ? findings->nodes : nodes;
    collector->heap.live_nodes -= nodes;
    struct rc_page *next;
    for (struct rc_page *page = collector->touched; page != NULL; page = next) {
        next = page->touched_next;
        free_slots(page);
    }
    collector->touched = NULL;
    return nodes;
}
