#include "resident_routes.h"

#include <rcycle/rcycle.h>
#include <stdlib.h>
#include <string.h>

/*
 * The three containers that outlive a request. Written in PHP they would be
 *
 *     class Session  { static $seen = []; }
 *     class Registry { static $instance; public $log = []; }
 *     $listeners = [];
 *
 * and each gets an entry with every request that nobody ever takes out again.
 */
struct routes {
    struct gc_monitor_worker *worker;
    zval seen;      /* Session::$seen */
    zval registry;  /* Registry::$instance, an object */
    zval listeners; /* $listeners, a list of closures */
};

static const char *const registry_properties[] = {"log"};
static const struct zval_class registry_class = {
    .name = "Registry", .properties = registry_properties, .property_count = 1};

/* A closure: what it has bound. */
static const char *const closure_properties[] = {"bound"};
static const struct zval_class closure_class = {
    .name = "Closure", .properties = closure_properties, .property_count = 1};

static const char *const person_properties[] = {"friend", "letter"};
static const struct zval_class person_class = {
    .name = "Person", .properties = person_properties, .property_count = 2};

/* Their names are what the post-mortem and /watch say of them. Without memory they go unwatched. */
static void watch(struct routes *routes)
{
    gc_watch_variable("Session::$seen", &routes->seen);
    gc_watch_property("Registry->log", &routes->registry, "log");
    gc_watch_variable("$listeners", &routes->listeners);
}

struct routes *routes_open(struct gc_monitor_worker *worker)
{
    struct routes *routes = calloc(1, sizeof *routes);
    if (routes == NULL) {
        return NULL;
    }
    routes->worker = worker;
    routes->seen = zval_array();
    routes->listeners = zval_array();
    routes->registry = zval_object(&registry_class);
    if (zval_property_set(&routes->registry, "log", zval_array()) != GC_OK) {
        routes_close(routes);
        return NULL;
    }
    watch(routes);
    return routes;
}

void routes_close(struct routes *routes)
{
    if (routes != NULL) {
        while (gc_watch_next(NULL) != NULL) {
            gc_watch_end(gc_watch_next(NULL));
        }
        zval_release(&routes->seen);
        zval_release(&routes->registry);
        zval_release(&routes->listeners);
        free(routes);
    }
}

/* What a request might have brought along: 4 KiB. */
static zval payload(void)
{
    char bytes[4096];
    memset(bytes, 'x', sizeof bytes);
    return zval_string(bytes, sizeof bytes);
}

/* ---- routes that are clean -------------------------------------------------------- */

/* All that it makes goes when it returns. */
static enum gc_result act_clean(struct routes *routes)
{
    (void)routes;
    zval list = zval_array();
    enum gc_result result = GC_OK;
    for (int i = 0; i < 10 && result == GC_OK; i++) {
        result = zval_array_push(&list, payload());
    }
    zval_release(&list);
    return result;
}

/* Two that know each other, forgotten: the collector's work, and nobody else's. */
static enum gc_result act_cycle(struct routes *routes)
{
    (void)routes;
    zval left = zval_object(&person_class);
    zval right = zval_object(&person_class);
    enum gc_result result = zval_property_set(&left, "friend", zval_copy(&right));
    if (result == GC_OK) {
        result = zval_property_set(&left, "letter", payload());
    }
    if (result == GC_OK) {
        result = zval_property_set(&right, "friend", zval_copy(&left));
    }
    zval_release(&left);
    zval_release(&right);
    return result;
}

/* ---- routes that leak --------------------------------------------------------------- */

static enum gc_result act_leak_static(struct routes *routes)
{
    return zval_array_push(&routes->seen, payload());
}

static enum gc_result act_leak_singleton(struct routes *routes)
{
    return zval_array_push(zval_property_slot(&routes->registry, "log"), payload());
}

static enum gc_result act_leak_global(struct routes *routes)
{
    zval closure = zval_object(&closure_class);
    if (zval_property_set(&closure, "bound", payload()) != GC_OK) {
        zval_release(&closure);
        return GC_ENOMEM;
    }
    return zval_array_push(&routes->listeners, closure);
}

static const struct {
    const char *path;
    enum gc_result (*act)(struct routes *routes);
    const char *what;
} routes_known[] = {
    {"/clean", act_clean, "makes a list and lets it go"},
    {"/cycle", act_cycle, "makes two objects that hold each other, for the collector"},
    {"/leak/static", act_leak_static, "adds to a static array for ever"},
    {"/leak/singleton", act_leak_singleton, "adds to a property of a singleton for ever"},
    {"/leak/global", act_leak_global, "adds a closure to a global list for ever"},
};

#define ROUTES (sizeof routes_known / sizeof *routes_known)

/* ---- answering ------------------------------------------------------------------------ */

static void write_help(FILE *out)
{
    for (size_t i = 0; i < ROUTES; i++) {
        fprintf(out, "%-16s %s\n", routes_known[i].path, routes_known[i].what);
    }
    fprintf(out, "%-16s %s\n", "/watch", "shows what grows in the worker that answers");
    fprintf(out, "%-16s %s\n", "/status", "shows all workers, whichever answers");
}

static unsigned answer(struct routes *routes, const char *path, const char *id, FILE *out)
{
    if (strcmp(path, "/") == 0) {
        write_help(out);
        return 200;
    }
    if (strcmp(path, "/watch") == 0) {
        gc_watch_post_mortem(out);
        return 200;
    }
    if (strcmp(path, "/status") == 0) {
        gc_monitor_write_status(gc_monitor_of(routes->worker), out);
        return 200;
    }
    for (size_t i = 0; i < ROUTES; i++) {
        if (strcmp(path, routes_known[i].path) == 0) {
            enum gc_result result = routes_known[i].act(routes);
            fprintf(out, "id %s, %s: %s\n", id == NULL ? "none" : id, path, gc_result_text(result));
            return result == GC_OK ? 200 : 503;
        }
    }
    fprintf(out, "there is no %s\n", path);
    return 404;
}

unsigned routes_answer(struct routes *routes, const char *path, const char *id, char **text)
{
    size_t length;
    *text = NULL;
    FILE *out = open_memstream(text, &length);
    if (out == NULL) {
        return 0;
    }
    unsigned code = answer(routes, path, id, out);
    gc_watch_request();
    if (fclose(out) != 0) {
        free(*text);
        return 0;
    }
    return code;
}
