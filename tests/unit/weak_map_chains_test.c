/*
 * Long chains through weak maps: a key's value is the next key, and so on. They
 * go in constant stack and in time that rises with their length.
 */
#include "checks.h"
#include "dying.h"
#include "small_stack.h"

static zval map;

/* ---- long chains --------------------------------------------------------------------------------
 */

#define LINKS 100000

/* k0 -> k1 -> ... : each key's value is the next key. */
static zval chain_of_keys(int links)
{
    map = zval_weakmap();
    zval first = zval_object(NULL);
    zval key = zval_copy(&first);
    for (int i = 0; i < links; i++) {
        zval next = zval_object(NULL);
        (void)zval_weakmap_set(&map, &key, zval_copy(&next));
        zval_assign(&key, next);
    }
    zval_release(&key);
    return first;
}

struct chain_figures {
    size_t collected_alive;
    size_t count_alive;
    size_t collected;
};

static void release_chain(void *argument)
{
    struct chain_figures *figures = argument;
    zval first = chain_of_keys(LINKS);
    figures->collected_alive = gc_collect_cycles();
    figures->count_alive = zval_weakmap_count(&map);
    zval_release(&first);
}

static void a_long_chain_is_released_in_a_small_stack(void **state)
{
    (void)state;
    struct chain_figures figures = {0};
    assert_int_equal(small_stack_run(release_chain, &figures), 0);
    assert_int_equal(figures.collected_alive, 0);
    assert_int_equal(figures.count_alive, LINKS);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
    assert_nodes(0);
}

/* The last key leads back to the first, by a property, so only the collector can take them. */
static void collect_chain(void *argument)
{
    struct chain_figures *figures = argument;
    zval first = chain_of_keys(LINKS);
    (void)zval_property_set(&first, "self", zval_copy(&first));
    figures->collected_alive = gc_collect_cycles();
    figures->count_alive = zval_weakmap_count(&map);
    zval_release(&first);
    figures->collected = gc_collect_cycles();
}

static void a_long_chain_is_collected_in_a_small_stack(void **state)
{
    (void)state;
    struct chain_figures figures = {0};
    assert_int_equal(small_stack_run(collect_chain, &figures), 0);
    assert_int_equal(figures.collected_alive, 0);
    assert_int_equal(figures.count_alive, LINKS);
    assert_int_equal(figures.collected, LINKS + 1);
    assert_int_equal(zval_weakmap_count(&map), 0);
    zval_release(&map);
}

/* Only the map goes; and each link in a map of its own. */
static void release_map_of_chain(void *argument)
{
    zval first = chain_of_keys(LINKS);
    *(size_t *)argument = gc_collect_cycles();
    zval_release(&map);
    zval_release(&first);
}

static void a_map_with_a_long_chain_is_released_in_a_small_stack(void **state)
{
    (void)state;
    size_t collected = 99;
    assert_int_equal(small_stack_run(release_map_of_chain, &collected), 0);
    assert_int_equal(collected, 0);
    assert_nodes(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(a_long_chain_is_released_in_a_small_stack),
        dying_test(a_long_chain_is_collected_in_a_small_stack),
        dying_test(a_map_with_a_long_chain_is_released_in_a_small_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
