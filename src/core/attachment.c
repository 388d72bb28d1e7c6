#include "core/attachment.h"

#include "core/heap_state.h"
#include <stdlib.h>

struct rc_attachment *rc__attachment_of(const struct gc_heap *heap,
                                        void (*end)(struct rc_attachment *attachment))
{
    struct rc_attachment *attachment = heap->attachments;
    while (attachment != NULL && attachment->end != end) {
        attachment = attachment->next;
    }
    return attachment;
}

struct rc_attachment *rc__attach(struct gc_heap *heap, size_t bytes,
                                 void (*end)(struct rc_attachment *attachment))
{
    struct rc_attachment *attachment = rc__attachment_of(heap, end);
    if (attachment == NULL) {
        attachment = calloc(1, bytes);
        if (attachment == NULL) {
            return NULL;
        }
        *attachment = (struct rc_attachment){heap->attachments, end};
        heap->attachments = attachment;
    }
    return attachment;
}

void rc__attachments_end(struct gc_heap *heap)
{
    while (heap->attachments != NULL) {
        struct rc_attachment *attachment = heap->attachments;
        heap->attachments = attachment->next;
        attachment->end(attachment);
    }
}
