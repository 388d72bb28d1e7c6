/*
 * Large objects in releases that are cut: they are taken apart part by part, as if
 * it had been done in one go.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "large_release.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- part by part -------------------------------------------------------- */

static void an_array_goes_part_by_part(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    assert_int_equal(dying_count, PLACES_IN_A_PART);
    int steps = 0;
    for (; large_release_is_open(); steps++) {
        int before = dying_count;
        gc_step(0);
        assert_in_range(dying_count - before, 1, PLACES_IN_A_PART);
        assert_sound();
    }
    assert_int_equal(steps, PARTS - 1);
    while (!gc_step(0)) {
        assert_sound();
    }
    large_release_expect_gone(PLACES);
}

static void what_is_not_large_goes_at_once(void **state)
{
    (void)state;
    zval list = large_release_list(PLACES_IN_A_PART);
    zval_release(&list);
    assert_false(large_release_is_open());
    gc_collect_cycles();
    large_release_expect_gone(PLACES_IN_A_PART);
}

static void without_a_budget_it_goes_in_one_go(void **state)
{
    (void)state;
    gc_heap_current()->cuts_releases = false;
    zval list = large_release_list(PLACES);
    zval_release(&list);
    large_release_expect_gone(PLACES);
}

static void the_elements_memory_goes_with_the_last_of_them(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < 10000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    zval_release(&list);
    while (large_release_is_open()) {
        assert_true(gc_memory_usage(false) >= 10000 * sizeof(zval));
        gc_step(0);
    }
    assert_int_equal(gc_memory_usage(false), 0);
}

static void keys_go_with_their_elements(void **state)
{
    (void)state;
    zval map = zval_array();
    char key[] = "key 000";
    for (int i = 0; i < PLACES; i++) {
        key[4] = (char)('0' + i / 100);
        key[5] = (char)('0' + i / 10 % 10);
        key[6] = (char)('0' + i % 10);
        assert_ok(zval_array_set(&map, key, dying_new()));
        if (i % 3 == 0) {
            assert_ok(zval_array_remove(&map, key));
        }
    }
    assert_int_equal(dying_count, (PLACES + 2) / 3);
    large_release_begin_one(map);
    while (!gc_step(0)) {
    }
    large_release_expect_gone(PLACES);
}

/* ---- own structs ------------------------------------------------------------- */

/* The parts end in the middle of fields, before the callback, and after it. */
static void an_own_struct_goes_part_by_part(void **state)
{
    (void)state;
    for (size_t places = 3 * PLACES_IN_A_PART - 4; places < 4 * PLACES_IN_A_PART; places++) {
        dying_count = large_release_listings_freed = 0;
        gc_release(large_release_listing(places / 3, places - places / 3));
        assert_true(large_release_is_open());
        assert_sound();
        while (large_release_is_open()) {
            assert_int_equal(large_release_listings_freed, 0);
            gc_step(0);
            assert_sound();
        }
        assert_int_equal(large_release_listings_freed, 1);
        gc_collect_cycles();
        large_release_expect_gone((int)places + 2);
    }
}

struct lender {
    struct gc_object header;
    struct gc_object *lent;
    struct gc_object **list; /* in the memory of what is lent */
    size_t count;
};

struct lent {
    struct gc_object header;
    struct gc_object *places[PLACES];
};

static void a_list_may_lie_in_the_memory_of_a_child(void **state)
{
    (void)state;
    static const struct gc_field fields[] = {GC_FIELD_OBJECT(struct lender, lent),
                                             GC_FIELD_OBJECT_LIST(struct lender, list, count)};
    static const struct gc_type type = {
        .name = "lender", .size = sizeof(struct lender), .fields = fields, .field_count = 2};
    static const struct gc_type lent_type = {.name = "lent", .size = sizeof(struct lent)};
    struct lender *lender = gc_new(&type);
    struct lent *lent = gc_new(&lent_type);
    for (int i = 0; i < PLACES; i++) {
        lent->places[i] = (struct gc_object *)(void *)dying_node_new();
    }
    lender->lent = &lent->header;
    lender->list = lent->places;
    lender->count = PLACES;
    gc_release(lender);
    while (large_release_is_open()) {
        gc_release(gc_new(&lent_type)); /* would get the memory of the one that is lent */
        gc_step(0);
    }
    gc_collect_cycles();
    large_release_expect_gone(PLACES);
}

static void the_verifier_knows_of_it(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    struct rc_open *open = &gc_heap_current()->open;
    const struct rc_open before = *open;
    open->first = NULL;
    assert_int_equal(gc_heap_verify(NULL, NULL), 1);
    open->object = NULL;
    assert_int_equal(gc_heap_verify(NULL, NULL), 1);
    *open = before;
    gc_collect_cycles();
    large_release_expect_gone(PLACES);
}

/* ---- order --------------------------------------------------------------------- */

enum {
    LEAVES_MAX = 4000
};

static int order[LEAVES_MAX];
static size_t order_count;

static void note_order(zval *self)
{
    assert_true(order_count < LEAVES_MAX);
    order[order_count++] = (int)zval_to_int(zval_property_at(self, 0));
}

/* Arrays in arrays, small and large, with numbered objects in them, some of which hold more. */
static zval grow(uint64_t *random, int depth, int *number)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    if (depth == 0 || *random % 4 == 0) {
        zval leaf = dying_new();
        zval_assign(zval_property_at(&leaf, 0), zval_int((*number)++));
        if (depth > 0 && *random % 3 == 0) {
            zval_assign(zval_property_at(&leaf, 1), grow(random, depth - 1, number));
        }
        return leaf;
    }
    zval list = zval_array();
    size_t count = *random % (3 * PLACES_IN_A_PART);
    for (size_t i = 0; i < count; i++) {
        assert_ok(zval_array_push(&list, grow(random, depth - 1, number)));
    }
    return list;
}

static size_t release_in_order(uint64_t random, unsigned objects, int *order_out)
{
    int number = 0;
    zval list = grow(&random, 3, &number);
    order_count = 0;
    dying_act = note_order;
    gc_heap_current()->cuts_releases = objects != 0;
    gc_heap_current()->release_objects = objects;
    zval_release(&list);
    while (!gc_step(0)) {
    }
    dying_act = NULL;
    assert_int_equal(order_count, number);
    memcpy(order_out, order, order_count * sizeof *order);
    return order_count;
}

static void the_order_is_that_of_a_release_that_is_not_cut(void **state)
{
    (void)state;
    static int whole[LEAVES_MAX];
    static int cut[LEAVES_MAX];
    size_t most = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        size_t count = release_in_order(seed * 0x9e3779b97f4a7c15u, 0, whole);
        assert_int_equal(release_in_order(seed * 0x9e3779b97f4a7c15u, 1 + (unsigned)seed % 5, cut),
                         count);
        assert_memory_equal(whole, cut, count * sizeof *cut);
        most = count > most ? count : most;
    }
    assert_true(most > 100);
}

/* ---- the end -------------------------------------------------------------------- */

static void a_heap_ends_in_the_middle_of_it(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    options.release_budget_ns = 1;
    struct gc_heap *heap = gc_heap_new(&options);
    struct gc_heap *before = gc_heap_use(heap);
    large_release_cut();
    large_release_listings_freed = 0;
    gc_release(large_release_listing(PLACES, PLACES));
    assert_true(large_release_is_open());
    zval list = large_release_list(PLACES);
    zval_release(&list);
    gc_heap_use(before);
    gc_heap_free(heap);
    assert_int_equal(large_release_listings_freed, 1);
    assert_int_equal(dying_count, 3 * PLACES + 2);
}

static void parent_and_child_of_a_fork_both_go_on(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    pid_t child = fork();
    assert_true(child >= 0);
    gc_collect_cycles();
    if (child == 0) {
        bool is_gone = dying_count == PLACES && gc_status().live_nodes == 0;
        _exit(is_gone ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    large_release_expect_gone(PLACES);
}

static void the_clock_cuts_too(void **state)
{
    (void)state;
    gc_heap_current()->release_objects = 0;
    gc_heap_current()->release_places = 0;
    gc_heap_current()->release_budget_ns = 1;
    zval list = zval_array();
    for (int i = 0; i < 100000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    zval_release(&list);
    assert_true(large_release_is_open());
    int steps = 0;
    while (!gc_step(1)) {
        steps++;
    }
    assert_in_range(steps, 10, 200);
    large_release_expect_gone(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        large_test(an_array_goes_part_by_part),
        large_test(what_is_not_large_goes_at_once),
        large_test(without_a_budget_it_goes_in_one_go),
        large_test(the_elements_memory_goes_with_the_last_of_them),
        large_test(keys_go_with_their_elements),
        large_test(an_own_struct_goes_part_by_part),
        large_test(a_list_may_lie_in_the_memory_of_a_child),
        large_test(the_verifier_knows_of_it),
        large_test(the_order_is_that_of_a_release_that_is_not_cut),
        large_test(a_heap_ends_in_the_middle_of_it),
        large_test(parent_and_child_of_a_fork_both_go_on),
        large_test(the_clock_cuts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
