/*
 * Arrays: tables as values, shared until somebody writes.
 */
#ifndef RCYCLE_VALUES_ARRAY_H
#define RCYCLE_VALUES_ARRAY_H

#include "values/table.h"

/* The array in a value, looking through a reference; NULL: it is none. */
struct rc_array *rc__array_in(const zval *value);

#endif
