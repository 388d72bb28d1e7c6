/*
 * Structures of any depth, and what is done with them on a stack of 256 KiB,
 * where any recursion would end the program.
 */
#ifndef RCYCLE_TESTS_DEEP_H
#define RCYCLE_TESTS_DEEP_H

#include "checks.h"

/* What is built, of `count` nodes; returned as an owned value. */
typedef zval (*deep_build)(size_t count);

zval deep_chain(size_t count);       /* own structs, each holding the next */
zval deep_ring(size_t count);        /* the same, the last holding the first */
zval deep_double_ring(size_t count); /* own structs that hold both their neighbours */
zval deep_arrays(size_t count);      /* arrays nested by value */
zval deep_array_ring(size_t count);  /* the same, a reference to the outermost in the innermost */
zval deep_objects(size_t count);     /* objects, each in a declared property of the one before */
zval deep_added(size_t count);       /* objects, each in an added property of the one before */
zval deep_references(size_t count);  /* arrays, each behind a reference in the one before */
zval deep_tree(size_t count);        /* own structs with two children each, a full tree */
zval deep_acyclic(size_t count);     /* own structs of an acyclic type, each holding the next */

/* A million; fewer where all is slower, under valgrind or a sanitizer. */
size_t deep_million(void);

/* Builds it, releases it on the small stack, and sees that counting freed it all. */
void deep_release(deep_build build, size_t count);

/* Builds it, drops it, collects on the small stack, and sees that all nodes were collected. */
void deep_collect(deep_build build, size_t count);

/* Builds it, collects the heap and verifies it on the small stack, and sees it unharmed. */
void deep_keep(deep_build build, size_t count);

/* Builds it in a heap of its own, and ends that on the small stack. */
void deep_end_heap(deep_build build, size_t count);

/* Builds it twice, compares both and writes one, on the small stack. */
void deep_compare_and_dump(deep_build build, size_t count);

#endif
