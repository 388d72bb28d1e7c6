#include "package_model.h"

static const char *const package_properties[PACKAGE_PROPERTIES] = {
    [PACKAGE_NAME] = "name",           [PACKAGE_VERSION] = "version",
    [PACKAGE_SECTION] = "section",     [PACKAGE_KIB] = "kib",
    [PACKAGE_ORIGIN] = "origin",       [PACKAGE_NUMBER] = "number",
    [PACKAGE_MARK] = "mark",           [PACKAGE_PROVIDES] = "provides",
    [PACKAGE_DEPENDS] = "depends",     [PACKAGE_RECOMMENDS] = "recommends",
    [PACKAGE_NEEDED_BY] = "needed_by",
};

static const char *const virtual_properties[VIRTUAL_PROPERTIES] = {
    [VIRTUAL_NAME] = "name",
    [VIRTUAL_PROVIDERS] = "providers",
};

const struct zval_class package_class = {
    .name = "Package", .properties = package_properties, .property_count = PACKAGE_PROPERTIES};

const struct zval_class virtual_class = {
    .name = "Virtual", .properties = virtual_properties, .property_count = VIRTUAL_PROPERTIES};

/* ---- objects -------------------------------------------------------------- */

zval *model_property_slot(const zval *object, size_t property)
{
    /* An object is a handle: a lent copy of the handle writes to the same object. */
    zval handle = *object;
    return zval_property_at(&handle, property);
}

const zval *model_property(const zval *object, size_t property)
{
    return model_property_slot(object, property);
}

const char *package_name(const zval *package)
{
    return zval_string_bytes(model_property(package, PACKAGE_NAME), NULL);
}

int64_t package_integer(const zval *package, enum package_property property)
{
    return zval_to_int(model_property(package, property));
}

/* ---- links ---------------------------------------------------------------- */

size_t package_links(const zval *package, enum package_property list)
{
    return zval_array_count(model_property(package, list));
}

const zval *package_link_at(const zval *package, enum package_property list, size_t position)
{
    return zval_array_get_at(model_property(package, list), (int64_t)position);
}

enum gc_result model_link(const zval *object, size_t list, const zval *target)
{
    zval *slot = model_property_slot(object, list);
    if (zval_type_of(slot) == ZVAL_NULL) {
        /* Without memory the slot becomes undefined, and the push says so. */
        zval_assign(slot, zval_array());
    }
    return zval_array_push(slot, zval_copy(target));
}

/* ---- the graph ------------------------------------------------------------ */

const zval *graph_package(const struct package_graph *graph, int64_t number)
{
    return zval_array_get_at(&graph->list, number);
}

void graph_release(struct package_graph *graph)
{
    zval_release(&graph->list);
    zval_release(&graph->index);
    zval_release(&graph->virtuals);
    zval_release(&graph->again);
}
