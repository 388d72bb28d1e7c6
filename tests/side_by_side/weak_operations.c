/*
 * The operations on weak references, weak maps, and what destructors kept. What
 * PHP's own handles of these are possible roots for, ours are not.
 */
#include "operation_call.h"
#include "world.h"
#include <stdio.h>

#define world the_world

/* ---- weak references, and what destructors kept ------------------------- */

static zval *weak_at(const struct call *call, size_t word)
{
    return &world.weak[call->words.at[word][1] - '0'];
}

static bool run_weak(const struct call *call)
{
    const zval *object = place_read(&call->q);
    if (zval_type_of(object) != ZVAL_OBJECT) {
        return false;
    }
    zval_assign(weak_at(call, 1), zval_weakref(object));
    world.roots_known = false;
    return true;
}

static bool run_check(const struct call *call)
{
    char name[24];
    zval object = zval_weakref_get(weak_at(call, 1));
    world_name(&object, name, sizeof name);
    fprintf(world.trace, "%s %s\n", call->words.at[1], name);
    zval_release(&object);
    world.roots_known = false;
    return true;
}

static bool run_fromweak(const struct call *call)
{
    zval object = zval_weakref_get(weak_at(call, 2));
    place_set(&call->p, zval_type_of(&object) == ZVAL_UNDEF ? zval_null() : object);
    world.roots_known = false;
    return true;
}

static bool run_sameweak(const struct call *call)
{
    fprintf(world.trace, "same %d\n", zval_identical(weak_at(call, 1), weak_at(call, 2)));
    return true;
}

static bool run_kept(const struct call *call)
{
    const zval *kept = zval_array_get_at(&world.kept, call_number(call, 2));
    place_set(&call->p, kept == NULL ? zval_null() : zval_copy(kept));
    return true;
}

static bool run_unkeep(const struct call *call)
{
    return zval_array_remove_at(&world.kept, call_number(call, 1)) == GC_OK;
}

/* ---- weak maps ---------------------------------------------------------- */

static zval *map_at(const struct call *call)
{
    world.roots_known = false;
    return &world.maps[call->words.at[1][1] - '0'];
}

static bool has_map(const struct call *call)
{
    return zval_type_of(map_at(call)) == ZVAL_WEAKMAP;
}

static bool has_map_and_key(const struct call *call)
{
    return has_map(call) && zval_type_of(place_read(&call->q)) == ZVAL_OBJECT;
}

static bool run_map(const struct call *call)
{
    zval_assign(map_at(call), zval_weakmap());
    return true;
}

static bool run_mapdrop(const struct call *call)
{
    zval_assign(map_at(call), zval_null());
    return true;
}

static bool run_mapplace(const struct call *call)
{
    if (!has_map(call)) {
        return false;
    }
    place_set(&call->q, zval_copy(map_at(call)));
    return true;
}

static bool run_mapset(const struct call *call)
{
    if (!has_map_and_key(call)) {
        return false;
    }
    (void)zval_weakmap_set(map_at(call), place_read(&call->q), zval_int(call_number(call, 3)));
    return true;
}

static bool run_mapnew(const struct call *call)
{
    if (!has_map_and_key(call)) {
        return false;
    }
    long id = call_number(call, 4);
    zval leaf = world_object(call->words.at[3], id);
    (void)zval_property_set(&leaf, "id", zval_int(id));
    (void)zval_weakmap_set(map_at(call), place_read(&call->q), zval_copy(&leaf));
    zval_release(&leaf);
    return true;
}

static bool run_mapget(const struct call *call)
{
    if (!has_map_and_key(call)) {
        return false;
    }
    char name[24];
    world_name(zval_weakmap_get(map_at(call), place_read(&call->q)), name, sizeof name);
    fprintf(world.trace, "at %s\n", name);
    return true;
}

static bool run_mapunset(const struct call *call)
{
    if (!has_map_and_key(call)) {
        return false;
    }
    (void)zval_weakmap_remove(map_at(call), place_read(&call->q));
    return true;
}

static bool run_mapcount(const struct call *call)
{
    if (!has_map(call)) {
        return false;
    }
    fprintf(world.trace, "count %zu\n", zval_weakmap_count(map_at(call)));
    return true;
}

const struct operation weak_operations[] = {
    {"weak", run_weak},         {"check", run_check},       {"fromweak", run_fromweak},
    {"sameweak", run_sameweak}, {"kept", run_kept},         {"unkeep", run_unkeep},
    {"map", run_map},           {"mapdrop", run_mapdrop},   {"mapplace", run_mapplace},
    {"mapset", run_mapset},     {"mapnew", run_mapnew},     {"mapget", run_mapget},
    {"mapunset", run_mapunset}, {"mapcount", run_mapcount}, {NULL, NULL},
};
