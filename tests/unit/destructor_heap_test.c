/*
 * What destructors may do to the collector and to heaps, in a plain release and
 * in a collection.
 */
#include "checks.h"
#include "dying.h"
#include "misuse_log.h"

#include <string.h>

/* Both; returns what the collect returned. */
static size_t let_act(void (*act)(zval *self))
{
    dying_act = act;
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(dying_count, 1);
    assert_sound();
    dying_drop_self();
    size_t collected = gc_collect_cycles();
    assert_int_equal(dying_count, 2);
    assert_sound();
    return collected;
}

/* ---- the collector --------------------------------------------------------------------- */

static size_t collected_inside;

static void collect(zval *self)
{
    (void)self;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    collected_inside = gc_collect_cycles();
    collected_inside += gc_collect_heap();
}

static void it_may_collect_and_a_collection_inside_a_collection_returns_0(void **state)
{
    (void)state;
    dying_act = collect;
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(collected_inside, 1); /* no collection was running */
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 2);
    assert_int_equal(collected_inside, 0);
}

static bool enabled_inside;

static void switch_off_and_on(zval *self)
{
    (void)self;
    gc_disable();
    enabled_inside = gc_enabled();
    gc_enable();
}

static void it_may_switch_the_collector(void **state)
{
    (void)state;
    let_act(switch_off_and_on);
    assert_false(enabled_inside);
    assert_true(gc_enabled());
}

static void switch_off(zval *self)
{
    (void)self;
    gc_disable();
}

/* The collection that is under way ends as it would have. */
static void it_may_leave_the_collector_off(void **state)
{
    (void)state;
    dying_act = switch_off;
    for (int i = 0; i < 5; i++) {
        dying_drop_self(); /* the fifth starts a run */
    }
    assert_int_equal(dying_count, 4);
    assert_int_equal(gc_status().collected, 4);
    assert_false(gc_enabled());
    assert_roots(1);
    gc_enable();
}

#define MORE_THAN_FIT 12000

static struct fixture_node *live[MORE_THAN_FIT];
static struct fixture_node *last_of_pair;

/* Touches all that is alive, and only then lets go of a pair that holds itself: its candidate is
   the one too many. At the end there is room again, so that nothing else shows the lack of it. */
static void touch_and_drop(zval *self)
{
    (void)self;
    for (int i = 0; i < MORE_THAN_FIT; i++) {
        gc_retain(live[i]);
        gc_release(live[i]);
    }
    gc_release(last_of_pair); /* once: NULL from then on */
    last_of_pair = NULL;
    gc_release(live[0]);
    live[0] = fixture_node_new(0);
}

static void make_them(void)
{
    for (int i = 0; i < MORE_THAN_FIT; i++) {
        live[i] = fixture_node_new(i);
    }
    last_of_pair = fixture_node_new(1);
    last_of_pair->a = fixture_node_new(2);
    last_of_pair->a->a = gc_retain(last_of_pair);
    dying_act = touch_and_drop;
}

static void assert_only_they_are_left(void)
{
    assert_int_equal(gc_status().dropped_roots, 0);
    assert_nodes(MORE_THAN_FIT);
    assert_sound();
    for (int i = 0; i < MORE_THAN_FIT; i++) {
        assert_int_equal(live[i]->number, i);
        gc_release(live[i]);
    }
}

static void touching_more_than_the_buffer_holds_loses_nothing(void **state)
{
    (void)state;
    make_them();
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 3);
    assert_only_they_are_left();
}

static void touching_more_than_the_buffer_holds_in_a_release_loses_nothing(void **state)
{
    (void)state;
    make_them();
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 2);
    assert_only_they_are_left();
}

/* The buffer of four is full of candidates before, and the run starts by itself. */
static void touching_more_than_a_buffer_of_four_holds_loses_nothing(void **state)
{
    (void)state;
    make_them();
    for (int i = 0; i < 5; i++) {
        dying_drop_self();
    }
    assert_int_equal(dying_count, 4);
    (void)gc_collect_cycles();
    assert_int_equal(dying_count, 5);
    assert_only_they_are_left();
}

static zval trigger;

static void touch_trigger(zval *self)
{
    (void)self;
    zval copy = zval_copy(&trigger);
    zval_release(&copy);
}

/* The candidate that found no room starts a run, and a destructor in there makes it one again. */
static void what_starts_a_run_is_recorded_once(void **state)
{
    (void)state;
    dying_act = touch_trigger;
    trigger = zval_object(NULL);
    for (int i = 0; i < 4; i++) {
        dying_drop_self();
    }
    zval copy = zval_copy(&trigger);
    zval_release(&copy);
    assert_int_equal(dying_count, 4);
    assert_int_equal(gc_status().collected, 4);
    assert_sound();
    zval_release(&trigger);
    assert_roots(0);
}

/* It is lent: what it releases is the reference that the library holds meanwhile. */
static void release_what_is_lent(zval *self)
{
    zval_release(self);
}

static void a_destructor_that_releases_its_object_is_reported(void **state)
{
    (void)state;
    if (!gc_misuse_is_checked()) {
        skip();
    }
    struct misuse_log log;
    misuse_log_begin(&log);
    dying_act = release_what_is_lent;
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(dying_count, 1);
    assert_int_equal(log.count, 1);
    assert_non_null(strstr(log.last, "destructor"));
    assert_sound();
    misuse_log_end();
}

/* ---- heaps --------------------------------------------------------------------------------- */

static size_t faults_inside;

static void verify(zval *self)
{
    (void)self;
    faults_inside = gc_heap_verify(NULL, stderr);
}

static void a_heap_is_sound_in_a_release_and_busy_in_a_collection(void **state)
{
    (void)state;
    dying_act = verify;
    zval object = dying_new();
    faults_inside = 99;
    zval_release(&object);
    assert_int_equal(faults_inside, 0);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_true(faults_inside == SIZE_MAX);
}

static void end_own_heap(zval *self)
{
    (void)self;
    gc_heap_free(gc_heap_current());
}

static void a_heap_is_not_ended_by_a_destructor_of_its_own(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    struct gc_heap *heap = gc_heap_current();
    assert_int_equal(let_act(end_own_heap), 1);
    assert_ptr_equal(gc_heap_current(), heap);
    assert_int_equal(log.count, gc_misuse_is_checked() ? 2 : 0);
    misuse_log_end();
}

static struct gc_heap *heap_inside;

static void use_another_heap(zval *self)
{
    (void)self;
    struct gc_heap *other = gc_heap_new(NULL);
    heap_inside = gc_heap_use(other);
    zval array = checks_list(10);
    zval_release(&array);
    gc_heap_use(NULL);
    gc_heap_free(other);
}

static void it_may_use_another_heap(void **state)
{
    (void)state;
    struct gc_heap *heap = gc_heap_current();
    let_act(use_another_heap);
    assert_ptr_equal(heap_inside, heap);
    assert_ptr_equal(gc_heap_current(), heap);
}

static void note_heap(zval *self)
{
    (void)self;
    heap_inside = gc_heap_current();
}

static void its_objects_heap_is_the_current_one_inside(void **state)
{
    (void)state;
    dying_act = note_heap;
    struct gc_heap *heap = gc_heap_current();
    zval object = dying_new();
    gc_heap_use(NULL);
    struct gc_heap *own = gc_heap_current();
    zval_release(&object);
    assert_ptr_equal(heap_inside, heap);
    assert_ptr_equal(gc_heap_current(), own);
    gc_heap_use(heap);
}

static struct gc_heap *heap_to_end;

static void end_heap(zval *self)
{
    (void)self;
    gc_heap_free(heap_to_end);
}

/* It is in use at the moment: whoever released the object is working in it. */
static void the_heap_of_the_releaser_is_not_ended(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    dying_act = end_heap;
    struct gc_heap *heap = gc_heap_current();
    zval object = dying_new();
    heap_to_end = gc_heap_new(NULL);
    gc_heap_use(heap_to_end);
    zval array = checks_list(3);
    zval_release(&object);
    assert_int_equal(dying_count, 1);
    assert_ptr_equal(gc_heap_current(), heap_to_end);
    assert_int(zval_array_get_at(&array, 2), 2);
    assert_int_equal(log.count, gc_misuse_is_checked());
    gc_heap_use(heap);
    gc_heap_free(heap_to_end);
    misuse_log_end();
}

static void an_idle_heap_may_be_ended(void **state)
{
    (void)state;
    dying_act = end_heap;
    zval object = dying_new();
    heap_to_end = gc_heap_new(NULL);
    zval_release(&object);
    heap_to_end = gc_heap_new(NULL);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(it_may_collect_and_a_collection_inside_a_collection_returns_0),
        dying_test(it_may_switch_the_collector),
        dying_test_small(it_may_leave_the_collector_off),
        dying_test(touching_more_than_the_buffer_holds_loses_nothing),
        dying_test(touching_more_than_the_buffer_holds_in_a_release_loses_nothing),
        dying_test_small(touching_more_than_a_buffer_of_four_holds_loses_nothing),
        dying_test_small(what_starts_a_run_is_recorded_once),
        dying_test(a_destructor_that_releases_its_object_is_reported),
        dying_test(a_heap_is_sound_in_a_release_and_busy_in_a_collection),
        dying_test(a_heap_is_not_ended_by_a_destructor_of_its_own),
        dying_test(it_may_use_another_heap),
        dying_test(its_objects_heap_is_the_current_one_inside),
        dying_test(the_heap_of_the_releaser_is_not_ended),
        dying_test(an_idle_heap_may_be_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
