/*
 * Processes: no signal to another one that has got the same number, with the
 * kernel's descriptors for processes and without.
 */
#include "checks.h"
#include "govern/monitor_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int with_pidfd(void **state)
{
    (void)state;
    rc__process_no_pidfd = false;
    return 0;
}

static int without_pidfd(void **state)
{
    (void)state;
    rc__process_no_pidfd = true;
    return 0;
}

static int after_test(void **state)
{
    (void)state;
    rc__process_no_pidfd = false;
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

#define both_tests(function)                                                  \
    {#function " with pidfd", function, with_pidfd, after_test, NULL},        \
    {                                                                         \
#function " without pidfd", function, without_pidfd, after_test, NULL \
    }

/* A child that ends with `code`, or waits for a signal if that is negative. */
static pid_t fork_child(int code)
{
    pid_t pid = fork();
    if (pid == 0) {
        alarm(120);
        while (code < 0) {
            pause();
        }
        _exit(code);
    }
    assert_true(pid > 0);
    return pid;
}

static struct rc_process_end reap(struct rc_process *process)
{
    struct rc_process_end end;
    while (!rc__process_reap(process, &end)) {
        poll(NULL, 0, 1);
    }
    return end;
}

static void an_exit_code_is_told(void **state)
{
    (void)state;
    pid_t pid = fork_child(42);
    struct rc_process process = rc__process_open(pid);
    struct rc_process_end end = reap(&process);
    assert_true(end.known);
    assert_false(end.by_signal);
    assert_int_equal(end.code, 42);
    assert_int_equal(end.pid, pid);
}

static void a_signal_arrives_and_is_told(void **state)
{
    (void)state;
    struct rc_process process = rc__process_open(fork_child(-1));
    struct rc_process_end end;
    assert_false(rc__process_reap(&process, &end));
    assert_true(rc__process_signal(&process, SIGKILL));
    end = reap(&process);
    assert_true(end.known);
    assert_true(end.by_signal);
    assert_int_equal(end.code, SIGKILL);
}

static void after_its_end_nothing_is_signalled(void **state)
{
    (void)state;
    struct rc_process process = rc__process_open(fork_child(0));
    reap(&process);
    assert_int_equal(process.pid, 0);
    assert_int_equal(process.pidfd, -1);
    assert_false(rc__process_signal(&process, SIGKILL));
    struct rc_process_end end;
    assert_true(rc__process_reap(&process, &end));
    assert_false(end.known);
}

static void one_that_was_waited_for_elsewhere_has_ended(void **state)
{
    (void)state;
    pid_t pid = fork_child(0);
    struct rc_process process = rc__process_open(pid);
    waitpid(pid, NULL, 0);
    assert_false(rc__process_signal(&process, SIGKILL));
    struct rc_process_end end = reap(&process);
    assert_false(end.known);
    assert_int_equal(end.pid, pid);
}

/* What clone3() takes, as far as it is needed here. */
struct clone_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
        set_tid_size, cgroup;
};

/* A child with a number of our choice; -1 where that is not allowed. */
static pid_t fork_with_number(pid_t number)
{
    struct clone_arguments arguments = {
        .exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&number, .set_tid_size = 1};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        alarm(120);
        for (;;) {
            pause();
        }
    }
    return pid;
}

static void another_process_of_the_same_number_is_not_meant(void **state)
{
    (void)state;
    pid_t pid = fork_child(0);
    struct rc_process process = rc__process_open(pid);
    waitpid(pid, NULL, 0); /* somebody else did; the number is free */
    if (process.pidfd < 0) {
        skip(); /* an old kernel */
    }
    pid_t other = fork_with_number(pid);
    if (other < 0) {
        /* Not allowed: then the record is made to name another child. */
        process.pid = other = fork_child(-1);
    }
    assert_false(rc__process_signal(&process, SIGKILL));
    struct rc_process_end end = reap(&process);
    assert_false(end.known);
    assert_int_equal(waitpid(other, NULL, WNOHANG), 0); /* it lives */
    kill(other, SIGKILL);
    assert_int_equal(waitpid(other, NULL, 0), other);
}

static void a_stranger_is_not_signalled(void **state)
{
    (void)state;
    /* Without descriptors only our own children are; our parent is none. */
    struct rc_process process = {.pid = getppid(), .pidfd = -1};
    assert_false(rc__process_signal(&process, 0));
}

static void the_resident_size_is_read(void **state)
{
    (void)state;
    size_t bytes;
    struct rc_process process = rc__process_open(fork_child(-1));
    assert_true(rc__process_resident(&process, "/proc", &bytes));
    assert_true(bytes > 4096);
    assert_false(rc__process_resident(&process, "/nonexistent", &bytes));
    assert_int_equal(bytes, 0);
    assert_false(rc__process_resident(&process, "", &bytes));
    char long_path[5000];
    memset(long_path, '/', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_false(rc__process_resident(&process, long_path, &bytes));
    rc__process_signal(&process, SIGKILL);
    reap(&process);
    assert_false(rc__process_resident(&process, "/proc", &bytes));
}

static void what_is_not_a_size_is_not_read(void **state)
{
    (void)state;
    size_t bytes;
    char folder[] = "/tmp/rcycle_proc_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    struct rc_process process = {.pid = 1, .pidfd = -1};
    static const char *const texts[] = {"", "12", "12 x", "what"};
    snprintf(path, sizeof path, "%s/1", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/1/statm", folder);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *file = fopen(path, "w");
        fputs(texts[i], file);
        fclose(file);
        assert_false(rc__process_resident(&process, folder, &bytes));
        assert_int_equal(bytes, 0);
    }
    unlink(path);
    snprintf(path, sizeof path, "%s/1", folder);
    rmdir(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both_tests(an_exit_code_is_told),
        both_tests(a_signal_arrives_and_is_told),
        both_tests(after_its_end_nothing_is_signalled),
        both_tests(one_that_was_waited_for_elsewhere_has_ended),
        cmocka_unit_test_setup_teardown(another_process_of_the_same_number_is_not_meant, with_pidfd,
                                        after_test),
        both_tests(a_stranger_is_not_signalled),
        both_tests(the_resident_size_is_read),
        cmocka_unit_test(what_is_not_a_size_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
