/*
 * Traversals that find little to do in each turn: marking then looks at the
 * whole heap in the order of the memory, and the scan sends scouts out. Random
 * graphs of that kind: property/chains_test.c.
 */
#include "checks.h"
#include "fixture.h"

#include "collector/collector.h"

#include <stdlib.h>

enum {
    NODES = 5000,
    STRIDE = 1237 /* prime: each node is in another page than the one before it */
};

static struct rc_collector *collector_of_test(void)
{
    return rc__collector_of(gc_heap_current());
}

static int begin_with_policy(void **state, enum gc_policy policy)
{
    struct gc_options options = gc_options_default();
    options.policy = policy;
    options.enabled = false;
    int result = fixture_begin_with(state, &options);
    collector_of_test()->turns_least = 10;
    return result;
}

static int begin_generational(void **state)
{
    return begin_with_policy(state, GC_POLICY_GENERATIONAL);
}

static int begin_classic(void **state)
{
    return begin_with_policy(state, GC_POLICY_CLASSIC);
}

/* Linked both ways, but in another order than that of the memory; all are possible roots. The
   caller holds the first one. */
static struct fixture_node *new_shuffled_list(void)
{
    static struct fixture_node *nodes[NODES];
    for (int i = 0; i < NODES; i++) {
        nodes[i] = fixture_node_new(i);
    }
    for (int i = 0; i + 1 < NODES; i++) {
        struct fixture_node *node = nodes[i * STRIDE % NODES];
        struct fixture_node *next = nodes[(i + 1) * STRIDE % NODES];
        node->a = gc_retain(next);
        next->b = gc_retain(node);
    }
    struct fixture_node *first = gc_retain(nodes[0]);
    for (int i = 0; i < NODES; i++) {
        gc_release(nodes[i]);
    }
    return first;
}

static uint64_t visited_by_collection_of(void *root)
{
    gc_release(gc_retain(root));
    assert_int_equal(gc_collect_cycles(), 0);
    return collector_of_test()->visited;
}

static void a_long_way_makes_the_whole_heap_be_marked(void **state)
{
    (void)state;
    struct fixture_node *root = new_shuffled_list();
    struct fixture_node *other = new_shuffled_list();
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(visited_by_collection_of(root), 2 * NODES);
    gc_release(root);
    assert_int_equal(gc_collect_cycles(), NODES);
    gc_release(other);
    assert_int_equal(gc_collect_cycles(), NODES);
}

static void a_short_way_does_not(void **state)
{
    (void)state;
    struct fixture_node *root = fixture_node_new(1);
    struct fixture_node *other = new_shuffled_list();
    root->a = fixture_node_new(2);
    root->a->a = gc_retain(root);
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(visited_by_collection_of(root), 2);
    gc_release(root);
    gc_release(other);
}

static void classic_looks_at_what_its_roots_reach_alone(void **state)
{
    (void)state;
    struct fixture_node *root = new_shuffled_list();
    struct fixture_node *other = new_shuffled_list();
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(visited_by_collection_of(root), NODES);
    gc_release(root);
    assert_int_equal(gc_collect_cycles(), NODES);
    gc_release(other);
}

/* The possible root is the far end of what is held. */
static void what_is_held_at_the_other_end_stays(void **state)
{
    (void)state;
    struct fixture_node *first = new_shuffled_list();
    struct fixture_node *last = first;
    while (last->a != NULL) {
        last = last->a;
    }
    assert_int_equal(gc_collect_cycles(), 0);
    assert_int_equal(visited_by_collection_of(last), NODES);
    assert_nodes(NODES);
    gc_release(first);
    assert_int_equal(gc_collect_cycles(), NODES);
}

/* All are possible roots, and every tenth leads to one more that nothing else holds. */
static void what_trails_pass_by_stays(void **state)
{
    (void)state;
    struct fixture_node *first = new_shuffled_list();
    int more = 0;
    for (struct fixture_node *node = first; node != NULL; node = node->a) {
        if (node->number % 10 == 0) {
            node->c = fixture_node_new(-1);
            node->c->a = gc_retain(node->c);
            gc_release(gc_retain(node->c));
            more++;
        }
    }
    assert_int_equal(gc_collect_cycles(), 0);
    assert_nodes(NODES + more);
    gc_release(first);
    assert_int_equal(gc_collect_cycles(), NODES + more);
}

static struct fixture_node *rescued;

/* What is to be rescued hangs in the middle of a list. */
struct rescuer {
    struct gc_object gc;
    struct fixture_node *list;
    struct rescuer *self;
};

static void rescue(void *self)
{
    rescued = gc_retain(((struct rescuer *)self)->list);
}

static const struct gc_field rescuer_fields[] = {GC_FIELD_OBJECT(struct rescuer, list),
                                                 GC_FIELD_OBJECT(struct rescuer, self)};
static const struct gc_type rescuer_type = {.name = "rescuer",
                                            .size = sizeof(struct rescuer),
                                            .fields = rescuer_fields,
                                            .field_count = 2,
                                            .destructor = rescue};

/* Scouts were sent out for what is held, and are again for what a destructor rescues. */
static void what_a_destructor_rescues_stays(void **state)
{
    (void)state;
    struct fixture_node *held = new_shuffled_list();
    struct rescuer *rescuer = gc_new(&rescuer_type);
    rescuer->list = new_shuffled_list();
    rescuer->self = gc_retain(rescuer);
    gc_release(rescuer);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_nodes(2 * NODES);
    gc_release(held);
    assert_int_equal(gc_collect_cycles(), NODES);
    gc_release(rescued);
    assert_int_equal(gc_collect_cycles(), NODES);
}

/* ---- what looks like white ------------------------------------------------- */

enum {
    LIVE = 40000,
    DEAD = 60000, /* more than 2^16 references together with some of the live ones */
    FAR = 7919    /* prime, as STRIDE */
};

/* A chain, or a ring, of nodes of which those from `from` on refer to what is shared. */
static struct fixture_node *new_sharing_chain(int count, bool is_ring, int from,
                                              struct fixture_node *shared)
{
    static struct fixture_node *nodes[DEAD + 100];
    for (int i = 0; i < count; i++) {
        nodes[i] = fixture_node_new(i);
    }
    for (int i = 0; i < count; i++) {
        struct fixture_node *node = nodes[(long)i * FAR % count];
        node->b = i < from ? NULL : gc_retain(shared);
        if (is_ring || i + 1 < count) {
            node->a = gc_retain(nodes[(long)(i + 1) * FAR % count]);
        }
    }
    struct fixture_node *first = gc_retain(nodes[0]);
    for (int i = 0; i < count; i++) {
        gc_release(nodes[i]);
    }
    return first;
}

/* Its trial count is that of a white object, and more: as many as are found decide what its note
   would say, that of a post among others. */
static void what_refers_to_an_object_at_the_top_goes(void **state)
{
    (void)state;
    for (int more = 1; more < 64; more += 9) {
        struct fixture_node *shared = fixture_node_new(0);
        shared->gc.refcount = GC_REFCOUNT_TOP - 1;
        shared = gc_retain(shared);
        struct fixture_node *live = new_sharing_chain(LIVE, false, LIVE * 3 / 4, shared);
        struct fixture_node *dead = new_sharing_chain(DEAD + 32 + more, true, 0, shared);
        gc_release(gc_retain(live));
        gc_release(dead);
        assert_int_equal(gc_collect_cycles(), DEAD + 32 + more);
        shared->gc.refcount = LIVE / 4;
        gc_release(live);
    }
}

/* An own struct whose references are to be asked for, but not any more when it has been freed. */
struct asked {
    struct gc_object gc;
    void **place; /* of its own memory */
    char filler[200];
};

static void name_place(void *self, struct gc_visitor *visitor)
{
    struct asked *asked = self;
    if (asked->place != NULL) {
        gc_visit_object(visitor, *asked->place);
    }
}

/* Goes on with the run, in as large a slice as there is. */
static void free_and_step(void *self)
{
    struct asked *asked = self;
    if (asked->place != NULL) {
        free(asked->place);
        gc_step(UINT64_MAX);
    }
}

static const struct gc_type asked_type = {
    .name = "asked", .size = sizeof(struct asked), .trace = name_place, .free = free_and_step};

/* It is the last that the scan would come to, and so far behind in its page that it becomes a post.
 */
static void the_dead_are_not_looked_at(void **state)
{
    (void)state;
    static struct asked *others[250];
    struct fixture_node *first = new_shuffled_list();
    struct fixture_node *last = first;
    while (last->a != NULL) {
        last = last->a;
    }
    for (int i = 0; i < 250; i++) {
        others[i] = gc_new(&asked_type);
    }
    struct asked *asked = gc_new(&asked_type);
    asked->place = malloc(sizeof *asked->place);
    *asked->place = gc_retain(first->a);
    last->c = (struct fixture_node *)(void *)asked;
    gc_release(gc_retain(first));
    collector_of_test()->schedule.slice_objects = 1;
    for (int i = 0; i < 100 * NODES && collector_of_test()->phase != RC_PHASE_BLACKEN; i++) {
        gc_step(0);
    }
    assert_int_equal(collector_of_test()->phase, RC_PHASE_BLACKEN);
    collector_of_test()->schedule.slice_objects = 0;
    last->c = NULL;
    gc_release(asked);
    gc_release(first);
    for (int i = 0; i < 250; i++) {
        gc_release(others[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_long_way_makes_the_whole_heap_be_marked,
                                        begin_generational, fixture_end),
        cmocka_unit_test_setup_teardown(a_short_way_does_not, begin_generational, fixture_end),
        cmocka_unit_test_setup_teardown(classic_looks_at_what_its_roots_reach_alone, begin_classic,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(what_is_held_at_the_other_end_stays, begin_generational,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(what_refers_to_an_object_at_the_top_goes,
                                        begin_generational, fixture_end),
        cmocka_unit_test_setup_teardown(the_dead_are_not_looked_at, begin_classic, fixture_end),
        cmocka_unit_test_setup_teardown(what_trails_pass_by_stays, begin_generational, fixture_end),
        cmocka_unit_test_setup_teardown(what_a_destructor_rescues_stays, begin_generational,
                                        fixture_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
