/*
 * The classes, and what their destructors do: the same as in classes.php.
 */
#include "place.h"
#include "world.h"

#include <stdio.h>

#define world the_world

/* ---- destructors -------------------------------------------------------- */

static zval copy_or_null(const zval *value)
{
    return zval_type_of(value) == ZVAL_UNDEF ? zval_null() : zval_copy(value);
}

static long log_destruct(const zval *self)
{
    long id = world_id(self);
    world.destructed++;
    fprintf(world.trace, "~%ld\n", id);
    return id;
}

static void destruct_log(zval *self)
{
    log_destruct(self);
}

static void destruct_rescue(zval *self)
{
    (void)zval_array_set_at(&world.kept, log_destruct(self), zval_copy(self));
}

static void destruct_keep_link(zval *self)
{
    long id = log_destruct(self);
    (void)zval_array_set_at(&world.kept, id, copy_or_null(zval_property_get(self, "a")));
}

static void make_self_cycle(const char *class_name, long id)
{
    zval fresh = world_object(class_name, id);
    (void)zval_property_set(&fresh, "id", zval_int(id));
    (void)zval_property_set(&fresh, "a", zval_copy(&fresh));
    zval_release(&fresh);
}

static void destruct_litter(zval *self)
{
    make_self_cycle("Plain", log_destruct(self) + 1000);
}

static void destruct_breed(zval *self)
{
    long id = log_destruct(self);
    if (id < 3000) {
        make_self_cycle("Breed", id + 1000);
    }
}

/* Makes a new object part of the cycle that it is in itself. */
static void destruct_entangle(zval *self)
{
    long id = log_destruct(self) + 1000;
    zval fresh = world_object("Plain", id);
    (void)zval_property_set(&fresh, "id", zval_int(id));
    (void)zval_property_set(&fresh, "a", zval_copy(self));
    (void)zval_property_set(self, "c", zval_copy(&fresh));
    zval_release(&fresh);
}

static void destruct_loop(zval *self)
{
    log_destruct(self);
    (void)zval_property_set(self, "c", zval_copy(self));
}

static void destruct_swap(zval *self)
{
    log_destruct(self);
    zval a = copy_or_null(zval_property_get(self, "a"));
    (void)zval_property_set(self, "a", copy_or_null(zval_property_get(self, "b")));
    (void)zval_property_set(self, "b", zval_copy(&a));
    zval_release(&a);
}

static bool is_linked(const zval *value)
{
    return zval_type_of(value) == ZVAL_OBJECT && zval_class_of(value)->property_count == 4;
}

/* Takes a link from an object that it is linked to. */
static void destruct_steal(zval *self)
{
    log_destruct(self);
    zval victim = copy_or_null(zval_property_get(self, "a"));
    if (is_linked(&victim)) {
        (void)zval_property_set(self, "b", copy_or_null(zval_property_get(&victim, "b")));
        (void)zval_property_set(&victim, "b", zval_null());
    }
    zval_release(&victim);
}

static void destruct_attach(zval *self)
{
    log_destruct(self);
    if (is_linked(&world.globals[3])) {
        (void)zval_property_set(&world.globals[3], "a", zval_copy(self));
    }
}

static void destruct_enlist(zval *self)
{
    log_destruct(self);
    if (zval_type_of(&world.globals[2]) == ZVAL_ARRAY) {
        place_note_write(&world.globals[2]);
        (void)zval_array_push(&world.globals[2], zval_copy(self));
    }
}

static void destruct_adopt(zval *self)
{
    log_destruct(self);
    (void)zval_property_set(self, "c", copy_or_null(&world.globals[2]));
}

static void destruct_unlink(zval *self)
{
    log_destruct(self);
    (void)zval_property_set(self, "a", zval_null());
    (void)zval_property_remove(self, "b");
}

/* While other objects are being released it depends on the order in which they are taken apart
   what is still there, and that is not PHP's: see README.md. */
static bool knows_what_is_alive(long id)
{
    return world.collecting || (id != 0 && id == world.direct);
}

static void destruct_collect(zval *self)
{
    long id = log_destruct(self);
    if (!knows_what_is_alive(id)) {
        return;
    }
    make_self_cycle("Plain", id + 1000);
    size_t freed = world_collect();
    fprintf(world.trace, "~%ld collected %zu\n", id, freed);
    world.roots_known = false;
}

static void destruct_drop_global(zval *self)
{
    log_destruct(self);
    zval_assign(&world.globals[0], zval_null());
}

static void destruct_take_global(zval *self)
{
    log_destruct(self);
    zval_assign(&world.globals[1], zval_copy(self));
}

/* In a collection it does not look at w0: that would keep garbage that PHP frees, see README.md. */
static void destruct_peek(zval *self)
{
    char name[24];
    long id = log_destruct(self);
    if (!knows_what_is_alive(id)) {
        return;
    }
    zval weak = world.collecting ? zval_weakref(self) : zval_copy(&world.weak[0]);
    zval seen = zval_weakref_get(&weak);
    world_name(&seen, name, sizeof name);
    if (world.collecting) {
        bool is_same = zval_identical(&weak, &world.weak[0]);
        fprintf(world.trace, "~%s sees itself %d\n", name, is_same);
    } else {
        fprintf(world.trace, "~%ld sees %s\n", id, name);
    }
    zval_release(&weak);
    zval_release(&seen);
    world.roots_known = false;
}

/* ---- classes ------------------------------------------------------------ */

static const char *const links[] = {"id", "a", "b", "c"};

#define LINKED_CLASS(name_, destructor_) \
    &(const struct zval_class)           \
    {                                    \
        name_, links, 4, destructor_, 0  \
    }

const struct zval_class *const world_classes[] = {
    LINKED_CLASS("Plain", NULL),
    &(const struct zval_class){"Bare", links, 1, NULL, 0},
    LINKED_CLASS("Log", destruct_log),
    LINKED_CLASS("Rescue", destruct_rescue),
    LINKED_CLASS("KeepLink", destruct_keep_link),
    LINKED_CLASS("Litter", destruct_litter),
    LINKED_CLASS("Breed", destruct_breed),
    LINKED_CLASS("Entangle", destruct_entangle),
    LINKED_CLASS("Loop", destruct_loop),
    LINKED_CLASS("Swap", destruct_swap),
    LINKED_CLASS("Steal", destruct_steal),
    LINKED_CLASS("Attach", destruct_attach),
    LINKED_CLASS("Enlist", destruct_enlist),
    LINKED_CLASS("Adopt", destruct_adopt),
    LINKED_CLASS("Unlink", destruct_unlink),
    LINKED_CLASS("Collect", destruct_collect),
    LINKED_CLASS("DropGlobal", destruct_drop_global),
    LINKED_CLASS("TakeGlobal", destruct_take_global),
    LINKED_CLASS("Peek", destruct_peek),
    NULL,
};
