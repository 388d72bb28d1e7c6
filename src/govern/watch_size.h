/*
 * How many bytes an entry of a container takes: a sample of the last ones.
 */
#ifndef RCYCLE_GOVERN_WATCH_SIZE_H
#define RCYCLE_GOVERN_WATCH_SIZE_H

#include <rcycle/zval.h>

/* 0: the value is no container, or it is empty, or NULL. */
#include <stddef.h>

struct gc_object;

/* An object, its storage, and the strings that only it holds. */
size_t rc__bytes_of_object(struct gc_object *object);

double rc__bytes_per_entry(const zval *value);

#endif
