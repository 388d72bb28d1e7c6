/*
 * gc_result_text().
 */
#include "checks.h"

#include <string.h>

static const enum gc_result results[] = {GC_OK,     GC_ENOMEM, GC_ELIMIT, GC_EINVAL,
                                         GC_ERANGE, GC_EBUSY,  GC_ETYPE,  GC_ENOKEY};
static const size_t result_count = sizeof results / sizeof results[0];

static void success_is_zero(void **state)
{
    (void)state;
    assert_int_equal(GC_OK, 0);
}

static void each_result_has_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < result_count; i++) {
        assert_non_null(gc_result_text(results[i]));
        assert_string_not_equal(gc_result_text(results[i]), "");
        assert_string_not_equal(gc_result_text(results[i]), "unknown result");
    }
}

static void no_text_ends_with_a_full_stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < result_count; i++) {
        const char *text = gc_result_text(results[i]);
        assert_int_not_equal(text[strlen(text) - 1], '.');
    }
}

static void no_two_results_have_the_same_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < result_count; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(gc_result_text(results[i]), gc_result_text(results[j]));
        }
    }
}

static void a_number_that_is_no_result_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(gc_result_text((enum gc_result)result_count), "unknown result");
    assert_string_equal(gc_result_text((enum gc_result)12345), "unknown result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_zero),
        cmocka_unit_test(each_result_has_a_text),
        cmocka_unit_test(no_text_ends_with_a_full_stop),
        cmocka_unit_test(no_two_results_have_the_same_text),
        cmocka_unit_test(a_number_that_is_no_result_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
