/*
 * Time that only goes forward.
 */
#ifndef RCYCLE_BASE_CLOCK_H
#define RCYCLE_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some fixed moment. */
uint64_t rc__clock_ns(void);

#endif
