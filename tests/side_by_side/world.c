#include "world.h"

#include "addresses.h"
#include <inttypes.h>
#include <string.h>

/* Of letting go of what destructors have kept, as in interp.php. */
#define END_ROUNDS 16

struct world the_world;

#define world the_world

long world_id(const zval *object)
{
    return (long)zval_to_int(zval_property_get(object, "id"));
}

void world_name(const zval *value, char *text, size_t size)
{
    if (zval_type_of(value) == ZVAL_OBJECT) {
        snprintf(text, size, "%ld", world_id(value));
    } else if (zval_type_of(value) == ZVAL_INT) {
        snprintf(text, size, "%" PRId64, zval_to_int(value));
    } else {
        snprintf(text, size, "none");
    }
}

size_t world_collect(void)
{
    bool was = world.collecting;
    world.collecting = true;
    size_t freed = gc_collect_cycles();
    world.collecting = was;
    return freed;
}

/* ---- objects ------------------------------------------------------------ */

zval world_object(const char *class_name, long id)
{
    const struct zval_class *const *class_ = world_classes;
    while (*class_ != NULL && strcmp((*class_)->name, class_name) != 0) {
        class_++;
    }
    addresses_give(id);
    return *class_ == NULL ? zval_undef() : zval_object(*class_);
}

/* ---- beginning and end -------------------------------------------------- */

static void fill_with_null(zval *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = zval_null();
    }
}

void world_begin(FILE *trace)
{
    fill_with_null(world.variables, WORLD_VARIABLES);
    fill_with_null(world.globals, WORLD_GLOBALS);
    fill_with_null(world.weak, WORLD_WEAK);
    fill_with_null(world.maps, WORLD_MAPS);
    world.kept = zval_array();
    world.trace = trace;
    world.destructed = 0;
    world.collecting = false;
    world.direct = 0;
    world.roots_known = true;
    world.runs_known = true;
    world.roots_differ = false;
}

static void release_all(zval *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zval_release(&values[i]);
    }
}

static void show_collected(void)
{
    unsigned destructed = world.destructed;
    size_t freed = world_collect();
    fprintf(world.trace, "collected %zu\n", freed);
    world.roots_known = freed == 0 && world.destructed == destructed;
}

void world_settle(void)
{
    for (int i = 0; i < 6; i++) {
        show_collected();
    }
}

/* Destructors that keep something can make a chain of rounds necessary. */
static void end_round(void)
{
    fprintf(world.trace, "#end\n");
    zval_assign(&world.kept, zval_array());
    zval_assign(&world.globals[0], zval_null());
    zval_assign(&world.globals[1], zval_null());
    show_collected();
}

static void release_in_order(void)
{
    fprintf(world.trace, "#end 0\n");
    release_all(world.variables, WORLD_VARIABLES);
    fprintf(world.trace, "#end 1\n");
    release_all(world.globals, WORLD_GLOBALS);
    fprintf(world.trace, "#end 2\n");
    zval_assign(&world.maps[0], zval_null());
    zval_assign(&world.maps[1], zval_null());
    for (int i = 0; i < END_ROUNDS; i++) {
        end_round();
    }
}

static void check_nothing_left(void)
{
    if (gc_status().live_nodes != 0 || gc_memory_usage(false) != 0) {
        fprintf(world.trace, "left over: %" PRIu64 " nodes, %zu bytes\n", gc_status().live_nodes,
                gc_memory_usage(false));
    }
}

void world_end(void)
{
    release_in_order();
    world_settle();
    size_t faults = gc_heap_verify(NULL, world.trace);
    if (faults > 0) {
        fprintf(world.trace, "%zu faults\n", faults);
    }
    addresses_end();
    zval_release(&world.kept);
    release_all(world.weak, WORLD_WEAK);
    release_all(world.globals, WORLD_GLOBALS);
    check_nothing_left();
}
