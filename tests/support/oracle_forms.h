/*
 * What the oracle makes its nodes from: forms of own structs, classes, names.
 */
#ifndef RCYCLE_TESTS_ORACLE_FORMS_H
#define RCYCLE_TESTS_ORACLE_FORMS_H

#include "oracle.h"

enum oracle_list {
    ORACLE_NO_LIST,
    ORACLE_OBJECT_LIST,
    ORACLE_VALUE_LIST
};

/* A kind of own struct. Its slots in the model: the pointers, then the values. */
struct oracle_form {
    const struct gc_type *type;
    size_t pointers; /* so many, one behind the other from that offset on */
    size_t pointers_offset;
    size_t values;
    size_t values_offset;
    enum oracle_list list; /* instead of these, a list that grows and shrinks */
    bool hides_last;       /* the last pointer is one that the type does not declare */
};

extern const struct oracle_form oracle_forms[];
extern const size_t oracle_form_count;        /* all of them */
extern const size_t oracle_plain_form_count;  /* the first ones, which hide nothing */
extern const size_t oracle_common_form_count; /* the first of these, which are small */

/* With a destructor; the first ones hide nothing. */
extern const struct oracle_form oracle_willed_forms[];
extern const size_t oracle_willed_form_count;
extern const size_t oracle_plain_willed_form_count;

/* Has a pointer in slot 0, and another one in slot 1 that its type does not declare. */
extern const struct oracle_form *const oracle_keeper_form;

/* In front of every own struct of the oracle's. */
struct oracle_head {
    struct gc_object gc;
    struct model_node *shadow;
    struct oracle_world *world;
};

/* Where slot `index` of a real struct is: a pointer or a value, the other is NULL. */
struct oracle_field {
    void **pointer;
    zval *value;
};

struct oracle_field oracle_field_at(const struct model_node *node, size_t index);

/* Adds an empty slot to the list of a struct, or takes the last one, emptied before, away. */
void oracle_list_resize(struct model_node *node, size_t count);

/* ---- classes ------------------------------------------------------------ */

extern const struct zval_class *const oracle_classes[];
extern const size_t oracle_class_count;       /* all of them */
extern const size_t oracle_plain_class_count; /* the first ones, which are not acyclic */

/* With a destructor. */
extern const struct zval_class *const oracle_willed_classes[];
extern const size_t oracle_willed_class_count;

/* ---- names -------------------------------------------------------------- */

/* A name of a key; the first oracle_property_names ones hold no NUL, so they can name properties.
 */
struct oracle_name {
    const char *bytes;
    size_t length;
};

extern const struct oracle_name oracle_names[];
extern const size_t oracle_name_count;
extern const size_t oracle_property_names;

/* Contents of string values; a shadow's form points to its text. */
extern const struct oracle_name oracle_texts[];
extern const size_t oracle_text_count;

/* The index of a declared property's name. */
int oracle_name_of(const char *name);

#endif
