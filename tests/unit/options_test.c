/*
 * The options' defaults, and what the environment makes of them.
 *
 * A value that cannot be read is reported once in the life of the process for
 * each variable, so each is tried in one test only.
 */
#include "checks.h"
#include "fixture.h"
#include "stderr_capture.h"

#include <stdlib.h>
#include <string.h>

static int clear_environment(void **state)
{
    (void)state;
    unsetenv("RCYCLE_ENABLE_GC");
    unsetenv("RCYCLE_ROOTS");
    unsetenv("RCYCLE_POLICY");
    unsetenv("RCYCLE_LOG");
    unsetenv("RCYCLE_MEMORY_LIMIT");
    unsetenv("RCYCLE_IDLE_MS");
    unsetenv("RCYCLE_PAUSE_US");
    return 0;
}

#define environment_test(function) \
    cmocka_unit_test_setup_teardown(function, clear_environment, clear_environment)

static void the_defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    struct gc_options options = gc_options_default();
    assert_true(options.enabled);
    assert_int_equal(options.root_buffer_entries, GC_ROOT_BUFFER_MAX_ENTRIES);
    assert_int_equal(options.policy, GC_POLICY_GENERATIONAL);
    assert_int_equal(options.memory_limit_bytes, 0);
    assert_int_equal(options.idle_return_ns, 0);
}

static void assert_words_mean(const char *const *words, bool enabled)
{
    for (; *words != NULL; words++) {
        setenv("RCYCLE_ENABLE_GC", *words, 1);
        if (gc_options_default().enabled != enabled) {
            fail_msg("expected RCYCLE_ENABLE_GC=%s to mean %d", *words, enabled);
        }
    }
}

static void the_collector_is_switched_off_by_the_environment(void **state)
{
    (void)state;
    static const char *const words[] = {"0", "off", "false", "no", "OFF", "No", NULL};
    assert_words_mean(words, false);
}

static void the_collector_is_switched_on_by_the_environment(void **state)
{
    (void)state;
    static const char *const words[] = {"1", "on", "true", "yes", "ON", "Yes", NULL};
    assert_words_mean(words, true);
}

static void the_buffer_has_the_size_that_the_environment_says(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 77, 4000000};
    char text[32];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        snprintf(text, sizeof text, "%zu", sizes[i]);
        setenv("RCYCLE_ROOTS", text, 1);
        assert_int_equal(gc_options_default().root_buffer_entries, sizes[i]);
    }
}

static void the_policy_can_be_named_in_the_environment(void **state)
{
    (void)state;
    setenv("RCYCLE_POLICY", "classic", 1);
    assert_int_equal(gc_options_default().policy, GC_POLICY_CLASSIC);
}

static void the_memory_limit_is_what_the_environment_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
    } limits[] = {
        {"0", 0},
        {"1", 1},
        {"65536", 65536},
        {"7k", 7168},
        {"7K", 7168},
        {"128M", (size_t)128 << 20},
        {"128m", (size_t)128 << 20},
        {"3g", (size_t)3 << 30},
        {"18446744073709551615", SIZE_MAX},
        {"17179869183G", SIZE_MAX >> 30 << 30},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        setenv("RCYCLE_MEMORY_LIMIT", limits[i].text, 1);
        assert_int_equal(gc_options_default().memory_limit_bytes, limits[i].bytes);
    }
}

static void the_time_for_idle_memory_is_given_in_milliseconds(void **state)
{
    (void)state;
    setenv("RCYCLE_IDLE_MS", "1500", 1);
    assert_int_equal(gc_options_default().idle_return_ns, 1500000000);
    setenv("RCYCLE_IDLE_MS", "0", 1);
    assert_int_equal(gc_options_default().idle_return_ns, 0);
}

static void a_heap_without_options_follows_the_environment(void **state)
{
    (void)state;
    setenv("RCYCLE_ENABLE_GC", "0", 1);
    setenv("RCYCLE_ROOTS", "77", 1);
    setenv("RCYCLE_MEMORY_LIMIT", "1M", 1);
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    assert_false(gc_enabled());
    assert_int_equal(gc_status().buffer_size, 77);
    assert_int_equal(gc_memory_status().limit_bytes, 1 << 20);
    gc_heap_use(before);
    gc_heap_free(heap);
}

/* ---- what cannot be read ----------------------------------------------------- */

static void ask_twice(void *options)
{
    struct gc_options *both = options;
    both[0] = gc_options_default();
    both[1] = gc_options_default();
}

/* The defaults hold, and one line names the variable and its value. */
static void assert_ignored_and_reported_once(const char *variable, const char *value)
{
    struct gc_options defaults = gc_options_default();
    struct gc_options options[2];
    char text[1024];
    setenv(variable, value, 1);
    assert_int_equal(stderr_capture(ask_twice, options, text, sizeof text), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(options[i].enabled, defaults.enabled);
        assert_int_equal(options[i].root_buffer_entries, defaults.root_buffer_entries);
        assert_int_equal(options[i].policy, defaults.policy);
        assert_int_equal(options[i].memory_limit_bytes, defaults.memory_limit_bytes);
        assert_int_equal(options[i].idle_return_ns, defaults.idle_return_ns);
    }
    assert_non_null(strstr(text, variable));
    assert_non_null(strstr(text, value));
    assert_int_equal(checks_count_lines(text), 1);
}

static void an_unknown_switch_is_ignored_and_reported_once(void **state)
{
    (void)state;
    assert_ignored_and_reported_once("RCYCLE_ENABLE_GC", "maybe");
}

static void an_unknown_policy_is_ignored_and_reported_once(void **state)
{
    (void)state;
    assert_ignored_and_reported_once("RCYCLE_POLICY", "modern");
}

static void a_buffer_size_that_is_none_is_ignored_and_reported_once(void **state)
{
    (void)state;
    assert_ignored_and_reported_once("RCYCLE_ROOTS", "abc");
    static const char *const others[] = {"",        "0",  "-1",  "+5",
                                         " 7",      "7 ", "1e3", "0x10",
                                         "4000001", "7k", "7.5", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        setenv("RCYCLE_ROOTS", others[i], 1);
        if (gc_options_default().root_buffer_entries != GC_ROOT_BUFFER_MAX_ENTRIES) {
            fail_msg("expected RCYCLE_ROOTS='%s' to be ignored", others[i]);
        }
    }
}

static void a_limit_that_is_none_is_ignored_and_reported_once(void **state)
{
    (void)state;
    assert_ignored_and_reported_once("RCYCLE_MEMORY_LIMIT", "plenty");
    static const char *const others[] = {"",   "M",   "-1",  "1.5M", "1 M", "1MB",
                                         "1T", " 1M", "1MM", "0x10", "1M ", "17179869185G"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        setenv("RCYCLE_MEMORY_LIMIT", others[i], 1);
        if (gc_options_default().memory_limit_bytes != 0) {
            fail_msg("expected RCYCLE_MEMORY_LIMIT='%s' to be ignored", others[i]);
        }
    }
}

static void an_idle_time_that_is_none_is_ignored_and_reported_once(void **state)
{
    (void)state;
    assert_ignored_and_reported_once("RCYCLE_IDLE_MS", "1s");
    setenv("RCYCLE_IDLE_MS", "18446744073709551", 1);
    assert_int_equal(gc_options_default().idle_return_ns, 0);
}

/* ---- a line for each run ----------------------------------------------------- */

static void collect_a_cycle_in_a_heap_of_its_own(void *argument)
{
    (void)argument;
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    struct fixture_node *node = fixture_node_new(1);
    node->a = gc_retain(node);
    gc_release(node);
    gc_collect_cycles();
    gc_heap_free(gc_heap_current());
    gc_heap_use(before);
}

static void a_run_is_logged_if_the_environment_says_so(void **state)
{
    (void)state;
    char text[1024];
    setenv("RCYCLE_LOG", "1", 1);
    assert_int_equal(stderr_capture(collect_a_cycle_in_a_heap_of_its_own, NULL, text, sizeof text),
                     0);
    assert_int_equal(checks_count_lines(text), 1);
    assert_non_null(strstr(text, "run 1: 1 roots, 1 nodes visited, 0 destructors, 1 nodes freed"));
}

static void nothing_is_logged_unless_it_is_asked_for(void **state)
{
    (void)state;
    char text[1024];
    assert_int_equal(stderr_capture(collect_a_cycle_in_a_heap_of_its_own, NULL, text, sizeof text),
                     0);
    assert_string_equal(text, "");
}

static void an_unknown_log_switch_is_ignored_and_reported_once(void **state)
{
    (void)state;
    char text[1024];
    setenv("RCYCLE_LOG", "loud", 1);
    assert_int_equal(stderr_capture(collect_a_cycle_in_a_heap_of_its_own, NULL, text, sizeof text),
                     0);
    assert_int_equal(checks_count_lines(text), 1);
    assert_non_null(strstr(text, "RCYCLE_LOG=loud"));
    assert_int_equal(stderr_capture(collect_a_cycle_in_a_heap_of_its_own, NULL, text, sizeof text),
                     0);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        environment_test(the_defaults_are_those_of_the_manual),
        environment_test(the_collector_is_switched_off_by_the_environment),
        environment_test(the_collector_is_switched_on_by_the_environment),
        environment_test(the_buffer_has_the_size_that_the_environment_says),
        environment_test(the_policy_can_be_named_in_the_environment),
        environment_test(the_memory_limit_is_what_the_environment_says),
        environment_test(the_time_for_idle_memory_is_given_in_milliseconds),
        environment_test(a_heap_without_options_follows_the_environment),
        environment_test(an_unknown_switch_is_ignored_and_reported_once),
        environment_test(an_unknown_policy_is_ignored_and_reported_once),
        environment_test(a_buffer_size_that_is_none_is_ignored_and_reported_once),
        environment_test(a_limit_that_is_none_is_ignored_and_reported_once),
        environment_test(an_idle_time_that_is_none_is_ignored_and_reported_once),
        environment_test(a_run_is_logged_if_the_environment_says_so),
        environment_test(nothing_is_logged_unless_it_is_asked_for),
        environment_test(an_unknown_log_switch_is_ignored_and_reported_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
