/*
 * White-box: memory from the operating system.
 */
#include "checks.h"

#include "base/os_memory.h"
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes;

static int find_page_size(void **state)
{
    (void)state;
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    return 0;
}

static bool is_mapped(char *page)
{
    unsigned char is_resident;
    return mincore(page, page_bytes, &is_resident) == 0;
}

static void memory_is_aligned_and_zeroed(void **state)
{
    (void)state;
    for (size_t alignment = page_bytes; alignment <= 64 * page_bytes; alignment *= 2) {
        char *memory = rc__os_map(3 * page_bytes, alignment);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignment, 0);
        assert_int_equal(memory[0] | memory[3 * page_bytes - 1], 0);
        rc__os_unmap(memory, 3 * page_bytes);
    }
}

static void what_ends_inside_a_page_takes_no_page_more(void **state)
{
    (void)state;
    size_t bytes = 2 * page_bytes + 8;
    char *memory = rc__os_map(bytes, page_bytes);
    assert_non_null(memory);
    memory[bytes - 1] = 1;
    assert_true(is_mapped(memory + 2 * page_bytes));
    assert_false(is_mapped(memory + 3 * page_bytes));
    rc__os_unmap(memory, bytes);
    assert_false(is_mapped(memory + 2 * page_bytes));
}

static void a_size_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_null(rc__os_map(SIZE_MAX, page_bytes));
    assert_null(rc__os_map(SIZE_MAX - page_bytes, page_bytes));
    assert_null(rc__os_map(SIZE_MAX / 2, page_bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_zeroed),
        cmocka_unit_test(what_ends_inside_a_page_takes_no_page_more),
        cmocka_unit_test(a_size_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, find_page_size, NULL);
}
