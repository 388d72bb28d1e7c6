/*
 * What tortured programs, their destructors and their hooks do.
 */
#include "torture.h"

#include <stdio.h>

void torture_fail(const char *fault)
{
    torture.fault = torture.fault == NULL ? fault : torture.fault;
    torture.ending = true;
}

/* ---- acts --------------------------------------------------------------- */

static void make(void)
{
    zval_assign(torture_variable(), torture_new());
}

static void drop(void)
{
    zval_release(torture_variable());
}

/* The object is held meanwhile: it may be dropped by what the assignment sets off. */
static void link_object(void)
{
    zval object = zval_copy(torture_variable());
    zval value = torture_value();
    if (torture_open_object(&object) == NULL) {
        zval_release(&value);
    } else if (torture_one_in(3)) {
        (void)zval_property_set(&object, torture_one_in(2) ? "x" : "y", value);
    } else {
        zval_assign(zval_property_at(&object, torture_below(2)), value);
    }
    zval_release(&object);
}

static void link_node(void)
{
    zval held = zval_copy(torture_variable());
    struct torture_node *node = torture_node_in(&held);
    if (node != NULL && torture_one_in(2)) {
        zval before = node->value;
        node->value = zval_undef();
        zval_release(&before);
        zval value = torture_value();
        before = node->value;
        node->value = value;
        zval_release(&before);
    } else if (node != NULL) {
        struct torture_node **link = torture_one_in(2) ? &node->left : &node->right;
        struct torture_node *before = *link;
        *link = gc_retain(torture_node_in(torture_variable()));
        gc_release(before);
    }
    zval_release(&held);
}

static void refer(void)
{
    zval object = zval_copy(torture_variable());
    zval reference = zval_reference(torture_variable());
    if (torture_open_object(&object) != NULL) {
        (void)zval_property_set(&object, "reference", reference);
    } else {
        zval_release(&reference);
    }
    zval_release(&object);
}

static void weaken(void)
{
    zval_assign(torture_weak(), zval_weakref(torture_variable()));
}

static void strengthen(void)
{
    zval found = zval_weakref_get(torture_weak());
    if (torture_one_in(2)) {
        zval_assign(torture_variable(), found);
    } else {
        zval_release(&found);
    }
}

static void enter(void)
{
    (void)zval_weakmap_set(torture_map(), torture_variable(), torture_value());
}

static void leave(void)
{
    (void)zval_weakmap_remove(torture_map(), torture_variable());
}

static void look_up(void)
{
    const zval *item = zval_weakmap_get(torture_map(), torture_variable());
    if (item != NULL) {
        zval_assign(torture_variable(), zval_copy(item));
    }
}

static void replace_map(void)
{
    if (torture_one_in(6)) {
        zval_assign(torture_map(), zval_weakmap());
    }
}

/* Takes and removes entries on the way. The map may be replaced meanwhile. */
static void iterate(void)
{
    zval map = zval_copy(torture_map());
    struct zval_weakmap_cursor cursor = {0};
    zval key;
    const zval *item;
    for (int count = 0; count < 20 && zval_weakmap_next(&map, &cursor, &key, &item); count++) {
        zval held = zval_copy(&key);
        if (torture_one_in(6)) {
            zval value = zval_copy(item);
            zval_assign(torture_variable(), zval_copy(&held));
            zval_assign(torture_variable(), value);
        } else if (torture_one_in(10)) {
            (void)zval_weakmap_remove(&map, &held);
        }
        zval_release(&held);
    }
    zval_release(&map);
}

static void collect(void)
{
    if (torture_one_in(4)) {
        (void)gc_collect_cycles();
    } else if (torture_one_in(16)) {
        (void)gc_collect_heap();
    }
}

static void switch_off_and_on(void)
{
    if (torture_one_in(8)) {
        gc_disable();
    }
    if (torture_one_in(2)) {
        gc_enable();
    }
}

static void spoil_memory(void)
{
    if (torture_one_in(4)) {
        (void)gc_mem_caches();
    } else if (torture_one_in(2)) {
        gc_memory_fail_after(torture_below(6));
    } else {
        (void)gc_memory_fail_never();
    }
}

/* During a collection it cannot be verified. */
void torture_verify(void)
{
    size_t faults = gc_heap_verify(NULL, stderr);
    if (faults != 0 && faults != SIZE_MAX) {
        torture_fail("the heap's invariants are broken");
    }
}

void torture_act(void)
{
    static void (*const acts[])(void) = {
        make,
        make,
        make,
        make,
        drop,
        drop,
        link_object,
        link_object,
        link_node,
        link_node,
        refer,
        weaken,
        weaken,
        strengthen,
        enter,
        enter,
        enter,
        leave,
        look_up,
        replace_map,
        iterate,
        collect,
        switch_off_and_on,
        spoil_memory,
    };
    if (!torture.ending) {
        torture.acts++;
        acts[torture_below(sizeof acts / sizeof acts[0])]();
        if (torture_one_in(4)) {
            (void)gc_memory_fail_never();
        }
        if (torture.depth == 0 || torture_one_in(10)) {
            torture_verify();
        }
    }
}

/* What only a destructor can do: something with its own object. */
static void act_on(zval *self)
{
    switch (torture_below(4)) {
    case 0:
        zval_assign(torture_variable(), zval_copy(self));
        break;
    case 1:
        if (torture_open_object(self) != NULL) {
            zval_assign(zval_property_at(self, torture_below(2)), torture_value());
        }
        break;
    case 2:
        (void)zval_weakmap_set(torture_map(), self, torture_value());
        break;
    default:
        zval_assign(torture_weak(), zval_weakref(self));
        break;
    }
}

void torture_act_within(zval *self, uint32_t will)
{
    if (torture.destructed[will]) {
        torture_fail("a destructor runs twice");
    }
    torture.destructed[will] = true;
    torture.destructors++;
    torture.owed--;
    if (torture.ending || torture.depth == TORTURE_DEPTH) {
        return;
    }
    torture.depth++;
    for (unsigned count = torture_below(6); count > 0; count--) {
        if (self != NULL && torture_one_in(2)) {
            act_on(self);
        } else {
            torture_act();
        }
    }
    torture.depth--;
}
