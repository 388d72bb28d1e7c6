#include "values/notes.h"

#include "values/hash.h"
#include <stdlib.h>

/* The pair's slot, or the vacant one where it belongs. */
static struct rc_note *find(const struct rc_notes *notes, const void *left, const void *right)
{
    uint64_t hash = rc__hash_integer((int64_t)(uintptr_t)left) * 3 +
                    rc__hash_integer((int64_t)(uintptr_t)right);
    for (size_t i = hash;; i++) {
        struct rc_note *note = &notes->slots[i & (notes->capacity - 1)];
        if (note->left == NULL || (note->left == left && note->right == right)) {
            return note;
        }
    }
}

static bool grow(struct rc_notes *notes)
{
    struct rc_notes grown = {NULL, notes->capacity == 0 ? 16 : notes->capacity * 2, notes->count};
    grown.slots = calloc(grown.capacity, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < notes->capacity; i++) {
        const struct rc_note *note = &notes->slots[i];
        if (note->left != NULL) {
            *find(&grown, note->left, note->right) = *note;
        }
    }
    free(notes->slots);
    *notes = grown;
    return true;
}

struct rc_note *rc__notes_on(struct rc_notes *notes, const void *left, const void *right,
                             bool *is_new)
{
    struct rc_note *note = notes->capacity == 0 ? NULL : find(notes, left, right);
    *is_new = note == NULL || note->left == NULL;
    if (!*is_new) {
        return note;
    }
    if (notes->count >= notes->capacity / 2) {
        if (!grow(notes)) {
            return NULL;
        }
        note = find(notes, left, right);
    }
    *note = (struct rc_note){left, right, ++notes->count, false};
    return note;
}

void rc__notes_end(struct rc_notes *notes)
{
    free(notes->slots);
}
