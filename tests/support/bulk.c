#include "bulk.h"

static const struct gc_field bulk_fields[] = {GC_FIELD_OBJECT(struct bulk, next)};
const struct gc_type bulk_type = {
    .name = "bulk", .size = sizeof(struct bulk), .fields = bulk_fields, .field_count = 1};

bool bulk_add(struct bulk **list)
{
    struct bulk *bulk = gc_new(&bulk_type);
    if (bulk == NULL) {
        return false;
    }
    bulk->next = *list;
    *list = bulk;
    return true;
}

bool bulk_fill(struct bulk **list, size_t bytes)
{
    while (gc_memory_usage(false) < bytes) {
        if (!bulk_add(list)) {
            return false;
        }
    }
    return true;
}

void bulk_empty(struct bulk **list)
{
    gc_release(*list);
    *list = NULL;
}

bool bulk_drop_cycle(void)
{
    struct bulk *bulk = gc_new(&bulk_type);
    if (bulk == NULL) {
        return false;
    }
    bulk->next = gc_retain(bulk);
    gc_release(bulk);
    return true;
}
