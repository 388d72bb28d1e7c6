/*
 * What free hooks may do in a collection.
 */
#include "checks.h"
#include "fixture.h"

struct actor {
    struct gc_object gc;
    struct actor *next;
    struct fixture_node *secret; /* not declared */
};

static void (*last_act)(struct actor *self);
static int ended;

static void actor_free(void *self)
{
    ended++;
    last_act(self);
}

static const struct gc_field actor_fields[] = {GC_FIELD_OBJECT(struct actor, next)};

static const struct gc_type actor_type = {
    .name = "actor",
    .size = sizeof(struct actor),
    .fields = actor_fields,
    .field_count = 1,
    .free = actor_free,
};

/* A ring of three whose hooks do `act`; returns what collecting it returns. */
static size_t collect_actors(void (*act)(struct actor *self))
{
    struct actor *actors[3];
    for (int i = 0; i < 3; i++) {
        actors[i] = gc_new(&actor_type);
        actors[i]->secret = fixture_node_new(i);
    }
    for (int i = 0; i < 3; i++) {
        actors[i]->next = gc_retain(actors[(i + 1) % 3]);
    }
    for (int i = 0; i < 3; i++) {
        gc_release(actors[i]);
    }
    last_act = act;
    ended = 0;
    return gc_collect_cycles();
}

static void act_release(struct actor *self)
{
    gc_release(self->secret);
}

static void a_hook_in_a_collection_may_release(void **state)
{
    (void)state;
    assert_true(collect_actors(act_release) >= 3);
    assert_int_equal(ended, 3);
    assert_nodes(0);
}

static size_t returned_in_hook;
static bool running_in_hook;

static void act_collect(struct actor *self)
{
    returned_in_hook += gc_collect_cycles() + gc_collect_heap();
    running_in_hook = gc_status().running;
    gc_release(self->secret);
}

static void collecting_in_a_collection_returns_0(void **state)
{
    (void)state;
    returned_in_hook = 0;
    collect_actors(act_collect);
    assert_int_equal(returned_in_hook, 0);
    assert_int_equal(ended, 3);
    assert_int_equal(gc_status().runs, 1);
}

static void the_status_in_a_hook_says_that_a_collection_is_running(void **state)
{
    (void)state;
    running_in_hook = false;
    collect_actors(act_collect);
    assert_true(running_in_hook);
    assert_false(gc_status().running);
}

static void act_make_a_candidate(struct actor *self)
{
    self->secret->a = gc_retain(self->secret);
    gc_release(self->secret);
}

static void garbage_made_by_hooks_is_for_the_next_run(void **state)
{
    (void)state;
    assert_int_equal(collect_actors(act_make_a_candidate), 3);
    assert_nodes(3);
    assert_roots(3);
    assert_int_equal(gc_collect_cycles(), 3);
}

static zval made_in_hook;

static void act_allocate(struct actor *self)
{
    zval_release(&made_in_hook);
    made_in_hook = checks_list(100);
    gc_release(self->secret);
}

static void a_hook_in_a_collection_may_allocate(void **state)
{
    (void)state;
    collect_actors(act_allocate);
    assert_int_equal(ended, 3);
    assert_nodes(1);
    assert_int(zval_array_get_at(&made_in_hook, 99), 99);
    assert_sound();
    zval_release(&made_in_hook);
}

static size_t given_back_in_hook;

static void act_give_back(struct actor *self)
{
    given_back_in_hook += gc_mem_caches();
    gc_release(self->secret);
}

static void no_memory_is_given_back_in_a_collection(void **state)
{
    (void)state;
    given_back_in_hook = 0;
    collect_actors(act_give_back);
    assert_int_equal(given_back_in_hook, 0);
    assert_int_equal(ended, 3);
}

static void the_collector_can_be_used_after_an_automatic_run_in_a_release(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct fixture_node *node = fixture_node_new(i);
        node->a = fixture_node_new(i);
        node->a->a = gc_retain(node);
        gc_release(node);
    }
    assert_int_equal(gc_status().runs, 12);
    assert_int_equal(gc_status().collected, 96);
    assert_int_equal(gc_collect_cycles(), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_hook_in_a_collection_may_release),
        fixture_test(collecting_in_a_collection_returns_0),
        fixture_test(the_status_in_a_hook_says_that_a_collection_is_running),
        fixture_test(garbage_made_by_hooks_is_for_the_next_run),
        fixture_test(a_hook_in_a_collection_may_allocate),
        fixture_test(no_memory_is_given_back_in_a_collection),
        fixture_test_small(the_collector_can_be_used_after_an_automatic_run_in_a_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
