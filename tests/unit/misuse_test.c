/*
 * What a checked build detects. Other builds make none of these promises, so
 * most tests are skipped there: to do these things would be undefined.
 */
#include "checks.h"
#include "fixture.h"
#include "misuse_log.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct misuse_log misuses;

static int begin_logged(void **state)
{
    misuse_log_begin(&misuses);
    return fixture_begin(state);
}

static int end_logged(void **state)
{
    int result = fixture_end(state);
    misuse_log_end();
    return result;
}

#define logged_test(function) cmocka_unit_test_setup_teardown(function, begin_logged, end_logged)

static void only_in_a_checked_build(void)
{
    if (!gc_misuse_is_checked()) {
        skip();
    }
}

static void assert_reported(int count, const char *words)
{
    assert_int_equal(misuses.count, count);
    if (strstr(misuses.last, words) == NULL) {
        fail_msg("expected a message with '%s', not '%s'", words, misuses.last);
    }
}

/* ---- release too many -------------------------------------------------------- */

static void proper_use_is_not_reported(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    gc_collect_cycles();
    zval list = checks_list(10);
    zval_release(&list);
    assert_int_equal(misuses.count, 0);
}

static void a_second_release_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct fixture_node *neighbour = fixture_node_new(1);
    struct fixture_node *node = fixture_node_new(2);
    gc_release(node);
    gc_release(node);
    assert_reported(1, "release");
    gc_release(node);
    assert_reported(2, "release");
    assert_nodes(1);
    assert_sound();
    gc_release(neighbour);
}

static void a_second_release_of_the_only_object_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct fixture_node *node = fixture_node_new(1);
    gc_release(node);
    gc_release(node);
    assert_reported(1, "release");
}

static void a_release_of_what_a_collection_freed_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct fixture_node *neighbour = fixture_node_new(1);
    struct fixture_node *node = fixture_node_new(2);
    node->a = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 1);
    gc_release(node);
    assert_reported(1, "release");
    gc_release(neighbour);
}

static void a_release_of_what_a_collection_freed_with_its_page_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct fixture_node *node = fixture_node_new(2);
    node->a = gc_retain(node);
    gc_release(node);
    assert_int_equal(gc_collect_cycles(), 1);
    gc_release(node);
    assert_reported(1, "release");
    assert_nodes(0);
}

static void a_second_release_of_a_string_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    zval text = zval_cstring("text");
    zval stale = text;
    zval_release(&text);
    zval_release(&stale);
    assert_reported(1, "release");
}

static void a_second_release_of_an_array_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    zval list = checks_list(3);
    zval stale = list;
    zval_release(&list);
    zval_release(&stale);
    assert_reported(1, "release");
}

static void an_assignment_over_what_was_released_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    zval text = zval_cstring("text");
    zval stale = text;
    zval_release(&text);
    zval_assign(&stale, zval_int(1));
    assert_reported(1, "release");
    assert_int(&stale, 1);
}

static void a_copy_of_what_was_released_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    zval text = zval_cstring("text");
    zval stale = text;
    zval_release(&text);
    (void)zval_copy(&stale);
    assert_reported(1, "retain");
}

/* ---- use after release ------------------------------------------------------- */

struct phoenix {
    struct gc_object gc;
    struct phoenix *self;
};

static struct phoenix *saved;

static void save_self(void *self)
{
    saved = gc_retain(self);
    gc_release(self);
}

static const struct gc_field phoenix_fields[] = {GC_FIELD_OBJECT(struct phoenix, self)};

static const struct gc_type phoenix_type = {
    .name = "phoenix",
    .size = sizeof(struct phoenix),
    .fields = phoenix_fields,
    .field_count = 1,
    .free = save_self,
};

static void a_free_hook_cannot_save_its_object(void **state)
{
    (void)state;
    only_in_a_checked_build();
    gc_release(gc_new(&phoenix_type));
    assert_reported(2, "has been freed");
    assert_nodes(0);
}

static void a_free_hook_in_a_collection_cannot_save_its_object(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct phoenix *phoenix = gc_new(&phoenix_type);
    phoenix->self = gc_retain(phoenix);
    gc_release(phoenix);
    assert_int_equal(gc_collect_cycles(), 1);
    assert_reported(2, "has been freed");
    assert_nodes(0);
}

/* ---- another thread ---------------------------------------------------------- */

struct neighbour {
    struct gc_heap *heap;
    struct fixture_node *node;
    zval text;
    sem_t is_ready;
    sem_t may_go;
};

static void *live_next_door(void *argument)
{
    struct neighbour *neighbour = argument;
    neighbour->heap = gc_heap_current();
    neighbour->node = fixture_node_new(1);
    gc_retain(neighbour->node);
    neighbour->text = zval_cstring("theirs");
    sem_post(&neighbour->is_ready);
    sem_wait(&neighbour->may_go);
    gc_release(neighbour->node);
    gc_release(neighbour->node);
    zval_release(&neighbour->text);
    return NULL;
}

/* Runs `action` while another thread uses the heap of its own that the neighbour lives in. */
static void with_a_neighbour(void (*action)(struct neighbour *neighbour))
{
    struct neighbour neighbour;
    pthread_t thread;
    sem_init(&neighbour.is_ready, 0, 0);
    sem_init(&neighbour.may_go, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, live_next_door, &neighbour), 0);
    sem_wait(&neighbour.is_ready);
    action(&neighbour);
    sem_post(&neighbour.may_go);
    pthread_join(thread, NULL);
    sem_destroy(&neighbour.is_ready);
    sem_destroy(&neighbour.may_go);
}

static void release_theirs(struct neighbour *neighbour)
{
    gc_release(neighbour->node);
}

static void a_release_of_another_threads_object_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    with_a_neighbour(release_theirs);
    assert_reported(1, "another thread's object");
}

static void release_their_text(struct neighbour *neighbour)
{
    zval text = neighbour->text;
    zval_release(&text);
}

static void a_release_of_another_threads_string_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    with_a_neighbour(release_their_text);
    assert_reported(1, "another thread's object");
}

static void use_their_heap(struct neighbour *neighbour)
{
    struct gc_heap *heap = gc_heap_current();
    gc_heap_use(neighbour->heap);
    gc_heap_use(heap);
}

static void the_use_of_another_threads_heap_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct gc_heap *heap = gc_heap_current();
    with_a_neighbour(use_their_heap);
    assert_reported(1, "another thread's heap");
    assert_ptr_equal(gc_heap_current(), heap);
}

static void end_their_heap(struct neighbour *neighbour)
{
    gc_heap_free(neighbour->heap);
}

static void the_end_of_another_threads_heap_is_detected(void **state)
{
    (void)state;
    only_in_a_checked_build();
    with_a_neighbour(end_their_heap);
    assert_reported(1, "another thread's heap");
}

/* ---- who is told ------------------------------------------------------------- */

static void release_twice(void)
{
    struct fixture_node *node = fixture_node_new(1);
    gc_release(node);
    gc_release(node);
}

static void the_handler_gets_its_context_back(void **state)
{
    (void)state;
    only_in_a_checked_build();
    struct misuse_log other;
    misuse_log_begin(&other);
    release_twice();
    misuse_log_begin(&misuses);
    assert_int_equal(other.count, 1);
    assert_int_equal(misuses.count, 0);
}

/* In a process of its own, whose standard error is read. */
static int run_without_handler(char *text, size_t size)
{
    int ends[2];
    int status = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        misuse_log_end();
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        release_twice();
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], text, size - 1);
    text[length < 0 ? 0 : length] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

static void without_a_handler_it_is_reported_and_the_program_aborts(void **state)
{
    (void)state;
    only_in_a_checked_build();
    char text[256];
    int status = run_without_handler(text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(text, "rcycle"));
    assert_non_null(strstr(text, "release of an object that has been freed"));
}

static void builds_that_are_not_checked_never_report(void **state)
{
    (void)state;
    if (gc_misuse_is_checked()) {
        skip();
    }
    struct fixture_node *neighbour = fixture_node_new(1);
    release_twice();
    assert_int_equal(misuses.count, 0);
    gc_release(neighbour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        logged_test(proper_use_is_not_reported),
        logged_test(a_second_release_is_detected),
        logged_test(a_second_release_of_the_only_object_is_detected),
        logged_test(a_release_of_what_a_collection_freed_is_detected),
        logged_test(a_release_of_what_a_collection_freed_with_its_page_is_detected),
        logged_test(a_second_release_of_a_string_is_detected),
        logged_test(a_second_release_of_an_array_is_detected),
        logged_test(an_assignment_over_what_was_released_is_detected),
        logged_test(a_copy_of_what_was_released_is_detected),
        logged_test(a_free_hook_cannot_save_its_object),
        logged_test(a_free_hook_in_a_collection_cannot_save_its_object),
        logged_test(a_release_of_another_threads_object_is_detected),
        logged_test(a_release_of_another_threads_string_is_detected),
        logged_test(the_use_of_another_threads_heap_is_detected),
        logged_test(the_end_of_another_threads_heap_is_detected),
        logged_test(the_handler_gets_its_context_back),
        logged_test(without_a_handler_it_is_reported_and_the_program_aborts),
        logged_test(builds_that_are_not_checked_never_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
