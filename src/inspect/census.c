/*
 * The census: how many of each class and type there are, and their bytes.
 *
 * The caller's rows are all the memory that it uses. While it counts, a row's
 * kind and type are its key, and a small cache by type leads to most of them.
 */
#include "core/current.h"
#include "inspect/external.h"
#include "inspect/objects.h"
#include <rcycle/inspect.h>

#define CACHE_ENTRIES 64u

struct census {
    struct gc_census_row *rows;
    size_t capacity;
    size_t count;
    size_t others;                 /* row of what found none, + 1; 0: there is no such row */
    uint16_t cache[CACHE_ENTRIES]; /* row by the type's address, + 1 */
};

static const char other_types[] = "other types";

/* ---- rows ---------------------------------------------------------------- */

static struct gc_census_row *add_row(struct census *census, enum zval_type kind, const void *type,
                                     const char *name)
{
    struct gc_census_row *row = &census->rows[census->count++];
    *row = (struct gc_census_row){.kind = kind, .name = name, .type = type};
    return row;
}

/* The last place is for the sum of those that find none. */
static struct gc_census_row *row_of_others(struct census *census)
{
    if (census->others == 0) {
        add_row(census, ZVAL_UNDEF, NULL, other_types);
        census->others = census->count;
    }
    return &census->rows[census->others - 1];
}

static struct gc_census_row *find_row(struct census *census, enum zval_type kind, const void *type,
                                      const char *name)
{
    for (size_t i = 0; i < census->count; i++) {
        struct gc_census_row *row = &census->rows[i];
        if (row->kind == kind && row->type == type && row->name != other_types) {
            return row;
        }
    }
    if (census->count + 1 >= census->capacity) {
        return row_of_others(census);
    }
    return add_row(census, kind, type, name);
}

static struct gc_census_row *cached_row(struct census *census, enum zval_type kind,
                                        const void *type, const char *name)
{
    uint16_t *entry = &census->cache[((uintptr_t)type >> 4 ^ (unsigned)kind) % CACHE_ENTRIES];
    if (*entry != 0) {
        struct gc_census_row *row = &census->rows[*entry - 1];
        if (row->kind == kind && row->type == type && row->name != other_types) {
            return row;
        }
    }
    struct gc_census_row *row = find_row(census, kind, type, name);
    size_t index = (size_t)(row - census->rows) + 1;
    *entry = index <= UINT16_MAX ? (uint16_t)index : 0;
    return row;
}

/* ---- counting ------------------------------------------------------------ */

static enum zval_type kind_of(const struct gc_object *object)
{
    static const enum zval_type kinds[] = {
        [RC_KIND_FREE] = ZVAL_UNDEF,      [RC_KIND_STRING] = ZVAL_STRING,
        [RC_KIND_ARRAY] = ZVAL_ARRAY,     [RC_KIND_INSTANCE] = ZVAL_OBJECT,
        [RC_KIND_NATIVE] = ZVAL_NATIVE,   [RC_KIND_REFERENCE] = ZVAL_REFERENCE,
        [RC_KIND_WEAKREF] = ZVAL_WEAKREF, [RC_KIND_WEAKMAP] = ZVAL_WEAKMAP,
    };
    return kinds[rc__kind_of(object)];
}

static void count_object(struct census *census, const struct gc_object *object)
{
    enum zval_type kind = kind_of(object);
    const void *type = rc__type_of_object(object);
    const char *name = rc__name_of_object(object);
    struct gc_census_row *row = cached_row(census, kind, type, name);
    row->count++;
    row->bytes += rc__bytes_with_storage(object);
}

static void count_page(struct census *census, const struct rc_page *page)
{
    for (uint32_t slot = 0; page->kind > RC_PAGE_STORAGE && slot < page->fresh; slot++) {
        const struct gc_object *object = rc__page_slot(page, slot);
        if (object->info != 0) {
            count_object(census, object);
        }
    }
}

/* Whatever is in no row belongs to no object: the registry of weak references. */
static void add_bookkeeping(struct census *census, const struct gc_heap *heap)
{
    size_t bytes = heap->space.live_bytes;
    for (size_t i = 0; i < census->count; i++) {
        bytes -= census->rows[i].bytes;
    }
    if (bytes > 0) {
        struct gc_census_row *row = find_row(census, ZVAL_UNDEF, census, "bookkeeping");
        row->type = NULL;
        row->bytes += bytes;
    }
}

static void add_external(struct census *census, const struct gc_heap *heap)
{
    const struct rc_external *external = rc__external_of(heap);
    for (size_t i = 0; external != NULL && i < external->count; i++) {
        const struct rc_external_type *entry = &external->types[i];
        if (entry->bytes > 0) {
            find_row(census, ZVAL_NATIVE, entry->type, entry->type->name)->external_bytes +=
                entry->bytes;
        }
    }
}

static void sort(struct gc_census_row *rows, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct gc_census_row row = rows[i];
        size_t place = i;
        for (; place > 0 && rows[place - 1].bytes + rows[place - 1].external_bytes <
                                row.bytes + row.external_bytes;
             place--) {
            rows[place] = rows[place - 1];
        }
        rows[place] = row;
    }
}

size_t gc_inspect_census(struct gc_census_row *rows, size_t capacity)
{
    const struct gc_heap *heap = rc__heap_current();
    if (heap == NULL || rows == NULL || capacity == 0) {
        return 0;
    }
    struct census census = {.rows = rows, .capacity = capacity};
    const struct rc_page *page = NULL;
    while ((page = rc__space_next_page(&heap->space, page)) != NULL) {
        count_page(&census, page);
    }
    add_bookkeeping(&census, heap);
    add_external(&census, heap);
    sort(rows, census.count);
    return census.count;
}
