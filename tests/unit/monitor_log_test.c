/*
 * Log lines: what they look like, and that a log that fails harms nobody.
 */
#include "monitor_bed.h"

#include "govern/monitor_log.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct rc_page *page;
static struct rc_log log_of_test;
static struct rc_line line;

static int make_page(void **state)
{
    (void)state;
    page = rc__page_new(1);
    return page == NULL ? -1 : 0;
}

static int free_page(void **state)
{
    (void)state;
    rc__log_close(&log_of_test);
    rc__page_free(page);
    return 0;
}

#define log_test(function) cmocka_unit_test_setup_teardown(function, make_page, free_page)

static unsigned lost(void)
{
    return (unsigned)page->counts[RC_COUNT_LOG_LOST];
}

static void write_line(const char *event)
{
    rc__line_begin(&line, &log_of_test, event);
    rc__line_write(&line, &log_of_test);
}

/* ---- what lines look like -------------------------------------------------------- */

/* A field "key" of this text, as it is logged. */
static const char *logged(const char *text, size_t length)
{
    static char copy[RC_LINE_BYTES + 1];
    rc__log_open(&log_of_test, -1, "test", page);
    rc__line_begin(&line, &log_of_test, "event");
    rc__line_text(&line, "key", text, length);
    memcpy(copy, line.text, line.length);
    copy[line.length] = '\0';
    const char *field = strstr(copy, ",\"key\":");
    return field == NULL ? "" : field + strlen(",\"key\":");
}

#define assert_logged(text, expected) assert_string_equal(logged(text, sizeof text - 1), expected)

static void a_line_is_one_object(void **state)
{
    (void)state;
    int file = memfd_create("log", 0);
    char text[256] = "";
    rc__log_open(&log_of_test, file, "a \"service\"", page);
    rc__line_begin(&line, &log_of_test, "started");
    rc__line_number(&line, "pid", 12);
    rc__line_word(&line, "reason", "none");
    rc__line_write(&line, &log_of_test);
    assert_true(pread(file, text, sizeof text - 1, 0) > 0);
    assert_ptr_equal(strstr(text, "{\"time\":\""), text);
    assert_non_null(strstr(text, "Z\",\"service\":\"a \\\"service\\\"\",\"event\":\"started\","
                                 "\"pid\":12,\"reason\":\"none\"}\n"));
    assert_int_equal(lost(), 0);
    close(file);
}

static void what_json_forbids_is_escaped(void **state)
{
    (void)state;
    assert_logged("plain", "\"plain\"");
    assert_logged("", "\"\"");
    assert_logged("a\"b\\c", "\"a\\\"b\\\\c\"");
    assert_logged("a\nb\tc\x7f", "\"a\\u000ab\\u0009c\\u007f\"");
    assert_logged("nul\0in", "\"nul\\u0000in\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    assert_logged("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x8e",
                  "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x8e\"");
    assert_logged("\xff", "\"\\ufffd\"");
    assert_logged("a\xc3", "\"a\\ufffd\"");                                /* cut */
    assert_logged("\xc0\x80", "\"\\ufffd\\ufffd\"");                       /* longer than need be */
    assert_logged("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");            /* a surrogate */
    assert_logged("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* beyond all */
    assert_logged("\xc3(", "\"\\ufffd(\"");
}

static void a_line_that_is_too_long_is_cut_and_whole(void **state)
{
    (void)state;
    static char text[3 * RC_LINE_BYTES];
    memset(text, '\n', sizeof text);
    int file = memfd_create("log", 0);
    rc__log_open(&log_of_test, file, "test", page);
    rc__line_begin(&line, &log_of_test, "event");
    for (int i = 0; i < 400; i++) {
        rc__line_number(&line, "number", UINT64_MAX);
        rc__line_text(&line, "text", text, i < 200 ? 1 : sizeof text);
    }
    rc__line_write(&line, &log_of_test);
    assert_true(line.length <= RC_LINE_BYTES);
    assert_memory_equal(line.text + line.length - 2, "}\n", 2);
    size_t quotes = 0;
    for (size_t i = 0; i < line.length; i++) {
        quotes += line.text[i] == '"';
    }
    assert_int_equal(quotes % 2, 0);
    close(file);
}

/* ---- logs that fail ---------------------------------------------------------------- */

static void no_log_is_no_loss(void **state)
{
    (void)state;
    rc__log_open(&log_of_test, -1, "test", page);
    write_line("event");
    assert_int_equal(lost(), 0);
}

static void a_full_disk_is_counted(void **state)
{
    (void)state;
    int file = open("/dev/full", O_WRONLY);
    rc__log_open(&log_of_test, file, "test", page);
    write_line("event");
    write_line("event");
    assert_int_equal(lost(), 2);
    close(file);
}

static void a_closed_descriptor_is_counted(void **state)
{
    (void)state;
    rc__log_open(&log_of_test, 9999, "test", page);
    write_line("event");
    assert_int_equal(lost(), 1);
}

static void a_closed_pipe_raises_no_signal(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    rc__log_open(&log_of_test, ends[1], "test", page);
    close(ends[0]);
    write_line("event");
    assert_int_equal(lost(), 1);
    sigset_t pending;
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
    close(ends[1]);
}

static void a_closed_socket_raises_no_signal(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    rc__log_open(&log_of_test, ends[1], "test", page);
    close(ends[0]);
    write_line("event");
    assert_int_equal(lost(), 1);
    close(ends[1]);
}

/* Writes until lines are lost, which must not wait, and goes on when there is room. */
static void fill_and_empty(int reader, int writer)
{
    static char taken[1 << 22];
    rc__log_open(&log_of_test, writer, "test", page);
    for (int i = 0; i < 100000 && lost() == 0; i++) {
        write_line("event");
    }
    assert_int_equal(lost(), 1);
    assert_true(read(reader, taken, sizeof taken) > 0);
    write_line("event");
    assert_int_equal(lost(), 1);
    close(reader);
    close(writer);
}

static void a_full_pipe_does_not_block(void **state)
{
    (void)state;
    int ends[2];
    alarm(60);
    assert_int_equal(pipe(ends), 0);
    int flags = fcntl(ends[1], F_GETFL);
    fill_and_empty(ends[0], ends[1]);
    alarm(0);
    assert_false(flags & O_NONBLOCK);
}

static void a_full_socket_does_not_block(void **state)
{
    (void)state;
    int ends[2];
    alarm(60);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    fill_and_empty(ends[0], ends[1]);
    alarm(0);
}

static void the_flags_of_the_descriptor_stay(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    rc__log_open(&log_of_test, ends[1], "test", page);
    write_line("event");
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    close(ends[0]);
    close(ends[1]);
}

static void a_line_after_a_cut_one_begins_anew(void **state)
{
    (void)state;
    int file = memfd_create("log", 0);
    char text[256] = "";
    rc__log_open(&log_of_test, file, "test", page);
    log_of_test.is_cut = true;
    write_line("event");
    assert_true(pread(file, text, sizeof text - 1, 0) > 0);
    assert_memory_equal(text, "\n{\"time\"", 8);
    assert_false(log_of_test.is_cut);
    close(file);
}

static void a_service_without_a_log_disk_serves(void **state)
{
    (void)state;
    int file = open("/dev/full", O_WRONLY);
    struct gc_monitor_options options = bed_options();
    options.log_fd = file;
    struct gc_monitor *monitor = bed_monitor(&options);
    bed_drive_until(monitor, bed_count(monitor, GC_MONITOR_READY) == 2);
    gc_monitor_reload(monitor);
    bed_drive_until(monitor, bed_counts(monitor).reloads == 1);
    assert_true(bed_counts(monitor).log_lost > 10);
    bed_finish(monitor);
    close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        log_test(a_line_is_one_object),
        log_test(what_json_forbids_is_escaped),
        log_test(what_is_not_utf8_is_replaced),
        log_test(a_line_that_is_too_long_is_cut_and_whole),
        log_test(no_log_is_no_loss),
        log_test(a_full_disk_is_counted),
        log_test(a_closed_descriptor_is_counted),
        log_test(a_closed_pipe_raises_no_signal),
        log_test(a_closed_socket_raises_no_signal),
        log_test(a_full_pipe_does_not_block),
        log_test(a_full_socket_does_not_block),
        log_test(the_flags_of_the_descriptor_stay),
        log_test(a_line_after_a_cut_one_begins_anew),
        bed_test(a_service_without_a_log_disk_serves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
