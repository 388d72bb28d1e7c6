/* What PHP's debug_zval_dump() prints, but for indentation and object numbers. */
#ifndef RCYCLE_TESTS_COUNT_DUMP_H
#define RCYCLE_TESTS_COUNT_DUMP_H

#include <rcycle/rcycle.h>
#include <stdio.h>

/* Of a value that PHP copies for the call, so its count is shown one higher than it is. */
void count_dump(FILE *out, const zval *value);

#endif
