#include "addresses.h"

#include "world.h"
#include <stdlib.h>

/* Objects that keep the addresses until they are given, by address. */
static zval *keepers;
static const long *ids_by_rank;
static size_t keeper_count;

static int compare_addresses(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const zval *)left)->payload.counted;
    uintptr_t b = (uintptr_t)((const zval *)right)->payload.counted;
    return (a > b) - (a < b);
}

void addresses_begin(const long *ids, size_t count)
{
    ids_by_rank = ids;
    keeper_count = count;
    keepers = calloc(count + 1, sizeof *keepers);
    if (keepers == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        keepers[i] = zval_object(world_classes[0]);
    }
    qsort(keepers, count, sizeof *keepers, compare_addresses);
}

/* What was freed last is used first. */
void addresses_give(long id)
{
    for (size_t i = 0; i < keeper_count; i++) {
        if (ids_by_rank[i] == id) {
            zval_release(&keepers[i]);
        }
    }
}

void addresses_end(void)
{
    for (size_t i = 0; i < keeper_count; i++) {
        zval_release(&keepers[i]);
    }
    free(keepers);
    keepers = NULL;
    keeper_count = 0;
}
