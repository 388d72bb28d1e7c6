/*
 * The heap verifier: checks the invariants that the modules state, by number.
 */
#include "collector/tracer.h"
#include "core/current.h"
#include "core/lifetime.h"
#include "values/notes.h"
#include "values/table.h"
#include <inttypes.h>
#include <stdarg.h>

struct verifier {
    struct gc_visitor visitor; /* first */
    struct rc_collector *collector;
    FILE *report;
    size_t faults;
    uint64_t remembered;            /* possible roots found that are not in the buffer */
    uint64_t dead;                  /* objects found that have not been taken apart yet */
    const struct gc_object *object; /* whose children are looked at */
    struct rc_notes untraced;       /* references found to what has no trial count, by object */
    bool notes_are_missing;         /* there was no memory for them */
};

RC_PRINTF(2, 3)
static void fault(struct verifier *verifier, const char *format, ...)
{
    verifier->faults++;
    if (verifier->report == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    fputs("rcycle: verify: ", verifier->report);
    vfprintf(verifier->report, format, arguments);
    fputc('\n', verifier->report);
    va_end(arguments);
}

/* ---- pages (P1 to P5, S1) ----------------------------------------------- */

static size_t free_list_length(const struct rc_page *page)
{
    size_t length = 0;
    const void *slot = page->free_slots;
    while (slot != NULL && length <= page->slot_count) {
        slot = ((void *const *)slot)[1];
        length++;
    }
    return length;
}

/* Of a free list that has the right length. */
static bool free_slots_are_empty(const struct rc_page *page)
{
    const void *slot = page->free_slots;
    while (slot != NULL && ((const struct gc_object *)slot)->info == 0) {
        slot = ((void *const *)slot)[1];
    }
    return slot == NULL;
}

static bool has_room_listed(const struct rc_space *space, const struct rc_page *page)
{
    const struct rc_page *listed = space->room[page->kind][page->size_class];
    while (listed != NULL && listed != page) {
        listed = listed->next;
    }
    return listed != NULL;
}

static bool has_trial_left(const struct rc_page *page)
{
    const uint32_t *trial = rc__page_trial(page);
    uint32_t any = RC_TRIAL_UNSEEN;
    for (size_t i = 0; i < rc__trial_bytes(page->shift) / sizeof *trial; i++) {
        any |= trial[i];
    }
    return any != RC_TRIAL_UNSEEN;
}

static void check_page(struct verifier *verifier, const struct rc_page *page)
{
    const struct rc_space *space = &verifier->collector->heap.space;
    if (page->used > page->fresh || page->fresh > page->slot_count) {
        fault(verifier, "P1: page %p: %u used, %u fresh of %u", (const void *)page, page->used,
              page->fresh, page->slot_count);
    }
    if (page->reciprocal != 0 && free_list_length(page) + page->used != page->fresh) {
        fault(verifier, "P2: page %p: free list of %zu, expected %u", (const void *)page,
              free_list_length(page), page->fresh - page->used);
    } else if (page->reciprocal != 0 && !free_slots_are_empty(page)) {
        fault(verifier, "P4: page %p has an object in its free list", (const void *)page);
    }
    if (page->reciprocal != 0 && has_room_listed(space, page) != (page->used < page->slot_count)) {
        fault(verifier, "P3: page %p: %u of %u used, wrongly listed", (const void *)page,
              page->used, page->slot_count);
    }
    if (page->queued || page->pending_words != 0) {
        fault(verifier, "P5: page %p is queued at rest", (const void *)page);
    }
    if (page->kind == RC_PAGE_TRACED && has_trial_left(page)) {
        fault(verifier, "P7: page %p has a trial count at rest", (const void *)page);
    }
}

/* ---- tables (T1 to T3) -------------------------------------------------- */

static bool is_found(const struct rc_table *table, const struct rc_bucket *element)
{
    struct rc_key key = {NULL, 0, element->hash};
    if (element->name != NULL) {
        key.bytes = element->name->bytes;
        key.length = element->name->length;
    }
    const zval *found = rc__table_find(table, &key);
    return found != NULL && found->payload.counted == element->value.payload.counted;
}

static void check_table(struct verifier *verifier, const struct rc_table *table,
                        bool knows_of_objects)
{
    uint32_t count = 0;
    bool holds_objects = false;
    for (uint32_t i = 0; i < table->used; i++) {
        struct rc_bucket element = rc__table_element(table, i);
        if (rc__is_hole(&element.value)) {
            continue;
        }
        count++;
        holds_objects |= (element.value.tag & RC_TAG_OBJECT) != 0;
        if (!is_found(table, &element)) {
            fault(verifier, "T3: element %u of table %p is not found", i, (const void *)table);
        }
    }
    if (count != table->count || table->used > rc__table_capacity(table)) {
        fault(verifier, "T1: table %p: %u elements, %u counted, %u used of %zu",
              (const void *)table, count, table->count, table->used, rc__table_capacity(table));
    }
    if (knows_of_objects && holds_objects && !table->may_hold_objects) {
        fault(verifier, "T2: table %p holds objects and does not know it", (const void *)table);
    }
}

/* ---- objects (C1, C2, R1, R2, R4, A2) --------------------------------------- */

static void count_untraced(struct verifier *verifier, const struct gc_object *object)
{
    bool is_new;
    struct rc_note *note = rc__notes_on(&verifier->untraced, object, NULL, &is_new);
    if (note == NULL) {
        verifier->notes_are_missing = true;
    } else {
        note->number = is_new ? 1 : note->number + 1;
    }
}

static void check_object_child(struct gc_visitor *visitor, struct gc_object *child)
{
    struct verifier *verifier = (struct verifier *)(void *)visitor;
    const struct rc_page *page = rc__page_of(child);
    if (page->space != &verifier->collector->heap.space) {
        return;
    }
    bool is_slot = page->kind > RC_PAGE_LEAF &&
                   rc__page_slot(page, rc__page_slot_of(page, child)) == (void *)child;
    if (!is_slot || !rc__is_alive(child)) {
        fault(verifier, "C2: object %p refers to %p, which is no object",
              (const void *)verifier->object, (const void *)child);
    } else if (page->kind == RC_PAGE_ACYCLIC) {
        count_untraced(verifier, child);
    }
}

static void check_leaf_child(struct gc_visitor *visitor, struct gc_object *child)
{
    struct verifier *verifier = (struct verifier *)(void *)visitor;
    if (rc__kind_of(child) == RC_KIND_FREE || child->refcount == 0) {
        fault(verifier, "C2: object %p refers to %p, which is no string",
              (const void *)verifier->object, (const void *)child);
    } else {
        count_untraced(verifier, child);
    }
}

static void check_remembered(struct verifier *verifier, const struct gc_object *object)
{
    const struct rc_page *page = rc__page_of(object);
    verifier->remembered++;
    if (!page->remembers || !rc__is_old(page, object)) {
        fault(verifier, "R4: object %p is remembered, but not old, or not by its page",
              (const void *)object);
    }
}

static void check_entry(struct verifier *verifier, const struct gc_object *object)
{
    const struct rc_roots *roots = &verifier->collector->heap.roots;
    uint32_t entry = rc__entry_of(object);
    bool rootable = (object->info & RC_INFO_ROOTABLE) != 0;
    if (entry == RC_ENTRY_REMEMBERED) {
        check_remembered(verifier, object);
    } else if (entry != 0 && (entry > roots->used || rc__roots_at(roots, entry) != object)) {
        fault(verifier, "R2: object %p is not in its entry %u", (const void *)object, entry);
    }
    if (entry != 0 && rootable) {
        fault(verifier, "C1: object %p is recorded and rootable", (const void *)object);
    }
    if (rc__kind_of(object) == RC_KIND_ARRAY &&
        rc__may_hold_objects(object) != (rootable || entry != 0)) {
        fault(verifier, "A2: array %p is wrongly rootable", (const void *)object);
    }
}

static void check_weak(struct verifier *verifier, const struct gc_object *object)
{
    const struct rc_weak_record *record = rc__weak_record(&verifier->collector->heap.weak, object);
    if (record == NULL) {
        return;
    }
    bool has_handle = record->handle != NULL && record->handle->target == object;
    if (record->object != object || (!has_handle && record->entries == NULL)) {
        fault(verifier, "W1: object %p has no weak record, or an empty one", (const void *)object);
    }
    for (const struct rc_weak_entry *entry = record->entries; entry != NULL;
         entry = entry->next_of_key) {
        if (entry->key != object || !rc__is_alive(&entry->map->header)) {
            fault(verifier, "W2: an entry of key %p has another key, or no map",
                  (const void *)object);
        }
    }
}

static void check_object(struct verifier *verifier, struct gc_object *object)
{
    verifier->object = object;
    check_entry(verifier, object);
    check_weak(verifier, object);
    if (rc__kind_of(object) == RC_KIND_ARRAY) {
        check_table(verifier, &((struct rc_array *)(void *)object)->table, true);
    }
    if (rc__kind_of(object) == RC_KIND_INSTANCE) {
        const struct rc_instance *instance = (struct rc_instance *)(void *)object;
        if (instance->added != NULL) {
            check_table(verifier, instance->added, false);
        }
    }
    rc__walk(object, &verifier->visitor, check_object_child, check_leaf_child);
}

/* ---- counts (C3) -------------------------------------------------------- */

static void check_count(struct verifier *verifier, const struct gc_object *object, size_t found)
{
    if (object->refcount < found) {
        fault(verifier, "C3: object %p has a count of %u, and %zu references to it",
              (const void *)object, object->refcount, found);
    }
}

static void check_untraced_counts(struct verifier *verifier)
{
    const struct rc_notes *notes = &verifier->untraced;
    for (size_t i = 0; i < notes->capacity && !verifier->notes_are_missing; i++) {
        if (notes->slots[i].left != NULL) {
            check_count(verifier, notes->slots[i].left, notes->slots[i].number);
        }
    }
}

static void check_counts(struct verifier *verifier)
{
    struct rc_collector *collector = verifier->collector;
    rc__epoch_begin(collector, RC_SCOPE_HEAP);
    rc__count_heap(collector);
    for (struct rc_page *page = collector->touched; page != NULL; page = page->touched_next) {
        for (uint32_t slot = 0; slot < page->fresh; slot++) {
            const struct gc_object *object = rc__page_slot(page, slot);
            uint32_t place = rc__page_place_of(page, object);
            if (rc__bit(rc__colours_of(page, place)->seen, place)) {
                uint32_t found = *rc__trial_of(page, object) - RC_TRIAL_SEEN + object->refcount;
                check_count(verifier, object, found);
            }
        }
    }
    rc__epoch_give_up(collector);
}

/* ---- all of it ---------------------------------------------------------- */

static void check_roots(struct verifier *verifier)
{
    const struct rc_roots *roots = &verifier->collector->heap.roots;
    uint32_t count = 0;
    for (uint32_t entry = 1; entry <= roots->used; entry++) {
        const struct gc_object *object = rc__roots_at(roots, entry);
        count += object != NULL;
        if (object != NULL && (!rc__is_alive(object) || rc__entry_of(object) != entry)) {
            fault(verifier, "R1: entry %u holds %p, which does not know it", entry,
                  (const void *)object);
        }
    }
    if (count != roots->count || roots->used > roots->capacity) {
        fault(verifier, "R3: %u roots, %u counted, %u used of %u", count, roots->count, roots->used,
              roots->capacity);
    }
}

/* How many of the dead are in a list. Behind the pages: the number of all of them bounds a list
   that runs in a circle; one more is counted then. */
static uint64_t count_dead(struct verifier *verifier, const struct gc_object *first)
{
    uint64_t count = 0;
    const struct gc_object *object = first;
    for (; object != NULL && count <= verifier->dead; object = rc__next_dead(object)) {
        if ((object->info & RC_INFO_DEAD) == 0) {
            fault(verifier, "D5: object %p waits, and is not dead", (const void *)object);
            break;
        }
        count++;
    }
    return count;
}

/* Of a destructor's or hook's object up the stack not all the dead are in the list. */
static void check_dead(struct verifier *verifier)
{
    const struct gc_heap *heap = &verifier->collector->heap;
    if (heap->releasing || heap->pins > 0) {
        return;
    }
    size_t faults = verifier->faults;
    uint64_t count = count_dead(verifier, heap->dead.rest);
    if (heap->open.object != NULL) {
        count += 1 + count_dead(verifier, heap->open.first);
    }
    bool is_at_rest = heap->dead.first == NULL && !heap->open.is_walked;
    if (faults == verifier->faults && (count != verifier->dead || !is_at_rest)) {
        bool is_more = count > verifier->dead;
        fault(verifier, "D5: %" PRIu64 " dead objects, %" PRIu64 "%s wait", verifier->dead,
              is_more ? verifier->dead : count, is_more ? " or more" : "");
    }
}

static void check_pages(struct verifier *verifier)
{
    const struct gc_heap *heap = &verifier->collector->heap;
    size_t live_bytes = 0;
    uint64_t nodes = 0;
    struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&heap->space, page)) != NULL) {
        check_page(verifier, page);
        live_bytes += page->used * page->slot_bytes;
        for (uint32_t slot = 0; page->kind > RC_PAGE_LEAF && slot < page->fresh; slot++) {
            struct gc_object *object = rc__page_slot(page, slot);
            nodes += object->info != 0 && rc__is_node(object);
            if (object->info == 0 && rc__is_old(page, object)) {
                fault(verifier, "P6: slot %u of page %p is old, and empty", slot, (void *)page);
            }
            if (rc__is_alive(object)) {
                check_object(verifier, object);
            } else {
                verifier->dead += object->info != 0;
            }
        }
    }
    if (live_bytes != heap->space.live_bytes) {
        fault(verifier, "S1: %zu bytes in use, %zu counted", live_bytes, heap->space.live_bytes);
    }
    if (verifier->remembered != heap->roots.remembered) {
        fault(verifier, "R4: %" PRIu64 " remembered, %" PRIu64 " counted", verifier->remembered,
              heap->roots.remembered);
    }
    if (nodes != heap->live_nodes) {
        fault(verifier, "N1: %" PRIu64 " nodes alive, %" PRIu64 " counted", nodes,
              heap->live_nodes);
    }
}

size_t gc_heap_verify(struct gc_heap *heap, FILE *report)
{
    heap = heap == NULL ? rc__heap_current() : heap;
    if (heap == NULL) {
        return 0;
    }
    if (heap->collecting) {
        return SIZE_MAX;
    }
    rc__slices_give_up(rc__collector_of(heap));
    struct verifier verifier = {.visitor = {check_object_child, check_leaf_child},
                                .collector = rc__collector_of(heap),
                                .report = report};
    check_roots(&verifier);
    check_pages(&verifier);
    check_dead(&verifier);
    if (verifier.faults == 0) {
        check_untraced_counts(&verifier);
        check_counts(&verifier);
    }
    rc__notes_end(&verifier.untraced);
    return verifier.faults;
}
