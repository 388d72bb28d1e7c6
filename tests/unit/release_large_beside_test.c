/*
 * Large objects in releases that are cut: what goes on while one of them has gone in
 * part, and within the destructors of its elements.
 */
#include "checks.h"
#include "core/heap_state.h"
#include "large_release.h"

/* ---- what goes on meanwhile ------------------------------------------------ */

static void a_collection_on_request_leaves_nothing_waiting(void **state)
{
    (void)state;
    for (int heap_wide = 0; heap_wide < 2; heap_wide++) {
        dying_count = 0;
        large_release_begin_one(large_release_list(PLACES));
        heap_wide ? gc_collect_heap() : gc_collect_cycles();
        large_release_expect_gone(PLACES);
    }
}

static void garbage_that_it_holds_is_found_when_it_is_let_go(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < PLACES; i++) {
        assert_ok(zval_array_push(&list, dying_self_new()));
    }
    large_release_begin_one(list);
    assert_int_equal(dying_count, 0);
    assert_true(gc_status().roots > 0);
    gc_collect_cycles();
    large_release_expect_gone(PLACES);
}

static void automatic_runs_stay_out_of_it(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < PLACES; i++) {
        assert_ok(zval_array_push(&list, dying_self_new()));
    }
    uint64_t runs = gc_status().runs;
    large_release_begin_one(list);
    while (large_release_is_open()) {
        gc_heap_current()->run_at_bytes = 0;
        dying_drop_self();
        gc_release(fixture_node_new(0)); /* takes a share along */
        assert_sound();
    }
    assert_true(gc_status().runs > runs);
    gc_collect_heap();
    assert_false(gc_status().release_pending);
    assert_nodes(0);
}

/* Elements become possible roots while a part is given up, and fill the buffer. Between its two
   passes such a run takes apart what has died: other elements, large ones among them. */
static void a_run_in_the_middle_of_a_part_does_not_see_it(void **state)
{
    (void)state;
    enum {
        ROUNDS = 30
    };
    zval list = zval_array();
    for (int i = 0; i < ROUNDS; i++) {
        assert_ok(zval_array_push(&list, large_release_list(2 * PLACES_IN_A_PART)));
        for (int j = 0; j < 3; j++) {
            assert_ok(zval_array_push(&list, dying_self_new()));
            assert_ok(zval_array_push(&list, dying_new()));
        }
    }
    uint64_t runs = gc_status().runs;
    large_release_begin_one(list);
    while (gc_status().release_pending) {
        gc_step(0);
        assert_sound();
    }
    assert_true(gc_status().runs > runs + ROUNDS / 2);
    gc_collect_cycles();
    large_release_expect_gone(ROUNDS * (2 * PLACES_IN_A_PART + 6));
}

static void elements_that_were_not_come_to_are_found_weakly(void **state)
{
    (void)state;
    zval list = large_release_list(PLACES);
    zval first = zval_weakref(zval_array_get_at(&list, 0));
    zval last = zval_weakref(zval_array_get_at(&list, PLACES - 1));
    large_release_begin_one(list);
    zval gone = zval_weakref_get(&first);
    assert_type(&gone, ZVAL_NULL);
    zval kept = zval_weakref_get(&last);
    assert_type(&kept, ZVAL_OBJECT);
    assert_int_equal(zval_refcount(&kept), 2);
    gc_collect_cycles();
    assert_int_equal(dying_count, PLACES - 1);
    assert_int_equal(zval_refcount(&kept), 1);
    zval_release(&kept);
    zval_release(&first);
    zval_release(&last);
    large_release_expect_gone(PLACES);
}

static void a_later_release_is_prompt(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    int before = dying_freed;
    gc_release(dying_node_new());
    assert_int_equal(dying_freed, before + 1);
    assert_true(large_release_is_open());
    gc_collect_cycles();
    large_release_expect_gone(PLACES + 1);
}

static void a_later_large_one_comes_after_the_one_that_is_open(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    const struct gc_object *open = gc_heap_current()->open.object;
    large_release_listings_freed = 0;
    gc_release(large_release_listing(PLACES, 0));
    assert_ptr_equal(gc_heap_current()->open.object, open);
    assert_sound();
    while (gc_heap_current()->open.object == open) {
        assert_int_equal(large_release_listings_freed, 0);
        gc_step(0);
        assert_sound();
    }
    while (!gc_step(0)) {
        assert_sound();
    }
    assert_int_equal(large_release_listings_freed, 1);
    large_release_expect_gone(2 * PLACES + 2);
}

static void memory_is_bounded_though_nothing_but_allocations_comes(void **state)
{
    (void)state;
    enum {
        ELEMENTS = 200000
    };
    zval list = large_release_list(0);
    for (int i = 0; i < ELEMENTS; i++) {
        assert_ok(zval_array_push(&list, zval_native(fixture_node_new(i))));
    }
    large_release_begin_one(list);
    size_t before = gc_memory_usage(false);
    struct fixture_node *kept = NULL;
    unsigned parts = 0;
    for (int i = 0; gc_status().release_pending; i++) {
        const struct rc_open *open = &gc_heap_current()->open;
        size_t done = open->done;
        struct fixture_node *node = fixture_node_new(i);
        node->a = kept;
        kept = node;
        parts += large_release_is_open() && open->done != done;
        assert_true(gc_memory_usage(false) < before + before / 3);
    }
    assert_true(parts > 5);
    gc_release(kept);
    gc_collect_cycles();
    large_release_expect_gone(0);
}

static void no_destructor_runs_as_the_heap_grows(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(10000));
    int before = dying_count;
    struct fixture_node *kept = NULL;
    for (int i = 0; large_release_is_open(); i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = kept;
        kept = node;
    }
    assert_int_equal(dying_count, before);
    gc_release(kept);
    gc_collect_cycles();
    large_release_expect_gone(10000);
}

static void it_goes_before_a_call_is_refused(void **state)
{
    (void)state;
    static const char bytes[20000];
    zval list = zval_array();
    for (int i = 0; i < 10000; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    large_release_begin_one(list);
    assert_ok(gc_memory_set_limit(gc_memory_usage(false) + 1000));
    zval text = zval_string(bytes, sizeof bytes);
    assert_type(&text, ZVAL_STRING);
    zval_release(&text);
    assert_ok(gc_memory_set_limit(0));
    large_release_expect_gone(0);
}

/* ---- destructors of elements ------------------------------------------------- */

static size_t acts_left;

/* Does within a destructor what could find the object half taken apart. */
static void act_within(zval *self)
{
    (void)self;
    if (acts_left == 0) {
        return;
    }
    acts_left--;
    dying_act = NULL;
    assert_sound();
    zval list = large_release_list(2 * PLACES_IN_A_PART);
    int before = dying_count;
    zval_release(&list);
    assert_int_equal(dying_count, before + 2 * PLACES_IN_A_PART);
    assert_false(gc_status().release_pending);
    dying_drop_self();
    gc_collect_cycles();
    assert_true(gc_step(0));
    gc_safepoint();
    assert_sound();
    dying_act = act_within;
}

static void destructors_within_it_may_do_anything(void **state)
{
    (void)state;
    dying_act = act_within;
    acts_left = 50;
    zval list = large_release_list(PLACES);
    large_release_begin_one(list);
    while (!gc_step(0)) {
        assert_sound();
    }
    assert_int_equal(acts_left, 0);
    large_release_expect_gone(PLACES + 50 * (2 * PLACES_IN_A_PART + 1));
}

/* The same while small things go and the large one waits. */
static void destructors_beside_it_do_not_see_it(void **state)
{
    (void)state;
    large_release_begin_one(large_release_list(PLACES));
    const struct gc_object *open = gc_heap_current()->open.object;
    size_t done = gc_heap_current()->open.done;
    dying_act = act_within;
    acts_left = 1;
    gc_release(dying_node_new());
    assert_int_equal(acts_left, 0);
    assert_ptr_equal(gc_heap_current()->open.object, open);
    assert_in_range(gc_heap_current()->open.done, done, done + PLACES_IN_A_PART);
    gc_collect_cycles();
    large_release_expect_gone(PLACES + 2 * PLACES_IN_A_PART + 2);
}

static zval rescued;

static void rescue(zval *self)
{
    if (zval_type_of(&rescued) == ZVAL_UNDEF) {
        rescued = zval_copy(self);
    }
}

static void an_element_may_be_rescued(void **state)
{
    (void)state;
    dying_act = rescue;
    large_release_begin_one(large_release_list(PLACES));
    gc_collect_cycles();
    assert_nodes(1);
    assert_int_equal(zval_refcount(&rescued), 1);
    zval_release(&rescued);
    large_release_expect_gone(PLACES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        large_test(a_collection_on_request_leaves_nothing_waiting),
        large_test(garbage_that_it_holds_is_found_when_it_is_let_go),
        large_test(automatic_runs_stay_out_of_it),
        large_test_small(a_run_in_the_middle_of_a_part_does_not_see_it),
        large_test(elements_that_were_not_come_to_are_found_weakly),
        large_test(a_later_release_is_prompt),
        large_test(a_later_large_one_comes_after_the_one_that_is_open),
        large_test(memory_is_bounded_though_nothing_but_allocations_comes),
        large_test(no_destructor_runs_as_the_heap_grows),
        large_test(it_goes_before_a_call_is_refused),
        large_test(destructors_within_it_may_do_anything),
        large_test(destructors_beside_it_do_not_see_it),
        large_test(an_element_may_be_rescued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
