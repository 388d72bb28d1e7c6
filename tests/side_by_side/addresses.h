/*
 * Where objects lie.
 *
 * The destructors of one collection run in the order of the root buffer in PHP,
 * and in the order of addresses here. What they do to each other may depend on
 * it. So PHP goes first, and each object whose destructor has run there gets an
 * address here that has the same rank among the others.
 */
#ifndef RCYCLE_TESTS_ADDRESSES_H
#define RCYCLE_TESTS_ADDRESSES_H

#include <stddef.h>

/* Reserves addresses in the current heap for the ids, ascending. */
void addresses_begin(const long *ids, size_t count);

/* Lets the next object have the address reserved for the id, if there is one. */
void addresses_give(long id);

void addresses_end(void);

#endif
