#include "values/value.h"

/* ---- reading ------------------------------------------------------------ */

enum zval_type zval_type_of(const zval *value)
{
    value = rc__look_through(value);
    return value == NULL ? ZVAL_UNDEF : (enum zval_type)(value->tag & RC_TAG_TYPE);
}

bool zval_is_reference(const zval *value)
{
    return value != NULL && rc__reference_in(value) != NULL;
}

bool zval_to_bool(const zval *value)
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

int64_t zval_to_int(const zval *value)
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

double zval_to_double(const zval *value)
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

zval zval_copy(const zval *value)
{
    value = rc__look_through(value);
    return value == NULL ? zval_undef() : rc__share(value);
}

void zval_release(zval *variable)
{
    if (variable != NULL) {
        rc__let_go(rc__replace(variable, zval_undef()));
    }
}

void zval_assign(zval *variable, zval value)
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
