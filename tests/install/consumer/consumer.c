/*
 * A program outside of the project, C and C++ alike: two structs that hold each
 * other, which only the collector can free; and values, by the functions that are
 * inline and by their addresses.
 */
#include <rcycle/rcycle.h>
#include <stdio.h>

struct node {
    struct gc_object gc;
    struct node *other;
};

static const struct gc_field node_fields[] = {GC_FIELD_OBJECT(struct node, other)};
static const struct gc_type node_type = {
    "node", sizeof(struct node), node_fields, 1, NULL, NULL, NULL, 0};

static zval (*volatile copy_of)(const zval *) = zval_copy;
static void (*volatile release)(zval *) = zval_release;

static bool values_are_counted(void)
{
    zval text = zval_cstring("text");
    zval copy = zval_copy(&text);
    zval other = copy_of(&text);
    bool is_counted = zval_refcount(&text) == 3;
    zval_release(&copy);
    release(&other);
    is_counted = is_counted && zval_refcount(&text) == 1;
    zval_release(&text);
    return is_counted && zval_type_of(&text) == ZVAL_UNDEF;
}

int main(void)
{
    struct node *left = (struct node *)gc_new(&node_type);
    struct node *right = (struct node *)gc_new(&node_type);
    if (left == NULL || right == NULL) {
        return 1;
    }
    left->other = (struct node *)gc_retain(right);
    right->other = (struct node *)gc_retain(left);
    gc_release(left);
    gc_release(right);

    size_t collected = gc_collect_cycles();
    printf("rcycle " RCYCLE_VERSION ": %zu collected\n", collected);
    return collected == 2 && values_are_counted() ? 0 : 1;
}
