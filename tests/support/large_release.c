#include "large_release.h"

#include "checks.h"
#include "core/heap_state.h"
#include <stdlib.h>

void large_release_cut(void)
{
    gc_heap_current()->release_places = PLACES_IN_A_PART;
    gc_heap_current()->release_objects = 2; /* a part, and what it costs besides */
}

static int begin_with(void **state, struct gc_options *options)
{
    options->release_budget_ns = 1000000;
    dying_count = dying_freed = 0;
    dying_act = NULL;
    int result = fixture_begin_with(state, options);
    large_release_cut();
    return result;
}

int large_release_begin(void **state)
{
    struct gc_options options = gc_options_default();
    return begin_with(state, &options);
}

int large_release_begin_small(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    options.root_buffer_entries = 4;
    return begin_with(state, &options);
}

bool large_release_is_open(void)
{
    return gc_heap_current()->open.object != NULL;
}

zval large_release_list(size_t count)
{
    zval list = zval_array();
    for (size_t i = 0; i < count; i++) {
        assert_ok(zval_array_push(&list, dying_new()));
    }
    return list;
}

void large_release_begin_one(zval list)
{
    zval_release(&list);
    assert_true(gc_status().release_pending);
    assert_true(large_release_is_open());
    assert_sound();
}

void large_release_expect_gone(int destructors)
{
    assert_false(gc_status().release_pending);
    assert_false(large_release_is_open());
    assert_nodes(0);
    assert_sound();
    assert_int_equal(dying_count, destructors);
}

/* ---- lists of own structs ------------------------------------------------- */

struct listing {
    struct gc_object header;
    struct dying_node *first;
    struct dying_node **list;
    size_t count;
    zval *values;
    size_t value_count;
    struct dying_node *last;
};

int large_release_listings_freed;

static void free_listing(void *self)
{
    struct listing *listing = self;
    assert_false(large_release_is_open());
    free(listing->list);
    free(listing->values);
    large_release_listings_freed++;
}

static void trace_last(void *self, struct gc_visitor *visitor)
{
    gc_visit_object(visitor, ((struct listing *)self)->last);
}

static const struct gc_field listing_fields[] = {
    GC_FIELD_OBJECT(struct listing, first),
    GC_FIELD_OBJECT_LIST(struct listing, list, count),
    GC_FIELD_ZVAL_LIST(struct listing, values, value_count),
};
static const struct gc_type listing_type = {.name = "listing",
                                            .size = sizeof(struct listing),
                                            .fields = listing_fields,
                                            .field_count = 3,
                                            .trace = trace_last,
                                            .free = free_listing};

struct listing *large_release_listing(size_t structs, size_t values)
{
    struct listing *listing = gc_new(&listing_type);
    listing->list = calloc(structs + 1, sizeof(struct dying_node *));
    listing->values = calloc(values + 1, sizeof(zval));
    for (; listing->count < structs; listing->count++) {
        listing->list[listing->count] = dying_node_new();
    }
    for (; listing->value_count < values; listing->value_count++) {
        listing->values[listing->value_count] = dying_new();
    }
    listing->first = dying_node_new();
    listing->last = dying_node_new();
    return listing;
}
