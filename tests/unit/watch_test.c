/*
 * Watches on named containers: beginning and ending, what they count, and
 * webman's three ways to leak found by name.
 */
#include "checks.h"
#include "dying.h"
#include "fixture.h"

#include <string.h>

#define FOUND_WITHIN 200

static enum gc_watch_verdict verdict_on(const struct gc_watch *watch)
{
    struct gc_watch_report report;
    assert_ok(gc_watch_look(watch, &report));
    return report.verdict;
}

static struct gc_watch_report look(const struct gc_watch *watch)
{
    struct gc_watch_report report;
    assert_ok(gc_watch_look(watch, &report));
    return report;
}

static void assert_verdict(const struct gc_watch *watch, enum gc_watch_verdict expected)
{
    assert_string_equal(gc_watch_verdict_text(verdict_on(watch)), gc_watch_verdict_text(expected));
}

/* ---- webman's patterns -------------------------------------------------------- */

/* class Foo { public static array $data = []; ... static::$data[] = time(); } */
static zval static_data;

/* Container::get(Cache::class)->data[] = ... */
static const char *const cache_properties[] = {"data"};
static const struct zval_class cache_class = {
    .name = "Cache", .properties = cache_properties, .property_count = 1};

static void push_text(zval *array, int number)
{
    char text[64];
    snprintf(text, sizeof text, "something about request %d", number);
    assert_ok(zval_array_push(array, zval_cstring(text)));
}

static void serve_leaking(zval *singleton, zval *globals, int request)
{
    push_text(&static_data, request);
    push_text(zval_property_slot(singleton, "data"), request);
    char key[32];
    snprintf(key, sizeof key, "user %d", request);
    assert_ok(zval_array_set(zval_array_slot(globals, "container"), key, zval_object(NULL)));
    gc_watch_request();
}

static void the_three_ways_to_leak_are_found_by_name(void **state)
{
    (void)state;
    static_data = zval_array();
    zval singleton = zval_object(&cache_class);
    assert_ok(zval_property_set(&singleton, "data", zval_array()));
    zval globals = zval_array();
    assert_ok(zval_array_set(&globals, "container", zval_array()));
    zval container = zval_reference(zval_array_slot(&globals, "container"));
    struct gc_watch *watches[] = {
        gc_watch_variable("Foo::$data", &static_data),
        gc_watch_property("Cache->data", &singleton, "data"),
        gc_watch_variable("$container", &container),
    };
    for (int request = 1; request <= FOUND_WITHIN; request++) {
        serve_leaking(&singleton, &globals, request);
    }
    static const char *const names[] = {"Foo::$data", "Cache->data", "$container"};
    for (size_t i = 0; i < 3; i++) {
        struct gc_watch_report report = look(watches[i]);
        assert_verdict(watches[i], GC_WATCH_GROWING);
        assert_string_equal(report.name, names[i]);
        assert_int_equal(report.entries, FOUND_WITHIN);
        assert_int_equal(report.requests, FOUND_WITHIN);
        assert_in_range((int)(report.entries_per_request * 1000), 990, 1010);
        assert_in_range(report.confidence, 95, 99);
        assert_in_range((int)report.bytes_per_request, 48, 200);
        gc_watch_end(watches[i]);
    }
    zval_release(&static_data);
    zval_release(&singleton);
    zval_release(&globals);
    zval_release(&container);
}

static uint64_t random_state;

static int draw(int below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (int)(random_state % (uint64_t)below);
}

static void set_key(zval *array, int number)
{
    char key[32];
    snprintf(key, sizeof key, "key %d", number);
    assert_ok(zval_array_set(array, key, zval_int(number)));
}

/* Removes the oldest one beyond so many. */
static void evict(zval *array, size_t most)
{
    if (zval_array_count(array) > most) {
        struct zval_array_cursor cursor = {0};
        zval key;
        assert_true(zval_array_next(array, &cursor, &key, NULL));
        char text[32];
        snprintf(text, sizeof text, "%s", zval_string_bytes(&key, NULL));
        assert_ok(zval_array_remove(array, text));
    }
}

static void what_is_bounded_is_never_accused(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        random_state = seed * 88172645463325252u;
        zval keys = zval_array();
        zval once = zval_array();
        zval cache = zval_array();
        struct gc_watch *watches[] = {gc_watch_variable("finite keys", &keys),
                                      gc_watch_variable("one large request", &once),
                                      gc_watch_variable("a cache that evicts", &cache)};
        for (int request = 1; request <= 1000; request++) {
            set_key(&keys, draw(100));
            set_key(&cache, draw(100000));
            evict(&cache, 100);
            for (int i = 0; request == 90 && i < 1000; i++) {
                set_key(&once, i);
            }
            gc_watch_request();
            for (size_t i = 0; i < 3; i++) {
                struct gc_watch_report report = look(watches[i]);
                if (report.verdict == GC_WATCH_GROWING) {
                    fail_msg("seed %d, request %d: %s is accused", (int)seed, request, report.name);
                }
            }
        }
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(look(watches[i]).requests_to_limit, UINT64_MAX);
            gc_watch_end(watches[i]);
        }
        zval_release(&keys);
        zval_release(&once);
        zval_release(&cache);
    }
}

/* ---- what is counted ------------------------------------------------------------ */

static void each_kind_of_value_has_its_entries(void **state)
{
    (void)state;
    zval values[] = {checks_list(5), zval_object(&cache_class),
                     zval_weakmap(), zval_cstring("seven b"),
                     zval_int(3),    zval_undef()};
    static const uint64_t expected[] = {5, 2, 1, 7, 0, 0};
    assert_ok(zval_property_set(&values[1], "added", zval_int(1)));
    assert_ok(zval_weakmap_set(&values[2], &values[1], zval_int(1)));
    struct gc_watch *watches[6];
    for (size_t i = 0; i < 6; i++) {
        watches[i] = gc_watch_variable("value", &values[i]);
    }
    gc_watch_request();
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(look(watches[i]).entries, expected[i]);
        gc_watch_end(watches[i]);
        zval_release(&values[i]);
    }
}

static void a_variable_is_watched_whatever_becomes_of_its_array(void **state)
{
    (void)state;
    zval list = checks_list(3);
    struct gc_watch *watch = gc_watch_variable("list", &list);
    gc_watch_request();
    zval copy = zval_copy(&list);
    assert_ok(zval_array_push(&list, zval_int(3)));
    gc_watch_request();
    assert_int_equal(look(watch).entries, 4);
    zval_release(&list);
    gc_watch_request();
    assert_int_equal(look(watch).entries, 0);
    assert_int_equal(look(watch).most_entries, 4);
    assert_false(look(watch).gone);
    gc_watch_end(watch);
    zval_release(&copy);
}

static void a_property_is_watched_as_long_as_its_object_lives(void **state)
{
    (void)state;
    zval object = zval_object(&cache_class);
    assert_ok(zval_property_set(&object, "data", checks_list(4)));
    struct gc_watch *watch = gc_watch_property("data", &object, "data");
    struct gc_watch *none = gc_watch_property("none", &object, "no such property");
    gc_watch_request();
    assert_int_equal(look(watch).entries, 4);
    assert_int_equal(look(none).entries, 0);
    assert_int_equal(zval_refcount(&object), 1);
    zval_release(&object);
    gc_watch_request();
    assert_true(look(watch).gone);
    assert_int_equal(look(watch).requests, 1);
    assert_int_equal(look(watch).entries, 4);
    gc_watch_end(watch);
    gc_watch_end(none);
}

static uint64_t number_of_node(const void *object)
{
    return (uint64_t)((const struct fixture_node *)object)->number;
}

static void an_own_struct_says_how_many_it_holds(void **state)
{
    (void)state;
    struct fixture_node *node = fixture_node_new(12);
    struct gc_watch *watch = gc_watch_object("node", node, number_of_node);
    gc_watch_request();
    assert_int_equal(look(watch).entries, 12);
    gc_release(node);
    gc_watch_request();
    assert_true(look(watch).gone);
    gc_watch_end(watch);
}

static uint64_t read_number(void *context)
{
    return *(const uint64_t *)context;
}

static void any_number_can_be_watched(void **state)
{
    (void)state;
    uint64_t number = 0;
    struct gc_watch *watch = gc_watch_number("number", read_number, &number);
    for (int request = 0; request < FOUND_WITHIN; request++) {
        number += 3;
        gc_watch_request();
    }
    struct gc_watch_report report = look(watch);
    assert_verdict(watch, GC_WATCH_GROWING);
    assert_in_range((int)(report.entries_per_request * 100), 295, 305);
    assert_true(report.bytes_per_request <= 0);
    assert_int_equal(report.requests_to_limit, UINT64_MAX);
    gc_watch_end(watch);
}

static void nothing_is_said_too_early(void **state)
{
    (void)state;
    uint64_t number = 0;
    struct gc_watch *watch = gc_watch_number("number", read_number, &number);
    for (int request = 1; request < 160; request++) {
        number++;
        gc_watch_request();
        assert_verdict(watch, GC_WATCH_TOO_EARLY);
    }
    gc_watch_request();
    assert_true(verdict_on(watch) != GC_WATCH_TOO_EARLY);
    gc_watch_end(watch);
}

/* ---- until the limit --------------------------------------------------------------- */

static void the_way_to_the_limit_is_foretold(void **state)
{
    (void)state;
    static char bytes[1000];
    zval list = zval_array();
    struct gc_watch *watch = gc_watch_variable("list", &list);
    struct gc_watch_report heap;
    assert_ok(gc_memory_set_limit((size_t)8 << 20));
    for (int request = 0; request < 300; request++) {
        assert_ok(zval_array_push(&list, zval_string(bytes, sizeof bytes)));
        gc_watch_request();
    }
    struct gc_watch_report report = look(watch);
    assert_ok(gc_watch_look_at_heap(&heap));
    assert_int_equal(heap.verdict, GC_WATCH_GROWING);
    assert_in_range((int)report.bytes_per_request, 1024, 1400);
    uint64_t expected = report.requests_to_limit;
    uint64_t came = 0;
    while (zval_array_push(&list, zval_string(bytes, sizeof bytes)) == GC_OK) {
        came++;
    }
    assert_in_range(came, expected * 8 / 10, expected * 12 / 10);
    assert_in_range(came, heap.requests_to_limit * 8 / 10, heap.requests_to_limit * 12 / 10);
    assert_true(report.ns_to_limit > 0 && report.ns_to_limit != UINT64_MAX);
    gc_watch_end(watch);
    zval_release(&list);
}

/* ---- life -------------------------------------------------------------------------- */

static void watches_come_in_the_order_in_which_they_were_made(void **state)
{
    (void)state;
    zval value = zval_null();
    struct gc_watch *watches[4];
    assert_null(gc_watch_next(NULL));
    for (size_t i = 0; i < 4; i++) {
        watches[i] = gc_watch_variable("value", &value);
    }
    gc_watch_end(watches[1]);
    gc_watch_end(watches[3]);
    assert_ptr_equal(gc_watch_next(NULL), watches[0]);
    assert_ptr_equal(gc_watch_next(watches[0]), watches[2]);
    assert_null(gc_watch_next(watches[2]));
    watches[3] = gc_watch_variable("value", &value);
    assert_ptr_equal(gc_watch_next(watches[2]), watches[3]);
    gc_watch_end(watches[0]);
    assert_ptr_equal(gc_watch_next(NULL), watches[2]);
    gc_watch_end(watches[2]);
    gc_watch_end(watches[3]);
    assert_null(gc_watch_next(NULL));
}

static void a_name_is_copied_and_cut(void **state)
{
    (void)state;
    zval value = zval_null();
    char name[200];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct gc_watch *watch = gc_watch_variable(name, &value);
    memset(name, 'y', sizeof name - 1);
    assert_int_equal(strlen(look(watch).name), 63);
    assert_int_equal(look(watch).name[0], 'x');
    gc_watch_end(watch);
}

static void null_pointers_make_no_watch(void **state)
{
    (void)state;
    zval object = zval_object(NULL);
    zval number = zval_int(1);
    struct gc_watch_report report;
    assert_null(gc_watch_variable(NULL, &object));
    assert_null(gc_watch_variable("name", NULL));
    assert_null(gc_watch_property("name", NULL, "property"));
    assert_null(gc_watch_property("name", &number, "property"));
    assert_null(gc_watch_property("name", &object, NULL));
    assert_null(gc_watch_object("name", NULL, number_of_node));
    assert_null(gc_watch_number("name", NULL, NULL));
    assert_result(GC_EINVAL, gc_watch_look(NULL, &report));
    assert_result(GC_EINVAL, gc_watch_look_at_heap(NULL));
    gc_watch_end(NULL);
    gc_watch_post_mortem(NULL);
    zval_release(&object);
}

static void without_watches_a_request_costs_nothing(void **state)
{
    (void)state;
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    struct gc_watch_report report;
    gc_watch_request();
    assert_result(GC_ENOKEY, gc_watch_look_at_heap(&report));
    assert_int_equal(gc_watch_suspects(NULL, 0), 0);
    struct gc_heap *heap = gc_heap_use(before);
    gc_heap_free(heap);
}

static void a_heap_ends_with_its_watches(void **state)
{
    (void)state;
    struct gc_heap *heap = gc_heap_new(NULL);
    struct gc_heap *before = gc_heap_use(heap);
    zval object = zval_object(&cache_class);
    assert_non_null(gc_watch_property("property", &object, "data"));
    assert_non_null(gc_watch_variable("variable", &object));
    assert_ok(gc_watch_all(1));
    gc_watch_request();
    gc_heap_use(before);
    gc_heap_free(heap);
}

static struct gc_watch *ended_inside[2];

static uint64_t end_watches(void *context)
{
    (void)context;
    gc_watch_request();
    gc_heap_free(gc_heap_current());
    gc_watch_end(ended_inside[0]);
    gc_watch_end(ended_inside[1]);
    return 5;
}

static void a_callback_may_end_watches_and_not_the_heap(void **state)
{
    (void)state;
    if (gc_misuse_is_checked()) {
        skip(); /* ending the heap there is reported */
    }
    zval value = zval_null();
    ended_inside[0] = gc_watch_number("ending", end_watches, NULL);
    ended_inside[1] = gc_watch_variable("ended", &value);
    struct gc_watch *last = gc_watch_variable("last", &value);
    gc_watch_request();
    assert_ptr_equal(gc_watch_next(NULL), last);
    assert_int_equal(look(last).requests, 1);
    gc_watch_end(last);
}

static void watching_takes_no_memory_of_the_heap(void **state)
{
    (void)state;
    zval list = checks_list(10);
    size_t before = gc_memory_usage(false);
    struct gc_watch *watch = gc_watch_variable("list", &list);
    assert_ok(gc_watch_all(1));
    gc_memory_fail_after(0);
    for (int request = 0; request < 300; request++) {
        gc_watch_request();
        (void)look(watch);
        struct gc_watch_suspect suspect;
        (void)gc_watch_suspects(&suspect, 1);
    }
    assert_int_equal(gc_memory_fail_never(), 0);
    assert_int_equal(gc_memory_usage(false), before);
    assert_ok(gc_watch_all(0));
    gc_watch_end(watch);
    zval_release(&list);
}

static void request_inside(zval *self)
{
    (void)self;
    struct gc_watch_suspect suspect;
    gc_watch_request();
    (void)gc_watch_suspects(&suspect, 1);
}

static void a_request_may_end_in_a_destructor(void **state)
{
    (void)state;
    zval list = checks_list(10);
    struct gc_watch *watch = gc_watch_variable("list", &list);
    assert_ok(gc_watch_all(1));
    dying_act = request_inside;
    dying_drop_self();
    gc_collect_cycles();
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(look(watch).requests, 2);
    assert_sound();
    assert_ok(gc_watch_all(0));
    gc_watch_end(watch);
    zval_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(the_three_ways_to_leak_are_found_by_name),
        fixture_test(what_is_bounded_is_never_accused),
        fixture_test(each_kind_of_value_has_its_entries),
        fixture_test(a_variable_is_watched_whatever_becomes_of_its_array),
        fixture_test(a_property_is_watched_as_long_as_its_object_lives),
        fixture_test(an_own_struct_says_how_many_it_holds),
        fixture_test(any_number_can_be_watched),
        fixture_test(nothing_is_said_too_early),
        fixture_test(the_way_to_the_limit_is_foretold),
        fixture_test(watches_come_in_the_order_in_which_they_were_made),
        fixture_test(a_name_is_copied_and_cut),
        fixture_test(null_pointers_make_no_watch),
        fixture_test(without_watches_a_request_costs_nothing),
        fixture_test(a_heap_ends_with_its_watches),
        fixture_test(a_callback_may_end_watches_and_not_the_heap),
        fixture_test(watching_takes_no_memory_of_the_heap),
        dying_test(a_request_may_end_in_a_destructor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
