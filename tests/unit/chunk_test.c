/*
 * White-box: chunks, runs of pages, and what goes back to the system.
 */
#include "checks.h"

#include "heap/chunk.h"
#include <string.h>

#define MOST_PAGES (RC_CHUNK_PAGES - 1)

static struct rc_chunks chunks;

static int begin_chunks(void **state)
{
    (void)state;
    memset(&chunks, 0, sizeof chunks);
    return 0;
}

static int end_chunks(void **state)
{
    (void)state;
    rc__chunks_end(&chunks);
    return 0;
}

#define chunks_test(function) cmocka_unit_test_setup_teardown(function, begin_chunks, end_chunks)

static unsigned count_runs(void)
{
    unsigned runs = 0;
    struct rc_page *page = NULL;
    while ((page = rc__chunks_next_page(&chunks, page)) != NULL) {
        runs++;
    }
    return runs;
}

/* ---- runs -------------------------------------------------------------------- */

static void a_descriptor_leads_to_its_page_and_back(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct rc_page *page = rc__chunks_take(&chunks, 1);
        assert_non_null(page);
        assert_int_equal((uintptr_t)page->data % RC_PAGE_BYTES, 0);
        assert_ptr_equal(rc__page_of(page->data), page);
        assert_ptr_equal(rc__page_of(page->data + RC_PAGE_BYTES - 1), page);
    }
}

static void a_chunk_holds_63_pages(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MOST_PAGES; i++) {
        assert_non_null(rc__chunks_take(&chunks, 1));
    }
    assert_int_equal(chunks.count, 1);
    assert_non_null(rc__chunks_take(&chunks, 1));
    assert_int_equal(chunks.count, 2);
}

static void runs_of_all_lengths_can_be_written_from_end_to_end(void **state)
{
    (void)state;
    static struct rc_page *runs[MOST_PAGES + 1];
    for (unsigned pages = 1; pages <= MOST_PAGES; pages++) {
        runs[pages] = rc__chunks_take(&chunks, pages);
        assert_int_equal(runs[pages]->page_span, pages);
        memset(runs[pages]->data, (int)pages, pages * RC_PAGE_BYTES);
    }
    for (unsigned pages = 1; pages <= MOST_PAGES; pages++) {
        const char *bytes = runs[pages]->data;
        assert_int_equal(bytes[0], (char)pages);
        assert_int_equal(bytes[pages * RC_PAGE_BYTES - 1], (char)pages);
    }
    assert_int_equal(count_runs(), MOST_PAGES);
}

static void a_run_that_was_given_back_is_taken_again(void **state)
{
    (void)state;
    rc__chunks_take(&chunks, 10);
    struct rc_page *middle = rc__chunks_take(&chunks, 10);
    rc__chunks_take(&chunks, 10);
    rc__chunks_give(&chunks, middle);
    assert_ptr_equal(rc__chunks_take(&chunks, 10), middle);
}

static void a_run_does_not_fit_into_a_smaller_gap(void **state)
{
    (void)state;
    rc__chunks_take(&chunks, 10);
    struct rc_page *middle = rc__chunks_take(&chunks, 10);
    struct rc_page *behind = rc__chunks_take(&chunks, 10);
    rc__chunks_give(&chunks, middle);
    struct rc_page *run = rc__chunks_take(&chunks, 11);
    assert_true(run->data > behind->data);
    assert_ptr_equal(rc__chunks_take(&chunks, 4), middle);
}

static void gaps_side_by_side_join(void **state)
{
    (void)state;
    struct rc_page *first = rc__chunks_take(&chunks, 20);
    struct rc_page *second = rc__chunks_take(&chunks, 20);
    rc__chunks_take(&chunks, 20);
    rc__chunks_give(&chunks, second);
    rc__chunks_give(&chunks, first);
    assert_ptr_equal(rc__chunks_take(&chunks, 40), first);
    assert_int_equal(chunks.count, 1);
}

static void a_full_chunk_with_a_gap_is_used_before_a_new_one(void **state)
{
    (void)state;
    struct rc_page *pages[MOST_PAGES];
    for (unsigned i = 0; i < MOST_PAGES; i++) {
        pages[i] = rc__chunks_take(&chunks, 1);
    }
    rc__chunks_give(&chunks, pages[31]);
    assert_ptr_equal(rc__chunks_take(&chunks, 1), pages[31]);
    assert_int_equal(chunks.count, 1);
}

static void all_runs_are_walked_each_once(void **state)
{
    (void)state;
    struct rc_page *given[20];
    for (unsigned i = 0; i < 100; i++) {
        struct rc_page *page = rc__chunks_take(&chunks, 1 + i % 7);
        if (i % 5 == 0) {
            given[i / 5] = page;
        }
    }
    assert_non_null(rc__chunks_take_mapping(&chunks, RC_CHUNK_BYTES));
    assert_int_equal(count_runs(), 101);
    for (unsigned i = 0; i < 20; i++) {
        rc__chunks_give(&chunks, given[i]);
    }
    assert_int_equal(count_runs(), 81);
}

/* ---- mappings of their own --------------------------------------------------- */

/* And once one has had room in between, it comes last. */
static void full_chunks_are_walked_in_the_order_they_were_filled(void **state)
{
    (void)state;
    struct rc_page *pages[3 * MOST_PAGES];
    for (unsigned i = 0; i < 3 * MOST_PAGES; i++) {
        pages[i] = rc__chunks_take(&chunks, 1);
    }
    const struct rc_page *page = NULL;
    for (unsigned i = 0; i < 3 * MOST_PAGES; i++) {
        page = rc__chunks_next_page(&chunks, page);
        assert_ptr_equal(page, pages[i]);
    }
    assert_null(rc__chunks_next_page(&chunks, page));
    for (unsigned chunk = 3; chunk-- > 0;) {
        struct rc_page *first = pages[chunk * MOST_PAGES];
        rc__chunks_give(&chunks, first);
        assert_ptr_equal(rc__chunks_take(&chunks, 1), first);
        assert_int_equal(count_runs(), 3 * MOST_PAGES);
    }
    assert_ptr_equal(rc__chunks_next_page(&chunks, NULL), pages[2 * MOST_PAGES]);
}

static void a_mapping_can_be_written_from_end_to_end(void **state)
{
    (void)state;
    size_t bytes = RC_CHUNK_BYTES + 12345;
    struct rc_page *page = rc__chunks_take_mapping(&chunks, bytes);
    assert_non_null(page);
    memset(page->data, 1, bytes);
    assert_ptr_equal(rc__page_of(page->data), page);
    assert_true(chunks.system_bytes >= bytes);
    rc__chunks_give(&chunks, page);
    assert_int_equal(chunks.system_bytes, 0);
    assert_int_equal(chunks.count, 0);
}

static void a_mapping_too_large_is_refused(void **state)
{
    (void)state;
    assert_null(rc__chunks_take_mapping(&chunks, SIZE_MAX));
    assert_null(rc__chunks_take_mapping(&chunks, SIZE_MAX - 2 * RC_PAGE_BYTES));
    assert_null(rc__chunks_take_mapping(&chunks, SIZE_MAX / 2));
    assert_int_equal(chunks.count, 0);
    assert_int_equal(chunks.system_bytes, 0);
}

/* ---- back to the system ------------------------------------------------------ */

static void one_empty_chunk_is_kept_and_others_go_back(void **state)
{
    (void)state;
    struct rc_page *runs[3];
    for (int i = 0; i < 3; i++) {
        runs[i] = rc__chunks_take(&chunks, MOST_PAGES);
    }
    assert_int_equal(chunks.count, 3);
    for (int i = 0; i < 3; i++) {
        rc__chunks_give(&chunks, runs[i]);
    }
    assert_int_equal(chunks.count, 1);
    assert_int_equal(chunks.empty_count, 1);
    rc__chunks_take(&chunks, 1);
    assert_int_equal(chunks.count, 1);
    assert_int_equal(chunks.empty_count, 0);
}

static void only_pages_in_use_are_counted(void **state)
{
    (void)state;
    struct rc_page *run = rc__chunks_take(&chunks, 5);
    assert_int_equal(chunks.system_bytes, 6 * RC_PAGE_BYTES);
    rc__chunks_give(&chunks, run);
    assert_int_equal(chunks.system_bytes, 6 * RC_PAGE_BYTES);
    rc__chunks_take(&chunks, 3);
    assert_int_equal(chunks.system_bytes, 6 * RC_PAGE_BYTES);
    rc__chunks_take(&chunks, 3);
    assert_int_equal(chunks.system_bytes, 7 * RC_PAGE_BYTES);
    assert_int_equal(chunks.system_peak_bytes, 7 * RC_PAGE_BYTES);
}

static void trimming_gives_exactly_the_idle_pages_back(void **state)
{
    (void)state;
    struct rc_page *first = rc__chunks_take(&chunks, 5);
    struct rc_page *second = rc__chunks_take(&chunks, 7);
    struct rc_page *third = rc__chunks_take(&chunks, 9);
    memset(second->data, 1, RC_PAGE_BYTES);
    rc__chunks_give(&chunks, first);
    rc__chunks_give(&chunks, third);
    assert_int_equal(rc__chunks_trim(&chunks, 1).bytes, 14 * RC_PAGE_BYTES);
    assert_int_equal(chunks.system_bytes, 8 * RC_PAGE_BYTES);
    assert_int_equal(second->data[RC_PAGE_BYTES - 1], 1);
    assert_int_equal(rc__chunks_trim(&chunks, 1).bytes, 0);
}

static void a_trimmed_page_is_zero_when_it_is_taken_again(void **state)
{
    (void)state;
    rc__chunks_take(&chunks, 1);
    struct rc_page *page = rc__chunks_take(&chunks, 2);
    memset(page->data, 1, 2 * RC_PAGE_BYTES);
    rc__chunks_give(&chunks, page);
    (void)rc__chunks_trim(&chunks, 1);
    assert_ptr_equal(rc__chunks_take(&chunks, 2), page);
    assert_int_equal(page->data[0], 0);
    assert_int_equal(page->data[2 * RC_PAGE_BYTES - 1], 0);
}

static void trimming_an_empty_chunk_gives_it_back_whole(void **state)
{
    (void)state;
    rc__chunks_give(&chunks, rc__chunks_take(&chunks, 9));
    assert_int_equal(rc__chunks_trim(&chunks, 1).bytes, 10 * RC_PAGE_BYTES);
    assert_int_equal(chunks.count, 0);
    assert_int_equal(chunks.system_bytes, 0);
    assert_null(rc__chunks_next_page(&chunks, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        chunks_test(a_descriptor_leads_to_its_page_and_back),
        chunks_test(a_chunk_holds_63_pages),
        chunks_test(runs_of_all_lengths_can_be_written_from_end_to_end),
        chunks_test(a_run_that_was_given_back_is_taken_again),
        chunks_test(a_run_does_not_fit_into_a_smaller_gap),
        chunks_test(gaps_side_by_side_join),
        chunks_test(a_full_chunk_with_a_gap_is_used_before_a_new_one),
        chunks_test(all_runs_are_walked_each_once),
        chunks_test(full_chunks_are_walked_in_the_order_they_were_filled),
        chunks_test(a_mapping_can_be_written_from_end_to_end),
        chunks_test(a_mapping_too_large_is_refused),
        chunks_test(one_empty_chunk_is_kept_and_others_go_back),
        chunks_test(only_pages_in_use_are_counted),
        chunks_test(trimming_gives_exactly_the_idle_pages_back),
        chunks_test(a_trimmed_page_is_zero_when_it_is_taken_again),
        chunks_test(trimming_an_empty_chunk_gives_it_back_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
