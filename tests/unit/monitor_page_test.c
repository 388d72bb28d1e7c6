/*
 * The shared page: records are never seen half written, between processes too.
 */
#include "checks.h"
#include "govern/monitor_page.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rc_page *page;

static int make_page(void **state)
{
    (void)state;
    alarm(60); /* what waits for a state that does not come is ended */
    page = rc__page_new(2);
    return page == NULL ? -1 : 0;
}

static int free_page(void **state)
{
    (void)state;
    alarm(0);
    rc__page_free(page);
    return 0;
}

#define page_test(function) cmocka_unit_test_setup_teardown(function, make_page, free_page)

/* All words of a writing have the same value. */
static void write_number(struct rc_record *record, uint64_t number)
{
    uint64_t words[RC_FIGURES];
    for (unsigned i = 0; i < RC_FIGURES; i++) {
        words[i] = number;
    }
    rc__record_write(record, words, RC_FIGURES);
}

static _Noreturn void write_for_ever(struct rc_record *record)
{
    for (uint64_t number = 1;; number++) {
        write_number(record, number);
    }
}

static bool is_whole(const uint64_t *words)
{
    for (unsigned i = 1; i < RC_FIGURES; i++) {
        if (words[i] != words[0]) {
            return false;
        }
    }
    return true;
}

static pid_t fork_writer(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test not live to end it */
        write_for_ever(&page->place[1].figures);
    }
    assert_true(pid > 0);
    return pid;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    uint64_t words[RC_FIGURES] = {9};
    assert_true(rc__record_read(&page->place[0].figures, words, RC_FIGURES));
    assert_int_equal(words[0], 0);
    write_number(&page->place[0].figures, 7);
    assert_true(rc__record_read(&page->place[0].figures, words, RC_FIGURES));
    assert_int_equal(words[0], 7);
    assert_true(is_whole(words));
}

static void no_reader_ever_sees_a_half(void **state)
{
    (void)state;
    pid_t writer = fork_writer();
    uint64_t last = 0, changes = 0;
    for (unsigned i = 0; i < 100000000 && changes < 20000; i++) {
        uint64_t words[RC_FIGURES];
        if (rc__record_read(&page->place[1].figures, words, RC_FIGURES)) {
            assert_true(is_whole(words));
            assert_true(words[0] >= last);
            changes += words[0] != last;
            last = words[0];
        }
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    assert_true(changes > 100);
}

/* Kills the writer until it happens to be within a writing. */
static void leave_half_written(void)
{
    struct rc_record *record = &page->place[1].figures;
    do {
        uint64_t before = record->sequence;
        pid_t writer = fork_writer();
        while (record->sequence == before) {
            poll(NULL, 0, 1);
        }
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
    } while ((record->sequence & 1) == 0);
}

static void a_writer_killed_in_between_leaves_nothing_to_be_read(void **state)
{
    (void)state;
    struct rc_record *record = &page->place[1].figures;
    uint64_t words[RC_FIGURES] = {9};
    leave_half_written();
    assert_false(rc__record_read(record, words, RC_FIGURES));
    assert_int_equal(words[0], 9);
    write_number(record, 5); /* the next one puts it right */
    assert_true(rc__record_read(record, words, RC_FIGURES));
    assert_int_equal(words[0], 5);
    assert_true(is_whole(words));
}

static void counts_of_several_processes_add_up(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 100000; i++) {
            rc__page_count(page, RC_COUNT_LOG_LOST);
        }
        _exit(0);
    }
    for (int i = 0; i < 100000; i++) {
        rc__page_count(page, RC_COUNT_LOG_LOST);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(page->counts[RC_COUNT_LOG_LOST], 200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        page_test(what_is_written_is_read),
        page_test(no_reader_ever_sees_a_half),
        page_test(a_writer_killed_in_between_leaves_nothing_to_be_read),
        page_test(counts_of_several_processes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
