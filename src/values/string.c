#include "values/string.h"

#include "base/size.h"
#include "values/hash.h"
#include "values/value.h"
#include <string.h>

struct rc_string *rc__string_new(struct gc_heap *heap, const char *bytes, size_t length)
{
    size_t total;
    if (!rc__size_add(length, sizeof(struct rc_string) + 1, &total)) {
        return NULL;
    }
    struct rc_string *string = rc__leaf_new(heap, total, RC_KIND_STRING);
    if (string == NULL) {
        return NULL;
    }
    string->hash = 0;
    string->length = length;
    if (length > 0) {
        memcpy(string->bytes, bytes, length);
    }
    string->bytes[length] = '\0';
    return string;
}

uint64_t rc__string_hash(struct rc_string *string)
{
    if (string->hash == 0) {
        string->hash = rc__hash_bytes(string->bytes, string->length);
    }
    return string->hash;
}

bool rc__string_equals(const struct rc_string *string, const char *bytes, size_t length)
{
    return string->length == length && (length == 0 || memcmp(string->bytes, bytes, length) == 0);
}

zval zval_string(const char *bytes, size_t length)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL || (bytes == NULL && length > 0)) {
        return zval_undef();
    }
    struct rc_string *string;
    do {
        string = rc__string_new(heap, bytes, length);
    } while (rc__try_again_for(string, heap));
    return string == NULL ? zval_undef() : rc__value_of(RC_TAG_STRING, string);
}

zval zval_cstring(const char *text)
{
    return text == NULL ? zval_undef() : zval_string(text, strlen(text));
}

const char *zval_string_bytes(const zval *value, size_t *length)
{
    value = rc__look_through(value);
    const struct rc_string *string =
        value != NULL && value->tag == RC_TAG_STRING ? value->payload.counted : NULL;
    if (length != NULL) {
        *length = string == NULL ? 0 : string->length;
    }
    return string == NULL ? NULL : string->bytes;
}
