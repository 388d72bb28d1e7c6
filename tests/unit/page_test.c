/*
 * White-box: size classes, slots of pages, and the space that hands them out.
 */
#include "checks.h"

#include "heap/space.h"
#include <string.h>

static struct rc_space space;

static int begin_space(void **state)
{
    (void)state;
    rc__space_begin(&space);
    return 0;
}

static int end_space(void **state)
{
    (void)state;
    rc__space_end(&space);
    return space.chunks.system_bytes == 0 && space.live_bytes == 0 ? 0 : -1;
}

#define space_test(function) cmocka_unit_test_setup_teardown(function, begin_space, end_space)

/* ---- size classes ------------------------------------------------------------ */

static void every_size_has_a_class_that_it_fits(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes <= RC_SIZE_CLASS_MAXIMUM; bytes++) {
        unsigned size_class = rc__size_class(bytes);
        assert_true(size_class < RC_SIZE_CLASSES);
        assert_true(rc__size_class_bytes(size_class) >= bytes);
    }
}

static void every_size_has_the_smallest_class_that_it_fits(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes <= RC_SIZE_CLASS_MAXIMUM; bytes++) {
        unsigned size_class = rc__size_class(bytes);
        assert_true(size_class == 0 || rc__size_class_bytes(size_class - 1) < bytes);
    }
}

static void no_size_wastes_more_than_a_fifth_of_its_slot(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes <= RC_SIZE_CLASS_MAXIMUM; bytes++) {
        size_t slot_bytes = rc__size_class_bytes(rc__size_class(bytes));
        assert_true(slot_bytes - bytes < 16 || (slot_bytes - bytes) * 5 <= slot_bytes);
    }
}

static void all_slots_are_multiples_of_16_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RC_SIZE_CLASSES; i++) {
        assert_int_equal(rc__size_class_bytes(i) % 16, 0);
        assert_int_equal(rc__size_class(rc__size_class_bytes(i)), i);
    }
    assert_int_equal(rc__size_class_bytes(RC_SIZE_CLASSES - 1), RC_SIZE_CLASS_MAXIMUM);
}

/* ---- slots of a page --------------------------------------------------------- */

/* Calls `check` with a page of each kind and class. */
static void for_each_form_of_page(void (*check)(const struct rc_page *page))
{
    for (unsigned kind = RC_PAGE_FREE + 1; kind < RC_PAGE_KINDS; kind++) {
        for (unsigned i = 0; i < RC_SIZE_CLASSES; i++) {
            size_t bytes = rc__size_class_bytes(i);
            if (kind == RC_PAGE_TRACED && bytes < RC_TRACED_MINIMUM) {
                continue;
            }
            void *block = rc__space_allocate(&space, bytes, (enum rc_page_kind)kind);
            check(rc__page_of(block));
        }
    }
}

static void check_slots_inside(const struct rc_page *page)
{
    const char *end = page->data + RC_PAGE_BYTES;
    const char *last = rc__page_slot(page, page->slot_count - 1);
    size_t trial_bytes = page->kind == RC_PAGE_TRACED ? rc__trial_bytes(page->shift) : 0;
    assert_int_equal((uintptr_t)page->data % RC_PAGE_BYTES, 0);
    assert_true(page->first_offset >= trial_bytes);
    assert_true(last + page->slot_bytes <= end);
    assert_true(page->slot_count >= 1);
}

static void slots_lie_between_trial_counts_and_the_end_of_the_page(void **state)
{
    (void)state;
    for_each_form_of_page(check_slots_inside);
}

static void check_little_is_left_over(const struct rc_page *page)
{
    size_t used = page->first_offset + page->slot_count * page->slot_bytes;
    assert_true(RC_PAGE_BYTES - used < page->slot_bytes);
}

static void as_many_slots_as_fit_are_made(void **state)
{
    (void)state;
    for_each_form_of_page(check_little_is_left_over);
}

static void check_maps_are_long_enough(const struct rc_page *page)
{
    if (page->kind == RC_PAGE_TRACED) {
        assert_true(page->slot_count <= RC_COLOUR_WORDS * 64);
    }
}

static void a_traced_page_has_a_bit_for_each_slot(void **state)
{
    (void)state;
    for_each_form_of_page(check_maps_are_long_enough);
}

static void check_slot_numbers(const struct rc_page *page)
{
    for (uint32_t slot = 0; slot < page->slot_count; slot++) {
        const char *block = rc__page_slot(page, slot);
        assert_int_equal(rc__page_slot_of(page, block), slot);
        assert_int_equal(rc__page_slot_of(page, block + 1), slot);
        assert_int_equal(rc__page_slot_of(page, block + page->slot_bytes / 2), slot);
        assert_int_equal(rc__page_slot_of(page, block + page->slot_bytes - 1), slot);
        assert_ptr_equal(rc__page_of(block), page);
        assert_ptr_equal(rc__page_of(block + page->slot_bytes - 1), page);
    }
}

static void the_slot_of_every_address_is_found_exactly(void **state)
{
    (void)state;
    for_each_form_of_page(check_slot_numbers);
}

/* That of each slot lies in the table, and no two slots share one. */
static void check_trial_counts(const struct rc_page *page)
{
    const uint32_t *before = NULL;
    for (uint32_t slot = 0; page->kind == RC_PAGE_TRACED && slot < page->slot_count; slot++) {
        const uint32_t *trial = rc__trial_of(page, rc__page_slot(page, slot));
        assert_true(trial > before);
        assert_true((const char *)trial >= page->data);
        assert_true((const char *)(trial + 1) <= page->data + page->first_offset);
        assert_int_equal(*trial, RC_TRIAL_UNSEEN);
        before = trial;
    }
}

static void every_traced_slot_has_a_trial_count_of_its_own(void **state)
{
    (void)state;
    for_each_form_of_page(check_trial_counts);
}

/* From each slot to its place, colours and trial count, and back. */
static void check_places(const struct rc_page *page)
{
    for (uint32_t slot = 0; page->kind == RC_PAGE_TRACED && slot < page->slot_count; slot++) {
        const void *object = rc__page_slot(page, slot);
        uint32_t place = rc__page_place_of(page, object);
        assert_ptr_equal(rc__page_object(page, place), object);
        assert_int_equal(rc__place_of_trial(rc__trial_of(page, object)), place);
        assert_ptr_equal(rc__page_trial(page) + place, rc__trial_of(page, object));
        assert_in_range(place / 64, rc__page_first_word(page), rc__page_last_word(page));
        const struct rc_colours *colours = rc__colours_of(page, place);
        assert_true(colours >= page->colours && colours < page->colours + RC_COLOUR_WORDS);
        bool begins_there = ((uintptr_t)object & (((size_t)1 << page->shift) - 1)) == 0;
        assert_true(begins_there || !rc__page_is_exact(page));
    }
}

static void every_traced_slot_has_a_place_of_its_own(void **state)
{
    (void)state;
    for_each_form_of_page(check_places);
}

static void a_page_that_held_something_else_has_no_trial_counts(void **state)
{
    (void)state;
    char *leaf = rc__space_allocate(&space, 20000, RC_PAGE_LEAF);
    const struct rc_page *page = rc__page_of(leaf);
    for (uint32_t slot = 0; slot < page->slot_count; slot++) {
        memset(rc__page_slot(page, slot), 0xff, page->slot_bytes);
    }
    rc__space_free(rc__page_of(leaf), leaf);
    rc__space_trim(&space);
    const struct rc_page *traced = rc__page_of(rc__space_allocate(&space, 32, RC_PAGE_TRACED));
    assert_ptr_equal(traced, page);
    check_trial_counts(traced);
}

static void check_alignment(const struct rc_page *page)
{
    assert_int_equal((uintptr_t)rc__page_slot(page, 0) % 16, 0);
    if (page->slot_bytes % 64 == 0) {
        assert_int_equal((uintptr_t)rc__page_slot(page, page->slot_count - 1) % 64, 0);
    }
}

static void slots_are_aligned_to_16_bytes_or_to_cache_lines(void **state)
{
    (void)state;
    for_each_form_of_page(check_alignment);
}

/* ---- allocating -------------------------------------------------------------- */

static void blocks_in_use_never_overlap(void **state)
{
    (void)state;
    enum {
        COUNT = 3000
    };
    static unsigned char *blocks[COUNT];
    static size_t sizes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = 1 + i * 7919 % 40000;
        blocks[i] = rc__space_allocate(&space, sizes[i], RC_PAGE_LEAF);
        memset(blocks[i], (int)(i & 0xff), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(blocks[i][0], i & 0xff);
        assert_int_equal(blocks[i][sizes[i] - 1], i & 0xff);
        rc__space_free(rc__page_of(blocks[i]), blocks[i]);
    }
    assert_int_equal(space.live_bytes, 0);
}

static void the_block_freed_last_is_used_first(void **state)
{
    (void)state;
    void *first = rc__space_allocate(&space, 100, RC_PAGE_LEAF);
    void *second = rc__space_allocate(&space, 100, RC_PAGE_LEAF);
    rc__space_free(rc__page_of(first), first);
    assert_ptr_equal(rc__space_allocate(&space, 100, RC_PAGE_LEAF), first);
    rc__space_free(rc__page_of(second), second);
    rc__space_free(rc__page_of(first), first);
}

static void kinds_do_not_share_pages(void **state)
{
    (void)state;
    const struct rc_page *pages[RC_PAGE_KINDS] = {NULL};
    for (unsigned kind = RC_PAGE_FREE + 1; kind < RC_PAGE_KINDS; kind++) {
        pages[kind] = rc__page_of(rc__space_allocate(&space, 64, (enum rc_page_kind)kind));
        assert_int_equal(pages[kind]->kind, kind);
        for (unsigned other = RC_PAGE_FREE; other < kind; other++) {
            assert_ptr_not_equal(pages[kind], pages[other]);
        }
    }
}

static void a_page_is_filled_before_the_next_one(void **state)
{
    (void)state;
    void *first = rc__space_allocate(&space, 1000, RC_PAGE_LEAF);
    const struct rc_page *page = rc__page_of(first);
    for (uint32_t i = 1; i < page->slot_count; i++) {
        assert_ptr_equal(rc__page_of(rc__space_allocate(&space, 1000, RC_PAGE_LEAF)), page);
    }
    assert_int_equal(page->used, page->slot_count);
    assert_ptr_not_equal(rc__page_of(rc__space_allocate(&space, 1000, RC_PAGE_LEAF)), page);
}

static void a_full_page_that_gets_room_is_used_again(void **state)
{
    (void)state;
    void *first = rc__space_allocate(&space, 30000, RC_PAGE_LEAF);
    struct rc_page *page = rc__page_of(first);
    for (uint32_t i = 1; i < page->slot_count; i++) {
        rc__space_allocate(&space, 30000, RC_PAGE_LEAF);
    }
    rc__space_free(page, first);
    assert_ptr_equal(rc__space_allocate(&space, 30000, RC_PAGE_LEAF), first);
}

static void an_empty_page_goes_back_if_another_has_room(void **state)
{
    (void)state;
    void *blocks[6];
    for (int i = 0; i < 6; i++) {
        blocks[i] = rc__space_allocate(&space, 32768, RC_PAGE_LEAF);
    }
    struct rc_page *page = rc__page_of(blocks[0]);
    for (int i = 0; i < 6; i++) {
        rc__space_free(rc__page_of(blocks[i]), blocks[i]);
    }
    assert_int_equal(space.live_bytes, 0);
    unsigned in_use = 0;
    page = NULL;
    while ((page = rc__space_next_page(&space, page)) != NULL) {
        in_use++;
    }
    assert_int_equal(in_use, 1);
}

static void all_blocks_of_a_page_can_be_freed_at_once(void **state)
{
    (void)state;
    void *block = rc__space_allocate(&space, 500, RC_PAGE_TRACED);
    struct rc_page *page = rc__page_of(block);
    for (uint32_t i = 1; i < 50; i++) {
        rc__space_allocate(&space, 500, RC_PAGE_TRACED);
    }
    void *other = rc__space_allocate(&space, 100, RC_PAGE_TRACED);
    size_t other_bytes = rc__page_of(other)->slot_bytes;
    rc__space_free_all(page);
    assert_int_equal(space.live_bytes, other_bytes);
    assert_ptr_equal(rc__space_allocate(&space, 500, RC_PAGE_TRACED), block);
}

static void a_full_page_can_be_freed_at_once(void **state)
{
    (void)state;
    void *block = rc__space_allocate(&space, 10000, RC_PAGE_TRACED);
    struct rc_page *page = rc__page_of(block);
    for (uint32_t i = 1; i < page->slot_count; i++) {
        rc__space_allocate(&space, 10000, RC_PAGE_TRACED);
    }
    rc__space_free_all(page);
    assert_int_equal(space.live_bytes, 0);
    assert_ptr_equal(rc__space_allocate(&space, 10000, RC_PAGE_TRACED), block);
}

static void a_block_with_pages_of_its_own_ends_where_they_end(void **state)
{
    (void)state;
    static const size_t sizes[] = {32769, 65472, 65473, 65536, 500000, 63 * 65536 - 64, 63 * 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (unsigned kind = RC_PAGE_FREE + 1; kind < RC_PAGE_KINDS; kind++) {
            char *block = rc__space_allocate(&space, sizes[i], (enum rc_page_kind)kind);
            struct rc_page *page = rc__page_of(block);
            assert_int_equal(rc__page_slot_of(page, block), 0);
            assert_ptr_equal(rc__page_slot(page, 0), block);
            assert_true(page->slot_bytes >= sizes[i]);
            size_t rest = (size_t)(block + page->slot_bytes - page->data) % RC_PAGE_BYTES;
            assert_int_equal(rest, 0);
            check_trial_counts(page);
            check_places(page);
            rc__space_free(page, block);
            assert_int_equal(space.live_bytes, 0);
        }
    }
}

static void a_block_too_large_for_the_address_space_is_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX,
                                   SIZE_MAX - 64,
                                   SIZE_MAX - RC_PAGE_BYTES,
                                   SIZE_MAX - RC_PAGE_BYTES - 64,
                                   SIZE_MAX - 2 * RC_PAGE_BYTES,
                                   SIZE_MAX - RC_CHUNK_BYTES,
                                   SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_null(rc__space_allocate(&space, sizes[i], RC_PAGE_LEAF));
        assert_null(rc__space_allocate(&space, sizes[i], RC_PAGE_TRACED));
    }
    assert_int_equal(space.live_bytes, 0);
    assert_int_equal(space.chunks.system_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_has_a_class_that_it_fits),
        cmocka_unit_test(every_size_has_the_smallest_class_that_it_fits),
        cmocka_unit_test(no_size_wastes_more_than_a_fifth_of_its_slot),
        cmocka_unit_test(all_slots_are_multiples_of_16_bytes),
        space_test(slots_lie_between_trial_counts_and_the_end_of_the_page),
        space_test(as_many_slots_as_fit_are_made),
        space_test(a_traced_page_has_a_bit_for_each_slot),
        space_test(the_slot_of_every_address_is_found_exactly),
        space_test(every_traced_slot_has_a_trial_count_of_its_own),
        space_test(every_traced_slot_has_a_place_of_its_own),
        space_test(a_page_that_held_something_else_has_no_trial_counts),
        space_test(slots_are_aligned_to_16_bytes_or_to_cache_lines),
        space_test(blocks_in_use_never_overlap),
        space_test(the_block_freed_last_is_used_first),
        space_test(kinds_do_not_share_pages),
        space_test(a_page_is_filled_before_the_next_one),
        space_test(a_full_page_that_gets_room_is_used_again),
        space_test(an_empty_page_goes_back_if_another_has_room),
        space_test(all_blocks_of_a_page_can_be_freed_at_once),
        space_test(a_full_page_can_be_freed_at_once),
        space_test(a_block_with_pages_of_its_own_ends_where_they_end),
        space_test(a_block_too_large_for_the_address_space_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
