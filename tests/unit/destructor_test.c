/*
 * Destructors: when they run, how often, in which order, and what they find.
 *
 * What they do is in destructor_acts_test.c, the end of a heap in
 * destructor_end_test.c.
 */
#include "checks.h"
#include "dying.h"

static zval rescued;

static void rescue(zval *self)
{
    zval_assign(&rescued, zval_copy(self));
}

/* ---- once ------------------------------------------------------------------------ */

static void the_last_release_runs_the_destructor(void **state)
{
    (void)state;
    zval object = dying_new();
    zval copy = zval_copy(&object);
    zval_release(&object);
    assert_int_equal(dying_count, 0);
    zval_release(&copy);
    assert_int_equal(dying_count, 1);
    assert_nodes(0);
}

static void whatever_lets_go_runs_the_destructor(void **state)
{
    (void)state;
    zval variable = dying_new();
    zval_assign(&variable, zval_int(1));
    assert_int_equal(dying_count, 1);
    zval array = zval_array();
    assert_ok(zval_array_push(&array, dying_new()));
    assert_ok(zval_array_set_at(&array, 0, zval_null()));
    assert_int_equal(dying_count, 2);
    assert_ok(zval_array_push(&array, dying_new()));
    assert_ok(zval_array_remove_at(&array, 1));
    assert_int_equal(dying_count, 3);
    assert_ok(zval_array_push(&array, dying_new()));
    zval_release(&array);
    assert_int_equal(dying_count, 4);
    assert_result(GC_ETYPE, zval_array_push(&variable, dying_new()));
    assert_int_equal(dying_count, 5);
}

static void a_collection_runs_each_destructor_once(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        dying_drop_self();
    }
    assert_int_equal(gc_collect_cycles(), 100);
    assert_int_equal(dying_count, 100);
    assert_int_equal(gc_status().runs, 2);
}

static void a_rescued_object_is_not_destructed_again_by_a_release(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(zval_refcount(&rescued), 1);
    zval_release(&rescued);
    assert_int_equal(dying_count, 1);
    assert_nodes(0);
}

static void a_rescued_object_is_not_destructed_again_by_a_collection(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = dying_new();
    zval_release(&object);
    zval_assign(zval_property_at(&rescued, 0), zval_copy(&rescued));
    zval_release(&rescued);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    assert_int_equal(gc_status().runs, 1); /* no destructor, no second pass */
}

static void an_object_rescued_from_a_collection_goes_by_a_plain_release(void **state)
{
    (void)state;
    dying_act = rescue;
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 0);
    zval_assign(zval_property_at(&rescued, 0), zval_null());
    zval_release(&rescued);
    assert_int_equal(dying_count, 1);
    assert_nodes(0);
}

/* It is a possible root again: what was rescued may be garbage the next moment. */
static void a_rescued_object_is_a_possible_root(void **state)
{
    (void)state;
    dying_act = rescue;
    zval object = dying_new();
    zval_release(&object);
    assert_roots(1);
    zval_release(&rescued);
    assert_roots(0);
}

static void no_destructor_runs_for_what_lives(void **state)
{
    (void)state;
    zval object = dying_self_new();
    zval copy = zval_copy(&object);
    zval_release(&copy);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(gc_collect_heap(), 0);
    assert_int_equal(dying_count, 0);
    assert_int_equal(gc_status().runs, 2);
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 1);
}

/* ---- order ------------------------------------------------------------------------- */

static int64_t order[16];

static void note_order(zval *self)
{
    if (dying_count <= 16) {
        order[dying_count - 1] = zval_to_int(zval_property_at(self, 1));
    }
}

static zval numbered(int64_t number)
{
    zval object = dying_new();
    zval_assign(zval_property_at(&object, 1), zval_int(number));
    return object;
}

static void elements_are_destructed_in_the_order_of_the_array(void **state)
{
    (void)state;
    dying_act = note_order;
    zval array = zval_array();
    for (int i = 0; i < 10; i++) {
        assert_ok(zval_array_push(&array, numbered(i)));
    }
    zval_release(&array);
    assert_int_equal(dying_count, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(order[i], i);
    }
}

/* As PHP does it, as long as what is on one level dies as deep as what is on the next. */
static void what_elements_hold_is_destructed_in_the_order_of_the_array(void **state)
{
    (void)state;
    dying_act = note_order;
    zval array = zval_array();
    for (int i = 0; i < 5; i++) {
        zval inner = zval_array();
        assert_ok(zval_array_push(&inner, numbered(2 * i)));
        assert_ok(zval_array_push(&inner, numbered(2 * i + 1)));
        assert_ok(zval_array_push(&array, inner));
    }
    zval_release(&array);
    assert_int_equal(dying_count, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(order[i], i);
    }
}

static void a_holder_is_destructed_before_what_it_holds(void **state)
{
    (void)state;
    dying_act = note_order;
    zval outermost = zval_null();
    for (int i = 9; i >= 0; i--) {
        zval object = numbered(i);
        zval_assign(zval_property_at(&object, 0), outermost);
        outermost = object;
    }
    zval_release(&outermost);
    assert_int_equal(dying_count, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(order[i], i);
    }
}

/* ---- what a destructor finds --------------------------------------------------------- */

static int64_t number_found;
static uint32_t count_found;
static size_t inner_count_found;
static char text_found[16];

static void look(zval *self)
{
    const zval *list = zval_property_get(self, "list");
    number_found = zval_to_int(zval_property_at(self, 1));
    count_found = zval_refcount(self);
    inner_count_found = zval_array_count(list);
    const char *text = zval_string_bytes(zval_array_get_at(list, 1), NULL);
    snprintf(text_found, sizeof text_found, "%s", text == NULL ? "(none)" : text);
}

/* The number 7, and the list [object, "text"]. */
static zval object_to_look_at(void)
{
    zval object = numbered(7);
    zval list = zval_array();
    assert_ok(zval_array_push(&list, zval_object(NULL)));
    assert_ok(zval_array_push(&list, zval_cstring("text")));
    assert_ok(zval_property_set(&object, "list", list));
    number_found = -1;
    return object;
}

static void assert_found_whole(uint32_t count)
{
    assert_int_equal(dying_count, 1);
    assert_int_equal(number_found, 7);
    assert_int_equal(inner_count_found, 2);
    assert_string_equal(text_found, "text");
    assert_int_equal(count_found, count);
}

static void the_object_is_whole_in_a_plain_release(void **state)
{
    (void)state;
    dying_act = look;
    zval object = object_to_look_at();
    zval_release(&object);
    assert_found_whole(1); /* the destructor's own */
}

static void the_object_is_whole_in_a_collection(void **state)
{
    (void)state;
    dying_act = look;
    zval object = object_to_look_at();
    zval_assign(zval_property_at(&object, 0), zval_copy(&object));
    zval_release(&object);
    assert_int_equal(gc_collect_cycles(), 3);
    assert_found_whole(2); /* its own, and the destructor's */
}

static int whole_neighbours;

static void look_at_neighbour(zval *self)
{
    zval *neighbour = zval_property_at(self, 0);
    bool leads_back = zval_identical(zval_property_at(neighbour, 0), self);
    whole_neighbours += leads_back && zval_to_int(zval_property_at(neighbour, 1)) == 1;
}

/* All of a ring stays whole until the last of its destructors has run. */
static void neighbours_are_whole_whichever_is_destructed_first(void **state)
{
    (void)state;
    whole_neighbours = 0;
    dying_act = look_at_neighbour;
    for (int i = 0; i < 50; i++) {
        zval left = numbered(1);
        zval right = numbered(1);
        zval_assign(zval_property_at(&left, 0), zval_copy(&right));
        zval_assign(zval_property_at(&right, 0), zval_copy(&left));
        zval_release(&left);
        zval_release(&right);
    }
    assert_int_equal(gc_collect_cycles(), 100);
    assert_int_equal(whole_neighbours, 100);
}

static bool running_found;
static uint64_t live_found;

static void look_at_status(zval *self)
{
    (void)self;
    running_found = gc_status().running;
    live_found = gc_status().live_nodes;
}

static void the_status_tells_a_collection_from_a_release(void **state)
{
    (void)state;
    dying_act = look_at_status;
    zval object = dying_new();
    running_found = true;
    zval_release(&object);
    assert_false(running_found);
    assert_int_equal(live_found, 1);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    assert_true(running_found);
    assert_int_equal(live_found, 1);
    assert_false(gc_status().running);
}

/* ---- own structs ----------------------------------------------------------------------- */

static int freed_found;

static void look_at_freed(zval *self)
{
    const struct dying_node *node = zval_to_native(self);
    freed_found += dying_freed + (node->b == NULL || node->b->gc.type != &dying_node_type);
}

static void leave_ring_of_structs(int count)
{
    struct dying_node *first = dying_node_new();
    struct dying_node *last = first;
    for (int i = 1; i < count; i++) {
        last->a = dying_node_new();
        last->a->b = gc_retain(last);
        last = last->a;
    }
    last->a = gc_retain(first);
    first->b = gc_retain(last);
    gc_release(first);
}

static void destructors_of_structs_run_before_any_is_freed(void **state)
{
    (void)state;
    freed_found = 0;
    dying_act = look_at_freed;
    leave_ring_of_structs(10);
    assert_int_equal(gc_collect_cycles(), 10);
    assert_int_equal(dying_count, 10);
    assert_int_equal(dying_freed, 10);
    assert_int_equal(freed_found, 0);
}

static void note_freed(zval *self)
{
    (void)self;
    freed_found = dying_freed;
}

static void a_released_struct_is_destructed_and_then_freed(void **state)
{
    (void)state;
    freed_found = -1;
    dying_act = note_freed;
    gc_release(dying_node_new());
    assert_int_equal(dying_count, 1);
    assert_int_equal(freed_found, 0);
    assert_int_equal(dying_freed, 1);
}

static void *struct_rescued;

static void rescue_struct(zval *self)
{
    struct_rescued = gc_retain(zval_to_native(self));
}

static void a_struct_rescues_itself_by_retaining(void **state)
{
    (void)state;
    dying_act = rescue_struct;
    gc_release(dying_node_new());
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 0);
    assert_int_equal(gc_refcount(struct_rescued), 1);
    gc_release(struct_rescued);
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
}

static void a_ring_of_structs_is_rescued_by_one(void **state)
{
    (void)state;
    dying_act = rescue_struct;
    struct dying_node *node = dying_node_new();
    node->a = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_ptr_equal(struct_rescued, node);
    assert_int_equal(gc_refcount(node), 2);
    gc_release(struct_rescued);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(dying_count, 1);
    assert_int_equal(dying_freed, 1);
}

/* ---- objects that the collector does not look into --------------------------------------- */

static void count_death(zval *self)
{
    (void)self;
    dying_count++;
}

static const struct zval_class acyclic_class = {
    .name = "acyclic", .destructor = count_death, .flags = ZVAL_CLASS_ACYCLIC};

static void count_leaf_death(void *self)
{
    (void)self;
    dying_count++;
}

static const struct gc_type leaf_type = {
    .name = "leaf", .size = sizeof(struct gc_object), .destructor = count_leaf_death};

static void acyclic_objects_that_garbage_holds_are_destructed(void **state)
{
    (void)state;
    zval garbage = zval_object(NULL);
    assert_ok(zval_property_set(&garbage, "self", zval_copy(&garbage)));
    assert_ok(zval_property_set(&garbage, "acyclic", zval_object(&acyclic_class)));
    assert_ok(zval_property_set(&garbage, "leaf", zval_native(gc_new(&leaf_type))));
    zval_release(&garbage);
    assert_int_equal(gc_collect_cycles(), 3);
    assert_int_equal(dying_count, 2);
    assert_nodes(0);
}

/* ---- many ---------------------------------------------------------------------------------- */

static void destruct_many(int count)
{
    for (int i = 0; i < count; i++) {
        zval left = dying_new();
        zval right = dying_new();
        zval_assign(zval_property_at(&left, 0), zval_copy(&right));
        zval_assign(zval_property_at(&right, 0), zval_copy(&left));
        zval_release(&left);
        zval_release(&right);
    }
    (void)gc_collect_cycles();
    assert_int_equal(dying_count, 2 * count);
    assert_int_equal(gc_status().collected, 2 * count);
    assert_int_equal(gc_status().dropped_roots, 0);
    assert_nodes(0);
}

static void pairs_by_the_thousand_die_in_many_runs(void **state)
{
    (void)state;
    destruct_many(25000);
}

static void pairs_by_the_thousand_die_with_a_buffer_of_four(void **state)
{
    (void)state;
    destruct_many(2500);
}

/* All of them hang in one ring, so one run finds more to be destructed than the buffer holds. */
static void destruct_one_ring(int count)
{
    zval first = dying_new();
    zval last = zval_copy(&first);
    for (int i = 1; i < count; i++) {
        zval next = dying_new();
        zval_assign(zval_property_at(&last, 0), zval_copy(&next));
        zval_assign(&last, next);
    }
    zval_assign(zval_property_at(&last, 0), zval_copy(&first));
    zval_release(&last);
    zval_release(&first);
    assert_int_equal(gc_collect_cycles(), count);
    assert_int_equal(dying_count, count);
    assert_int_equal(gc_status().dropped_roots, 0);
    assert_nodes(0);
}

static void a_ring_larger_than_the_buffer_dies_in_one_collect(void **state)
{
    (void)state;
    destruct_one_ring(25000);
}

static void a_ring_dies_with_a_buffer_of_four(void **state)
{
    (void)state;
    destruct_one_ring(1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(the_last_release_runs_the_destructor),
        dying_test(whatever_lets_go_runs_the_destructor),
        dying_test(a_collection_runs_each_destructor_once),
        dying_test(a_rescued_object_is_not_destructed_again_by_a_release),
        dying_test(a_rescued_object_is_not_destructed_again_by_a_collection),
        dying_test(an_object_rescued_from_a_collection_goes_by_a_plain_release),
        dying_test(a_rescued_object_is_a_possible_root),
        dying_test(no_destructor_runs_for_what_lives),
        dying_test(elements_are_destructed_in_the_order_of_the_array),
        dying_test(what_elements_hold_is_destructed_in_the_order_of_the_array),
        dying_test(a_holder_is_destructed_before_what_it_holds),
        dying_test(the_object_is_whole_in_a_plain_release),
        dying_test(the_object_is_whole_in_a_collection),
        dying_test(neighbours_are_whole_whichever_is_destructed_first),
        dying_test(the_status_tells_a_collection_from_a_release),
        dying_test(destructors_of_structs_run_before_any_is_freed),
        dying_test(a_released_struct_is_destructed_and_then_freed),
        dying_test(a_struct_rescues_itself_by_retaining),
        dying_test(a_ring_of_structs_is_rescued_by_one),
        dying_test(acyclic_objects_that_garbage_holds_are_destructed),
        dying_test(pairs_by_the_thousand_die_in_many_runs),
        dying_test_small(pairs_by_the_thousand_die_with_a_buffer_of_four),
        dying_test(a_ring_larger_than_the_buffer_dies_in_one_collect),
        dying_test_small(a_ring_dies_with_a_buffer_of_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
