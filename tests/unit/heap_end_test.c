/*
 * The end of a heap, and of all that lives in it.
 */
#include "checks.h"
#include "fixture.h"
#include "misuse_log.h"

/* ---- a struct whose end is noticed, and does something ----------------------- */

struct mortal {
    struct gc_object gc;
    struct mortal *next;
    int *freed; /* one more when the hook has run */
    void (*last_act)(struct mortal *self);
    zval secret; /* not declared */
};

static void mortal_free(void *self)
{
    struct mortal *mortal = self;
    if (mortal->last_act != NULL) {
        mortal->last_act(mortal);
    }
    if (mortal->freed != NULL) {
        ++*mortal->freed;
    }
}

static const struct gc_field mortal_fields[] = {GC_FIELD_OBJECT(struct mortal, next)};

static const struct gc_type mortal_type = {
    .name = "mortal",
    .size = sizeof(struct mortal),
    .fields = mortal_fields,
    .field_count = 1,
    .free = mortal_free,
};

static struct mortal *mortal_new(int *freed)
{
    struct mortal *mortal = gc_new(&mortal_type);
    mortal->freed = freed;
    return mortal;
}

/* ---- ending ------------------------------------------------------------------ */

static void no_heap_can_be_ended(void **state)
{
    (void)state;
    gc_heap_free(NULL);
}

static void ending_the_current_heap_falls_back_to_the_threads_own(void **state)
{
    (void)state;
    struct gc_heap *fixture = gc_heap_use(NULL);
    struct gc_heap *own = gc_heap_current();
    struct gc_heap *heap = gc_heap_new(NULL);
    gc_heap_use(heap);
    gc_heap_free(heap);
    assert_ptr_equal(gc_heap_current(), own);
    gc_heap_use(fixture);
}

static void the_threads_own_heap_can_be_ended_and_comes_back_empty(void **state)
{
    (void)state;
    struct gc_heap *fixture = gc_heap_use(NULL);
    int freed = 0;
    mortal_new(&freed);
    gc_heap_free(gc_heap_current());
    assert_int_equal(freed, 1);
    assert_non_null(gc_heap_current());
    assert_nodes(0);
    gc_heap_use(fixture);
}

/* Runs `fill` in a heap of its own, leaves everything there alive, and ends it. */
static void end_a_heap_with(void (*fill)(int *freed), int *freed)
{
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    fill(freed);
    gc_heap_use(before);
    gc_heap_free(heap);
}

static void fill_with_live_and_dead(int *freed)
{
    struct mortal *live = mortal_new(freed);
    live->next = mortal_new(freed);
    struct mortal *garbage = mortal_new(freed);
    garbage->next = gc_retain(garbage);
    gc_release(garbage);
    gc_release(mortal_new(freed));
}

static void each_free_hook_runs_once_when_the_heap_ends(void **state)
{
    (void)state;
    int freed = 0;
    end_a_heap_with(fill_with_live_and_dead, &freed);
    assert_int_equal(freed, 4);
}

static void fill_with_values(int *freed)
{
    zval array = zval_array();
    zval object = zval_object(NULL);
    (void)zval_array_push(&array, zval_reference(&array));
    (void)zval_array_set(&array, "text", zval_cstring("held by nothing else"));
    (void)zval_property_set(&object, "array", zval_copy(&array));
    (void)zval_property_set(&object, "struct", zval_native(mortal_new(freed)));
    for (int i = 0; i < 100; i++) {
        (void)zval_array_push(&array, checks_list(i * 10));
    }
}

static void a_heap_ends_with_values_of_all_kinds_in_it(void **state)
{
    (void)state;
    int freed = 0;
    end_a_heap_with(fill_with_values, &freed);
    assert_int_equal(freed, 1);
}

/* ---- hooks that do something while the heap ends ----------------------------- */

static void act_release_others(struct mortal *self)
{
    zval_release(&self->secret);
    gc_release(self->next);
    gc_release(self);
}

static void fill_with_releasers(int *freed)
{
    struct mortal *last = NULL;
    for (int i = 0; i < 10; i++) {
        struct mortal *mortal = mortal_new(freed);
        mortal->last_act = act_release_others;
        mortal->next = last;
        mortal->secret = zval_native(gc_retain(mortal));
        last = mortal;
    }
}

static void hooks_that_release_what_ends_too_run_once(void **state)
{
    (void)state;
    int freed = 0;
    end_a_heap_with(fill_with_releasers, &freed);
    assert_int_equal(freed, 10);
}

static void act_release_own_values(struct mortal *self)
{
    zval_release(&self->secret);
}

static void fill_with_secrets(int *freed)
{
    for (int i = 0; i < 10; i++) {
        struct mortal *mortal = mortal_new(freed);
        mortal->last_act = act_release_own_values;
        mortal->secret = i % 2 == 0 ? zval_cstring("a secret") : checks_list(3);
    }
}

static void hooks_may_release_values_of_the_ending_heap(void **state)
{
    (void)state;
    int freed = 0;
    end_a_heap_with(fill_with_secrets, &freed);
    assert_int_equal(freed, 10);
}

static size_t collected_in_hook;

static void act_collect(struct mortal *self)
{
    (void)self;
    collected_in_hook += gc_collect_cycles() + gc_collect_heap();
}

static void fill_with_collectors(int *freed)
{
    for (int i = 0; i < 3; i++) {
        struct mortal *mortal = mortal_new(freed);
        mortal->last_act = act_collect;
        mortal->next = gc_retain(mortal);
        gc_release(mortal);
    }
}

static void end_the_current_heap_with(void (*fill)(int *freed), int *freed)
{
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    fill(freed);
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
}

static void hooks_that_collect_the_ending_heap_find_nothing(void **state)
{
    (void)state;
    int freed = 0;
    collected_in_hook = 0;
    end_the_current_heap_with(fill_with_collectors, &freed);
    assert_int_equal(freed, 3);
    assert_int_equal(collected_in_hook, 0);
}

static void act_allocate(struct mortal *self)
{
    zval array = zval_array();
    (void)zval_array_push(&array, zval_cstring("made while everything ends"));
    self->secret = array;
}

static void fill_with_allocators(int *freed)
{
    for (int i = 0; i < 3; i++) {
        mortal_new(freed)->last_act = act_allocate;
    }
}

static void hooks_may_make_values_in_the_ending_heap(void **state)
{
    (void)state;
    int freed = 0;
    end_the_current_heap_with(fill_with_allocators, &freed);
    assert_int_equal(freed, 3);
}

/* ---- a heap that is busy ----------------------------------------------------- */

static size_t verified_in_hook;

static void act_end_the_heap(struct mortal *self)
{
    (void)self;
    verified_in_hook = gc_heap_verify(NULL, NULL);
    gc_heap_free(gc_heap_current());
}

static void a_heap_is_not_ended_while_it_releases(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    struct gc_heap *heap = gc_heap_current();
    int freed = 0;
    struct mortal *mortal = mortal_new(&freed);
    mortal->last_act = act_end_the_heap;
    gc_release(mortal);
    assert_int_equal(freed, 1);
    assert_ptr_equal(gc_heap_current(), heap);
    assert_int_equal(log.count, gc_misuse_is_checked());
    misuse_log_end();
}

static void a_heap_is_not_ended_while_it_collects(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    int freed = 0;
    struct mortal *mortal = mortal_new(&freed);
    mortal->last_act = act_end_the_heap;
    mortal->next = gc_retain(mortal);
    gc_release(mortal);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_int_equal(freed, 1);
    assert_int_equal(log.count, gc_misuse_is_checked());
    misuse_log_end();
}

static void a_heap_that_collects_is_too_busy_to_be_verified(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    struct mortal *mortal = mortal_new(NULL);
    mortal->last_act = act_end_the_heap;
    mortal->next = gc_retain(mortal);
    gc_release(mortal);
    gc_collect_cycles();
    assert_true(verified_in_hook == SIZE_MAX);
    misuse_log_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(no_heap_can_be_ended),
        fixture_test(ending_the_current_heap_falls_back_to_the_threads_own),
        fixture_test(the_threads_own_heap_can_be_ended_and_comes_back_empty),
        fixture_test(each_free_hook_runs_once_when_the_heap_ends),
        fixture_test(a_heap_ends_with_values_of_all_kinds_in_it),
        fixture_test(hooks_that_release_what_ends_too_run_once),
        fixture_test(hooks_may_release_values_of_the_ending_heap),
        fixture_test(hooks_that_collect_the_ending_heap_find_nothing),
        fixture_test(hooks_may_make_values_in_the_ending_heap),
        fixture_test(a_heap_is_not_ended_while_it_releases),
        fixture_test(a_heap_is_not_ended_while_it_collects),
        fixture_test(a_heap_that_collects_is_too_busy_to_be_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
