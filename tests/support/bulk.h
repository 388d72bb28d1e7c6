/*
 * Structs that fill a heap up to a memory limit, to the byte.
 */
#ifndef RCYCLE_TESTS_BULK_H
#define RCYCLE_TESTS_BULK_H

#include <rcycle/rcycle.h>

#define BULK_LIMIT ((size_t)1 << 20)

/* A struct of exactly `BULK_BYTES` bytes that can be in a cycle. */
#define BULK_BYTES 4096

struct bulk {
    struct gc_object gc;
    struct bulk *next;
    char filling[BULK_BYTES - sizeof(struct gc_object) - sizeof(struct bulk *)];
};

extern const struct gc_type bulk_type;

/* One more in a list; false: it was refused. */
bool bulk_add(struct bulk **list);

/* As many as it takes to fill the heap to at least `bytes`; false: one was refused. */
bool bulk_fill(struct bulk **list, size_t bytes);

void bulk_empty(struct bulk **list);

/* A cycle of one; false: it was refused. */
bool bulk_drop_cycle(void);

#endif
