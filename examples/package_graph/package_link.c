/*
 * The second and third pass of loading: what packages provide, and what they
 * need or would like.
 */
#include "package_load.h"

#include "package_relation.h"

/* The package that this paragraph is about, unless a later paragraph took its place; or NULL. */
static const zval *package_of(const struct loader *loader, const struct paragraph *paragraph)
{
    const struct field *name = &paragraph->fields[FIELD_PACKAGE];
    const zval *package = zval_array_get_bytes(&loader->graph->index, name->bytes, name->length);
    bool is_it = package != NULL && package_integer(package, PACKAGE_ORIGIN) == loader->origin;
    return is_it ? package : NULL;
}

/* True the first time that it is asked about this package for this list. */
static bool mark(const zval *package, int64_t list)
{
    zval *slot = model_property_slot(package, PACKAGE_MARK);
    if (zval_to_int(slot) == list) {
        return false;
    }
    zval_assign(slot, zval_int(list));
    return true;
}

/* ---- provides ------------------------------------------------------------- */

/* The Virtual of that name, made if there is none yet; NULL: no memory. Lent. */
static const zval *virtual_named(struct package_graph *graph, const char *name, size_t length)
{
    zval *slot = zval_array_slot_bytes(&graph->virtuals, name, length);
    if (slot == NULL || zval_type_of(slot) != ZVAL_NULL) {
        return slot;
    }
    zval virtual_ = zval_object(&virtual_class);
    zval *name_slot = zval_property_at(&virtual_, VIRTUAL_NAME);
    zval_assign(name_slot, zval_string(name, length));
    if (zval_type_of(name_slot) != ZVAL_STRING) {
        zval_release(&virtual_);
        return NULL;
    }
    zval_assign(slot, virtual_);
    return slot;
}

static enum gc_result provide(struct loader *loader, const zval *package,
                              const struct alternative *provided)
{
    const zval *virtual_ = virtual_named(loader->graph, provided->name, provided->length);
    if (virtual_ == NULL) {
        return GC_ENOMEM;
    }
    const zval *providers = model_property(virtual_, VIRTUAL_PROVIDERS);
    size_t count = zval_array_count(providers);
    /* The same name may be provided in several versions, one after the other. */
    if (count > 0 && zval_identical(zval_array_get_at(providers, (int64_t)count - 1), package)) {
        return GC_OK;
    }
    loader->graph->figures.provides++;
    enum gc_result result = model_link(virtual_, VIRTUAL_PROVIDERS, package);
    return result == GC_OK ? model_link(package, PACKAGE_PROVIDES, virtual_) : result;
}

bool load_provides(struct loader *loader, const struct paragraph *paragraph)
{
    const struct field *field = &paragraph->fields[FIELD_PROVIDES];
    const zval *package = package_of(loader, paragraph);
    if (package == NULL) {
        return true;
    }
    struct relation_reader reader = {.text = loader->text, .field = field};
    struct alternative provided;
    enum reading reading;
    while ((reading = relation_next(&reader, &provided, loader->complaint)) == READING_ITEM) {
        if (!load_check(loader, field->line, provide(loader, package, &provided))) {
            return false;
        }
    }
    return reading == READING_END;
}

/* ---- depends and recommends ----------------------------------------------- */

/* The package of that name, or else the first one that provides it; or NULL. */
static const zval *resolve(const struct package_graph *graph, const struct alternative *wanted)
{
    const zval *package = zval_array_get_bytes(&graph->index, wanted->name, wanted->length);
    if (package != NULL) {
        return package;
    }
    const zval *virtual_ = zval_array_get_bytes(&graph->virtuals, wanted->name, wanted->length);
    return virtual_ == NULL ? NULL
                            : zval_array_get_at(model_property(virtual_, VIRTUAL_PROVIDERS), 0);
}

/* Where the links of one field go. */
struct link_list {
    const zval *package;
    enum package_property property;
    int64_t mark; /* no other list of the graph has the same */
    size_t *links;
    size_t *unmet;
};

static enum gc_result add_link(const struct loader *loader, const struct link_list *list,
                               const zval *target)
{
    if (target == NULL) {
        ++*list->unmet;
        return GC_OK;
    }
    if (zval_identical(list->package, target) || !mark(target, list->mark)) {
        return GC_OK;
    }
    ++*list->links;
    enum gc_result result = model_link(list->package, list->property, target);
    if (result == GC_OK && loader->with_back_links && list->property == PACKAGE_DEPENDS) {
        result = model_link(target, PACKAGE_NEEDED_BY, list->package);
    }
    return result;
}

static bool link_field(const struct loader *loader, const struct field *field,
                       const struct link_list *list)
{
    struct relation_reader reader = {.text = loader->text, .field = field};
    struct alternative alternative;
    enum reading reading;
    const zval *target = NULL;
    while ((reading = relation_next(&reader, &alternative, loader->complaint)) == READING_ITEM) {
        if (target == NULL) {
            target = resolve(loader->graph, &alternative);
        }
        if (!alternative.ends_relation) {
            continue;
        }
        if (!load_check(loader, field->line, add_link(loader, list, target))) {
            return false;
        }
        target = NULL;
    }
    return reading == READING_END;
}

bool load_links(struct loader *loader, const struct paragraph *paragraph)
{
    const zval *package = package_of(loader, paragraph);
    if (package == NULL) {
        return true;
    }
    struct graph_figures *figures = &loader->graph->figures;
    int64_t number = package_integer(package, PACKAGE_NUMBER);
    struct link_list depends = {package, PACKAGE_DEPENDS, 2 * number + 1, &figures->depends,
                                &figures->unmet_depends};
    struct link_list recommends = {package, PACKAGE_RECOMMENDS, 2 * number + 2,
                                   &figures->recommends, &figures->unmet_recommends};
    return link_field(loader, &paragraph->fields[FIELD_PRE_DEPENDS], &depends) &&
           link_field(loader, &paragraph->fields[FIELD_DEPENDS], &depends) &&
           link_field(loader, &paragraph->fields[FIELD_RECOMMENDS], &recommends);
}
