/*
 * The operations, each as interp.php has it. One that does not fit what the
 * variables hold does nothing and prints a dash, on both sides.
 */
#include "operations.h"

#include "addresses.h"
#include "count_dump.h"
#include "operation_call.h"
#include "world.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define world the_world

/* ---- variables, objects and references ---------------------------------- */

static bool run_new(const struct call *call)
{
    long id = call_number(call, 3);
    place_set(&call->p, world_object(call->words.at[2], id));
    /* The destructor of what was there may have put something else in its place. */
    const zval *now = place_fits(&call->p) ? place_read(&call->p) : NULL;
    if (zval_type_of(now) == ZVAL_OBJECT &&
        zval_type_of(zval_property_get(now, "id")) == ZVAL_NULL) {
        (void)zval_property_set(place_slot(&call->p), "id", zval_int(id));
    }
    return true;
}

static bool run_set(const struct call *call)
{
    place_set(&call->p, place_copy(&call->q));
    return true;
}

static bool run_put(const struct call *call)
{
    zval value = place_copy(&call->q);
    zval_assign(place_slot(&call->p), value);
    return true;
}

static bool run_bind(const struct call *call)
{
    place_bind(&call->p, zval_reference(place_slot(&call->q)));
    return true;
}

static bool run_unset(const struct call *call)
{
    if (call->p.depth == 0) {
        const zval *id = zval_property_get(place_read(&call->p), "id");
        world.direct = (long)zval_to_int(id);
    }
    bool found = place_remove(&call->p);
    world.direct = 0;
    return found;
}

static bool run_null(const struct call *call)
{
    place_set(&call->p, zval_null());
    return true;
}

static bool run_int(const struct call *call)
{
    place_set(&call->p, zval_int(call_number(call, 2)));
    return true;
}

static bool run_str(const struct call *call)
{
    place_set(&call->p, zval_cstring("text"));
    return true;
}

static bool run_same(const struct call *call)
{
    const zval *left = place_read(&call->p);
    if (zval_type_of(left) != ZVAL_OBJECT) {
        return false;
    }
    fprintf(world.trace, "same %d\n", zval_identical(left, place_read(&call->q)));
    return true;
}

static bool run_dump(const struct call *call)
{
    count_dump(world.trace, place_read(&call->p));
    world.roots_known = false;
    return true;
}

/* ---- arrays ------------------------------------------------------------- */

static bool run_list(const struct call *call)
{
    zval list = zval_array();
    (void)zval_array_push(&list, zval_int(call_number(call, 2)));
    place_set(&call->p, list);
    world.roots_differ = true;
    return true;
}

static bool run_listof(const struct call *call)
{
    zval list = zval_array();
    zval item = place_copy(&call->q);
    bool is_scalar = zval_type_of(&item) != ZVAL_OBJECT && zval_type_of(&item) != ZVAL_ARRAY;
    world.roots_differ = world.roots_differ || is_scalar;
    (void)zval_array_push(&list, item);
    place_set(&call->p, list);
    return true;
}

static bool run_listref(const struct call *call)
{
    zval list = zval_array();
    (void)zval_array_push(&list, zval_reference(place_slot(&call->q)));
    place_set(&call->p, list);
    return true;
}

static bool push(const struct place *place, zval item)
{
    zval *array = place_slot(place);
    place_note_write(array);
    (void)zval_array_push(array, item);
    return true;
}

static bool is_array(const struct place *place)
{
    return zval_type_of(place_read(place)) == ZVAL_ARRAY;
}

static bool run_push(const struct call *call)
{
    return is_array(&call->p) && push(&call->p, place_copy(&call->q));
}

static bool run_pushref(const struct call *call)
{
    return is_array(&call->p) && push(&call->p, zval_reference(place_slot(&call->q)));
}

static bool run_count(const struct call *call)
{
    if (!is_array(&call->p)) {
        return false;
    }
    fprintf(world.trace, "count %zu\n", zval_array_count(place_read(&call->p)));
    return true;
}

/* ---- the collector ------------------------------------------------------ */

static bool run_collect(const struct call *call)
{
    (void)call;
    unsigned destructed = world.destructed;
    uint64_t runs = gc_status().runs;
    bool known = world.roots_known && !world.roots_differ;
    world.runs_known = world.runs_known && known;
    size_t freed = world_collect();
    fprintf(world.trace, "collected %zu runs ", freed);
    if (known) {
        fprintf(world.trace, "%" PRIu64 "\n", gc_status().runs - runs);
    } else {
        fprintf(world.trace, "?\n");
    }
    world.roots_known = freed == 0 && world.destructed == destructed;
    return true;
}

static bool run_settle(const struct call *call)
{
    (void)call;
    world.runs_known = world.runs_known && world.roots_known && !world.roots_differ;
    world_settle();
    return true;
}

static bool run_status(const struct call *call)
{
    (void)call;
    struct gc_status status = gc_status();
    if (world.roots_known && !world.roots_differ) {
        fprintf(world.trace, "roots %zu", status.roots);
    } else {
        fprintf(world.trace, "roots ?");
    }
    fprintf(world.trace, " collected %" PRIu64 " enabled %d\n", status.collected, gc_enabled());
    return true;
}

static bool run_threshold(const struct call *call)
{
    (void)call;
    struct gc_status status = gc_status();
    if (world.runs_known) {
        fprintf(world.trace, "runs %" PRIu64, status.runs);
    } else {
        fprintf(world.trace, "runs ?");
    }
    fprintf(world.trace, " threshold %zu\n", status.threshold);
    return true;
}

static bool run_enable(const struct call *call)
{
    (void)call;
    gc_enable();
    return true;
}

static bool run_disable(const struct call *call)
{
    (void)call;
    gc_disable();
    return true;
}

/* As in PHP, each one is dropped when the next one has been made. */
static bool run_flood(const struct call *call)
{
    zval each = zval_null();
    for (long i = call_number(call, 1); i > 0; i--) {
        zval_assign(&each, world_object("Plain", -1));
        (void)zval_property_set(&each, "a", zval_copy(&each));
    }
    zval_release(&each);
    return true;
}

/* ---- a scenario --------------------------------------------------------- */

static const struct operation operations[] = {
    {"new", run_new},         {"set", run_set},
    {"put", run_put},         {"bind", run_bind},
    {"unset", run_unset},     {"null", run_null},
    {"int", run_int},         {"str", run_str},
    {"same", run_same},       {"dump", run_dump},
    {"list", run_list},       {"listof", run_listof},
    {"listref", run_listref}, {"push", run_push},
    {"pushref", run_pushref}, {"count", run_count},
    {"collect", run_collect}, {"settle", run_settle},
    {"status", run_status},   {"threshold", run_threshold},
    {"enable", run_enable},   {"disable", run_disable},
    {"flood", run_flood},     {NULL, NULL},
};

static const struct operation *find(const struct operation *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0) {
        table++;
    }
    return table->name == NULL ? NULL : table;
}

/* What is no place is the business of the operation. */
static bool fits(const char *word, struct place *place)
{
    return !place_parse(word, place) || place_fits(place);
}

static bool run_line(const char *line)
{
    struct call call;
    words_split(line, &call.words);
    if (!fits(call.words.at[1], &call.p) || !fits(call.words.at[2], &call.q)) {
        return false;
    }
    const struct operation *found = find(operations, call.words.at[0]);
    if (found == NULL) {
        found = find(weak_operations, call.words.at[0]);
    }
    if (found == NULL) {
        fprintf(world.trace, "unknown operation\n");
        return true;
    }
    uint64_t runs = gc_status().runs;
    bool done = found->run(&call);
    if (gc_status().runs != runs && found->run != run_collect && found->run != run_settle) {
        world.roots_known = false;
    }
    return done;
}

static void run_lines(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->count; i++) {
        fprintf(world.trace, "#%zu %s\n", i, scenario->lines[i]);
        if (!run_line(scenario->lines[i])) {
            fprintf(world.trace, "-\n");
        }
    }
}

void scenario_run(const struct scenario *scenario, const long *ids, size_t id_count, FILE *trace)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    struct gc_heap *heap = gc_heap_new(&options);
    if (heap == NULL) {
        abort();
    }
    (void)gc_heap_use(heap);
    addresses_begin(ids, id_count);
    world_begin(trace);
    run_lines(scenario);
    world_end();
    (void)gc_heap_use(NULL);
    gc_heap_free(heap);
}
