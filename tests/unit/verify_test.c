/*
 * The heap verifier: each test breaks one thing by hand, sees the fault
 * reported by the number of its invariant, and mends it.
 */
#include "checks.h"
#include "fixture.h"

#include "core/heap_state.h"
#include "core/layout.h"
#include <stdlib.h>
#include <string.h>

/* ---- what is verified -------------------------------------------------------- */

/* Some of everything, a candidate and a free slot included. */
struct scene {
    struct fixture_node *node; /* in a ring with the next */
    struct fixture_node *other;
    struct fixture_node *candidate;
    struct fixture_node *gone; /* freed */
    zval list;                 /* hashed; holds an array, a text and an object */
    zval numbers;              /* packed */
    zval object;               /* with an added property */
};

static struct scene scene;

static int begin_scene(void **state)
{
    int result = fixture_begin(state);
    scene.gone = fixture_node_new(0);
    scene.node = fixture_node_new(1);
    scene.other = fixture_node_new(2);
    scene.candidate = fixture_node_new(3);
    scene.node->a = scene.other;
    scene.other->a = gc_retain(scene.node);
    gc_release(gc_retain(scene.candidate));
    scene.numbers = checks_list(5);
    scene.object = zval_object(NULL);
    (void)zval_property_set(&scene.object, "added", zval_int(1));
    scene.list = zval_array();
    (void)zval_array_set(&scene.list, "array", zval_copy(&scene.numbers));
    (void)zval_array_set(&scene.list, "text", zval_cstring("a text"));
    (void)zval_array_set(&scene.list, "object", zval_copy(&scene.object));
    gc_release(scene.gone);
    return result;
}

static int end_scene(void **state)
{
    gc_release(scene.node);
    gc_release(scene.candidate);
    zval_release(&scene.list);
    zval_release(&scene.numbers);
    zval_release(&scene.object);
    return fixture_end(state);
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, begin_scene, end_scene)

static char *report_text;

static size_t faults;

static void verify(void)
{
    size_t length;
    free(report_text);
    FILE *report = open_memstream(&report_text, &length);
    faults = gc_heap_verify(NULL, report);
    fclose(report);
}

static void assert_mended(void)
{
    verify();
    if (faults != 0) {
        print_error("expected no fault:\n%s", report_text);
    }
    assert_int_equal(faults, 0);
}

/* What was broken when verify() was called has been mended; its report said so with these words, a
   line for each fault. */
static void assert_fault(const char *words)
{
    if (faults == 0 || strstr(report_text, words) == NULL) {
        print_error("expected a fault with '%s', got %zu:\n%s", words, faults, report_text);
    }
    assert_int_not_equal(faults, 0);
    assert_int_equal(checks_count_lines(report_text), faults);
    assert_non_null(strstr(report_text, words));
    assert_mended();
}

static struct gc_heap *heap(void)
{
    return gc_heap_current();
}

static struct rc_array *array_of(zval *value)
{
    return value->payload.counted;
}

/* ---- a sound heap ------------------------------------------------------------ */

static void a_sound_heap_has_no_fault(void **state)
{
    (void)state;
    assert_int_equal(gc_heap_verify(NULL, NULL), 0);
    assert_mended();
    assert_string_equal(report_text, "");
}

static void verifying_changes_nothing(void **state)
{
    (void)state;
    struct gc_status before = gc_status();
    char *dump = checks_dump_of(&scene.list);
    size_t bytes = gc_memory_usage(false);
    size_t system_bytes = gc_memory_usage(true);
    assert_mended();
    struct gc_status after = gc_status();
    assert_int_equal(after.roots, before.roots);
    assert_int_equal(after.runs, before.runs);
    assert_int_equal(after.live_nodes, before.live_nodes);
    assert_int_equal(gc_memory_usage(false), bytes);
    assert_int_equal(gc_memory_usage(true), system_bytes);
    assert_int_equal(gc_refcount(scene.node), 2);
    assert_dump(&scene.list, dump);
    free(dump);
}

static void a_heap_that_is_not_in_use_can_be_verified(void **state)
{
    (void)state;
    struct gc_heap *this = heap();
    gc_heap_use(NULL);
    assert_int_equal(gc_heap_verify(this, NULL), 0);
    scene.node->gc.refcount = 0;
    assert_int_not_equal(gc_heap_verify(this, NULL), 0);
    assert_int_equal(gc_heap_verify(NULL, NULL), 0);
    scene.node->gc.refcount = 2;
    gc_heap_use(this);
}

static void a_fault_is_counted_without_a_report(void **state)
{
    (void)state;
    scene.node->gc.refcount = 0;
    assert_int_equal(gc_heap_verify(NULL, NULL), 1);
    scene.node->gc.refcount = 2;
}

/* ---- counts ------------------------------------------------------------------ */

static void a_count_below_the_references_found_is_a_fault(void **state)
{
    (void)state;
    scene.node->gc.refcount = 0;
    verify();
    scene.node->gc.refcount = 2;
    assert_fault("C3");
}

static void an_arrays_count_below_the_references_found_is_a_fault(void **state)
{
    (void)state;
    scene.other->b = (struct fixture_node *)(void *)array_of(&scene.numbers);
    scene.other->c = (struct fixture_node *)(void *)array_of(&scene.numbers);
    verify();
    scene.other->b = NULL;
    scene.other->c = NULL;
    assert_fault("C3");
}

static void an_acyclic_objects_count_below_the_references_found_is_a_fault(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "leaf", .size = 64};
    struct gc_object *leaf = gc_new(&type);
    scene.node->b = (struct fixture_node *)(void *)leaf;
    leaf->refcount = 0;
    verify();
    leaf->refcount = 1;
    assert_fault("C3");
}

static void a_strings_count_below_the_references_found_is_a_fault(void **state)
{
    (void)state;
    zval text = zval_copy(zval_array_get(&scene.list, "text"));
    assert_ok(zval_array_set(&scene.list, "again", zval_copy(&text)));
    struct rc_string *string = text.payload.counted;
    string->refcount = 1;
    verify();
    string->refcount = 3;
    zval_release(&text);
    assert_fault("C3");
}

/* ---- info words -------------------------------------------------------------- */

static void a_recorded_object_that_is_rootable_is_a_fault(void **state)
{
    (void)state;
    scene.candidate->gc.info |= RC_INFO_ROOTABLE;
    verify();
    scene.candidate->gc.info &= ~RC_INFO_ROOTABLE;
    assert_fault("C1");
}

static void an_object_that_names_an_entry_it_is_not_in_is_a_fault(void **state)
{
    (void)state;
    uint32_t info = scene.node->gc.info;
    for (uint32_t entry = 1; entry < 2000; entry += 1000) {
        rc__set_entry(&scene.node->gc, entry);
        verify();
        scene.node->gc.info = info;
        assert_fault("R2");
    }
}

static void a_reference_to_a_freed_object_is_a_fault(void **state)
{
    (void)state;
    scene.node->b = scene.gone;
    verify();
    scene.node->b = NULL;
    assert_fault("C2");
}

/* What is there looks like an object. */
static void a_reference_into_the_middle_of_an_object_is_a_fault(void **state)
{
    (void)state;
    static const struct gc_type type = {.name = "leaf", .size = 64};
    struct gc_object *leaf = gc_new(&type);
    leaf[1] = *leaf;
    scene.node->b = (struct fixture_node *)(void *)&leaf[1];
    verify();
    scene.node->b = NULL;
    gc_release(leaf);
    assert_fault("C2");
}

static void a_reference_to_a_freed_string_is_a_fault(void **state)
{
    (void)state;
    struct rc_string *string = zval_array_get(&scene.list, "text")->payload.counted;
    uint32_t info = string->info;
    string->info = 0;
    verify();
    string->info = info;
    assert_fault("C2");
}

static void a_free_slot_that_looks_like_an_object_is_a_fault(void **state)
{
    (void)state;
    scene.gone->gc.info = RC_KIND_STRING;
    verify();
    scene.gone->gc.info = 0;
    assert_fault("verify");
}

static void an_object_that_looks_like_a_free_slot_is_a_fault(void **state)
{
    (void)state;
    uint32_t info = scene.candidate->gc.info;
    scene.candidate->gc.info = 0;
    verify();
    scene.candidate->gc.info = info;
    assert_fault("R1");
}

static void an_array_of_objects_that_is_not_rootable_is_a_fault(void **state)
{
    (void)state;
    array_of(&scene.list)->header.info &= ~RC_INFO_ROOTABLE;
    verify();
    array_of(&scene.list)->header.info |= RC_INFO_ROOTABLE;
    assert_fault("A2");
}

static void an_array_without_objects_that_is_rootable_is_a_fault(void **state)
{
    (void)state;
    array_of(&scene.numbers)->header.info |= RC_INFO_ROOTABLE;
    verify();
    array_of(&scene.numbers)->header.info &= ~RC_INFO_ROOTABLE;
    assert_fault("A2");
}

/* ---- the root buffer --------------------------------------------------------- */

static void an_entry_with_another_object_is_a_fault(void **state)
{
    (void)state;
    uintptr_t *entry = &heap()->roots.entries[rc__entry_of(&scene.candidate->gc)];
    *entry = (uintptr_t)scene.node;
    verify();
    *entry = (uintptr_t)scene.candidate;
    assert_fault("R1");
}

static void a_wrong_number_of_roots_is_a_fault(void **state)
{
    (void)state;
    heap()->roots.count++;
    verify();
    heap()->roots.count--;
    assert_fault("R3");
}

/* ---- tables ------------------------------------------------------------------ */

static void a_wrong_number_of_elements_is_a_fault(void **state)
{
    (void)state;
    array_of(&scene.numbers)->table.count++;
    verify();
    array_of(&scene.numbers)->table.count--;
    assert_fault("T1");
    array_of(&scene.list)->table.count--;
    verify();
    array_of(&scene.list)->table.count++;
    assert_fault("T1");
}

static void a_table_that_does_not_know_that_it_holds_objects_is_a_fault(void **state)
{
    (void)state;
    array_of(&scene.list)->table.may_hold_objects = false;
    verify();
    array_of(&scene.list)->table.may_hold_objects = true;
    assert_fault("T2");
}

static void an_element_that_is_in_no_chain_is_a_fault(void **state)
{
    (void)state;
    struct rc_table *table = &array_of(&scene.list)->table;
    uint32_t *heads = rc__table_block(table);
    size_t head = 0;
    while (heads[head] == UINT32_MAX) {
        head++;
    }
    uint32_t first = heads[head];
    heads[head] = UINT32_MAX;
    verify();
    heads[head] = first;
    assert_fault("T3");
}

static void a_wrong_number_of_added_properties_is_a_fault(void **state)
{
    (void)state;
    struct rc_instance *instance = scene.object.payload.counted;
    instance->added->count++;
    verify();
    instance->added->count--;
    assert_fault("T1");
}

/* ---- pages ------------------------------------------------------------------- */

static void more_slots_used_than_were_ever_begun_is_a_fault(void **state)
{
    (void)state;
    struct rc_page *page = rc__page_of(scene.node);
    uint16_t used = page->used;
    page->used = page->fresh + 1;
    verify();
    page->used = used;
    assert_fault("P1");
}

static void a_free_list_that_lost_a_slot_is_a_fault(void **state)
{
    (void)state;
    struct rc_page *page = rc__page_of(scene.node);
    void *first = page->free_slots;
    page->free_slots = NULL;
    verify();
    page->free_slots = first;
    assert_fault("P2");
}

static void a_free_list_that_runs_in_a_circle_is_a_fault(void **state)
{
    (void)state;
    void **link = (void **)rc__page_of(scene.node)->free_slots + 1;
    void *next = *link;
    *link = rc__page_of(scene.node)->free_slots;
    verify();
    *link = next;
    assert_fault("P2");
}

static void a_page_with_room_that_is_not_listed_is_a_fault(void **state)
{
    (void)state;
    struct rc_page *page = rc__page_of(scene.node);
    struct rc_page **list = &heap()->space.room[page->kind][page->size_class];
    struct rc_page *first = *list;
    *list = NULL;
    verify();
    *list = first;
    assert_fault("P3");
}

static void a_page_in_the_room_list_of_another_class_is_a_fault(void **state)
{
    (void)state;
    struct rc_page *page = rc__page_of(scene.node);
    struct rc_page **lists = heap()->space.room[page->kind];
    lists[RC_SIZE_CLASSES - 1] = page;
    lists[page->size_class] = NULL;
    verify();
    lists[RC_SIZE_CLASSES - 1] = NULL;
    lists[page->size_class] = page;
    assert_fault("P3");
}

static void a_page_with_work_left_is_a_fault(void **state)
{
    (void)state;
    struct rc_page *page = rc__page_of(scene.node);
    page->queued = true;
    verify();
    page->queued = false;
    assert_fault("P5");
    page->pending_words = 4;
    verify();
    page->pending_words = 0;
    assert_fault("P5");
}

static void a_trial_count_at_rest_is_a_fault(void **state)
{
    (void)state;
    uint32_t *trial = rc__trial_of(rc__page_of(scene.node), scene.node);
    *trial = RC_TRIAL_SEEN;
    verify();
    *trial = RC_TRIAL_UNSEEN;
    assert_fault("P7");
}

static void a_wrong_number_of_bytes_in_use_is_a_fault(void **state)
{
    (void)state;
    heap()->space.live_bytes += 16;
    verify();
    heap()->space.live_bytes -= 16;
    assert_fault("S1");
}

static void a_wrong_number_of_nodes_is_a_fault(void **state)
{
    (void)state;
    heap()->live_nodes++;
    verify();
    heap()->live_nodes--;
    assert_fault("nodes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_sound_heap_has_no_fault),
        scene_test(verifying_changes_nothing),
        scene_test(a_heap_that_is_not_in_use_can_be_verified),
        scene_test(a_fault_is_counted_without_a_report),
        scene_test(a_count_below_the_references_found_is_a_fault),
        scene_test(an_arrays_count_below_the_references_found_is_a_fault),
        scene_test(an_acyclic_objects_count_below_the_references_found_is_a_fault),
        scene_test(a_strings_count_below_the_references_found_is_a_fault),
        scene_test(a_recorded_object_that_is_rootable_is_a_fault),
        scene_test(an_object_that_names_an_entry_it_is_not_in_is_a_fault),
        scene_test(a_reference_to_a_freed_object_is_a_fault),
        scene_test(a_reference_into_the_middle_of_an_object_is_a_fault),
        scene_test(a_reference_to_a_freed_string_is_a_fault),
        scene_test(a_free_slot_that_looks_like_an_object_is_a_fault),
        scene_test(an_object_that_looks_like_a_free_slot_is_a_fault),
        scene_test(an_array_of_objects_that_is_not_rootable_is_a_fault),
        scene_test(an_array_without_objects_that_is_rootable_is_a_fault),
        scene_test(an_entry_with_another_object_is_a_fault),
        scene_test(a_wrong_number_of_roots_is_a_fault),
        scene_test(a_wrong_number_of_elements_is_a_fault),
        scene_test(a_table_that_does_not_know_that_it_holds_objects_is_a_fault),
        scene_test(an_element_that_is_in_no_chain_is_a_fault),
        scene_test(a_wrong_number_of_added_properties_is_a_fault),
        scene_test(more_slots_used_than_were_ever_begun_is_a_fault),
        scene_test(a_free_list_that_lost_a_slot_is_a_fault),
        scene_test(a_free_list_that_runs_in_a_circle_is_a_fault),
        scene_test(a_page_with_room_that_is_not_listed_is_a_fault),
        scene_test(a_page_in_the_room_list_of_another_class_is_a_fault),
        scene_test(a_page_with_work_left_is_a_fault),
        scene_test(a_trial_count_at_rest_is_a_fault),
        scene_test(a_wrong_number_of_bytes_in_use_is_a_fault),
        scene_test(a_wrong_number_of_nodes_is_a_fault),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(report_text);
    return failed;
}
