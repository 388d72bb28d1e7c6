#include "collector/collector.h"
#include "core/current.h"
#include <rcycle/gc.h>
#include <rcycle/memory.h>

/* ---- figures ------------------------------------------------------------ */

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

struct gc_memory_status gc_memory_status(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL) {
        return (struct gc_memory_status){0};
    }
    const struct rc_space *space = &heap->space;
    const struct rc_pressure *pressure = &rc__collector_of(heap)->pressure;
    return (struct gc_memory_status){
        .live_bytes = space->live_bytes,
        .live_peak_bytes = rc__space_peak_bytes(space),
        .external_bytes = space->external_bytes,
        .system_bytes = space->chunks.system_bytes,
        .system_peak_bytes = space->chunks.system_peak_bytes,
        .reusable_bytes = rc__space_reusable_bytes(space),
        .limit_bytes = space->limit_bytes == SIZE_MAX ? 0 : space->limit_bytes,
        .pressure = rc__pressure_at(space, rc__space_used_bytes(space)),
        .collections = pressure->collections,
        .trims = pressure->trims,
        .callbacks = pressure->calls,
        .refusals = pressure->refusals,
    };
}

/* ---- giving back -------------------------------------------------------- */

struct gc_memory_trimmed gc_memory_trim(void)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap == NULL || heap->collecting) {
        return (struct gc_memory_trimmed){0};
    }
    struct rc_trimmed trimmed = rc__space_trim(&heap->space);
    return (struct gc_memory_trimmed){
        .returned_bytes = trimmed.bytes,
        .resident_bytes = trimmed.resident_bytes,
        .reusable_bytes = rc__space_reusable_bytes(&heap->space),
    };
}

size_t gc_mem_caches(void)
{
    return gc_memory_trim().returned_bytes;
}

/* ---- limit -------------------------------------------------------------- */

enum gc_result gc_memory_set_limit(size_t bytes)
{
    struct gc_heap *heap = rc__heap_current();
    return heap == NULL ? GC_ENOMEM : rc__limit_set(rc__collector_of(heap), bytes);
}

void gc_memory_on_pressure(gc_pressure_callback callback, void *context)
{
    struct gc_heap *heap = rc__heap_current();
    if (heap != NULL) {
        rc__collector_of(heap)->pressure.callback = callback;
        rc__collector_of(heap)->pressure.context = context;
    }
}

/* ---- testing ------------------------------------------------------------ */

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
