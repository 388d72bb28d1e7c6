#include "values/value.h"

/* The inline functions of the header, as functions that have an address. */
extern inline enum zval_type zval_type_of(const zval *value);
extern inline bool zval_is_reference(const zval *value);
extern inline bool zval_to_bool(const zval *value);
extern inline int64_t zval_to_int(const zval *value);
extern inline double zval_to_double(const zval *value);
extern inline void zval_let_go(uint32_t tag, void *payload);
extern inline zval zval_copy(const zval *value);
extern inline void zval_release(zval *variable);
extern inline void zval_assign(zval *variable, zval value);

/* ---- reading ------------------------------------------------------------ */

const zval *zval_referent(const zval *handle)
{
    return &rc__reference_in(handle)->value;
}

bool zval_to_bool_slow(const zval *value)
{
    value = rc__look_through(value);
    switch (zval_type_of(value)) {
    case ZVAL_UNDEF:
    case ZVAL_NULL:
        return false;
    case ZVAL_BOOL:
        return value->payload.boolean;
    case ZVAL_INT:
        return value->payload.integer != 0;
    case ZVAL_DOUBLE:
        return value->payload.number < 0 || value->payload.number > 0 ||
               value->payload.number != value->payload.number;
    case ZVAL_STRING: {
        const struct rc_string *string = value->payload.counted;
        return string->length > 1 || (string->length == 1 && string->bytes[0] != '0');
    }
    case ZVAL_ARRAY:
        return zval_array_count(value) > 0;
    default:
        return true;
    }
}

static int64_t cut_to_int(double number)
{
    if (number >= 9223372036854775808.0) {
        return INT64_MAX;
    }
    if (number <= -9223372036854775808.0) {
        return INT64_MIN;
    }
    return number != number ? 0 : (int64_t)number;
}

int64_t zval_to_int_slow(const zval *value)
{
    value = rc__look_through(value);
    switch (zval_type_of(value)) {
    case ZVAL_BOOL:
        return value->payload.boolean;
    case ZVAL_INT:
        return value->payload.integer;
    case ZVAL_DOUBLE:
        return cut_to_int(value->payload.number);
    default:
        return 0;
    }
}

double zval_to_double_slow(const zval *value)
{
    value = rc__look_through(value);
    switch (zval_type_of(value)) {
    case ZVAL_BOOL:
        return value->payload.boolean ? 1 : 0;
    case ZVAL_INT:
        return (double)value->payload.integer;
    case ZVAL_DOUBLE:
        return value->payload.number;
    default:
        return 0;
    }
}

uint32_t zval_refcount(const zval *value)
{
    value = rc__look_through(value);
    return value != NULL && rc__is_counted(value) ? gc_refcount(value->payload.counted) : 0;
}

/* ---- own structs -------------------------------------------------------- */

zval zval_native(void *object)
{
    return object == NULL ? zval_undef() : rc__value_of(RC_TAG_NATIVE, object);
}

void *zval_to_native(const zval *value)
{
    value = rc__look_through(value);
    return value != NULL && value->tag == RC_TAG_NATIVE ? value->payload.counted : NULL;
}

/* ---- owning ------------------------------------------------------------- */

/* The inline half has taken one off the count: it is zero, at the top, or a possible root's. */
void zval_release_slow(struct gc_object *counted)
{
    enum rc_kind kind = rc__kind_of(counted);
    if (kind == RC_KIND_STRING || kind == RC_KIND_WEAKREF) {
        rc__leaf_end(counted);
    } else {
        gc_release_slow(counted);
    }
}

/* Of a value or a variable that is a handle, or no variable at all. */
void zval_assign_slow(zval *variable, zval value)
{
    zval handle = zval_undef();
    if (rc__reference_in(&value) != NULL) {
        handle = value;
        value = zval_copy(&handle);
    }
    if (variable != NULL) {
        value = rc__replace(rc__variable_of(variable), value);
    }
    rc__let_go(value);
    rc__let_go(handle);
}
