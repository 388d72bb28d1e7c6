#include "checks.h"

#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ALLOCATOR_IS_REPLACED true
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ALLOCATOR_IS_REPLACED true
#endif
#ifndef ALLOCATOR_IS_REPLACED
#define ALLOCATOR_IS_REPLACED false
#endif

void checks_type(const zval *value, enum zval_type type, const char *file, int line)
{
    _assert_true(cast_ptr_to_largest_integral_type(value), "value", file, line);
    _assert_int_equal(zval_type_of(value), type, file, line);
}

void checks_int(const zval *value, int64_t number, const char *file, int line)
{
    checks_type(value, ZVAL_INT, file, line);
    _assert_int_equal((LargestIntegralType)zval_to_int(value), (LargestIntegralType)number, file,
                      line);
}

void checks_text(const zval *value, const char *text, const char *file, int line)
{
    size_t length;
    checks_type(value, ZVAL_STRING, file, line);
    _assert_string_equal(zval_string_bytes(value, &length), text, file, line);
    _assert_int_equal(length, strlen(text), file, line);
}

void checks_double(const zval *value, double number, const char *file, int line)
{
    double found = zval_to_double(value);
    checks_type(value, ZVAL_DOUBLE, file, line);
    _assert_memory_equal(&found, &number, sizeof found, file, line);
}

char *checks_dump_of(const zval *value)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        return NULL;
    }
    zval_dump(out, value);
    fclose(out);
    return text;
}

void checks_dump(const zval *value, const char *text, const char *file, int line)
{
    char *found = checks_dump_of(value);
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", found);
    free(found);
    _assert_string_equal(copy, text, file, line);
}

size_t checks_count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

zval checks_list(int count)
{
    zval list = zval_array();
    for (int i = 0; i < count; i++) {
        (void)zval_array_push(&list, zval_int(i));
    }
    return list;
}

bool checks_allocator_is_replaced(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return ALLOCATOR_IS_REPLACED || (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL);
}
