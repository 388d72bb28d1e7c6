#include "stepping.h"

#include "checks.h"
#include "fixture.h"

struct rc_collector *stepping_collector(void)
{
    return rc__collector_of(gc_heap_current());
}

int stepping_begin(void **state)
{
    struct gc_options options = gc_options_default();
    options.policy = GC_POLICY_CLASSIC;
    int result = fixture_begin_with(state, &options);
    stepping_collector()->schedule.slice_objects = 1;
    return result;
}

struct fixture_node *stepping_new_ring(size_t nodes)
{
    struct fixture_node *first = fixture_node_new(0);
    struct fixture_node *last = first;
    for (size_t i = 1; i < nodes; i++) {
        last->a = fixture_node_new((long)i);
        last = last->a;
    }
    last->a = gc_retain(first);
    return first;
}

void stepping_drop_ring(size_t nodes)
{
    gc_release(stepping_new_ring(nodes));
}

void stepping_drop_rings(size_t count, size_t nodes)
{
    for (size_t i = 0; i < count; i++) {
        stepping_drop_ring(nodes);
    }
}

void stepping_to(enum rc_phase phase)
{
    for (int i = 0; i < 100000 && stepping_collector()->phase < phase; i++) {
        gc_step(0);
    }
    assert_int_equal(stepping_collector()->phase, phase);
}

void stepping_to_the_end(void)
{
    for (int i = 0; i < 100000 && !gc_step(0); i++) {
    }
    assert_false(gc_status().in_progress);
}
