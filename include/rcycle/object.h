/**
 * @file
 * Counted structs of your own.
 *
 * A struct whose first member is a `struct gc_object` can be counted, and,
 * once its type says where its references are, collected when it hangs in a
 * cycle:
 *
 * @code
 * struct node { struct gc_object gc; struct node *next; };
 * static const struct gc_field node_fields[] = {GC_FIELD_OBJECT(struct node, next)};
 * static const struct gc_type node_type = {
 *     .name = "node", .size = sizeof(struct node),
 *     .fields = node_fields, .field_count = 1};
 * @endcode
 *
 * A reference the type does not declare counts as held from outside: a
 * forgotten field leaks, it never frees too early.
 */
#ifndef RCYCLE_OBJECT_H
#define RCYCLE_OBJECT_H

#include <rcycle/export.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zval zval;
struct gc_type;
struct gc_visitor;

/** The header of a counted struct: its first member, filled in by gc_new() and not to be written.
 */
struct gc_object {
    uint32_t refcount;          /**< read it with gc_refcount() */
    uint32_t info;              /**< the library's own */
    const struct gc_type *type; /**< what gc_new() was given */
};

/** How a #gc_field is to be read. Use the GC_FIELD_ macros instead. */
enum gc_field_kind {
    GC_FIELD_KIND_OBJECTS,     /**< `count` pointers to counted structs, in the struct itself */
    GC_FIELD_KIND_ZVALS,       /**< `count` values, in the struct itself */
    GC_FIELD_KIND_OBJECT_LIST, /**< a pointer to pointers; `count` is the offset of their number */
    GC_FIELD_KIND_ZVAL_LIST    /**< a pointer to values; `count` is the offset of their number */
};

/** One place in a struct that holds references. */
struct gc_field {
    uint32_t offset; /**< bytes from the start of the struct */
    uint32_t kind;   /**< an enum gc_field_kind */
    uint32_t count;  /**< how many, or where that is written */
};

/** `member` points to a struct that begins with gc_object, or is NULL. */
#define GC_FIELD_OBJECT(struct_type, member)                               \
    {                                                                      \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_OBJECTS, 1 \
    }
/** `member` is an array, inside the struct, of such pointers. */
#define GC_FIELD_OBJECTS(struct_type, member)                               \
    {                                                                       \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_OBJECTS,    \
            (uint32_t)(sizeof(((struct_type *)0)->member) / sizeof(void *)) \
    }
/** `member` is a zval. All zero bytes are a valid (undefined) one. */
#define GC_FIELD_ZVAL(struct_type, member)                               \
    {                                                                    \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_ZVALS, 1 \
    }
/** `member` is an array, inside the struct, of zvals. */
#define GC_FIELD_ZVALS(struct_type, member)                               \
    {                                                                     \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_ZVALS,    \
            (uint32_t)(sizeof(((struct_type *)0)->member) / sizeof(zval)) \
    }
/** `member` points to memory of your own with `count_member` (a size_t) object pointers. */
#define GC_FIELD_OBJECT_LIST(struct_type, member, count_member)              \
    {                                                                        \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_OBJECT_LIST, \
            (uint32_t)offsetof(struct_type, count_member)                    \
    }
/** `member` points to memory of your own with `count_member` (a size_t) zvals. */
#define GC_FIELD_ZVAL_LIST(struct_type, member, count_member)              \
    {                                                                      \
        (uint32_t) offsetof(struct_type, member), GC_FIELD_KIND_ZVAL_LIST, \
            (uint32_t)offsetof(struct_type, count_member)                  \
    }

/**
 * Flag of a type: its objects can never be part of a cycle. They are never
 * recorded as possible roots and the collector does not look into them, so a
 * cycle that does run through one is never found.
 */
#define GC_TYPE_ACYCLIC 1u

/**
 * Describes a counted struct. It must stay where it is, unchanged, as long as
 * an object of it lives; a constant with static storage is the usual form.
 */
struct gc_type {
    const char *name;              /**< for people: dumps, logs */
    size_t size;                   /**< bytes of the struct, at least sizeof(struct gc_object) */
    const struct gc_field *fields; /**< where its references are; may be NULL */
    size_t field_count;            /**< how many fields */
    /**
     * Names references that fields cannot: calls gc_visit_object() or
     * gc_visit_zval() once for each one that it owns, always the same ones while
     * nothing changes, and does nothing else. It may be called at any time
     * after gc_new(), so a zeroed object must be fit for it, and again, for
     * another object, while it is visiting: no scratch memory shared by objects.
     */
    void (*trace)(void *self, struct gc_visitor *visitor);
    /**
     * Runs at most once in an object's life, when it is about to go, while it
     * is whole and its heap is the current one. May do anything, keep itself
     * alive by gc_retain() included, but must not release what it does not own:
     * the object itself is lent.
     */
    void (*destructor)(void *self);
    /**
     * The memory goes now: give back what is not counted. The references that
     * the type declares have been given up already and must not be followed.
     */
    void (*free)(void *self);
    unsigned flags; /**< 0, or GC_TYPE_ACYCLIC */
};

/**
 * Makes an object of @p type in the thread's current heap: count 1, all bytes
 * behind the header zero, aligned to 16 bytes.
 * @return the object, owned by the caller; NULL when there is no memory, or
 *         @p type is NULL or smaller than the header.
 */
RCYCLE_EXPORT void *gc_new(const struct gc_type *type);

/** Reports a reference of an object under trace. NULL children are allowed. */
RCYCLE_EXPORT void gc_visit_object(struct gc_visitor *visitor, void *child);
/** Reports a value of an object under trace. */
RCYCLE_EXPORT void gc_visit_zval(struct gc_visitor *visitor, const zval *child);

/** @cond: the slow halves of the inline functions below, not to be called directly */
#define GC_REFCOUNT_TOP  0x80000000u
#define GC_INFO_ROOTABLE 0x10u
RCYCLE_EXPORT void gc_retain_at_top(struct gc_object *object);
RCYCLE_EXPORT void gc_release_slow(struct gc_object *object);
/** @endcond */

/**
 * Adds one reference. A count that reaches 2^31 stays there for ever, and the
 * object with it (gc_status().saturated says how many).
 * @return @p object, for use in an expression; NULL for NULL.
 */
static inline void *gc_retain(void *object)
{
    struct gc_object *header = (struct gc_object *)object;
    if (header != NULL && ++header->refcount >= GC_REFCOUNT_TOP) {
        gc_retain_at_top(header);
    }
    return object;
}

/**
 * Gives up one reference. The last one takes the object with it, and all that
 * only it held, in constant stack; another one makes it a possible root, which
 * may start a collection. NULL is allowed. Cannot fail.
 */
static inline void gc_release(void *object)
{
    struct gc_object *header = (struct gc_object *)object;
    if (header == NULL) {
        return;
    }
    uint32_t left = --header->refcount;
    if (left - 1u >= GC_REFCOUNT_TOP - 1u || (header->info & GC_INFO_ROOTABLE) != 0) {
        gc_release_slow(header);
    }
}

/** The number of references to @p object; 0 for NULL. */
static inline uint32_t gc_refcount(const void *object)
{
    return object == NULL ? 0 : ((const struct gc_object *)object)->refcount;
}

#ifdef __cplusplus
}
#endif

#endif
