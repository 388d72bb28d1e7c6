#include "heap/space.h"

#include "base/clock.h"
#include "base/misuse.h"
#include "base/size.h"
#include <string.h>

#define FREE_SLOT_COUNT 0xc0000000u

void rc__space_begin(struct rc_space *space)
{
    memset(space, 0, sizeof *space);
    rc__space_set_limit(space, SIZE_MAX);
    space->open_epoch = RC_NO_EPOCH;
}

void rc__space_end(struct rc_space *space)
{
    rc__chunks_end(&space->chunks);
    rc__space_begin(space);
}

/* ---- the room lists ----------------------------------------------------- */

/* Behind the head, so that the page in use stays in use until it is full. */
static void give_room(struct rc_space *space, struct rc_page *page)
{
    struct rc_page **head = &space->room[page->kind][page->size_class];
    if (*head == NULL) {
        page->previous = page->next = NULL;
        *head = page;
        return;
    }
    page->previous = *head;
    page->next = (*head)->next;
    if (page->next != NULL) {
        page->next->previous = page;
    }
    (*head)->next = page;
}

void rc__space_take_room(struct rc_space *space, struct rc_page *page)
{
    if (page->previous != NULL) {
        page->previous->next = page->next;
    } else {
        space->room[page->kind][page->size_class] = page->next;
    }
    if (page->next != NULL) {
        page->next->previous = page->previous;
    }
    page->previous = page->next = NULL;
}

/* ---- pages -------------------------------------------------------------- */

/* The places of a page, if it is traced, and where the first slot can be. */
static uint32_t lay_out_places(struct rc_page *page, size_t slot_bytes, size_t alignment)
{
    if (page->kind != RC_PAGE_TRACED) {
        return 0;
    }
    unsigned shift = rc__highest_bit(slot_bytes);
    page->shift = (uint8_t)(shift < RC_PAGE_SHIFT ? shift : RC_PAGE_SHIFT);
    size_t trial_bytes = rc__trial_bytes(page->shift);
    memset(page->data, 0, trial_bytes);
    page->first_offset = (uint32_t)rc__size_round_up(trial_bytes, alignment);
    size_t words_before = rc__page_first_word(page);
    page->colours_base = (uintptr_t)page->colours - words_before * sizeof page->colours[0];
    return page->first_offset;
}

static void lay_out_slots(struct rc_page *page)
{
    size_t alignment = page->slot_bytes % 64 == 0 ? 64 : 16;
    page->first_offset = lay_out_places(page, page->slot_bytes, alignment);
    page->slot_count = (uint16_t)((RC_PAGE_BYTES - page->first_offset) / page->slot_bytes);
    page->reciprocal = (uint32_t)((((uint64_t)1 << 32) + page->slot_bytes - 1) / page->slot_bytes);
}

static void reset_page(struct rc_page *page, struct rc_space *space, enum rc_page_kind kind)
{
    page->space = space;
    page->kind = (uint8_t)kind;
    page->size_class = 0;
    page->free_slots = NULL;
    page->next = page->previous = NULL;
    page->fresh = page->used = 0;
    page->queued = page->teardown = page->spares = false;
    page->has_old = page->remembers = false;
    page->epoch = RC_NEVER_OPEN;
    page->pending_words = 0;
}

static struct rc_page *new_page(struct rc_space *space, unsigned size_class, enum rc_page_kind kind)
{
    rc__space_trim_idle(space);
    struct rc_page *page = rc__chunks_take(&space->chunks, 1);
    if (page == NULL) {
        return NULL;
    }
    reset_page(page, space, kind);
    page->size_class = (uint8_t)size_class;
    page->slot_bytes = rc__size_class_bytes(size_class);
    lay_out_slots(page);
    give_room(space, page);
    return page;
}

/* ---- allocating --------------------------------------------------------- */

static bool succeeds_on_purpose(struct rc_space *space)
{
    if (space->successes_left == 0) {
        space->failures++;
        return false;
    }
    space->successes_left--;
    return true;
}

/* Whether so many bytes more are below the step; if not, that is kept for whoever looks. */
static bool fits(struct rc_space *space, size_t bytes)
{
    size_t wanted;
    if (!rc__size_add(rc__space_used_bytes(space), bytes, &wanted)) {
        wanted = SIZE_MAX;
    }
    if (wanted <= space->step_bytes) {
        return true;
    }
    space->wanted_bytes = wanted;
    return false;
}

static bool admit(struct rc_space *space, size_t bytes)
{
    space->wanted_bytes = 0;
    return (!space->failing || succeeds_on_purpose(space)) && fits(space, bytes);
}

static void *allocate_run(struct rc_space *space, size_t bytes, enum rc_page_kind kind)
{
    size_t offset = kind == RC_PAGE_TRACED ? 64 : 0;
    size_t with_offset;
    if (!rc__size_add(bytes, offset + RC_PAGE_BYTES, &with_offset)) {
        return NULL;
    }
    size_t pages = (with_offset - 1) >> RC_PAGE_SHIFT;
    size_t slot_bytes = (pages << RC_PAGE_SHIFT) - offset;
    if (!admit(space, slot_bytes)) {
        return NULL;
    }
    struct rc_page *page = pages < RC_CHUNK_PAGES
                               ? rc__chunks_take(&space->chunks, (unsigned)pages)
                               : rc__chunks_take_mapping(&space->chunks, bytes + offset);
    if (page == NULL) {
        return NULL;
    }
    reset_page(page, space, kind);
    page->slot_bytes = slot_bytes;
    page->first_offset = lay_out_places(page, slot_bytes, offset);
    page->slot_count = page->fresh = page->used = 1;
    page->reciprocal = 0;
    space->live_bytes += page->slot_bytes;
    return page->data + offset;
}

void *rc__space_allocate_slow(struct rc_space *space, size_t bytes, enum rc_page_kind kind)
{
    if (bytes > RC_SIZE_CLASS_MAXIMUM) {
        return allocate_run(space, bytes, kind);
    }
    unsigned size_class = rc__size_class(bytes);
    if (!admit(space, rc__size_class_bytes(size_class))) {
        return NULL;
    }
    struct rc_page *page = space->room[kind][size_class];
    if (page == NULL) {
        page = new_page(space, size_class, kind);
    }
    return page == NULL ? NULL : rc__page_take_slot(space, page);
}

/* ---- freeing ------------------------------------------------------------ */

static void count_freed(struct rc_space *space, size_t bytes)
{
    if (space->live_bytes > space->peak_bytes) {
        space->peak_bytes = space->live_bytes;
    }
    space->live_bytes -= bytes;
}

/* Behind all others, so that a run goes through what a program has built in the order in which it
   was built. */
void rc__page_remember(struct rc_page *page)
{
    struct rc_space *space = page->space;
    if (page->remembers) {
        return;
    }
    page->remembers = true;
    page->remembering_next = NULL;
    page->remembering_previous = space->remembering_last;
    if (space->remembering_last != NULL) {
        space->remembering_last->remembering_next = page;
    } else {
        space->remembering = page;
    }
    space->remembering_last = page;
}

void rc__page_forget(struct rc_page *page)
{
    struct rc_space *space = page->space;
    struct rc_page *next = page->remembering_next;
    struct rc_page *previous = page->remembering_previous;
    if (!page->remembers) {
        return;
    }
    page->remembers = false;
    *(previous != NULL ? &previous->remembering_next : &space->remembering) = next;
    *(next != NULL ? &next->remembering_previous : &space->remembering_last) = previous;
}

static void give_page(struct rc_page *page)
{
    rc__page_forget(page);
    rc__chunks_give(&page->space->chunks, page);
}

/* An empty page goes back, unless it is the only one with room of its class: that one would soon
   be asked for again. */
static void retire_if_spare(struct rc_space *space, struct rc_page *page)
{
    page->idle_tick = space->chunks.tick;
    if (page->previous != NULL || page->next != NULL) {
        rc__space_take_room(space, page);
        give_page(page);
    }
}

void rc__page_begin_old(struct rc_page *page)
{
    for (uint32_t i = 0; i < RC_COLOUR_WORDS; i++) {
        page->colours[i].old = 0;
    }
    page->has_old = true;
}

/* The slot may be used again before the collection is over, by an object that it has not seen. */
static void forget_colour(struct rc_page *page, const void *block)
{
    if (page->kind == RC_PAGE_TRACED) {
        uint32_t place = rc__page_place_of(page, block);
        uint64_t others = ~rc__place_bit(place);
        struct rc_colours *colours = rc__colours_of(page, place);
        colours->seen &= others;
        colours->live &= others;
        colours->old &= others;
        *rc__trial_of(page, block) = RC_TRIAL_UNSEEN;
        rc__place_unpend(page, place);
    }
}

static void free_run(struct rc_page *page, void *block, bool is_held)
{
    if (is_held) {
        ((struct rc_free_slot *)block)->info = 0;
        page->used = 0;
    } else {
        page->idle_tick = page->space->chunks.tick;
        give_page(page);
    }
}

void rc__space_free(struct rc_page *page, void *block)
{
    struct rc_space *space = page->space;
    bool is_held = page->epoch == space->open_epoch;
    count_freed(space, page->slot_bytes);
    if (RC_UNLIKELY(is_held || page->has_old)) {
        forget_colour(page, block);
    }
    if (RC_UNLIKELY(page->reciprocal == 0)) {
        free_run(page, block, is_held);
        return;
    }
    struct rc_free_slot *slot = block;
    slot->count = FREE_SLOT_COUNT;
    slot->info = 0;
    slot->next = page->free_slots;
    page->free_slots = slot;
    if (page->used-- == page->slot_count) {
        give_room(space, page);
    }
    if (RC_UNLIKELY(page->used == 0) && !is_held) {
        retire_if_spare(space, page);
    }
}

/* So that in a checked build misuse of what was freed with its whole page shows too. */
static void mark_slots_free(struct rc_page *page)
{
    for (uint32_t i = 0; i < page->fresh; i++) {
        struct rc_free_slot *slot = rc__page_slot(page, i);
        slot->count = FREE_SLOT_COUNT;
        slot->info = 0;
    }
}

void rc__space_free_all(struct rc_page *page)
{
    struct rc_space *space = page->space;
    count_freed(space, page->used * page->slot_bytes);
    if (page->reciprocal == 0) {
        page->idle_tick = space->chunks.tick;
        give_page(page);
        return;
    }
    if (page->used == page->slot_count) {
        give_room(space, page);
    }
    if (RC_CHECKED) {
        mark_slots_free(page);
    }
    page->used = page->fresh = 0;
    page->free_slots = NULL;
    page->has_old = false;
    rc__page_forget(page);
    retire_if_spare(space, page);
}

/* Empty pages that are kept for their class go to their chunks, if they have been so since before
   the tick. */
static void trim_room(struct rc_space *space, struct rc_page *page, uint32_t before_tick)
{
    while (page != NULL) {
        struct rc_page *next = page->next;
        bool is_held = page->epoch == space->open_epoch;
        if (page->used == 0 && !is_held && rc__tick_is_before(page->idle_tick, before_tick)) {
            rc__space_take_room(space, page);
            give_page(page);
        }
        page = next;
    }
}

static struct rc_trimmed trim(struct rc_space *space, uint32_t before_tick)
{
    for (unsigned kind = RC_PAGE_FREE + 1; kind < RC_PAGE_KINDS; kind++) {
        for (unsigned size_class = 0; size_class < RC_SIZE_CLASSES; size_class++) {
            trim_room(space, space->room[kind][size_class], before_tick);
        }
    }
    return rc__chunks_trim(&space->chunks, before_tick);
}

struct rc_trimmed rc__space_trim(struct rc_space *space)
{
    return trim(space, space->chunks.tick + 1);
}

void rc__space_trim_idle(struct rc_space *space)
{
    if (space->idle_ns == 0) {
        return;
    }
    uint64_t now_ns = rc__clock_ns();
    if (now_ns - space->looked_ns >= space->idle_ns) {
        space->looked_ns = now_ns;
        trim(space, space->chunks.tick++);
    }
}

static size_t reusable_in(const struct rc_page *page)
{
    return (page->slot_count - page->used) * page->slot_bytes;
}

size_t rc__space_reusable_bytes(const struct rc_space *space)
{
    size_t bytes = rc__chunks_idle_bytes(&space->chunks);
    for (unsigned kind = RC_PAGE_FREE + 1; kind < RC_PAGE_KINDS; kind++) {
        for (unsigned size_class = 0; size_class < RC_SIZE_CLASSES; size_class++) {
            const struct rc_page *page = space->room[kind][size_class];
            for (; page != NULL; page = page->next) {
                bytes += reusable_in(page);
            }
        }
    }
    return bytes;
}

/* ---- limit -------------------------------------------------------------- */

static size_t reduce(size_t bytes, size_t by_bytes)
{
    return bytes > by_bytes ? bytes - by_bytes : 0;
}

static void set_watermark(struct rc_space *space)
{
    size_t below = space->external_bytes + RC_SIZE_CLASS_MAXIMUM;
    space->watermark_bytes = space->failing ? 0 : reduce(space->step_bytes, below);
}

void rc__space_set_limit(struct rc_space *space, size_t limit_bytes)
{
    space->limit_bytes = limit_bytes;
    rc__space_set_step(space, limit_bytes);
}

void rc__space_set_step(struct rc_space *space, size_t step_bytes)
{
    space->step_bytes = step_bytes < space->limit_bytes ? step_bytes : space->limit_bytes;
    set_watermark(space);
}

bool rc__space_take_external(struct rc_space *space, size_t bytes)
{
    size_t total;
    space->wanted_bytes = 0;
    if (!rc__size_add(space->external_bytes, bytes, &total) || total > RC_EXTERNAL_MAX_BYTES ||
        !fits(space, bytes)) {
        return false;
    }
    space->external_bytes = total;
    set_watermark(space);
    return true;
}

bool rc__space_give_external(struct rc_space *space, size_t bytes)
{
    bool are_there = bytes <= space->external_bytes;
    space->external_bytes = reduce(space->external_bytes, bytes);
    set_watermark(space);
    return are_there;
}

/* ---- figures ------------------------------------------------------------ */

size_t rc__space_peak_bytes(const struct rc_space *space)
{
    return space->live_bytes > space->peak_bytes ? space->live_bytes : space->peak_bytes;
}

void rc__space_reset_peak(struct rc_space *space)
{
    space->peak_bytes = space->live_bytes;
    space->chunks.system_peak_bytes = space->chunks.system_bytes;
}

void rc__space_fail_after(struct rc_space *space, uint64_t successes)
{
    space->failing = true;
    space->successes_left = successes;
    space->failures = 0;
    set_watermark(space);
}

uint64_t rc__space_fail_never(struct rc_space *space)
{
    uint64_t failures = space->failures;
    space->failing = false;
    space->failures = 0;
    set_watermark(space);
    return failures;
}
