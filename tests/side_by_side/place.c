#include "place.h"

#include "world.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- text --------------------------------------------------------------- */

static zval *root_of(char kind, size_t index)
{
    if (kind == 'v' && index < WORLD_VARIABLES) {
        return &the_world.variables[index];
    }
    if (kind == 'g' && index < WORLD_GLOBALS) {
        return &the_world.globals[index];
    }
    return NULL;
}

/* Returns what is behind the step; NULL: it is none. */
static const char *parse_step(const char *text, struct place_step *step)
{
    step->is_property = *text == '.';
    if (*text != '.' && *text != '[') {
        return NULL;
    }
    text++;
    size_t length = strcspn(text, ".[]");
    if (length == 0 || length >= sizeof step->name) {
        return NULL;
    }
    memcpy(step->name, text, length);
    step->name[length] = '\0';
    step->is_integer = isdigit((unsigned char)step->name[0]) != 0;
    step->key = step->is_integer ? strtol(step->name, NULL, 10) : 0;
    text += length;
    return step->is_property ? text : text + (*text == ']');
}

bool place_parse(const char *text, struct place *place)
{
    place->depth = 0;
    place->root = text[0] == '\0' ? NULL : root_of(text[0], (size_t)(text[1] - '0'));
    if (place->root == NULL) {
        return false;
    }
    for (text += 2; text != NULL && *text != '\0' && place->depth < PLACE_STEPS;) {
        text = parse_step(text, &place->steps[place->depth++]);
    }
    return text != NULL && *text == '\0';
}

/* ---- reading ------------------------------------------------------------ */

static const zval *read_step(const zval *container, const struct place_step *step)
{
    if (step->is_property) {
        return zval_property_get(container, step->name);
    }
    return step->is_integer ? zval_array_get_at(container, step->key)
                            : zval_array_get(container, step->name);
}

bool place_fits(const struct place *place)
{
    const zval *value = place->root;
    for (size_t i = 0; i < place->depth; i++) {
        enum zval_type needed = place->steps[i].is_property ? ZVAL_OBJECT : ZVAL_ARRAY;
        if (zval_type_of(value) != needed) {
            return false;
        }
        value = read_step(value, &place->steps[i]);
    }
    return true;
}

const zval *place_read(const struct place *place)
{
    const zval *value = place->root;
    for (size_t i = 0; i < place->depth; i++) {
        value = read_step(value, &place->steps[i]);
    }
    return value;
}

zval place_copy(const struct place *place)
{
    const zval *value = place_read(place);
    return zval_type_of(value) == ZVAL_UNDEF ? zval_null() : zval_copy(value);
}

/* ---- writing ------------------------------------------------------------ */

void place_note_write(const zval *array)
{
    if (zval_type_of(array) == ZVAL_ARRAY && zval_refcount(array) > 1) {
        the_world.roots_known = false;
    }
}

static zval *slot_step(zval *container, const struct place_step *step)
{
    place_note_write(container);
    if (step->is_property) {
        return zval_property_slot(container, step->name);
    }
    return step->is_integer ? zval_array_slot_at(container, step->key)
                            : zval_array_slot(container, step->name);
}

static zval *walk_for_writing(const struct place *place, size_t depth)
{
    zval *value = place->root;
    for (size_t i = 0; i < depth; i++) {
        value = slot_step(value, &place->steps[i]);
    }
    return value;
}

zval *place_slot(const struct place *place)
{
    return walk_for_writing(place, place->depth);
}

/* A handle to a reference becomes one of the place. */
static void put(const struct place *place, zval item)
{
    const struct place_step *step = &place->steps[place->depth - 1];
    zval *container = walk_for_writing(place, place->depth - 1);
    place_note_write(container);
    if (step->is_property) {
        (void)zval_property_set(container, step->name, item);
    } else if (step->is_integer) {
        (void)zval_array_set_at(container, step->key, item);
    } else {
        (void)zval_array_set(container, step->name, item);
    }
}

void place_set(const struct place *place, zval value)
{
    if (place->depth == 0) {
        zval_assign(place->root, value);
    } else {
        put(place, value);
    }
}

void place_bind(const struct place *place, zval reference)
{
    if (place->depth > 0) {
        put(place, reference);
        return;
    }
    zval old = *place->root;
    *place->root = reference;
    zval_release(&old);
}

static bool is_last(const zval *array, int64_t key)
{
    struct zval_array_cursor cursor = {0};
    zval last = zval_undef();
    while (zval_array_next(array, &cursor, &last, NULL)) {
    }
    return zval_type_of(&last) == ZVAL_INT && zval_to_int(&last) == key;
}

/* See README.md for why not all that are there. */
static bool is_removable(const struct place *place)
{
    const struct place_step *step = &place->steps[place->depth - 1];
    if (step->is_property) {
        return true;
    }
    struct place container = *place;
    container.depth--;
    const zval *array = place_read(&container);
    return read_step(array, step) != NULL && !(step->is_integer && is_last(array, step->key));
}

bool place_remove(const struct place *place)
{
    if (place->depth == 0) {
        zval_release(place->root);
        return true;
    }
    if (!is_removable(place)) {
        return false;
    }
    const struct place_step *step = &place->steps[place->depth - 1];
    zval *container = walk_for_writing(place, place->depth - 1);
    place_note_write(container);
    if (step->is_property) {
        (void)zval_property_remove(container, step->name);
    } else if (step->is_integer) {
        (void)zval_array_remove_at(container, step->key);
    } else {
        (void)zval_array_remove(container, step->name);
    }
    return true;
}
