#include "package_numbers.h"

zval numbers_new(size_t count, int64_t value)
{
    zval numbers = zval_array();
    for (size_t i = 0; i < count; i++) {
        if (zval_array_push(&numbers, zval_int(value)) != GC_OK) {
            zval_release(&numbers);
            break;
        }
    }
    return numbers;
}
