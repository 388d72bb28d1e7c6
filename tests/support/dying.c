#include "dying.h"

int dying_count;
int dying_freed;
void (*dying_act)(zval *self);

static void on_destruct(zval *self)
{
    dying_count++;
    if (dying_act != NULL) {
        dying_act(self);
    }
}

static const char *const property_names[] = {"a", "b"};

const struct zval_class dying_class = {
    .name = "dying",
    .properties = property_names,
    .property_count = 2,
    .destructor = on_destruct,
};

static void on_destruct_node(void *self)
{
    zval value = zval_native(gc_retain(self));
    on_destruct(&value);
    zval_release(&value);
}

static void on_free_node(void *self)
{
    (void)self;
    dying_freed++;
}

static const struct gc_field node_fields[] = {
    GC_FIELD_OBJECT(struct dying_node, a),
    GC_FIELD_OBJECT(struct dying_node, b),
    GC_FIELD_ZVAL(struct dying_node, value),
};

const struct gc_type dying_node_type = {
    .name = "dying_node",
    .size = sizeof(struct dying_node),
    .fields = node_fields,
    .field_count = 3,
    .destructor = on_destruct_node,
    .free = on_free_node,
};

struct dying_node *dying_node_new(void)
{
    return gc_new(&dying_node_type);
}

zval dying_new(void)
{
    return zval_object(&dying_class);
}

zval dying_self_new(void)
{
    zval object = dying_new();
    zval_assign(zval_property_at(&object, 0), zval_copy(&object));
    return object;
}

void dying_drop_self(void)
{
    zval object = dying_self_new();
    zval_release(&object);
}

static void forget(void)
{
    dying_count = dying_freed = 0;
    dying_act = NULL;
}

int dying_begin(void **state)
{
    forget();
    return fixture_begin(state);
}

int dying_begin_small(void **state)
{
    forget();
    return fixture_begin_small(state);
}
