#include "core/current.h"
#include <rcycle/gc.h>
#include <rcycle/memory.h>

size_t gc_memory_usage(bool from_system)
{
    const struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return 0;
    }
    return from_system ? heap->space.chunks.system_bytes : heap->space.live_bytes;
}

size_t gc_memory_peak(bool from_system)
{
    const struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return 0;
    }
    return from_system ? heap->space.chunks.system_peak_bytes : rc__space_peak_bytes(&heap->space);
}

void gc_memory_reset_peak(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap != NULL) {
        rc__space_reset_peak(&heap->space);
    }
}

size_t gc_mem_caches(void)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL || heap->collecting ? 0 : rc__space_trim(&heap->space);
}

void gc_memory_fail_after(uint64_t successes)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap != NULL) {
        rc__space_fail_after(&heap->space, successes);
    }
}

uint64_t gc_memory_fail_never(void)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? 0 : rc__space_fail_never(&heap->space);
}
