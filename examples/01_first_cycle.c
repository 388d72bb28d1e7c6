/*
 * A first cycle: what counting can free, what it can never free, and the
 * collector that does.
 *
 * Every object carries the number of references to it. When that number reaches
 * zero the object goes, at once. That is all of reference counting, and it is
 * enough until two objects hold each other: then each count stays at one for
 * ever, though nobody else knows them any more. Such a cycle is what
 * gc_collect_cycles() looks for.
 *
 * Output:
 *     A folder knows its file:
 *         references      folder: 1, file: 2
 *         file dropped    alive: 2, possible roots: 1
 *         folder dropped  alive: 0, possible roots: 0
 *     The file knows its folder, too:
 *         references      folder: 2, file: 2
 *         file dropped    alive: 2, possible roots: 1
 *         folder dropped  alive: 2, possible roots: 2
 *         collected       2
 *         afterwards      alive: 0, possible roots: 0
 *     0 bytes are in use at the end
 */
#include <inttypes.h>
#include <rcycle/rcycle.h>
#include <stdio.h>
#include <stdlib.h>

/* Calls that can fail say so by their result; nothing in the library aborts or prints. */
static void check(enum gc_result result)
{
    if (result != GC_OK) {
        fprintf(stderr, "01_first_cycle: %s\n", gc_result_text(result));
        exit(EXIT_FAILURE);
    }
}

static void print_state(const char *moment)
{
    struct gc_status status = gc_status();
    printf("    %-15s alive: %" PRIu64 ", possible roots: %zu\n", moment, status.live_nodes,
           status.roots);
}

static void print_counts(const zval *folder, const zval *file)
{
    printf("    references      folder: %" PRIu32 ", file: %" PRIu32 "\n", zval_refcount(folder),
           zval_refcount(file));
}

/*
 * A folder that knows its file. zval_copy() makes a second handle to the file,
 * and zval_property_set() takes it over: by value moves, by pointer borrows.
 * Had there been no memory for an object, its handle would be undefined and
 * setting the property would say so, hence one check is enough for all three.
 */
static void without_a_cycle(void)
{
    printf("A folder knows its file:\n");
    zval folder = zval_object(NULL);
    zval file = zval_object(NULL);
    check(zval_property_set(&folder, "file", zval_copy(&file)));
    print_counts(&folder, &file);

    zval_release(&file); /* the folder still holds the file */
    print_state("file dropped");
    zval_release(&folder); /* nobody holds the folder: it goes, and takes the file along */
    print_state("folder dropped");
}

/* The same, and the file knows its folder. */
static void with_a_cycle(void)
{
    printf("The file knows its folder, too:\n");
    zval folder = zval_object(NULL);
    zval file = zval_object(NULL);
    check(zval_property_set(&folder, "file", zval_copy(&file)));
    check(zval_property_set(&file, "folder", zval_copy(&folder)));
    print_counts(&folder, &file);

    zval_release(&file);
    print_state("file dropped");
    zval_release(&folder); /* its count goes down to 1, not to 0: the file holds it */
    print_state("folder dropped");

    size_t freed = gc_collect_cycles();
    printf("    collected       %zu\n", freed);
    print_state("afterwards");
}

int main(void)
{
    without_a_cycle();
    with_a_cycle();
    printf("%zu bytes are in use at the end\n", gc_memory_usage(false));
    return EXIT_SUCCESS;
}
