/**
 * @file
 * Dynamic values, with PHP's semantics.
 *
 * **By value moves, by pointer borrows.** A `zval` passed by value is handed
 * over, also when the call fails; a `const zval *` is only read; zval_copy()
 * makes another owned one. There are no other rules.
 *
 * Every call that takes a variable, or reads a value, looks through a
 * reference. A call that is given ::ZVAL_UNDEF, which is what a constructor
 * without memory returns, fails with #GC_ENOMEM and changes nothing: a chain of
 * calls is checked once, at its end.
 *
 * Arrays are values: a write through a variable whose array is shared
 * separates it first (copy-on-write). They keep insertion order. A key is an
 * integer or a string of any bytes; "7" and 7 are two keys.
 */
#ifndef RCYCLE_ZVAL_H
#define RCYCLE_ZVAL_H

#include <rcycle/export.h>
#include <rcycle/object.h>
#include <rcycle/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a value is. */
enum zval_type {
    ZVAL_UNDEF, /**< no value: a released variable, or a constructor that found no memory */
    ZVAL_NULL,
    ZVAL_BOOL,
    ZVAL_INT,
    ZVAL_DOUBLE,
    ZVAL_STRING,
    ZVAL_ARRAY,
    ZVAL_OBJECT,
    ZVAL_REFERENCE, /**< never returned by zval_type_of(), which looks through it */
    ZVAL_WEAKREF,
    ZVAL_WEAKMAP,
    ZVAL_NATIVE /**< an own struct, see gc_new() */
};

/**
 * A value. 16 bytes; all zero is ::ZVAL_UNDEF. The members are the library's own.
 *
 * Where they are, and what two tags below say, is known to the inline functions of this
 * header and so to every program compiled with it: it is part of the binary interface, as is
 * the header of an object in <rcycle/object.h>. Nothing else of how values are stored is.
 */
struct zval {
    union {
        bool boolean;
        int64_t integer;
        double number;
        void *counted;
    } payload;
    uint32_t tag;
    uint32_t link;
};

/** @cond: what the inline functions below know, and their slow halves, not to be called directly */
#define ZVAL_TAG_COUNTED 0x100u                    /* the payload is a counted thing */
#define ZVAL_TAG_HANDLE  (0x300u | ZVAL_REFERENCE) /* the whole tag of a handle to a reference */
RCYCLE_EXPORT const zval *zval_referent(const zval *handle);
RCYCLE_EXPORT void zval_release_slow(struct gc_object *counted);
RCYCLE_EXPORT void zval_assign_slow(zval *variable, zval value);
RCYCLE_EXPORT bool zval_to_bool_slow(const zval *value);
RCYCLE_EXPORT int64_t zval_to_int_slow(const zval *value);
RCYCLE_EXPORT double zval_to_double_slow(const zval *value);

/*
 * What is tiny and frequent is inline here, and exported by the library too: for those who take
 * an address, or compile without optimisation. C does not allow such functions to call static ones.
 */

/* One owner fewer of what a place has held. */
RCYCLE_EXPORT inline void zval_let_go(uint32_t tag, void *payload)
{
    if ((tag & ZVAL_TAG_COUNTED) != 0) {
        struct gc_object *counted = (struct gc_object *)payload;
        uint32_t left = --counted->refcount;
        if (left - 1u >= GC_REFCOUNT_TOP - 1u || (counted->info & GC_INFO_ROOTABLE) != 0) {
            zval_release_slow(counted);
        }
    }
}
/** @endcond */

/* ---- making values ------------------------------------------------------ */

/** @cond: how an uncounted value is put together */
static inline zval zval_plain(enum zval_type type, int64_t integer)
{
    zval value;
    value.payload.integer = integer;
    value.tag = (uint32_t)type;
    value.link = 0;
    return value;
}
/** @endcond */

/** No value. */
static inline zval zval_undef(void)
{
    return zval_plain(ZVAL_UNDEF, 0);
}

/** The null value. */
static inline zval zval_null(void)
{
    return zval_plain(ZVAL_NULL, 0);
}

/** A boolean. */
static inline zval zval_bool(bool value)
{
    return zval_plain(ZVAL_BOOL, value ? 1 : 0);
}

/** An integer. */
static inline zval zval_int(int64_t value)
{
    return zval_plain(ZVAL_INT, value);
}

/** A floating-point number. */
static inline zval zval_double(double value)
{
    zval result = zval_plain(ZVAL_DOUBLE, 0);
    result.payload.number = value;
    return result;
}

/**
 * A string with a copy of @p length @p bytes, which may hold NULs.
 * @return owned; ::ZVAL_UNDEF: no memory, or @p bytes is NULL and @p length is not 0.
 */
RCYCLE_EXPORT zval zval_string(const char *bytes, size_t length);

/** A string with a copy of @p text up to its NUL. @return as zval_string(); NULL gives undef. */
RCYCLE_EXPORT zval zval_cstring(const char *text);

/** An empty array. @return owned; ::ZVAL_UNDEF: no memory. */
RCYCLE_EXPORT zval zval_array(void);

struct zval_class;
/**
 * An object of @p class_, its declared properties null.
 * @param class_ must outlive the object. NULL: an object without a class, to
 *        which properties can be added.
 * @return owned; ::ZVAL_UNDEF: no memory, or a class with more properties than
 *         fit into an object (2^24).
 */
RCYCLE_EXPORT zval zval_object(const struct zval_class *class_);

/** An own struct as a value; takes over one reference to it. NULL gives ::ZVAL_UNDEF. */
RCYCLE_EXPORT zval zval_native(void *object);

/* ---- reading values ----------------------------------------------------- */

/** The type of @p value, or of what it refers to. NULL: ::ZVAL_UNDEF. */
RCYCLE_EXPORT inline enum zval_type zval_type_of(const zval *value)
{
    if (value != NULL && value->tag == ZVAL_TAG_HANDLE) {
        value = zval_referent(value);
    }
    return value == NULL ? ZVAL_UNDEF : (enum zval_type)(value->tag & 0xffu);
}

/** Whether the variable itself is a handle to a reference. NULL: false. */
RCYCLE_EXPORT inline bool zval_is_reference(const zval *value)
{
    return value != NULL && value->tag == ZVAL_TAG_HANDLE;
}

/**
 * As a truth value: false are undef, null, false, 0, 0.0, "", "0" and the empty
 * array; all else is true.
 */
RCYCLE_EXPORT inline bool zval_to_bool(const zval *value)
{
    return value != NULL && value->tag == ZVAL_BOOL ? value->payload.boolean
                                                    : zval_to_bool_slow(value);
}

/**
 * As an integer: booleans are 0 and 1, doubles are cut towards zero (beyond the
 * range: the nearest integer; NaN: 0), all other types are 0. Strings are not
 * parsed.
 */
RCYCLE_EXPORT inline int64_t zval_to_int(const zval *value)
{
    return value != NULL && value->tag == ZVAL_INT ? value->payload.integer
                                                   : zval_to_int_slow(value);
}

/** As a double: booleans are 0 and 1, integers are converted, all other types are 0. */
RCYCLE_EXPORT inline double zval_to_double(const zval *value)
{
    return value != NULL && value->tag == ZVAL_DOUBLE ? value->payload.number
                                                      : zval_to_double_slow(value);
}

/**
 * The bytes of a string, with a NUL behind them that @p length does not count.
 * Valid as long as the string lives.
 * @param length may be NULL; 0 where there is no string.
 * @return NULL if @p value is no string.
 */
RCYCLE_EXPORT const char *zval_string_bytes(const zval *value, size_t *length);

/** The own struct in @p value, lent; NULL if it is none. */
RCYCLE_EXPORT void *zval_to_native(const zval *value);

/** The count of the string, array, object or struct in @p value; 0 where nothing is counted. */
RCYCLE_EXPORT uint32_t zval_refcount(const zval *value);

/** How many handles the reference has that @p value is one of; 0 if it is none. */
RCYCLE_EXPORT uint32_t zval_reference_count(const zval *value);

/**
 * PHP's `===`: the same type and value; strings by their bytes, arrays by the
 * same keys with identical values in the same order, objects and own structs by
 * being the same one. Arrays that contain themselves through references are
 * compared too: identical if no walk down both ever finds a difference. Constant
 * stack; with no memory for the comparison's own notes, false.
 */
RCYCLE_EXPORT bool zval_identical(const zval *left, const zval *right);

/* ---- owning values ------------------------------------------------------ */

/**
 * Another owned value, equal to @p value: counted ones are shared, a reference
 * is looked through (zval_reference() makes another handle). NULL: undef.
 */
RCYCLE_EXPORT inline zval zval_copy(const zval *value)
{
    zval copy;
    if (value != NULL && value->tag == ZVAL_TAG_HANDLE) {
        value = zval_referent(value);
    }
    copy.payload.integer = value == NULL ? 0 : value->payload.integer;
    copy.tag = value == NULL ? (uint32_t)ZVAL_UNDEF : value->tag;
    copy.link = 0;
    if ((copy.tag & ZVAL_TAG_COUNTED) != 0) {
        struct gc_object *counted = (struct gc_object *)copy.payload.counted;
        if (++counted->refcount >= GC_REFCOUNT_TOP) {
            gc_retain_at_top(counted);
        }
    }
    return copy;
}

/** Gives up what @p variable holds, a handle to a reference included; leaves ::ZVAL_UNDEF. */
RCYCLE_EXPORT inline void zval_release(zval *variable)
{
    if (variable == NULL) {
        return;
    }
    uint32_t tag = variable->tag;
    void *counted = variable->payload.counted;
    variable->payload.integer = 0;
    variable->tag = ZVAL_UNDEF;
    zval_let_go(tag, counted);
}

/**
 * PHP's `=`: writes @p value, through the reference if @p variable is a handle
 * to one, and then gives up what was there before. A @p value that is itself a
 * reference is looked through. ::ZVAL_UNDEF is assigned like any other value, so
 * that a constructor's failure shows in the variable. @p variable NULL: the value
 * is released.
 */
RCYCLE_EXPORT inline void zval_assign(zval *variable, zval value)
{
    if (variable == NULL || variable->tag == ZVAL_TAG_HANDLE || value.tag == ZVAL_TAG_HANDLE) {
        zval_assign_slow(variable, value);
        return;
    }
    uint32_t tag = variable->tag;
    void *counted = variable->payload.counted;
    variable->payload.integer = value.payload.integer;
    variable->tag = value.tag;
    zval_let_go(tag, counted);
}

/**
 * PHP's `=&`: @p variable becomes a reference, if it is none yet (an undefined
 * one as null), and another handle to the same is returned.
 * @return owned; ::ZVAL_UNDEF: no memory (@p variable is unchanged) or NULL given.
 */
RCYCLE_EXPORT zval zval_reference(zval *variable);

/* ---- arrays -------------------------------------------------------------
 *
 * Writing calls fail with GC_EINVAL (NULL given), GC_ENOMEM (no memory, or an
 * undefined variable or item), GC_ETYPE (no array) or GC_ERANGE; the array and
 * its sharing are then as before, and the item, which was handed over, is gone.
 *
 * An item that is a handle to a reference makes the element one of its handles.
 * Any other item put where an element is a reference is written through it, as
 * in PHP; otherwise it takes the place of what was there.
 *
 * Pointers to elements are valid until the array is next written to or copied:
 * what is written through one later would be seen by the copy too. Mind that C
 * does not say which argument of a call is evaluated first.
 * All of these are O(1) on average unless they separate the array.
 */

/** Appends @p item under the next integer key. GC_ERANGE: the key INT64_MAX is taken. */
RCYCLE_EXPORT enum gc_result zval_array_push(zval *array, zval item);
/** Sets the element at a string key. */
RCYCLE_EXPORT enum gc_result zval_array_set(zval *array, const char *key, zval item);
/** Sets the element at a string key of any bytes. */
RCYCLE_EXPORT enum gc_result zval_array_set_bytes(zval *array, const char *key, size_t length,
                                                  zval item);
/** Sets the element at an integer key. */
RCYCLE_EXPORT enum gc_result zval_array_set_at(zval *array, int64_t key, zval item);

/** The element at a string key, lent; NULL: no such key, no array. */
RCYCLE_EXPORT const zval *zval_array_get(const zval *array, const char *key);
/** The element at a string key of any bytes, lent; NULL: no such key, no array. */
RCYCLE_EXPORT const zval *zval_array_get_bytes(const zval *array, const char *key, size_t length);
/** The element at an integer key, lent; NULL: no such key, no array. */
RCYCLE_EXPORT const zval *zval_array_get_at(const zval *array, int64_t key);

/**
 * The element at a string key, for writing, made null if missing. NULL: no memory, no array.
 * It is written with zval_assign() or another call, never by `=`: the array keeps in it what it
 * finds its elements by.
 */
RCYCLE_EXPORT zval *zval_array_slot(zval *array, const char *key);
/** The element at a string key of any bytes, for writing, made null if missing. */
RCYCLE_EXPORT zval *zval_array_slot_bytes(zval *array, const char *key, size_t length);
/** The element at an integer key, for writing, made null if missing. */
RCYCLE_EXPORT zval *zval_array_slot_at(zval *array, int64_t key);

/** Removes the element at a string key. GC_ENOKEY: there is none. */
RCYCLE_EXPORT enum gc_result zval_array_remove(zval *array, const char *key);
/** Removes the element at a string key of any bytes. */
RCYCLE_EXPORT enum gc_result zval_array_remove_bytes(zval *array, const char *key, size_t length);
/** Removes the element at an integer key. */
RCYCLE_EXPORT enum gc_result zval_array_remove_at(zval *array, int64_t key);

/** How many elements; 0 if @p array is none. */
RCYCLE_EXPORT size_t zval_array_count(const zval *array);

/** Where an iteration stands. Zero-initialise it to begin; it needs no end. */
struct zval_array_cursor {
    uint64_t epoch;
    uint64_t key;
    const void *name;
    uint32_t position;
};

/**
 * Goes to the next element, in insertion order.
 *
 * The array may change meanwhile. Removing elements, the one just returned
 * included, and overwriting them disturb nothing. Elements that are added are
 * visited too. Every element that stays is visited once; only if several
 * cursors are under way in one array, and the element that one of them returned
 * last is removed and a new one is added before that cursor goes on, may it
 * repeat or miss some. A write that separates the array leaves a cursor over
 * the same variable where it was.
 *
 * @param key  may be NULL; set to the key, an int or string, lent: do not release it.
 * @param item may be NULL; set to the element, lent.
 * @return false at the end, or if @p array is no array; @p key and @p item are then unchanged.
 */
RCYCLE_EXPORT bool zval_array_next(const zval *array, struct zval_array_cursor *cursor, zval *key,
                                   const zval **item);

/* ---- objects ------------------------------------------------------------ */

/**
 * Flag of a class: its objects can never be part of a cycle. As #GC_TYPE_ACYCLIC.
 */
#define ZVAL_CLASS_ACYCLIC 1u

/** Describes a class. It must outlive its objects; a constant with static storage is usual. */
struct zval_class {
    const char *name;
    const char *const *properties; /**< declared ones; more may be added to an object by name */
    size_t property_count;
    /** Lent; at most once in an object's life; may resurrect it by copying it. See gc_type. */
    void (*destructor)(zval *self);
    unsigned flags; /**< 0, or ZVAL_CLASS_ACYCLIC */
};

/**
 * Sets a property, declared or added, by the same rules as an array element.
 * An object is a handle: a write through it is seen by all that share it.
 * O(declared properties) for a declared one.
 */
RCYCLE_EXPORT enum gc_result zval_property_set(zval *object, const char *name, zval value);
/** A property, lent; NULL: no such property, no object. */
RCYCLE_EXPORT const zval *zval_property_get(const zval *object, const char *name);
/** A property for writing, made null if missing. NULL: no memory, no object. */
RCYCLE_EXPORT zval *zval_property_slot(zval *object, const char *name);
/** A declared property by position, for reading and writing; undef if it was removed. O(1). */
RCYCLE_EXPORT zval *zval_property_at(zval *object, size_t index);
/** Removes a property; a declared one can be set again. GC_ENOKEY: there is none. */
RCYCLE_EXPORT enum gc_result zval_property_remove(zval *object, const char *name);
/** How many properties an object has at the moment; 0 if it is none. */
RCYCLE_EXPORT size_t zval_property_count(const zval *object);

/** Where an iteration over properties stands. Zero-initialise it to begin. */
struct zval_property_cursor {
    size_t declared;
    struct zval_array_cursor added;
};

/**
 * Goes to the next property: declared ones first, then added ones in order.
 * The rules for changes meanwhile are those of zval_array_next(), but that a
 * declared property keeps its place: one that is removed and set again behind
 * the cursor is not come to once more, as an added one is.
 */
RCYCLE_EXPORT bool zval_property_next(const zval *object, struct zval_property_cursor *cursor,
                                      const char **name, const zval **value);

/** The class of an object; NULL if it is none, or has none. */
RCYCLE_EXPORT const struct zval_class *zval_class_of(const zval *object);

/* ---- looking at values -------------------------------------------------- */

/**
 * Writes @p value for people: types, values and counts, nested values
 * indented. Each array and object is written once, with a number; where it is
 * met again there is that number, marked as a cycle if it contains that place.
 * Constant stack; without memory for its notes it ends early with a line that
 * says so.
 */
RCYCLE_EXPORT void zval_dump(FILE *out, const zval *value);

#ifdef __cplusplus
}
#endif

#endif
