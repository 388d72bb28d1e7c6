/*
 * What grows without a name: found, ranked, with the path that keeps it and the
 * type of what is added; and the post-mortem that tells of it.
 */
#include "checks.h"
#include "dying.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static const char *const app_properties[] = {"services", "config"};
static const struct zval_class app_class = {
    .name = "App", .properties = app_properties, .property_count = 2};
static const char *const cache_properties[] = {"entries"};
static const struct zval_class cache_class = {
    .name = "Cache", .properties = cache_properties, .property_count = 1};
static const struct zval_class session_class = {.name = "Session"};

/* $app->services["cache"] is a Cache; $app->config has 20 settings. */
static zval new_app(void)
{
    zval app = zval_object(&app_class);
    zval cache = zval_object(&cache_class);
    assert_ok(zval_property_set(&cache, "entries", zval_array()));
    assert_ok(zval_property_set(&app, "services", zval_array()));
    assert_ok(zval_array_set(zval_property_slot(&app, "services"), "cache", cache));
    assert_ok(zval_property_set(&app, "config", checks_list(20)));
    return app;
}

static zval *cache_of(zval *app)
{
    return zval_array_slot(zval_property_slot(app, "services"), "cache");
}

static zval *entries_of(zval *app)
{
    return zval_property_slot(cache_of(app), "entries");
}

/* Work that is gone when the request is over. */
static void work(int request)
{
    zval lists[10];
    for (int i = 0; i < 10; i++) {
        lists[i] = checks_list((request * 7 + i * 13) % 40);
    }
    for (int i = 0; i < 10; i++) {
        zval_release(&lists[i]);
    }
}

static void requests_that_leak_into(zval *array, int count)
{
    for (int request = 0; request < count; request++) {
        work(request);
        if (array != NULL) {
            assert_ok(zval_array_push(array, zval_object(&session_class)));
        }
        gc_watch_request();
    }
}

static void leak_ints_into(zval *array, int count)
{
    for (int request = 0; request < count; request++) {
        assert_ok(zval_array_push(array, zval_int(request)));
        gc_watch_request();
    }
}

static const struct gc_watch_suspect *find(const struct gc_watch_suspect *suspects, size_t count,
                                           bool is_type)
{
    for (size_t i = 0; i < count; i++) {
        if (suspects[i].is_type == is_type) {
            return &suspects[i];
        }
    }
    return NULL;
}

static void a_leak_is_found_with_its_path_and_what_is_added(void **state)
{
    (void)state;
    struct gc_watch_suspect suspects[8];
    zval app = new_app();
    assert_ok(gc_watch_all(1));
    requests_that_leak_into(entries_of(&app), 200);
    size_t count = gc_watch_suspects(suspects, 8);
    assert_int_equal(count, 2);
    const struct gc_watch_suspect *container = find(suspects, count, false);
    assert_int_equal(container->report.verdict, GC_WATCH_GROWING);
    assert_string_equal(container->path,
                        "App .services > array [\"cache\"] > Cache .entries > array");
    assert_string_equal(container->added, "Session");
    assert_int_equal(container->report.entries, 200);
    assert_in_range((int)(container->report.entries_per_request * 100), 98, 102);
    const struct gc_watch_suspect *type = find(suspects, count, true);
    assert_int_equal(type->report.verdict, GC_WATCH_GROWING);
    assert_string_equal(type->report.name, "Session");
    assert_string_equal(type->added, "Session");
    assert_non_null(strstr(type->path, "Cache .entries > array [199] > Session"));
    assert_ok(gc_watch_all(0));
    zval_release(&app);
}

static void what_does_not_leak_is_no_suspect(void **state)
{
    (void)state;
    zval app = new_app();
    assert_ok(gc_watch_all(1));
    requests_that_leak_into(NULL, 400);
    assert_int_equal(gc_watch_suspects(NULL, 0), 0);
    assert_ok(gc_watch_all(0));
    zval_release(&app);
}

static void one_walk_every_tenth_request_finds_it_ten_times_later(void **state)
{
    (void)state;
    struct gc_watch_suspect suspect;
    zval app = new_app();
    assert_ok(gc_watch_all(10));
    requests_that_leak_into(entries_of(&app), 1000);
    bool is_listed = gc_watch_suspects(&suspect, 1) > 0;
    assert_false(is_listed && suspect.report.verdict == GC_WATCH_GROWING);
    requests_that_leak_into(entries_of(&app), 1000);
    assert_true(gc_watch_suspects(&suspect, 1) > 0);
    assert_int_equal(suspect.report.verdict, GC_WATCH_GROWING);
    assert_in_range((int)(suspect.report.entries_per_request * 100), 98, 102);
    assert_int_equal(suspect.report.requests % 10, 0);
    assert_ok(gc_watch_all(0));
    zval_release(&app);
}

static void the_faster_leak_comes_first(void **state)
{
    (void)state;
    struct gc_watch_suspect suspects[8];
    static char bytes[500];
    zval small = zval_array();
    zval large = zval_array();
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 220; request++) {
        assert_ok(zval_array_push(&small, zval_int(request)));
        assert_ok(zval_array_push(&large, zval_string(bytes, sizeof bytes)));
        gc_watch_request();
    }
    assert_int_equal(gc_watch_suspects(suspects, 8), 2);
    assert_string_equal(suspects[0].added, "string");
    assert_string_equal(suspects[1].added, "int");
    assert_true(suspects[0].report.bytes_per_request > 500);
    assert_true(suspects[1].report.bytes_per_request < 100);
    memset(suspects, 0, sizeof suspects);
    assert_int_equal(gc_watch_suspects(suspects, 1), 2);
    assert_string_equal(suspects[0].added, "string");
    assert_string_equal(suspects[1].added, "");
    assert_ok(gc_watch_all(0));
    zval_release(&small);
    zval_release(&large);
}

static void many_leaks_come_in_the_order_of_their_bytes(void **state)
{
    (void)state;
    struct gc_watch_suspect suspects[12];
    static char bytes[2000];
    zval lists[10];
    for (int i = 0; i < 10; i++) {
        lists[i] = zval_array();
    }
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 220; request++) {
        for (size_t i = 0; i < 10; i++) {
            assert_ok(zval_array_push(&lists[i], zval_string(bytes, 100 * (i * 7 % 10 + 1))));
        }
        gc_watch_request();
    }
    assert_int_equal(gc_watch_suspects(suspects, 12), 10);
    for (size_t i = 1; i < 10; i++) {
        assert_true(suspects[i - 1].report.bytes_per_request >=
                    suspects[i].report.bytes_per_request);
    }
    assert_ok(gc_watch_all(0));
    for (int i = 0; i < 10; i++) {
        zval_release(&lists[i]);
    }
}

static void a_new_container_at_an_old_address_begins_anew(void **state)
{
    (void)state;
    struct gc_watch_suspect suspect;
    zval list = zval_array();
    const void *address = list.payload.counted;
    assert_ok(gc_watch_all(1));
    requests_that_leak_into(&list, 150);
    zval_release(&list);
    list = zval_array();
    assert_ptr_equal(list.payload.counted, address);
    for (int i = 0; i < 5; i++) {
        assert_ok(zval_array_push(&list, zval_int(i)));
    }
    leak_ints_into(&list, 220);
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_int_equal(suspect.report.verdict, GC_WATCH_GROWING);
    assert_in_range(suspect.report.requests, 200, 220);
    assert_ok(gc_watch_all(0));
    zval_release(&list);
}

static void properties_and_weak_maps_are_containers_too(void **state)
{
    (void)state;
    struct gc_watch_suspect suspects[8];
    zval object = zval_object(NULL);
    zval map = zval_weakmap();
    zval keys[220];
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 220; request++) {
        char name[32];
        snprintf(name, sizeof name, "user %d", request);
        keys[request] = zval_weakref(&object);
        assert_ok(zval_property_set(&object, name, zval_object(&session_class)));
        assert_ok(zval_weakmap_set(&map, zval_property_get(&object, name), zval_double(1)));
        gc_watch_request();
    }
    assert_int_equal(gc_watch_suspects(suspects, 8), 3);
    bool found_map = false;
    bool found_object = false;
    for (size_t i = 0; i < 3; i++) {
        found_map |= strcmp(suspects[i].path, "weakmap") == 0;
        found_object |= strcmp(suspects[i].path, "object") == 0;
        assert_int_equal(suspects[i].report.verdict, GC_WATCH_GROWING);
    }
    assert_true(found_map && found_object);
    assert_ok(gc_watch_all(0));
    for (int request = 0; request < 220; request++) {
        zval_release(&keys[request]);
    }
    zval_release(&object);
    zval_release(&map);
}

static void a_list_of_structs_shows_as_a_type(void **state)
{
    (void)state;
    struct gc_watch_suspect suspect;
    struct fixture_node *list = NULL;
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 220; request++) {
        struct fixture_node *node = fixture_node_new(request);
        node->b = list;
        list = node;
        gc_watch_request();
    }
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_true(suspect.is_type);
    assert_string_equal(suspect.report.name, "fixture_node");
    assert_in_range((int)suspect.report.bytes_per_request, 48, 80);
    assert_string_equal(suspect.path, "fixture_node");
    assert_ok(gc_watch_all(0));
    gc_release(list);
}

static void more_containers_than_fit_do_not_hide_the_one_that_grows(void **state)
{
    (void)state;
    struct gc_watch_suspect suspect;
    zval many = zval_array();
    for (int i = 0; i < 6000; i++) {
        assert_ok(zval_array_push(&many, checks_list(4 + i % 8)));
    }
    zval leak = zval_array();
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 300; request++) {
        assert_ok(zval_array_push(&leak, zval_int(request)));
        gc_watch_request();
    }
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_int_equal(suspect.report.verdict, GC_WATCH_GROWING);
    assert_int_equal(suspect.report.entries, 300);
    assert_ok(gc_watch_all(0));
    zval_release(&many);
    zval_release(&leak);
}

static void more_that_grow_than_there_are_trends(void **state)
{
    (void)state;
    static zval lists[200];
    struct gc_watch_suspect suspects[100];
    assert_ok(gc_watch_all(1));
    for (int i = 0; i < 200; i++) {
        lists[i] = checks_list(8);
    }
    for (int request = 0; request < 250; request++) {
        for (int i = 0; i < 200; i++) {
            assert_ok(zval_array_push(&lists[i], zval_int(request)));
        }
        gc_watch_request();
    }
    assert_in_range(gc_watch_suspects(suspects, 100), 32, 64);
    assert_int_equal(suspects[0].report.verdict, GC_WATCH_GROWING);
    assert_ok(gc_watch_all(0));
    for (int i = 0; i < 200; i++) {
        zval_release(&lists[i]);
    }
}

static void what_is_gone_is_no_suspect_any_more(void **state)
{
    (void)state;
    zval leak = zval_array();
    assert_ok(gc_watch_all(1));
    requests_that_leak_into(&leak, 250);
    assert_int_equal(gc_watch_suspects(NULL, 0), 2);
    zval_release(&leak);
    assert_int_equal(gc_watch_suspects(NULL, 0), 0);
    assert_ok(gc_watch_all(0));
}

/* ---- paths ------------------------------------------------------------------------ */

static void expect_path(const char *expected)
{
    struct gc_watch_suspect suspect;
    assert_true(gc_watch_suspects(&suspect, 1) > 0);
    assert_string_equal(suspect.path, expected);
}

static void leak_ints(zval *array)
{
    leak_ints_into(array, 220);
}

static void the_shortest_way_is_told(void **state)
{
    (void)state;
    zval outer = zval_array();
    zval *deep = zval_array_slot_at(&outer, 7);
    zval_assign(deep, zval_array());
    zval *leak = zval_array_slot(deep, "leak");
    zval_assign(leak, zval_array());
    assert_ok(gc_watch_all(1));
    leak_ints(leak);
    expect_path("array [7] > array [\"leak\"] > array");
    zval reference = zval_reference(leak);
    expect_path("array");
    zval_release(&reference);
    expect_path("array [7] > array [\"leak\"] > array");
    assert_ok(gc_watch_all(0));
    zval_release(&outer);
}

struct registry {
    struct gc_object gc;
    struct registry *next;
    zval handlers;
};

static const struct gc_field registry_fields[] = {
    GC_FIELD_OBJECT(struct registry, next),
    GC_FIELD_ZVAL(struct registry, handlers),
};
static const struct gc_type registry_type = {.name = "registry",
                                             .size = sizeof(struct registry),
                                             .fields = registry_fields,
                                             .field_count = 2};
static const struct gc_type acyclic_registry_type = {.name = "acyclic registry",
                                                     .size = sizeof(struct registry),
                                                     .fields = registry_fields,
                                                     .field_count = 2,
                                                     .flags = GC_TYPE_ACYCLIC};

static void structs_say_the_how_manieth_reference_it_is(void **state)
{
    (void)state;
    struct registry *first = gc_new(&registry_type);
    first->next = gc_new(&registry_type);
    first->next->next = gc_retain(first);
    first->next->handlers = zval_array();
    assert_ok(gc_watch_all(1));
    leak_ints(&first->next->handlers);
    expect_path("registry reference 0 > registry reference 1 > array");
    assert_ok(gc_watch_all(0));
    gc_release(first);
    gc_collect_cycles();
}

static void an_acyclic_holder_is_named(void **state)
{
    (void)state;
    struct registry *registry = gc_new(&acyclic_registry_type);
    registry->handlers = zval_array();
    assert_ok(gc_watch_all(1));
    leak_ints(&registry->handlers);
    expect_path("acyclic registry reference 0 > array");
    assert_ok(gc_watch_all(0));
    gc_release(registry);
}

static void a_way_that_is_too_long_begins_with_dots(void **state)
{
    (void)state;
    struct registry *first = gc_new(&registry_type);
    struct registry *last = first;
    for (int i = 0; i < 40; i++) {
        last->next = gc_new(&registry_type);
        last = last->next;
    }
    last->handlers = zval_array();
    assert_ok(gc_watch_all(1));
    leak_ints(&last->handlers);
    struct gc_watch_suspect suspect;
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_memory_equal(suspect.path, "... > ", 6);
    assert_int_equal(suspect.report.entries, 220);
    assert_sound();
    assert_ok(gc_watch_all(0));
    gc_release(first);
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    zval outer = zval_array();
    zval *place = &outer;
    for (int i = 0; i < 15; i++) {
        place = zval_array_slot(place, "a rather long key that takes some room in the text");
        zval_assign(place, zval_array());
    }
    assert_ok(gc_watch_all(1));
    leak_ints(place);
    struct gc_watch_suspect suspect;
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_int_equal(strlen(suspect.path), GC_WATCH_PATH_BYTES - 1);
    assert_ok(gc_watch_all(0));
    zval_release(&outer);
}

static void a_run_in_slices_is_given_up(void **state)
{
    (void)state;
    struct gc_watch_suspect suspect;
    zval leak = zval_array();
    assert_ok(gc_watch_all(1));
    leak_ints(&leak);
    for (int i = 0; i < 3000; i++) {
        dying_drop_self();
    }
    assert_false(gc_step(0));
    assert_true(gc_status().in_progress);
    assert_int_equal(gc_watch_suspects(&suspect, 1), 1);
    assert_string_equal(suspect.path, "array");
    assert_false(gc_status().in_progress);
    assert_sound();
    assert_int_equal(gc_collect_cycles(), 3000);
    assert_ok(gc_watch_all(0));
    zval_release(&leak);
}

/* ---- the post-mortem ----------------------------------------------------------------- */

static char *post_mortem(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    gc_watch_post_mortem(out);
    fclose(out);
    return text;
}

static void assert_tells(const char *text, const char *expected)
{
    if (strstr(text, expected) == NULL) {
        fail_msg("expected '%s' in\n%s", expected, text);
    }
}

static void the_post_mortem_tells_types_watches_and_paths(void **state)
{
    (void)state;
    zval app = new_app();
    zval named = zval_array();
    struct gc_watch *watch = gc_watch_variable("Foo::$data", &named);
    assert_ok(gc_memory_set_limit((size_t)4 << 20));
    assert_ok(gc_watch_all(1));
    for (int request = 0; request < 220; request++) {
        assert_ok(zval_array_push(&named, zval_cstring("leaked")));
        assert_ok(zval_array_push(entries_of(&app), zval_object(&session_class)));
        gc_watch_request();
    }
    char *text = post_mortem();
    assert_tells(text, "rcycle post-mortem\n");
    assert_tells(text, "limit                 4.0 MiB");
    assert_tells(text, " in 220 of Session\n");
    assert_tells(text, " in 221 of string\n");
    assert_tells(text, "Foo::$data: growing without bound, 220 after 220 requests; 1 a request, ");
    assert_tells(text, "; limit in ");
    assert_tells(text,
                 "App .services > array [\"cache\"] > Cache .entries > array: growing without");
    assert_tells(text, "added last: Session\n");
    assert_tells(text, "bytes of the heap: growing");
    free(text);
    assert_ok(gc_watch_all(0));
    gc_watch_end(watch);
    zval_release(&app);
    zval_release(&named);
}

static void without_watches_it_tells_memory_and_types(void **state)
{
    (void)state;
    struct gc_heap *before = gc_heap_use(gc_heap_new(NULL));
    zval list = checks_list(10);
    char *text = post_mortem();
    assert_tells(text, " in 1 of array\n");
    assert_null(strstr(text, "watches"));
    assert_null(strstr(text, "limit"));
    free(text);
    zval_release(&list);
    struct gc_heap *heap = gc_heap_use(before);
    gc_heap_free(heap);
}

static void write_one(zval *self)
{
    (void)self;
    free(post_mortem());
}

static void it_may_be_written_in_a_destructor(void **state)
{
    (void)state;
    zval leak = zval_array();
    assert_ok(gc_watch_all(1));
    leak_ints(&leak);
    dying_act = write_one;
    dying_drop_self();
    gc_collect_cycles();
    zval object = dying_new();
    zval_release(&object);
    assert_int_equal(dying_count, 2);
    assert_sound();
    assert_ok(gc_watch_all(0));
    zval_release(&leak);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_leak_is_found_with_its_path_and_what_is_added),
        fixture_test(what_does_not_leak_is_no_suspect),
        fixture_test(one_walk_every_tenth_request_finds_it_ten_times_later),
        fixture_test(the_faster_leak_comes_first),
        fixture_test(many_leaks_come_in_the_order_of_their_bytes),
        fixture_test(a_new_container_at_an_old_address_begins_anew),
        fixture_test(properties_and_weak_maps_are_containers_too),
        fixture_test(a_list_of_structs_shows_as_a_type),
        fixture_test(more_containers_than_fit_do_not_hide_the_one_that_grows),
        fixture_test(more_that_grow_than_there_are_trends),
        fixture_test(what_is_gone_is_no_suspect_any_more),
        fixture_test(the_shortest_way_is_told),
        fixture_test(structs_say_the_how_manieth_reference_it_is),
        fixture_test(an_acyclic_holder_is_named),
        fixture_test(a_way_that_is_too_long_begins_with_dots),
        fixture_test(a_long_text_is_cut),
        dying_test(a_run_in_slices_is_given_up),
        fixture_test(the_post_mortem_tells_types_watches_and_paths),
        fixture_test(without_watches_it_tells_memory_and_types),
        dying_test(it_may_be_written_in_a_destructor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
