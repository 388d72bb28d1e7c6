#include "oracle_forms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- own structs -------------------------------------------------------- */

struct pair {
    struct oracle_head head;
    void *left;
    void *right;
    zval value;
};

struct bare {
    struct oracle_head head;
    void *links[3];
};

/* Nothing but links, as in the one before, but elsewhere. */
struct slim {
    struct oracle_head head;
    uint64_t number[6];
    void *links[2];
};

/* For both lists. */
struct list {
    struct oracle_head head;
    void *items;
    size_t count;
};

/* One link is a field, the rest is reported by callback. */
struct caller {
    struct oracle_head head;
    void *links[2];
    zval values[2];
};

struct keeper {
    struct oracle_head head;
    void *declared;
    void *hidden;
};

struct frugal {
    struct oracle_head head;
    void *link;
    zval value;
};

/* Too large for a page of slots. */
struct huge {
    struct oracle_head head;
    char padding[40000];
    zval values[2];
};

/* Weak references to a struct answer no more. */
static void expect_out_of_sight(struct oracle_world *world, const struct model_node *node)
{
    const struct model_value *watches = &world->model.handles[ORACLE_PLACES + ORACLE_HOLDS];
    for (size_t i = 0; i < ORACLE_WATCHES; i++) {
        bool leads_here = watches[i].type == MODEL_NODE && watches[i].as.node->target == node;
        oracle_expect(world, !leads_here || gc_weak_get(world->watches[i]) == NULL,
                      "struct #%" PRIu64 " is freed, and a weak reference still answers",
                      node->number);
    }
}

static void free_any(void *self)
{
    struct oracle_head *head = self;
    struct model_node *node = head->shadow;
    oracle_expect(head->world, !node->freed && node->real == self,
                  "struct #%" PRIu64 " is freed twice", node->number);
    oracle_expect(head->world, !node->awaits,
                  "struct #%" PRIu64 " is freed, and its destructor has not run", node->number);
    expect_out_of_sight(head->world, node);
    node->freed = true;
    head->world->freed++;
}

static void free_list(void *self)
{
    free(((struct list *)self)->items);
    free_any(self);
}

static void free_keeper(void *self)
{
    free_any(self);
    gc_release(((struct keeper *)self)->hidden);
}

static void destruct_any(void *self)
{
    struct oracle_head *head = self;
    oracle_destruct(head->world, head->shadow);
}

static void trace_caller(void *self, struct gc_visitor *visitor)
{
    struct caller *caller = self;
    gc_visit_zval(visitor, &caller->values[1]);
    gc_visit_object(visitor, caller->links[1]);
    gc_visit_zval(visitor, &caller->values[0]);
}

static const struct gc_field pair_fields[] = {
    GC_FIELD_OBJECT(struct pair, left),
    GC_FIELD_OBJECT(struct pair, right),
    GC_FIELD_ZVAL(struct pair, value),
};
static const struct gc_field bare_fields[] = {GC_FIELD_OBJECTS(struct bare, links)};
static const struct gc_field slim_fields[] = {GC_FIELD_OBJECTS(struct slim, links)};
static const struct gc_field crowd_fields[] = {GC_FIELD_OBJECT_LIST(struct list, items, count)};
static const struct gc_field row_fields[] = {GC_FIELD_ZVAL_LIST(struct list, items, count)};
static const struct gc_field caller_fields[] = {GC_FIELD_OBJECT(struct caller, links)};
static const struct gc_field keeper_fields[] = {GC_FIELD_OBJECT(struct keeper, declared)};
static const struct gc_field frugal_fields[] = {
    GC_FIELD_OBJECT(struct frugal, link),
    GC_FIELD_ZVAL(struct frugal, value),
};
static const struct gc_field huge_fields[] = {GC_FIELD_ZVALS(struct huge, values)};

static const struct gc_type pair_type = {.name = "pair",
                                         .size = sizeof(struct pair),
                                         .fields = pair_fields,
                                         .field_count = 3,
                                         .free = free_any};
/* No hook: whole pages of these go at once. */
static const struct gc_type bare_type = {
    .name = "bare", .size = sizeof(struct bare), .fields = bare_fields, .field_count = 1};
static const struct gc_type slim_type = {
    .name = "slim", .size = sizeof(struct slim), .fields = slim_fields, .field_count = 1};
static const struct gc_type crowd_type = {.name = "crowd",
                                          .size = sizeof(struct list),
                                          .fields = crowd_fields,
                                          .field_count = 1,
                                          .free = free_list};
static const struct gc_type row_type = {.name = "row",
                                        .size = sizeof(struct list),
                                        .fields = row_fields,
                                        .field_count = 1,
                                        .free = free_list};
static const struct gc_type caller_type = {.name = "caller",
                                           .size = sizeof(struct caller),
                                           .fields = caller_fields,
                                           .field_count = 1,
                                           .trace = trace_caller,
                                           .free = free_any};
static const struct gc_type plain_type = {
    .name = "plain", .size = sizeof(struct oracle_head), .free = free_any};
static const struct gc_type huge_type = {.name = "huge",
                                         .size = sizeof(struct huge),
                                         .fields = huge_fields,
                                         .field_count = 1,
                                         .free = free_any};
static const struct gc_type keeper_type = {.name = "keeper",
                                           .size = sizeof(struct keeper),
                                           .fields = keeper_fields,
                                           .field_count = 1,
                                           .free = free_keeper};
static const struct gc_type frugal_type = {.name = "frugal",
                                           .size = sizeof(struct frugal),
                                           .fields = frugal_fields,
                                           .field_count = 2,
                                           .free = free_any,
                                           .flags = GC_TYPE_ACYCLIC};

static const struct gc_type pair_will_type = {.name = "pair with a will",
                                              .size = sizeof(struct pair),
                                              .fields = pair_fields,
                                              .field_count = 3,
                                              .destructor = destruct_any,
                                              .free = free_any};
static const struct gc_type bare_will_type = {.name = "bare with a will",
                                              .size = sizeof(struct bare),
                                              .fields = bare_fields,
                                              .field_count = 1,
                                              .destructor = destruct_any};
static const struct gc_type row_will_type = {.name = "row with a will",
                                             .size = sizeof(struct list),
                                             .fields = row_fields,
                                             .field_count = 1,
                                             .destructor = destruct_any,
                                             .free = free_list};
static const struct gc_type caller_will_type = {.name = "caller with a will",
                                                .size = sizeof(struct caller),
                                                .fields = caller_fields,
                                                .field_count = 1,
                                                .trace = trace_caller,
                                                .destructor = destruct_any,
                                                .free = free_any};
static const struct gc_type plain_will_type = {.name = "plain with a will",
                                               .size = sizeof(struct oracle_head),
                                               .destructor = destruct_any,
                                               .free = free_any};
static const struct gc_type frugal_will_type = {.name = "frugal with a will",
                                                .size = sizeof(struct frugal),
                                                .fields = frugal_fields,
                                                .field_count = 2,
                                                .destructor = destruct_any,
                                                .free = free_any,
                                                .flags = GC_TYPE_ACYCLIC};

const struct oracle_form oracle_forms[] = {
    {&bare_type, 3, offsetof(struct bare, links), 0, 0, ORACLE_NO_LIST, false},
    {&slim_type, 2, offsetof(struct slim, links), 0, 0, ORACLE_NO_LIST, false},
    {&pair_type, 2, offsetof(struct pair, left), 1, offsetof(struct pair, value), ORACLE_NO_LIST,
     false},
    {&crowd_type, 0, 0, 0, 0, ORACLE_OBJECT_LIST, false},
    {&row_type, 0, 0, 0, 0, ORACLE_VALUE_LIST, false},
    {&caller_type, 2, offsetof(struct caller, links), 2, offsetof(struct caller, values),
     ORACLE_NO_LIST, false},
    {&plain_type, 0, 0, 0, 0, ORACLE_NO_LIST, false},
    {&huge_type, 0, 0, 2, offsetof(struct huge, values), ORACLE_NO_LIST, false},
    {&keeper_type, 2, offsetof(struct keeper, declared), 0, 0, ORACLE_NO_LIST, true},
    {&frugal_type, 1, offsetof(struct frugal, link), 1, offsetof(struct frugal, value),
     ORACLE_NO_LIST, false},
};
const size_t oracle_form_count = sizeof oracle_forms / sizeof oracle_forms[0];
const size_t oracle_plain_form_count = 8;
const size_t oracle_common_form_count = 7;

const struct oracle_form *const oracle_keeper_form = &oracle_forms[8];

const struct oracle_form oracle_willed_forms[] = {
    {&pair_will_type, 2, offsetof(struct pair, left), 1, offsetof(struct pair, value),
     ORACLE_NO_LIST, false},
    {&bare_will_type, 3, offsetof(struct bare, links), 0, 0, ORACLE_NO_LIST, false},
    {&row_will_type, 0, 0, 0, 0, ORACLE_VALUE_LIST, false},
    {&caller_will_type, 2, offsetof(struct caller, links), 2, offsetof(struct caller, values),
     ORACLE_NO_LIST, false},
    {&plain_will_type, 0, 0, 0, 0, ORACLE_NO_LIST, false},
    {&frugal_will_type, 1, offsetof(struct frugal, link), 1, offsetof(struct frugal, value),
     ORACLE_NO_LIST, false},
};
const size_t oracle_willed_form_count = sizeof oracle_willed_forms / sizeof oracle_willed_forms[0];
const size_t oracle_plain_willed_form_count = 5;

static void *at_offset(void *real, size_t offset)
{
    return (char *)real + offset;
}

struct oracle_field oracle_field_at(const struct model_node *node, size_t index)
{
    const struct oracle_form *form = node->form;
    struct oracle_field field = {NULL, NULL};
    if (form->list == ORACLE_OBJECT_LIST) {
        field.pointer = (void **)((struct list *)node->real)->items + index;
    } else if (form->list == ORACLE_VALUE_LIST) {
        field.value = (zval *)((struct list *)node->real)->items + index;
    } else if (index < form->pointers) {
        field.pointer = (void **)at_offset(node->real, form->pointers_offset) + index;
    } else {
        index -= form->pointers;
        field.value = (zval *)at_offset(node->real, form->values_offset) + index;
    }
    return field;
}

void oracle_list_resize(struct model_node *node, size_t count)
{
    const struct oracle_form *form = node->form;
    struct list *list = node->real;
    size_t item_bytes = form->list == ORACLE_OBJECT_LIST ? sizeof(void *) : sizeof(zval);
    if (count == 0) {
        free(list->items);
        list->items = NULL;
        list->count = 0;
        return;
    }
    char *items = realloc(list->items, count * item_bytes);
    if (items == NULL) {
        abort();
    }
    if (count > list->count) {
        memset(items + list->count * item_bytes, 0, (count - list->count) * item_bytes);
    }
    list->items = items;
    list->count = count;
}

/* ---- classes ------------------------------------------------------------ */

static const char *const few[] = {"a", "b"};
static const char *const many[] = {"next", "value", "a", "c", ""};

static const struct zval_class few_class = {"few", few, 2, NULL, 0};
static const struct zval_class many_class = {"many", many, 5, NULL, 0};
static const struct zval_class leaf_class = {"leaf", few, 2, NULL, ZVAL_CLASS_ACYCLIC};

static void destruct_object(zval *self)
{
    struct oracle_world *world = oracle_world_in_use();
    struct model_node *node = model_node_at(&world->model, self->payload.counted);
    oracle_expect(world, node != NULL, "the destructor of something unknown runs");
    oracle_destruct(world, node);
}

static const struct zval_class few_will_class = {"few with a will", few, 2, destruct_object, 0};
static const struct zval_class many_will_class = {"many with a will", many, 5, destruct_object, 0};
static const struct zval_class none_will_class = {"none with a will", NULL, 0, destruct_object, 0};

const struct zval_class *const oracle_willed_classes[] = {&few_will_class, &many_will_class,
                                                          &none_will_class};
const size_t oracle_willed_class_count = 3;

const struct zval_class *const oracle_classes[] = {NULL, &few_class, &many_class, &leaf_class};
const size_t oracle_class_count = 4;
const size_t oracle_plain_class_count = 3;

/* ---- names -------------------------------------------------------------- */

#define NAME(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

const struct oracle_name oracle_names[] = {
    NAME("a"),
    NAME("b"),
    NAME("next"),
    NAME("value"),
    NAME("c"),
    NAME(""),
    NAME("7"),
    NAME("d"),
    NAME("e"),
    NAME("f"),
    NAME("g"),
    NAME("h"),
    NAME("a name that is long enough not to share a size class with the others of this list"),
    NAME("nul\0l"),
    NAME("nul\0r"),
};
const size_t oracle_name_count = sizeof oracle_names / sizeof oracle_names[0];
const size_t oracle_property_names = 13;

const struct oracle_name oracle_texts[] = {
    NAME(""),
    NAME("0"),
    NAME("text"),
    NAME("bytes\0and more"),
    NAME("a text of some length, so that it does not fall into the smallest of the size classes"),
};
const size_t oracle_text_count = sizeof oracle_texts / sizeof oracle_texts[0];

int oracle_name_of(const char *name)
{
    size_t index = 0;
    while (strcmp(oracle_names[index].bytes, name) != 0) {
        index++;
    }
    return (int)index;
}
