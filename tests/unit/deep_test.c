/*
 * Structures a million deep, on a stack of 256 KiB.
 */
#include "deep.h"
#include "fixture.h"

#define RELEASE(structure)                                         \
    static void a_million_##structure##_are_released(void **state) \
    {                                                              \
        (void)state;                                               \
        deep_release(deep_##structure, deep_million());            \
    }
#define COLLECT(structure)                                          \
    static void a_million_##structure##_are_collected(void **state) \
    {                                                               \
        (void)state;                                                \
        deep_collect(deep_##structure, deep_million());             \
    }
#define KEEP(structure)                                              \
    static void a_million_##structure##_are_left_alone(void **state) \
    {                                                                \
        (void)state;                                                 \
        deep_keep(deep_##structure, deep_million());                 \
    }
#define END(structure)                                                    \
    static void a_million_##structure##_end_with_their_heap(void **state) \
    {                                                                     \
        (void)state;                                                      \
        deep_end_heap(deep_##structure, deep_million());                  \
    }
#define COMPARE(structure)                                                    \
    static void a_million_##structure##_are_compared_and_dumped(void **state) \
    {                                                                         \
        (void)state;                                                          \
        deep_compare_and_dump(deep_##structure, deep_million());              \
    }

RELEASE(chain)
RELEASE(arrays)
RELEASE(objects)
RELEASE(added)
RELEASE(references)
RELEASE(tree)
RELEASE(acyclic)
COLLECT(ring)
COLLECT(double_ring)
COLLECT(array_ring)
KEEP(chain)
KEEP(double_ring)
KEEP(arrays)
KEEP(added)
KEEP(references)
KEEP(tree)
END(double_ring)
END(arrays)
END(added)
COMPARE(arrays)
COMPARE(array_ring)
COMPARE(references)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_million_chain_are_released),
        fixture_test(a_million_arrays_are_released),
        fixture_test(a_million_objects_are_released),
        fixture_test(a_million_added_are_released),
        fixture_test(a_million_references_are_released),
        fixture_test(a_million_tree_are_released),
        fixture_test(a_million_acyclic_are_released),
        fixture_test(a_million_ring_are_collected),
        fixture_test(a_million_double_ring_are_collected),
        fixture_test(a_million_array_ring_are_collected),
        fixture_test(a_million_chain_are_left_alone),
        fixture_test(a_million_double_ring_are_left_alone),
        fixture_test(a_million_arrays_are_left_alone),
        fixture_test(a_million_added_are_left_alone),
        fixture_test(a_million_references_are_left_alone),
        fixture_test(a_million_tree_are_left_alone),
        fixture_test(a_million_double_ring_end_with_their_heap),
        fixture_test(a_million_arrays_end_with_their_heap),
        fixture_test(a_million_added_end_with_their_heap),
        fixture_test(a_million_arrays_are_compared_and_dumped),
        fixture_test(a_million_array_ring_are_compared_and_dumped),
        fixture_test(a_million_references_are_compared_and_dumped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
