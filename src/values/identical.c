/*
 * Identity of values: PHP's `===`, on cyclic arrays too.
 *
 * A pair of arrays is compared once; where it is met again it is taken to be
 * identical, which is true unless a difference is found elsewhere, and then the
 * answer is no anyway.
 */
#include "values/array.h"
#include "values/notes.h"
#include <stdlib.h>

/* Two arrays under comparison. */
struct pair {
    const struct rc_table *left;
    const struct rc_table *right;
    uint32_t left_position;
    uint32_t right_position;
};

struct comparison {
    struct pair *stack;
    size_t depth;
    size_t capacity;
    struct rc_notes notes;
};

static bool push_pair(struct comparison *comparison, struct pair pair)
{
    bool is_new;
    if (rc__notes_on(&comparison->notes, pair.left, pair.right, &is_new) == NULL) {
        return false;
    }
    if (!is_new) {
        return true;
    }
    if (comparison->depth == comparison->capacity) {
        size_t capacity = comparison->capacity == 0 ? 16 : comparison->capacity * 2;
        struct pair *stack = realloc(comparison->stack, capacity * sizeof *stack);
        if (stack == NULL) {
            return false;
        }
        comparison->stack = stack;
        comparison->capacity = capacity;
    }
    comparison->stack[comparison->depth++] = pair;
    return true;
}

/* False: they differ. True: they do not, or it depends on the arrays put on the stack. */
static bool compare(struct comparison *comparison, const zval *left, const zval *right)
{
    left = rc__look_through(left);
    right = rc__look_through(right);
    if (left->tag != right->tag) {
        return false;
    }
    switch ((enum zval_type)(left->tag & RC_TAG_TYPE)) {
    case ZVAL_UNDEF:
    case ZVAL_NULL:
        return true;
    case ZVAL_DOUBLE:
        return left->payload.number == right->payload.number;
    case ZVAL_STRING: {
        const struct rc_string *string = right->payload.counted;
        return rc__string_equals(left->payload.counted, string->bytes, string->length);
    }
    case ZVAL_ARRAY: {
        const struct rc_table *left_table = &rc__array_in(left)->table;
        const struct rc_table *right_table = &rc__array_in(right)->table;
        struct pair pair = {left_table, right_table, 0, 0};
        return left_table == right_table ||
               (left_table->count == right_table->count && push_pair(comparison, pair));
    }
    default:
        return left->payload.integer == right->payload.integer;
    }
}

static bool same_key(const struct rc_bucket *left, const struct rc_bucket *right)
{
    if (left->name == NULL || right->name == NULL) {
        return left->name == right->name && left->hash == right->hash;
    }
    return rc__string_equals(left->name, right->name->bytes, right->name->length);
}

static bool next_element(const struct rc_table *table, uint32_t *position,
                         struct rc_bucket *element)
{
    while (*position < table->used) {
        *element = rc__table_element(table, (*position)++);
        if (!rc__is_hole(&element->value)) {
            return true;
        }
    }
    return false;
}

/* Compares the next elements of the pair on top, or takes it off. */
static bool step(struct comparison *comparison)
{
    struct pair *pair = &comparison->stack[comparison->depth - 1];
    struct rc_bucket left;
    struct rc_bucket right;
    if (!next_element(pair->left, &pair->left_position, &left)) {
        comparison->depth--;
        return true;
    }
    return next_element(pair->right, &pair->right_position, &right) && same_key(&left, &right) &&
           compare(comparison, &left.value, &right.value);
}

bool zval_identical(const zval *left, const zval *right)
{
    if (left == NULL || right == NULL) {
        return left == right;
    }
    struct comparison comparison = {0};
    bool same = compare(&comparison, left, right);
    while (same && comparison.depth > 0) {
        same = step(&comparison);
    }
    free(comparison.stack);
    rc__notes_end(&comparison.notes);
    return same;
}
