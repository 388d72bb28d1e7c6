/*
 * The graph as values: objects of the classes Package and Virtual, which hold
 * arrays of each other.
 *
 * Pointers and values that these functions return are lent.
 */
#ifndef PACKAGE_MODEL_H
#define PACKAGE_MODEL_H

#include <rcycle/rcycle.h>

enum package_property {
    PACKAGE_NAME,
    PACKAGE_VERSION,
    PACKAGE_SECTION,
    PACKAGE_KIB,        /* Installed-Size */
    PACKAGE_ORIGIN,     /* which of all paragraphs it was made from, from 1 */
    PACKAGE_NUMBER,     /* its place in the graph's list, from 0 */
    PACKAGE_MARK,       /* scratch: the list that was last given a link to it */
    PACKAGE_PROVIDES,   /* null, or an array of Virtuals */
    PACKAGE_DEPENDS,    /* null, or an array of Packages: Pre-Depends, then Depends */
    PACKAGE_RECOMMENDS, /* null, or an array of Packages */
    PACKAGE_NEEDED_BY,  /* null, or an array of Packages: Depends the other way round */
    PACKAGE_PROPERTIES
};

enum virtual_property {
    VIRTUAL_NAME,
    VIRTUAL_PROVIDERS, /* null, or an array of Packages: Provides the other way round */
    VIRTUAL_PROPERTIES
};

extern const struct zval_class package_class;
extern const struct zval_class virtual_class;

/* A property of either class, lent. */
const zval *model_property(const zval *object, size_t property);
zval *model_property_slot(const zval *object, size_t property);

const char *package_name(const zval *package);
int64_t package_integer(const zval *package, enum package_property property);

/* How many links a list property holds, and the package at one of them. */
size_t package_links(const zval *package, enum package_property list);
const zval *package_link_at(const zval *package, enum package_property list, size_t position);

/* Appends one more handle of `target` to a list property, which is made if it is null. */
enum gc_result model_link(const zval *object, size_t list, const zval *target);

struct graph_figures {
    size_t packages;
    size_t virtuals;
    size_t depends;
    size_t recommends;
    size_t provides;
    size_t unmet_depends;    /* relations of which no alternative is in the graph */
    size_t unmet_recommends; /* the same */
    size_t left_out;         /* paragraphs about packages that are not installed */
    size_t again;            /* paragraphs that took the place of an earlier one */
    size_t input_bytes;
    /* Of the heap, when all was loaded. */
    uint64_t nodes;
    size_t bytes;
    uint64_t runs;
};

/* Zero-initialise it to begin. */
struct package_graph {
    zval index;    /* name -> Package */
    zval virtuals; /* name -> Virtual */
    zval list;     /* number -> Package */
    zval again;    /* name -> how many paragraphs about it gave way to a later one */
    struct graph_figures figures;
};

const zval *graph_package(const struct package_graph *graph, int64_t number);

/* Lets go of everything. What hangs in cycles stays until the collector comes. */
void graph_release(struct package_graph *graph);

#endif
