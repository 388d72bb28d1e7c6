/*
 * PHP's scenarios, section 3, as far as they have destructors: what these do to
 * the root buffer while a run goes on, and what a full buffer does to them.
 */
#include "dying.h"
#include "scenario.h"

static void drop_self_arrays(unsigned count)
{
    while (count-- > 0) {
        drop_self_array();
    }
}

/* ---- a destructor drops what is about to become a root ------------------ */

/* The program's variable $a: an object that refers to another one, and that back. */
static zval global_a;

static void make_global_a(void)
{
    zval b = zval_object(NULL);
    global_a = zval_object(NULL);
    set(&b, "a", zval_copy(&global_a));
    set(&global_a, "b", b);
}

static void unset_global_a(zval *self)
{
    (void)self;
    zval_release(&global_a);
}

/* $t = [new C]; $t[] =& $t; unset($t) */
static void drop_self_array_with_destructor(void)
{
    zval array = zval_array();
    push(&array, dying_new());
    push(&array, zval_reference(&array));
    zval_release(&array);
}

/* The 10,001st possible root is what the destructor unsets during the run that it starts. */
static void unset_while_its_run_destructs(size_t live_at_the_end)
{
    dying_act = unset_global_a;
    zval_release(&global_a);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().roots, 1);
    assert_int_equal(gc_status().runs, 1);
    assert_int_equal(gc_status().live_nodes, live_at_the_end);
    assert_int_equal(gc_heap_verify(NULL, stderr), 0);
}

static zval make_room_for_a(void)
{
    zval c = zval_object(NULL);
    zval array = zval_array();
    push(&array, zval_copy(&c));
    zval_release(&c);
    return array;
}

static void bug70805_root_that_the_run_unsets_is_held(void **state)
{
    (void)state;
    make_global_a();
    zval room = make_room_for_a();
    drop_self_arrays(9998);
    drop_self_array_with_destructor();
    zval e = zval_copy(&global_a);
    expect_figures(.roots = 10000, .live_nodes = 9998 + 2 + 2 + 2);
    unset_while_its_run_destructs(2 + 2);
    assert_int_equal(gc_status().collected, 9999);
    assert_int_equal(gc_collect_cycles(), 0);
    expect_figures(.runs = 2, .collected = 9999, .live_nodes = 4);
    zval_release(&e);
    assert_int_equal(gc_collect_cycles(), 2);
    zval_release(&room);
}

static void bug70805_1_root_that_the_run_unsets_is_garbage(void **state)
{
    (void)state;
    make_global_a();
    zval room = make_room_for_a();
    drop_self_arrays(9998);
    drop_self_array_with_destructor();
    unset_while_its_run_destructs(2 + 2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 10001, .live_nodes = 2);
    zval_release(&room);
}

/* The buffer is full of garbage to the last entry. */
static void bug70805_2_all_other_roots_are_garbage(void **state)
{
    (void)state;
    make_global_a();
    drop_self_arrays(9999);
    drop_self_array_with_destructor();
    expect_figures(.roots = 10000, .live_nodes = 9999 + 2 + 2);
    unset_while_its_run_destructs(2);
    assert_int_equal(gc_collect_cycles(), 2);
    expect_figures(.runs = 2, .collected = 10002);
}

/* ---- what destructors make, thousands at a time ------------------------- */

static zval static_bar;

/* new Bar, whose constructor writes $this into the static variable. */
static void make_bar(zval *self)
{
    (void)self;
    zval bar = zval_object(NULL);
    zval_assign(&static_bar, zval_copy(&bar));
    zval_release(&bar);
}

/* 30,000 objects that hold themselves and a value with a destructor; both become possible roots.
   Each run finds 5,000. The values die by counting and are not counted; the last bar to be made is
   a root, so there is a second pass, and the first one's count is not lost. */
static void gc_045_count_persists_over_the_second_pass(void **state)
{
    (void)state;
    static_bar = zval_undef();
    dying_act = make_bar;
    for (int i = 0; i < 30000; i++) {
        zval value = dying_new();
        zval foo = self_object();
        set(&foo, "val", zval_copy(&value));
        zval_release(&value);
        zval_release(&foo);
    }
    expect_figures(.runs = 10, .collected = 25000, .roots = 10000, .live_nodes = 10001);
    assert_int_equal(dying_count, 25000);
    assert_int_equal(gc_collect_cycles(), 5000);
    assert_int_equal(dying_count, 30000);
    expect_figures(.runs = 12, .collected = 30000, .live_nodes = 1);
    zval_release(&static_bar);
}

static void make_another(zval *self)
{
    (void)self;
    dying_drop_self();
}

/* Each of 10,000 makes another one in its destructor. That must not make every possible root that
   comes after them start a run. */
static void gh13670_001_garbage_that_comes_again(void **state)
{
    (void)state;
    dying_act = make_another;
    for (int i = 0; i < SCENARIO_ROOTS + 2; i++) {
        dying_drop_self();
    }
    zval objects = zval_array();
    add_live_roots(&objects, 100);
    assert_in_range(gc_status().runs, 2, 10);
    dying_act = NULL;
    zval_release(&objects);
    while (gc_collect_cycles() > 0) {
    }
    assert_int_equal(gc_status().live_nodes, 0);
}

static zval many_objects;

/* foreach ($many_objects as $object) $o = $object: all from `first` on become possible roots. */
static void touch_objects(size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        zval o = zval_copy(zval_array_get_at(&many_objects, (int64_t)i));
        zval_release(&o);
    }
}

static void work(zval *self)
{
    (void)self;
    dying_drop_self();
    for (int i = 0; i < 100; i++) {
        drop_self_object();
    }
    touch_objects(0, SCENARIO_ROOTS + 1);
}

/* A destructor makes another such object, some garbage, and more live roots than the buffer holds.
   What the program touches afterwards must not start a run each time. */
static void touch_after_work(size_t first, size_t count, uint64_t most_runs)
{
    dying_act = work;
    many_objects = zval_array();
    add_live_roots(&many_objects, 2 * SCENARIO_ROOTS);
    work(NULL);
    touch_objects(first, count);
    assert_in_range(gc_status().runs, 2, most_runs);
    dying_act = NULL;
    zval_release(&many_objects);
    while (gc_collect_cycles() > 0) {
    }
    assert_int_equal(gc_status().live_nodes, 0);
}

/* PHP, whose threshold adapts, needs 9 runs, and its test allows 10; the fixed buffer needs 11. */
static void gh13670_002_live_roots_from_a_destructor_and_many_more(void **state)
{
    (void)state;
    touch_after_work(0, 2 * SCENARIO_ROOTS, 12);
}

static void gh13670_003_live_roots_from_a_destructor_and_a_few_more(void **state)
{
    (void)state;
    touch_after_work(2 * SCENARIO_ROOTS - 10, 10, 10);
}

/* ---- temporaries with a destructor -------------------------------------- */

/* new A, with the constructor's own handle dropped at its end. */
static zval new_temporary(void)
{
    zval result = dying_self_new();
    zval this = zval_copy(&result);
    zval_release(&this);
    return result;
}

static void expect_whole(const zval *temporary)
{
    assert_int_equal(dying_count, 0);
    assert_int_equal(zval_refcount(temporary), 2);
    assert_true(zval_identical(zval_property_get(temporary, "a"), temporary));
}

static void expect_collected_once(zval *temporary)
{
    uint64_t collected_before = gc_status().collected;
    zval_release(temporary);
    assert_int_equal(dying_count, 0);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().collected, collected_before + 1);
}

static void gh13687_001_temporary_with_destructor_returned_while_the_run_starts(void **state)
{
    (void)state;
    zval held = zval_array();
    zval receiver = zval_object(NULL);
    add_live_roots(&held, SCENARIO_ROOTS - 1);
    zval this = zval_copy(&receiver);
    zval temporary = new_temporary();
    expect_figures(.roots = 10000, .live_nodes = 10002);
    zval_release(&this);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    expect_collected_once(&temporary);
    zval_release(&receiver);
    zval_release(&held);
}

static void gh13687_002_temporary_with_destructor_taken_out_of_an_array(void **state)
{
    (void)state;
    zval held = zval_array();
    zval root = zval_object(NULL);
    zval literal = zval_array();
    push(&literal, dying_self_new());
    push(&literal, zval_copy(&root));
    add_live_roots(&held, SCENARIO_ROOTS - 1);
    zval temporary = zval_copy(zval_array_get_at(&literal, 0));
    zval_release(&literal);
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    expect_collected_once(&temporary);
    zval_release(&root);
    zval_release(&held);
}

/* f(get()): the callee collects while the temporary is its argument; 004: by name, in an array. */
static void collect_with_argument(zval argument)
{
    assert_int_equal(gc_collect_cycles(), 0);
    expect_whole(&argument);
    expect_collected_once(&argument);
}

static void gh13687_003_collect_while_temporary_with_destructor_is_an_argument(void **state)
{
    (void)state;
    collect_with_argument(new_temporary());
    expect_figures(.runs = 3, .collected = 1);
}

static void gh13687_004_collect_while_temporary_with_destructor_is_a_named_argument(void **state)
{
    (void)state;
    zval arguments = zval_array();
    ok(zval_array_set(&arguments, "a", new_temporary()));
    assert_int_equal(gc_collect_cycles(), 0);
    expect_whole(zval_array_get(&arguments, "a"));
    expect_collected_once(&arguments);
    expect_figures(.runs = 3, .collected = 1);
}

static void gh13687_005_temporary_with_destructor_is_the_trigger(void **state)
{
    (void)state;
    zval held = zval_array();
    add_live_roots(&held, SCENARIO_ROOTS);
    zval temporary = new_temporary();
    expect_figures(.runs = 1, .roots = 1, .live_nodes = 10002);
    expect_whole(&temporary);
    expect_collected_once(&temporary);
    zval_release(&held);
}

/* ---- enumerators that share a buffer ------------------------------------ */

/* A container that copies its members into a buffer for all containers, and reports them from
   there, as PHP's get_gc handlers do. */
struct sharing {
    struct gc_object gc;
    zval members[2];
};

static zval shared_buffer[2];

static void trace_from_shared_buffer(void *self, struct gc_visitor *visitor)
{
    const struct sharing *sharing = self;
    for (int i = 0; i < 2; i++) {
        shared_buffer[i] = sharing->members[i];
    }
    gc_visit_zval(visitor, &shared_buffer[0]);
    gc_visit_zval(visitor, &shared_buffer[1]);
}

static const struct gc_type sharing_type = {
    .name = "sharing", .size = sizeof(struct sharing), .trace = trace_from_shared_buffer};

static zval new_sharing(zval first, zval second)
{
    struct sharing *sharing = gc_new(&sharing_type);
    sharing->members[0] = first;
    sharing->members[1] = second;
    return zval_native(sharing);
}

/* Removes nested data while the collection is under way: the destructor empties a container. */
static zval global_container;

static void empty_the_container(zval *self)
{
    (void)self;
    struct sharing *sharing = zval_to_native(&global_container);
    for (int i = 0; i < 2; i++) {
        zval_release(&sharing->members[i]);
    }
}

static void gc_043_nested_data_removed_by_a_destructor(void **state)
{
    (void)state;
    dying_act = empty_the_container;
    zval object = dying_self_new();
    zval garbage = new_sharing(zval_copy(&object), zval_object(NULL));
    global_container = new_sharing(self_object(), new_sharing(zval_object(NULL), zval_null()));
    set(&object, "b", garbage);
    zval_release(&object);
    expect_figures(.roots = 1, .live_nodes = 7);
    assert_int_equal(gc_collect_cycles(), 4);
    assert_int_equal(dying_count, 1);
    expect_figures(.runs = 2, .collected = 4, .live_nodes = 1);
    zval_release(&global_container);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(bug70805_root_that_the_run_unsets_is_held),
        dying_test(bug70805_1_root_that_the_run_unsets_is_garbage),
        dying_test(bug70805_2_all_other_roots_are_garbage),
        dying_test(gc_043_nested_data_removed_by_a_destructor),
        dying_test(gc_045_count_persists_over_the_second_pass),
        dying_test(gh13670_001_garbage_that_comes_again),
        dying_test(gh13670_002_live_roots_from_a_destructor_and_many_more),
        dying_test(gh13670_003_live_roots_from_a_destructor_and_a_few_more),
        dying_test(gh13687_001_temporary_with_destructor_returned_while_the_run_starts),
        dying_test(gh13687_002_temporary_with_destructor_taken_out_of_an_array),
        dying_test(gh13687_003_collect_while_temporary_with_destructor_is_an_argument),
        dying_test(gh13687_004_collect_while_temporary_with_destructor_is_a_named_argument),
        dying_test(gh13687_005_temporary_with_destructor_is_the_trigger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
