/*
 * What the service manager is told: the test listens where it would.
 */
#include "monitor_bed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listener;
static char name[64];
static char heard[1 << 16]; /* all messages, each in brackets */

static int make_listener(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    return bind(made, (struct sockaddr *)&address, length) == 0 ? made : -1;
}

static int begin(void **state)
{
    snprintf(name, sizeof name, "@rcycle_monitor_notify_test_%ld", (long)getpid());
    heard[0] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    listener = make_listener();
    return listener < 0 ? -1 : bed_begin(state);
}

static int end(void **state)
{
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    close(listener);
    return bed_end(state);
}

#define notify_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

static void listen_to_all(void)
{
    char message[512];
    ssize_t length;
    while ((length = recv(listener, message, sizeof message - 1, 0)) > 0) {
        message[length] = '\0';
        size_t used = strlen(heard);
        snprintf(heard + used, sizeof heard - used, "[%s]", message);
    }
}

static bool has_heard(const char *text)
{
    listen_to_all();
    return strstr(heard, text) != NULL;
}

static unsigned times_heard(const char *text)
{
    unsigned count = 0;
    listen_to_all();
    for (const char *at = heard; (at = strstr(at, text)) != NULL; at += strlen(text)) {
        count++;
    }
    return count;
}

static void ready_is_told_when_a_worker_is(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    bed->act = BED_NEVER_READY;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_STARTING) == 2);
    bed_turns(monitor, 20);
    assert_false(has_heard("READY=1"));
    bed_free(monitor);

    bed->act = BED_SERVE;
    monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    char expected[64];
    snprintf(expected, sizeof expected, "[READY=1\nMAINPID=%ld]", (long)getpid());
    assert_true(has_heard(expected));
    assert_true(has_heard("[STATUS=2 of 2 workers serve, "));
    bed_turns(monitor, 50);
    assert_int_equal(times_heard("READY=1"), 1);
    assert_int_equal(times_heard("STATUS=2 of 2"), 1);
    bed_finish(monitor);
}

static void a_path_is_an_address_too(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    char folder[] = "/tmp/rcycle_notify_XXXXXX";
    assert_non_null(mkdtemp(folder));
    close(listener);
    snprintf(name, sizeof name, "%s/socket", folder);
    setenv("NOTIFY_SOCKET", name, 1);
    listener = make_listener();
    assert_true(listener >= 0);
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, has_heard("READY=1"));
    bed_finish(monitor);
    unlink(name);
    rmdir(folder);
}

static void a_reload_is_told_with_its_time(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    listen_to_all();
    heard[0] = '\0';
    gc_monitor_reload(monitor);
    bed_drive_until(monitor, bed_counts(monitor).reloads == 1);
    listen_to_all();
    const char *reloading = strstr(heard, "[RELOADING=1\nMONOTONIC_USEC=");
    assert_non_null(reloading);
    assert_true(strtoull(strchr(reloading, 'U') + 5, NULL, 10) > 0);
    const char *ready = strstr(heard, "[READY=1");
    assert_non_null(ready);
    assert_true(reloading < ready);
    bed_finish(monitor);
}

static void stopping_is_told(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    assert_false(has_heard("STOPPING=1"));
    bed_finish(monitor);
    assert_int_equal(times_heard("[STOPPING=1]"), 1);
}

static void the_watchdog_gets_its_beats(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.period_ms = 60000; /* no other reason for a turn */
    setenv("WATCHDOG_USEC", "20000", 1);
    struct gc_monitor *monitor = bed_monitor(&options);
    uint64_t deadline_ns = bed_deadline_ns();
    while (times_heard("[WATCHDOG=1]") < 5) {
        bed_check_time(deadline_ns, "five beats", __FILE__, __LINE__);
        assert_true(bed_step(monitor, 20000)); /* it is the beat that ends the wait */
    }
    bed_finish(monitor);
}

static void the_watchdog_of_another_process_gets_none(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    setenv("WATCHDOG_USEC", "1000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    bed_turns(monitor, 20);
    assert_false(has_heard("WATCHDOG=1"));
    bed_finish(monitor);
}

static void a_state_that_did_not_arrive_is_sent_again(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    close(listener);
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    bed_turns(monitor, 5);
    assert_true(bed_counts(monitor).notify_lost > 0);
    listener = make_listener();
    assert_true(listener >= 0);
    bed_drive_until(monitor, has_heard("READY=1"));
    bed_finish(monitor);
}

static void an_option_keeps_it_silent(void **state)
{
    (void)state;
    struct gc_monitor_options options = bed_options();
    options.notify = false;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    bed_finish(monitor);
    listen_to_all();
    assert_string_equal(heard, "");
}

static void an_address_that_is_none_is_ignored(void **state)
{
    (void)state;
    static char long_name[200];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[0] = '/';
    const char *const addresses[] = {"", "relative", "vsock:2:1", long_name};
    struct gc_monitor_options options = bed_options();
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        setenv("NOTIFY_SOCKET", addresses[i], 1);
        struct gc_monitor *monitor = bed_monitor(&options);
        bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
        assert_int_equal(bed_counts(monitor).notify_lost, 0);
        bed_finish(monitor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        notify_test(ready_is_told_when_a_worker_is),
        notify_test(a_path_is_an_address_too),
        notify_test(a_reload_is_told_with_its_time),
        notify_test(stopping_is_told),
        notify_test(the_watchdog_gets_its_beats),
        notify_test(the_watchdog_of_another_process_gets_none),
        notify_test(a_state_that_did_not_arrive_is_sent_again),
        notify_test(an_option_keeps_it_silent),
        notify_test(an_address_that_is_none_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
