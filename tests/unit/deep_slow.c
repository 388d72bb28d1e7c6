/*
 * Structures ten million deep, on a stack of 256 KiB; and the largest class.
 */
#include "deep.h"
#include "fixture.h"

#define TEN_MILLION 10000000

static void a_chain_of_ten_million_is_released(void **state)
{
    (void)state;
    deep_release(deep_chain, TEN_MILLION);
}

static void a_ring_of_ten_million_is_collected(void **state)
{
    (void)state;
    deep_collect(deep_ring, TEN_MILLION);
}

static void arrays_nested_ten_million_deep_are_released(void **state)
{
    (void)state;
    deep_release(deep_arrays, TEN_MILLION);
}

static void arrays_nested_ten_million_deep_in_a_circle_are_collected(void **state)
{
    (void)state;
    deep_collect(deep_array_ring, TEN_MILLION);
}

static void a_class_with_as_many_properties_as_fit_makes_an_object(void **state)
{
    (void)state;
    static const struct zval_class largest = {.name = "largest", .property_count = (size_t)1 << 24};
    zval object = zval_object(&largest);
    assert_type(&object, ZVAL_OBJECT);
    size_t last = largest.property_count - 1;
    assert_type(zval_property_at(&object, last), ZVAL_NULL);
    zval_assign(zval_property_at(&object, last), zval_copy(&object));
    assert_null(zval_property_at(&object, last + 1));
    assert_int_equal(zval_property_count(&object), last + 1);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_chain_of_ten_million_is_released),
        fixture_test(a_ring_of_ten_million_is_collected),
        fixture_test(arrays_nested_ten_million_deep_are_released),
        fixture_test(arrays_nested_ten_million_deep_in_a_circle_are_collected),
        fixture_test(a_class_with_as_many_properties_as_fit_makes_an_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
