/*
 * What the library writes to standard error.
 */
#ifndef RCYCLE_TESTS_STDERR_CAPTURE_H
#define RCYCLE_TESTS_STDERR_CAPTURE_H

#include <stddef.h>

/* Runs `action` and copies what it wrote to standard error, cut to fit, into `text`. -1: the
   system did not let it. */
int stderr_capture(void (*action)(void *argument), void *argument, char *text, size_t size);

#endif
