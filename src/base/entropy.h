/*
 * Bytes that nobody outside the process can guess.
 */
#ifndef RCYCLE_BASE_ENTROPY_H
#define RCYCLE_BASE_ENTROPY_H

#include <stddef.h>

/* Fills `bytes`. Where the system has no randomness to give, from clock and addresses. */
void rc__entropy_fill(void *bytes, size_t length);

#endif
