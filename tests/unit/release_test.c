/*
 * Releasing: what goes when a count reaches zero, in which order, and what free
 * hooks may do meanwhile.
 */
#include "checks.h"
#include "fixture.h"
#include "small_stack.h"

/* ---- a struct whose end does something --------------------------------------- */

struct actor {
    struct gc_object gc;
    struct actor *child;
    struct actor *secret; /* not declared: the hook's business */
    zval held;            /* not declared either */
    void (*last_act)(struct actor *self);
    int name;
};

static size_t ended;

static void actor_free(void *self)
{
    struct actor *actor = self;
    if (actor->last_act != NULL) {
        actor->last_act(actor);
    }
    ended++;
}

static const struct gc_field actor_fields[] = {GC_FIELD_OBJECT(struct actor, child)};

static const struct gc_type actor_type = {
    .name = "actor",
    .size = sizeof(struct actor),
    .fields = actor_fields,
    .field_count = 1,
    .free = actor_free,
};

static struct actor *actor_new(int name, struct actor *child)
{
    struct actor *actor = gc_new(&actor_type);
    actor->name = name;
    actor->child = child;
    return actor;
}

static int begin_acts(void **state)
{
    ended = 0;
    return fixture_begin(state);
}

#define acts_test(function) cmocka_unit_test_setup_teardown(function, begin_acts, fixture_end)

/* ---- what goes --------------------------------------------------------------- */

static void a_release_takes_all_that_only_it_held(void **state)
{
    (void)state;
    gc_release(actor_new(1, actor_new(2, actor_new(3, NULL))));
    assert_int_equal(ended, 3);
    assert_nodes(0);
}

static void a_release_stops_at_what_somebody_else_holds(void **state)
{
    (void)state;
    struct actor *shared = actor_new(2, actor_new(3, NULL));
    gc_release(actor_new(1, gc_retain(shared)));
    assert_int_equal(ended, 1);
    assert_int_equal(gc_refcount(shared), 1);
    assert_nodes(2);
    gc_release(shared);
}

static void a_child_held_twice_by_the_dying_goes_once(void **state)
{
    (void)state;
    struct fixture_node *parent = fixture_node_new(1);
    struct actor *child = actor_new(2, NULL);
    parent->a = (struct fixture_node *)gc_retain(child);
    parent->b = (struct fixture_node *)gc_retain(child);
    parent->c = (struct fixture_node *)child;
    gc_release(parent);
    assert_int_equal(ended, 1);
    assert_nodes(0);
}

static void a_held_child_becomes_a_candidate_when_a_parent_dies(void **state)
{
    (void)state;
    struct actor *shared = actor_new(2, NULL);
    gc_release(actor_new(1, gc_retain(shared)));
    assert_roots(1);
    gc_release(shared);
    assert_roots(0);
}

static void values_nested_in_each_other_go_together(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval list = zval_array();
    (void)zval_array_push(&list, zval_cstring("text"));
    (void)zval_array_push(&list, zval_native(actor_new(1, NULL)));
    (void)zval_array_push(&list, checks_list(100));
    (void)zval_property_set(&object, "list", list);
    zval_release(&object);
    assert_int_equal(ended, 1);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_wide_array_of_objects_goes(void **state)
{
    (void)state;
    zval list = zval_array();
    for (int i = 0; i < 10000; i++) {
        (void)zval_array_push(&list, zval_native(actor_new(i, NULL)));
    }
    zval_release(&list);
    assert_int_equal(ended, 10000);
    assert_int_equal(gc_memory_usage(false), 0);
}

/* ---- hooks that do something ------------------------------------------------- */

static void release_secret(struct actor *self)
{
    gc_release(self->secret);
    zval_release(&self->held);
}

static void a_hook_may_release(void **state)
{
    (void)state;
    struct actor *actor = actor_new(1, NULL);
    actor->last_act = release_secret;
    actor->secret = actor_new(2, actor_new(3, NULL));
    actor->held = checks_list(20);
    gc_release(actor);
    assert_int_equal(ended, 3);
    assert_int_equal(gc_memory_usage(false), 0);
}

static void a_hook_may_release_a_long_line_of_hooks(void **state)
{
    (void)state;
    struct actor *last = NULL;
    for (int i = 0; i < 200000; i++) {
        struct actor *actor = actor_new(i, NULL);
        actor->last_act = release_secret;
        actor->secret = last;
        last = actor;
    }
    gc_release(last);
    assert_int_equal(ended, 200000);
}

static struct actor *born_in_hook;

static void give_birth(struct actor *self)
{
    born_in_hook = actor_new(self->name + 1, NULL);
}

static void a_hook_may_allocate_what_stays(void **state)
{
    (void)state;
    struct actor *actor = actor_new(1, NULL);
    actor->last_act = give_birth;
    gc_release(actor);
    assert_nodes(1);
    assert_int_equal(born_in_hook->name, 2);
    assert_int_equal(gc_refcount(born_in_hook), 1);
    gc_release(born_in_hook);
    assert_int_equal(ended, 2);
}

static void give_stillbirth(struct actor *self)
{
    gc_release(actor_new(self->name + 1, actor_new(self->name + 2, NULL)));
}

static void a_hook_may_allocate_what_goes_at_once(void **state)
{
    (void)state;
    struct actor *actor = actor_new(1, NULL);
    actor->last_act = give_stillbirth;
    gc_release(actor);
    assert_int_equal(ended, 3);
    assert_nodes(0);
}

static size_t collected_in_hook;
static bool running_in_hook;

static void collect_now(struct actor *self)
{
    (void)self;
    running_in_hook = gc_status().running;
    collected_in_hook = gc_collect_cycles();
}

static void a_hook_may_collect(void **state)
{
    (void)state;
    struct fixture_node *garbage = fixture_node_new(1);
    garbage->a = gc_retain(garbage);
    gc_release(garbage);
    struct actor *actor = actor_new(1, actor_new(2, NULL));
    actor->last_act = collect_now;
    gc_release(actor);
    assert_int_equal(collected_in_hook, 1);
    assert_false(running_in_hook);
    assert_int_equal(ended, 2);
    assert_nodes(0);
}

static size_t faults_in_hook;

static void verify_now(struct actor *self)
{
    (void)self;
    faults_in_hook += gc_heap_verify(NULL, stderr);
}

static void the_heap_is_sound_while_it_releases(void **state)
{
    (void)state;
    faults_in_hook = 0;
    struct actor *last = NULL;
    for (int i = 0; i < 10; i++) {
        last = actor_new(i, last);
        last->last_act = verify_now;
    }
    struct actor *shared = actor_new(10, NULL);
    struct fixture_node *fan = fixture_node_new(1);
    fan->a = (struct fixture_node *)last;
    fan->b = (struct fixture_node *)gc_retain(shared);
    gc_release(fan);
    assert_int_equal(faults_in_hook, 0);
    gc_release(shared);
}

static void collect_heap_now(struct actor *self)
{
    (void)self;
    collected_in_hook = gc_collect_heap();
}

static void a_hook_may_collect_the_whole_heap(void **state)
{
    (void)state;
    collected_in_hook = 77;
    struct actor *actor = actor_new(1, actor_new(2, actor_new(3, NULL)));
    actor->last_act = collect_heap_now;
    gc_release(actor);
    assert_int_equal(collected_in_hook, 0);
    assert_int_equal(ended, 3);
}

static void release_on_a_small_stack(void *last)
{
    gc_release(last);
}

static void hooks_that_collect_one_after_the_other_need_no_more_stack(void **state)
{
    (void)state;
    struct actor *last = NULL;
    for (int i = 0; i < 2000; i++) {
        last = actor_new(i, last);
        last->last_act = collect_heap_now;
    }
    assert_int_equal(small_stack_run(release_on_a_small_stack, last), 0);
    assert_int_equal(ended, 2000);
}

static void mem_caches_now(struct actor *self)
{
    (void)self;
    gc_mem_caches();
}

static void a_hook_may_give_idle_memory_back(void **state)
{
    (void)state;
    struct actor *actor = actor_new(1, actor_new(2, actor_new(3, NULL)));
    actor->last_act = mem_caches_now;
    actor->child->last_act = mem_caches_now;
    gc_release(actor);
    assert_int_equal(ended, 3);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        acts_test(a_release_takes_all_that_only_it_held),
        acts_test(a_release_stops_at_what_somebody_else_holds),
        acts_test(a_child_held_twice_by_the_dying_goes_once),
        acts_test(a_held_child_becomes_a_candidate_when_a_parent_dies),
        acts_test(values_nested_in_each_other_go_together),
        acts_test(a_wide_array_of_objects_goes),
        acts_test(a_hook_may_release),
        acts_test(a_hook_may_release_a_long_line_of_hooks),
        acts_test(a_hook_may_allocate_what_stays),
        acts_test(a_hook_may_allocate_what_goes_at_once),
        acts_test(a_hook_may_collect),
        acts_test(the_heap_is_sound_while_it_releases),
        acts_test(a_hook_may_collect_the_whole_heap),
        acts_test(hooks_that_collect_one_after_the_other_need_no_more_stack),
        acts_test(a_hook_may_give_idle_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
