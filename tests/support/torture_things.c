/*
 * What tortured programs are made of.
 */
#include "torture.h"

struct torture torture;

/* ---- chance ------------------------------------------------------------- */

unsigned torture_below(unsigned bound)
{
    torture.random = torture.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((torture.random >> 33) % bound);
}

bool torture_one_in(unsigned chances)
{
    return torture_below(chances) == 0;
}

zval *torture_variable(void)
{
    return &torture.variables[torture_below(TORTURE_VARIABLES)];
}

zval *torture_weak(void)
{
    return &torture.weak[torture_below(TORTURE_VARIABLES)];
}

zval *torture_map(void)
{
    return &torture.maps[torture_below(TORTURE_MAPS)];
}

/* ---- what is made ------------------------------------------------------- */

struct leaf {
    struct gc_object gc;
    uint32_t will;
};

static void destruct_node(void *self)
{
    zval value = zval_native(gc_retain(self));
    torture_act_within(&value, ((struct torture_node *)self)->will);
    zval_release(&value);
}

static void destruct_leaf(void *self)
{
    torture_act_within(NULL, ((struct leaf *)self)->will);
}

static void destruct_object(zval *self)
{
    torture_act_within(self, (uint32_t)zval_to_int(zval_property_at(self, 2)));
}

static void free_node(void *self)
{
    gc_weak_release(((struct torture_node *)self)->weak);
    if (!torture.ending && torture.depth < TORTURE_DEPTH && torture_one_in(8)) {
        torture.depth++;
        torture_act();
        torture.depth--;
    }
}

static const struct gc_field node_fields[] = {
    GC_FIELD_OBJECT(struct torture_node, left),
    GC_FIELD_OBJECT(struct torture_node, right),
    GC_FIELD_ZVAL(struct torture_node, value),
};

static const struct gc_type node_types[] = {
    {.name = "node",
     .size = sizeof(struct torture_node),
     .fields = node_fields,
     .field_count = 3,
     .free = free_node},
    {.name = "node with a will",
     .size = sizeof(struct torture_node),
     .fields = node_fields,
     .field_count = 3,
     .destructor = destruct_node,
     .free = free_node},
};
static const struct gc_type leaf_types[] = {
    {.name = "leaf", .size = sizeof(struct leaf)},
    {.name = "leaf with a will", .size = sizeof(struct leaf), .destructor = destruct_leaf},
};

static const char *const names[] = {"a", "b", "will"};
static const struct zval_class object_classes[] = {
    {.name = "object", .properties = names, .property_count = 3},
    {.name = "object with a will",
     .properties = names,
     .property_count = 3,
     .destructor = destruct_object},
    {.name = "acyclic object with a will",
     .properties = names,
     .property_count = 3,
     .destructor = destruct_object,
     .flags = ZVAL_CLASS_ACYCLIC},
};

/* The object, if links may be put into it. */
zval *torture_open_object(zval *value)
{
    bool is_open = zval_type_of(value) == ZVAL_OBJECT && zval_class_of(value) != &object_classes[2];
    return is_open ? value : NULL;
}

struct torture_node *torture_node_in(const zval *value)
{
    const struct gc_object *object = zval_to_native(value);
    bool is_node =
        object != NULL && (object->type == &node_types[0] || object->type == &node_types[1]);
    return is_node ? zval_to_native(value) : NULL;
}

/* The number of a new object, which may have a destructor. */
static uint32_t next_will(bool has_destructor)
{
    torture.owed += has_destructor;
    return torture.wills++;
}

static zval make_object(void)
{
    const struct zval_class *class_ = &object_classes[torture_below(3)];
    zval object = zval_object(class_);
    zval *will = zval_property_at(&object, 2);
    if (will != NULL) {
        zval_assign(will, zval_int(next_will(class_->destructor != NULL)));
    }
    return object;
}

static zval make_node(void)
{
    const struct gc_type *type = &node_types[torture_below(2)];
    struct torture_node *node = gc_new(type);
    if (node != NULL) {
        node->will = next_will(type->destructor != NULL);
        node->weak = torture_one_in(3) ? gc_weak_new(node) : NULL;
    }
    return zval_native(node);
}

static zval make_leaf(void)
{
    const struct gc_type *type = &leaf_types[torture_below(2)];
    struct leaf *leaf = gc_new(type);
    if (leaf != NULL) {
        leaf->will = next_will(type->destructor != NULL);
    }
    return zval_native(leaf);
}

zval torture_new(void)
{
    if (torture.wills >= TORTURE_WILLS) {
        return zval_null();
    }
    switch (torture_below(9)) {
    case 0:
        return zval_weakmap();
    case 1:
        return make_leaf();
    case 2:
    case 3:
        return make_node();
    default:
        return make_object();
    }
}

zval torture_value(void)
{
    zval array;
    switch (torture_below(10)) {
    case 0:
        return zval_int(torture_below(100));
    case 1:
        return zval_cstring("text");
    case 2:
        array = zval_array();
        (void)zval_array_push(&array, zval_copy(torture_variable()));
        (void)zval_array_push(&array, zval_copy(torture_weak()));
        return array;
    case 3:
        return zval_copy(torture_map());
    case 4:
        return zval_weakref_get(torture_weak());
    default:
        return zval_copy(torture_variable());
    }
}
