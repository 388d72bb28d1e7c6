/*
 * Destructors at the end of a heap, of a thread and of the process.
 */
#include "checks.h"
#include "dying.h"
#include "misuse_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `fill` in a heap of its own and ends that. */
static void end_a_heap_with(void (*fill)(void))
{
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    fill();
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
}

/* ---- whose ------------------------------------------------------------------------------ */

static void count_death(zval *self)
{
    (void)self;
    dying_count++;
}

static const struct zval_class acyclic_class = {
    .name = "acyclic", .destructor = count_death, .flags = ZVAL_CLASS_ACYCLIC};

/* Six: held by the program, garbage, hanging off either, acyclic, a struct. */
static void fill_with_all_kinds(void)
{
    zval live = dying_new();
    zval_assign(zval_property_at(&live, 0), dying_new());
    zval garbage = dying_self_new();
    zval_assign(zval_property_at(&garbage, 1), zval_object(&acyclic_class));
    zval_release(&garbage);
    struct dying_node *node = dying_node_new();
    node->value = dying_new();
}

static void everything_left_is_destructed_once(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_all_kinds);
    assert_int_equal(dying_count, 6);
    assert_int_equal(dying_freed, 1);
}

static void fill_with_many(void)
{
    for (int i = 0; i < 50000; i++) {
        zval object = dying_new();
        zval_assign(zval_property_at(&object, 0), zval_native(dying_node_new()));
    }
}

static void many_are_destructed_once(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_many);
    assert_int_equal(dying_count, 100000);
    assert_int_equal(dying_freed, 50000);
}

static zval rescued;

static void rescue(zval *self)
{
    rescued = zval_copy(self);
}

static void fill_with_one_rescued(void)
{
    dying_act = rescue;
    zval object = dying_new();
    zval_release(&object);
}

static void what_has_been_destructed_before_is_not_again(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_one_rescued);
    assert_int_equal(dying_count, 1);
}

static int freed_too_early;

static void look_at_freed(zval *self)
{
    (void)self;
    freed_too_early += dying_freed;
}

static void fill_with_structs(void)
{
    dying_act = look_at_freed;
    for (int i = 0; i < 5000; i++) {
        dying_node_new()->a = dying_node_new();
    }
}

static void all_destructors_run_before_the_first_free_hook(void **state)
{
    (void)state;
    freed_too_early = 0;
    end_a_heap_with(fill_with_structs);
    assert_int_equal(dying_count, 10000);
    assert_int_equal(dying_freed, 10000);
    assert_int_equal(freed_too_early, 0);
}

/* ---- what they make ------------------------------------------------------------------------ */

static int to_be_made;

static void make_more(zval *self)
{
    (void)self;
    if (to_be_made > 0) {
        to_be_made--;
        (void)dying_new();
        dying_drop_self();
    }
}

static void fill_with_a_maker(void)
{
    dying_act = make_more;
    (void)dying_new();
}

/* 1 + 2 + 4 + ... + 2 * 10 */
static void what_destructors_make_is_destructed_too(void **state)
{
    (void)state;
    to_be_made = 10;
    end_a_heap_with(fill_with_a_maker);
    assert_int_equal(to_be_made, 0);
    assert_int_equal(dying_count, 1 + 2 * 10);
}

static void count_death_of_wide(zval *self)
{
    count_death(self);
    dying_count += 100;
}

static const char *const wide_names[20] = {"p0",  "p1",  "p2",  "p3",  "p4",  "p5",  "p6",
                                           "p7",  "p8",  "p9",  "p10", "p11", "p12", "p13",
                                           "p14", "p15", "p16", "p17", "p18", "p19"};
static const struct zval_class wide_class = {.name = "wide",
                                             .properties = wide_names,
                                             .property_count = 20,
                                             .destructor = count_death_of_wide};

/* Each of another size than what made it, so it lands in a page that was not there before. */
static void make_another_kind(zval *self)
{
    if (zval_type_of(self) == ZVAL_OBJECT) {
        (void)dying_node_new();
    } else {
        (void)zval_object(&wide_class);
    }
}

static void fill_with_one_of_a_kind(void)
{
    dying_act = make_another_kind;
    (void)dying_new();
}

static void what_lands_in_new_pages_is_destructed_too(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_one_of_a_kind);
    assert_int_equal(dying_count, 1 + 1 + 101);
}

static void make_another(zval *self)
{
    (void)self;
    (void)dying_new();
}

static void fill_with_an_endless_maker(void)
{
    dying_act = make_another;
    (void)dying_new();
}

/* After sixteen rounds at the latest; one round may destruct a page full of them. */
static void one_that_always_makes_another_comes_to_an_end(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_an_endless_maker);
    assert_true(dying_count >= 16);
}

/* ---- what they do ---------------------------------------------------------------------------- */

static zval kept_weakly;
static int answers;

static void ask(zval *self)
{
    (void)self;
    zval target = zval_weakref_get(&kept_weakly);
    answers += zval_type_of(&target) == ZVAL_OBJECT;
    zval_release(&target);
}

static void fill_with_weak_references(void)
{
    dying_act = ask;
    zval object = dying_new();
    kept_weakly = zval_weakref(&object);
    (void)dying_self_new();
}

static void weak_references_answer_in_them(void **state)
{
    (void)state;
    answers = 0;
    end_a_heap_with(fill_with_weak_references);
    assert_int_equal(answers, 2);
}

static void rescue_for_ever(zval *self)
{
    (void)zval_copy(self);
}

static void fill_with_the_rescued(void)
{
    dying_act = rescue_for_ever;
    for (int i = 0; i < 100; i++) {
        dying_drop_self();
        (void)dying_node_new();
    }
}

static void nothing_is_rescued_any_more(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_the_rescued);
    assert_int_equal(dying_count, 200);
    assert_int_equal(dying_freed, 100);
}

static zval held[1000];

static void release_all(zval *self)
{
    (void)self;
    for (int i = 0; i < 1000; i++) {
        zval_release(&held[i]);
    }
}

static void fill_with_held(void)
{
    dying_act = release_all;
    for (int i = 0; i < 1000; i++) {
        held[i] = i % 2 == 0 ? dying_new() : zval_native(dying_node_new());
    }
}

static void what_one_of_them_releases_is_destructed_once(void **state)
{
    (void)state;
    end_a_heap_with(fill_with_held);
    assert_int_equal(dying_count, 1000);
    assert_int_equal(dying_freed, 500);
}

static void release_long_chain(zval *self)
{
    zval chain = zval_null();
    for (int i = 0; i < 100000; i++) {
        zval array = zval_array();
        (void)zval_array_push(&array, chain);
        chain = array;
    }
    zval_release(&chain);
    answers += zval_refcount(self) > 0;
}

static void fill_with_chain_makers(void)
{
    dying_act = release_long_chain;
    for (int i = 0; i < 3; i++) {
        (void)dying_new();
    }
}

static void they_may_release_deep_structures(void **state)
{
    (void)state;
    answers = 0;
    end_a_heap_with(fill_with_chain_makers);
    assert_int_equal(answers, 3);
}

static size_t collected_inside;
static size_t faults_inside;

static void meddle(zval *self)
{
    dying_drop_self();
    collected_inside += gc_collect_cycles() + gc_collect_heap();
    faults_inside = gc_heap_verify(NULL, NULL);
    gc_heap_free(gc_heap_current());
    (void)gc_mem_caches();
    gc_disable();
    (void)zval_property_set(self, "more", checks_list(100));
    dying_act = NULL;
}

static void fill_with_a_meddler(void)
{
    dying_act = meddle;
    (void)dying_new();
}

static void collecting_and_ending_the_heap_do_nothing_in_them(void **state)
{
    (void)state;
    struct misuse_log log;
    misuse_log_begin(&log);
    collected_inside = 0;
    end_a_heap_with(fill_with_a_meddler);
    assert_int_equal(dying_count, 2);
    assert_int_equal(collected_inside, 0);
    assert_true(faults_inside == SIZE_MAX);
    assert_int_equal(log.count, gc_misuse_is_checked());
    misuse_log_end();
}

static void fill_without_memory(void)
{
    dying_act = make_more;
    (void)dying_new();
    (void)dying_node_new();
    gc_memory_fail_after(0);
}

static void a_heap_ends_without_memory(void **state)
{
    (void)state;
    to_be_made = 1;
    end_a_heap_with(fill_without_memory);
    assert_int_equal(dying_count, 2);
    assert_int_equal(dying_freed, 1);
}

/* ---- a thread, the process ----------------------------------------------------------------------
 */

static void *leave_objects(void *argument)
{
    (void)argument;
    to_be_made = 3;
    dying_act = make_more;
    fill_with_all_kinds();
    return NULL;
}

static void a_threads_end_destructs_what_is_left_in_its_heap(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, leave_objects, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(dying_count, 6 + 2 * 3);
    assert_int_equal(dying_freed, 1);
}

static int report_to;

static void report(zval *self)
{
    (void)self;
    (void)!write(report_to, "!", 1);
}

static void leave_and_exit(int pipe_to_parent)
{
    report_to = pipe_to_parent;
    dying_act = report;
    gc_heap_use(NULL);
    (void)dying_new();
    dying_drop_self();
    exit(EXIT_SUCCESS);
}

static void the_process_end_destructs_what_is_left_in_the_main_threads_heap(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        leave_and_exit(ends[1]);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ends[1]);
    char reports[8];
    assert_int_equal(read(ends[0], reports, sizeof reports), 2);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dying_test(everything_left_is_destructed_once),
        dying_test(many_are_destructed_once),
        dying_test(what_has_been_destructed_before_is_not_again),
        dying_test(all_destructors_run_before_the_first_free_hook),
        dying_test(what_destructors_make_is_destructed_too),
        dying_test(what_lands_in_new_pages_is_destructed_too),
        dying_test(one_that_always_makes_another_comes_to_an_end),
        dying_test(weak_references_answer_in_them),
        dying_test(nothing_is_rescued_any_more),
        dying_test(what_one_of_them_releases_is_destructed_once),
        dying_test(they_may_release_deep_structures),
        dying_test(collecting_and_ending_the_heap_do_nothing_in_them),
        dying_test(a_heap_ends_without_memory),
        dying_test(a_threads_end_destructs_what_is_left_in_its_heap),
        dying_test(the_process_end_destructs_what_is_left_in_the_main_threads_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
