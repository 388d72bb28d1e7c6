/*
 * What destructors may do: anything. Each act is done twice, by an object that
 * goes by a plain release and by one that a collection finds.
 *
 * What they may do to the collector and to heaps is in destructor_heap_test.c.
 */
#include "checks.h"
#include "dying.h"
#include "small_stack.h"

#include <stdlib.h>

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

/* ---- making things ------------------------------------------------------------------ */

static zval made;

static void allocate(zval *self)
{
    zval list = checks_list(1000);
    (void)zval_array_push(&list, zval_copy(self));
    (void)zval_array_remove_at(&list, 1000);
    zval_assign(&made, list);
}

static void it_may_allocate(void **state)
{
    (void)state;
    made = zval_undef();
    assert_int_equal(let_act(allocate), 1);
    assert_int(zval_array_get_at(&made, 999), 999);
    assert_nodes(1);
    zval_release(&made);
}

static void make_garbage(zval *self)
{
    (void)self;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
}

/* What the plain release left is taken by the first pass, what the collection made by the second.
 */
static void it_may_make_garbage(void **state)
{
    (void)state;
    assert_int_equal(let_act(make_garbage), 3);
    assert_nodes(0);
}

static void make_another(zval *self)
{
    (void)self;
    dying_drop_self();
}

static void it_may_make_garbage_of_its_own_kind(void **state)
{
    (void)state;
    dying_act = make_another;
    dying_drop_self();
    for (int call = 1; call <= 5; call++) {
        (void)gc_collect_cycles();
        assert_int_equal(dying_count, 2 * call);
        assert_int_equal(gc_status().runs, 2 * call);
        assert_nodes(2);
    }
    dying_act = NULL;
    assert_int_equal(gc_collect_cycles(), 2);
}

static void make_three_more(zval *self)
{
    (void)self;
    for (int i = 0; i < 3; i++) {
        dying_drop_self();
    }
}

/* More and more of them, in a buffer of four: two generations a call, even though candidates found
   no room; and nothing of it is lost once they stop. */
static void it_may_multiply_in_a_small_buffer(void **state)
{
    (void)state;
    dying_act = make_three_more;
    dying_drop_self();
    (void)gc_collect_cycles();
    assert_int_equal(dying_count, 1 + 3);
    (void)gc_collect_cycles();
    assert_int_equal(dying_count, 1 + 3 + 9 + 27);
    assert_nodes(81);
    dying_act = NULL;
    while (gc_collect_cycles() > 0) {
    }
    assert_nodes(0);
    assert_int_equal(gc_status().dropped_roots, 0);
}

/* ---- dropping things ----------------------------------------------------------------- */

static zval to_be_dropped;

static void drop(zval *self)
{
    (void)self;
    zval_release(&to_be_dropped);
}

static void it_may_drop_what_the_program_holds(void **state)
{
    (void)state;
    to_be_dropped = checks_list(10);
    let_act(drop);
    assert_nodes(0);
}

/* The other one is garbage of the same collection: its destructor runs now, and not again. */
static void drop_neighbour(zval *self)
{
    zval_assign(zval_property_at(self, 0), zval_null());
}

static void it_may_drop_another_one_that_is_to_be_destructed(void **state)
{
    (void)state;
    dying_act = drop_neighbour;
    for (int i = 0; i < 100; i++) {
        zval hub = dying_new();
        zval leaf = dying_new();
        zval_assign(zval_property_at(&leaf, 1), zval_copy(&hub));
        zval_assign(zval_property_at(&hub, 1), zval_copy(&hub));
        zval_assign(zval_property_at(&hub, 0), leaf);
        zval_release(&hub);
    }
    assert_int_equal(gc_collect_cycles(), 100); /* the hubs; the leaves went by counting */
    assert_int_equal(dying_count, 200);
    assert_nodes(0);
}

static uint64_t nodes_before;
static uint64_t nodes_after;

static void drop_deep(zval *self)
{
    (void)self;
    zval deep = zval_null();
    for (int i = 0; i < 100000; i++) {
        zval array = zval_array();
        (void)zval_array_push(&array, deep);
        deep = array;
    }
    nodes_before = gc_status().live_nodes;
    zval_release(&deep);
    nodes_after = gc_status().live_nodes;
}

static void what_it_releases_is_gone_when_the_call_returns(void **state)
{
    (void)state;
    let_act(drop_deep);
    assert_int_equal(nodes_before, 100001);
    assert_int_equal(nodes_after, 1);
}

static bool released_while_alive;

static void release_and_look(zval *self)
{
    zval inner = dying_new();
    dying_act = NULL;
    int before = dying_count;
    zval_release(&inner);
    released_while_alive = dying_count == before + 1 && zval_property_count(self) == 2;
}

static void a_destructor_inside_a_destructor_runs_at_once(void **state)
{
    (void)state;
    dying_act = release_and_look;
    zval object = dying_new();
    zval_release(&object);
    assert_true(released_while_alive);
    assert_int_equal(dying_count, 2);
    dying_drop_self();
    dying_act = release_and_look;
    assert_int_equal(gc_collect_cycles(), 1);
    assert_true(released_while_alive);
    assert_int_equal(dying_count, 4);
}

/* ---- memory ------------------------------------------------------------------------------ */

static int refusals;

static void work_without_memory(zval *self)
{
    gc_memory_fail_after(0);
    zval array = zval_array();
    refusals += zval_type_of(&array) == ZVAL_UNDEF;
    refusals += zval_property_set(self, "more", zval_int(1)) == GC_ENOMEM;
    refusals += gc_weak_new(NULL) == NULL;
    zval_release(zval_property_at(self, 1));
    (void)gc_memory_fail_never();
}

static void it_may_find_no_memory(void **state)
{
    (void)state;
    refusals = 0;
    assert_int_equal(let_act(work_without_memory), 1);
    assert_int_equal(refusals, 6);
}

static void leave_without_memory(zval *self)
{
    (void)self;
    dying_drop_self();
    gc_memory_fail_after(0);
}

/* The rest of the collection needs none. */
static void a_collection_ends_without_memory(void **state)
{
    (void)state;
    dying_act = leave_without_memory;
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1);
    (void)gc_memory_fail_never();
    assert_int_equal(dying_count, 2);
    dying_act = NULL;
    assert_int_equal(gc_collect_cycles(), 1);
    assert_nodes(0);
}

static size_t given_back_inside;

static void give_back(zval *self)
{
    (void)self;
    zval_release(&to_be_dropped);
    given_back_inside = gc_mem_caches();
}

static void it_may_give_memory_back(void **state)
{
    (void)state;
    dying_act = give_back;
    to_be_dropped = checks_list(1000000);
    zval object = dying_new();
    zval_release(&object);
    assert_true(given_back_inside > 1000000);
    to_be_dropped = checks_list(1000000);
    dying_drop_self();
    assert_int_equal(gc_collect_cycles(), 1); /* here it may keep what it wants */
    assert_sound();
}

/* ---- looking -------------------------------------------------------------------------------- */

static char *dumped;

static void dump(zval *self)
{
    free(dumped);
    dumped = checks_dump_of(self);
}

static void it_may_dump_itself(void **state)
{
    (void)state;
    dumped = NULL;
    let_act(dump);
    assert_non_null(dumped);
    assert_string_equal(dumped, "object dying(2) #1 refcount=2 {\n"
                                "    a => object dying(2) #1, a cycle\n"
                                "    b => null\n"
                                "}\n");
    free(dumped);
}

/* ---- depth -------------------------------------------------------------------------------------
 */

static void release_chain(void *argument)
{
    zval chain = zval_null();
    for (int i = 0; i < 1000000; i++) {
        zval object = dying_new();
        zval_assign(zval_property_at(&object, 0), chain);
        chain = object;
    }
    *(int *)argument = dying_count;
    zval_release(&chain);
}

static void a_chain_of_a_million_is_destructed_in_a_small_stack(void **state)
{
    (void)state;
    int destructed_before = -1;
    assert_int_equal(small_stack_run(release_chain, &destructed_before), 0);
    assert_int_equal(destructed_before, 0);
    assert_int_equal(dying_count, 1000000);
    assert_nodes(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(it_may_allocate),
        dying_test(it_may_make_garbage),
        dying_test(it_may_make_garbage_of_its_own_kind),
        dying_test_small(it_may_multiply_in_a_small_buffer),
        dying_test(it_may_drop_what_the_program_holds),
        dying_test(it_may_drop_another_one_that_is_to_be_destructed),
        dying_test(what_it_releases_is_gone_when_the_call_returns),
        dying_test(a_destructor_inside_a_destructor_runs_at_once),
        dying_test(it_may_find_no_memory),
        dying_test(a_collection_ends_without_memory),
        dying_test(it_may_give_memory_back),
        dying_test(it_may_dump_itself),
        dying_test(a_chain_of_a_million_is_destructed_in_a_small_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
