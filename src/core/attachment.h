/*
 * What higher layers keep beside a heap, made when it is first needed, and ended
 * with the heap once nothing of it runs any more.
 */
#ifndef RCYCLE_CORE_ATTACHMENT_H
#define RCYCLE_CORE_ATTACHMENT_H

#include <stddef.h>

struct gc_heap;

struct rc_attachment {
    struct rc_attachment *next;
    void (*end)(struct rc_attachment *attachment); /* frees it; tells whose it is */
};

/* The heap's attachment that ends so; NULL: it has none. */
struct rc_attachment *rc__attachment_of(const struct gc_heap *heap,
                                        void (*end)(struct rc_attachment *attachment));

/* The same, made of zeroed memory if there is none yet; NULL: no memory. `bytes` is the size of the
   struct that begins with the attachment. */
struct rc_attachment *rc__attach(struct gc_heap *heap, size_t bytes,
                                 void (*end)(struct rc_attachment *attachment));

void rc__attachments_end(struct gc_heap *heap);

#endif
