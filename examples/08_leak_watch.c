/*
 * A resident program that leaks in three ways, and three containers that only
 * look as if they did.
 *
 * A leak is memory that grows without bound as requests come. It sits in what
 * lives as long as the program: a static array, a property of a singleton, a
 * global. The program names such containers and marks where a request ends, and
 * the watch says of each whether it leaks, how fast, and for how many requests
 * the memory limit will last.
 *
 * What nobody has named is found too, by a walk over the heap at each request:
 * here the hooks of an event bus, which keep every request that registered one.
 *
 * Output:
 *     named                    entries  verdict                  a request  bytes
 *     static $seen                 300  growing without bound         1.00     80
 *     Registry->log                300  growing without bound         1.00     80
 *     global sessions               90  growing without bound         0.30     40
 *     static $countries             40  grew and stopped              0.00      0
 *     page cache                    50  grew and stopped              0.00      0
 *     large report                2000  grew and stopped              0.00      0
 *
 *     without a name:
 *     Bus .hooks > array ["request"] > array
 *         growing without bound, by 1.00 Request a request
 *
 *     alive at the end: 0
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUESTS   300
#define CACHE_MOST 50

static const char *const registry_properties[] = {"log"};
static const struct zval_class registry_class = {
    .name = "Registry", .properties = registry_properties, .property_count = 1};
static const char *const bus_properties[] = {"hooks"};
static const struct zval_class bus_class = {
    .name = "Bus", .properties = bus_properties, .property_count = 1};
static const struct zval_class request_class = {.name = "Request"};

/* What lives as long as the program. */
static zval seen;      /* leaks: a static array that every request adds to */
static zval registry;  /* leaks: a singleton whose log nobody empties */
static zval sessions;  /* leaks: a global; some requests begin a session, none ends one */
static zval bus;       /* leaks, and nobody has thought of it: hooks are never taken off */
static zval countries; /* does not: there are 40 of them */
static zval pages;     /* does not: it evicts */
static zval report;    /* does not: it was large once */

static void check(enum gc_result result)
{
    if (result != GC_OK) {
        fprintf(stderr, "08_leak_watch: %s\n", gc_result_text(result));
        exit(EXIT_FAILURE);
    }
}

static void set_numbered(zval *array, const char *what, int number)
{
    char key[32];
    snprintf(key, sizeof key, "%s %d", what, number);
    check(zval_array_set(array, key, zval_cstring(key)));
}

/* ---- requests ------------------------------------------------------------------ */

static void leak(int number)
{
    check(zval_array_push(&seen, zval_cstring("a path that was asked for")));
    char line[64];
    snprintf(line, sizeof line, "request %d was served, as all others", number);
    check(zval_array_push(zval_property_slot(&registry, "log"), zval_cstring(line)));
    if (number % 10 % 3 == 1) {
        set_numbered(&sessions, "session", number);
    }
    zval *hooks = zval_array_slot(zval_property_slot(&bus, "hooks"), "request");
    check(zval_array_push(hooks, zval_object(&request_class)));
}

static void keep_within_bounds(int number)
{
    set_numbered(&countries, "country", number * 7 % 40);
    check(zval_array_set_at(&pages, number, zval_cstring("a page")));
    if (zval_array_count(&pages) > CACHE_MOST) {
        check(zval_array_remove_at(&pages, number - CACHE_MOST));
    }
    for (int row = 0; number == 100 && row < 2000; row++) {
        check(zval_array_push(&report, zval_int(row)));
    }
}

static void serve(int number)
{
    leak(number);
    keep_within_bounds(number);
    gc_watch_request();
}

/* ---- what the watch says --------------------------------------------------------- */

static void begin(void)
{
    seen = zval_array();
    sessions = zval_array();
    countries = zval_array();
    pages = zval_array();
    report = zval_array();
    registry = zval_object(&registry_class);
    bus = zval_object(&bus_class);
    check(zval_property_set(&registry, "log", zval_array()));
    check(zval_property_set(&bus, "hooks", zval_array()));
    check(zval_array_set(zval_property_slot(&bus, "hooks"), "request", zval_array()));

    gc_watch_variable("static $seen", &seen);
    gc_watch_property("Registry->log", &registry, "log");
    gc_watch_variable("global sessions", &sessions);
    gc_watch_variable("static $countries", &countries);
    gc_watch_variable("page cache", &pages);
    gc_watch_variable("large report", &report);
    check(gc_watch_all(1)); /* a walk at each request: fine for a small heap */
}

static void print_named(void)
{
    printf("%-20s %11s  %-21s %12s %6s\n", "named", "entries", "verdict", "a request", "bytes");
    for (struct gc_watch *watch = gc_watch_next(NULL); watch != NULL;
         watch = gc_watch_next(watch)) {
        struct gc_watch_report found;
        check(gc_watch_look(watch, &found));
        bool grows = found.verdict == GC_WATCH_GROWING;
        printf("%-20s %11" PRIu64 "  %-21s %12.2f %6.0f\n", found.name, found.entries,
               gc_watch_verdict_text(found.verdict), grows ? found.entries_per_request : 0,
               grows ? found.bytes_per_request : 0);
    }
}

/* The containers that have a name are among the suspects too; this one has none. */
static void print_unnamed(void)
{
    struct gc_watch_suspect suspects[16];
    size_t count = gc_watch_suspects(suspects, 16);
    printf("\nwithout a name:\n");
    for (size_t i = 0; i < count && i < 16; i++) {
        const struct gc_watch_suspect *suspect = &suspects[i];
        if (suspect->is_type || suspect->added[0] != 'R') {
            continue;
        }
        printf("%s\n    %s, by %.2f %s a request\n", suspect->path,
               gc_watch_verdict_text(suspect->report.verdict), suspect->report.entries_per_request,
               suspect->added);
    }
}

int main(void)
{
    begin();
    for (int number = 1; number <= REQUESTS; number++) {
        serve(number);
    }
    print_named();
    print_unnamed();

    zval *const all[] = {&seen, &registry, &sessions, &bus, &countries, &pages, &report};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        zval_release(all[i]);
    }
    gc_collect_cycles();
    printf("\nalive at the end: %" PRIu64 "\n", gc_status().live_nodes);
    return EXIT_SUCCESS;
}
