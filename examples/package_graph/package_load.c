#include "package_load.h"

#include "package_relation.h"
#include <string.h>

/* ---- the first pass: packages --------------------------------------------- */

bool load_check(const struct loader *loader, size_t line, enum gc_result result)
{
    if (result == GC_OK) {
        return true;
    }
    return complain(loader->complaint, loader->text->name, line, "not loaded: %s",
                    gc_result_text(result));
}

/* dpkg's own file also lists packages that were removed or are merely wanted. */
static bool is_not_installed(const struct field *status)
{
    static const char *const states[] = {" not-installed", " config-files"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        size_t length = strlen(states[i]);
        if (status->length >= length &&
            memcmp(status->bytes + status->length - length, states[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static bool check_word(const struct loader *loader, const struct field *field, const char *name)
{
    for (size_t i = 0; i < field->length; i++) {
        unsigned char byte = (unsigned char)field->bytes[i];
        if (byte <= ' ' || byte == 0x7f) {
            return complain(loader->complaint, loader->text->name, field->line,
                            "%s is %s, but a word was expected", name,
                            package_text_excerpt(field->bytes, field->length).text);
        }
    }
    return true;
}

static bool check_paragraph(const struct loader *loader, const struct paragraph *paragraph)
{
    const struct field *name = &paragraph->fields[FIELD_PACKAGE];
    if (name->bytes == NULL) {
        return complain(loader->complaint, loader->text->name, paragraph->line,
                        "the paragraph that begins here has no field Package");
    }
    if (name->length == 0 || relation_name_span(name->bytes, name->length) < name->length) {
        return complain(loader->complaint, loader->text->name, name->line,
                        "%s is no package's name",
                        package_text_excerpt(name->bytes, name->length).text);
    }
    const struct field *version = &paragraph->fields[FIELD_VERSION];
    if (version->length == 0 && !is_not_installed(&paragraph->fields[FIELD_STATUS])) {
        return complain(loader->complaint, loader->text->name, name->line,
                        "the package %s has no Version",
                        package_text_excerpt(name->bytes, name->length).text);
    }
    return check_word(loader, version, "Version") &&
           check_word(loader, &paragraph->fields[FIELD_SECTION], "Section");
}

/* KiB; 0 if the field is missing. */
static bool read_size(const struct loader *loader, const struct field *field, int64_t *kib)
{
    *kib = 0;
    bool is_number = field->length <= 12; /* a sum of millions of them still fits */
    for (size_t i = 0; i < field->length && is_number; i++) {
        is_number = field->bytes[i] >= '0' && field->bytes[i] <= '9';
        *kib = *kib * 10 + (field->bytes[i] - '0');
    }
    if (!is_number || (field->bytes != NULL && field->length == 0)) {
        return complain(loader->complaint, loader->text->name, field->line,
                        "Installed-Size is %s, which is no number of KiB",
                        package_text_excerpt(field->bytes, field->length).text);
    }
    return true;
}

static zval text_of(const struct field *field)
{
    return field->bytes == NULL ? zval_null() : zval_string(field->bytes, field->length);
}

static enum gc_result set_property(zval *package, enum package_property property, zval value)
{
    bool has_memory = zval_type_of(&value) != ZVAL_UNDEF;
    zval_assign(zval_property_at(package, property), value);
    return has_memory ? GC_OK : GC_ENOMEM;
}

/* Undefined if there is no memory for all of it. */
static zval make_package(const struct paragraph *paragraph, int64_t kib, int64_t origin)
{
    zval package = zval_object(&package_class);
    if (zval_type_of(&package) == ZVAL_UNDEF) {
        return package;
    }
    const struct field *fields = paragraph->fields;
    if (set_property(&package, PACKAGE_NAME, text_of(&fields[FIELD_PACKAGE])) != GC_OK ||
        set_property(&package, PACKAGE_VERSION, text_of(&fields[FIELD_VERSION])) != GC_OK ||
        set_property(&package, PACKAGE_SECTION, text_of(&fields[FIELD_SECTION])) != GC_OK) {
        zval_release(&package);
        return package;
    }
    set_property(&package, PACKAGE_KIB, zval_int(kib));
    set_property(&package, PACKAGE_ORIGIN, zval_int(origin));
    return package;
}

static enum gc_result note_again(struct package_graph *graph, const struct field *name)
{
    graph->figures.again++;
    zval *times = zval_array_slot_bytes(&graph->again, name->bytes, name->length);
    if (times == NULL) {
        return GC_ENOMEM;
    }
    zval_assign(times, zval_int(zval_to_int(times) + 1));
    return GC_OK;
}

bool load_package(struct loader *loader, const struct paragraph *paragraph)
{
    struct package_graph *graph = loader->graph;
    const struct field *name = &paragraph->fields[FIELD_PACKAGE];
    int64_t kib = 0;
    if (!check_paragraph(loader, paragraph) ||
        !read_size(loader, &paragraph->fields[FIELD_INSTALLED_SIZE], &kib)) {
        return false;
    }
    if (is_not_installed(&paragraph->fields[FIELD_STATUS])) {
        graph->figures.left_out++;
        return true;
    }
    enum gc_result result = GC_OK;
    if (zval_array_get_bytes(&graph->index, name->bytes, name->length) != NULL) {
        result = note_again(graph, name);
    }
    if (result == GC_OK) {
        zval package = make_package(paragraph, kib, loader->origin);
        result = zval_array_set_bytes(&graph->index, name->bytes, name->length, package);
    }
    graph->figures.packages = zval_array_count(&graph->index);
    return load_check(loader, paragraph->line, result);
}

/* ---- all passes ----------------------------------------------------------- */

typedef bool (*pass_step)(struct loader *loader, const struct paragraph *paragraph);

static bool go_through(struct loader *loader, struct package_texts texts, pass_step step,
                       struct progress *progress)
{
    loader->origin = 0;
    for (size_t i = 0; i < texts.count; i++) {
        loader->text = &texts.texts[i];
        struct paragraph_reader reader = {.text = loader->text};
        struct paragraph paragraph;
        enum reading reading;
        size_t offset = 0;
        while ((reading = paragraph_next(&reader, &paragraph, loader->complaint)) == READING_ITEM) {
            loader->origin++;
            if (!step(loader, &paragraph)) {
                return false;
            }
            progress_add(progress, reader.offset - offset, loader->graph->figures.packages);
            offset = reader.offset;
        }
        if (reading == READING_BROKEN) {
            return false;
        }
    }
    return true;
}

/* Gives each package its number, and the graph its list. */
static bool number_packages(struct loader *loader)
{
    struct package_graph *graph = loader->graph;
    struct zval_array_cursor cursor = {0};
    const zval *package;
    int64_t number = 0;
    while (zval_array_next(&graph->index, &cursor, NULL, &package)) {
        zval_assign(model_property_slot(package, PACKAGE_NUMBER), zval_int(number++));
        enum gc_result result = zval_array_push(&graph->list, zval_copy(package));
        if (result != GC_OK) {
            return load_check(loader, 0, result);
        }
    }
    return true;
}

static bool check_any(const struct loader *loader)
{
    const struct package_text *text = loader->text;
    if (loader->graph->figures.packages > 0) {
        return true;
    }
    if (text->length == 0) {
        return complain(loader->complaint, text->name, 1, "the file is empty");
    }
    size_t last_line = package_text_line_at(text, text->bytes + text->length - 1);
    return complain(loader->complaint, text->name, last_line,
                    "the file ends here without a package%s",
                    loader->graph->figures.left_out > 0 ? " that is installed" : "");
}

/* What goes back to packages is needed while links are made, and then no longer wanted. */
static void cut_providers(struct package_graph *graph)
{
    struct zval_array_cursor cursor = {0};
    const zval *virtual_;
    while (zval_array_next(&graph->virtuals, &cursor, NULL, &virtual_)) {
        zval_assign(model_property_slot(virtual_, VIRTUAL_PROVIDERS), zval_null());
    }
}

bool graph_load(struct package_graph *graph, struct package_texts texts, bool with_back_links,
                struct progress *progress, struct complaint *complaint)
{
    struct loader loader = {.graph = graph,
                            .text = &texts.texts[0],
                            .with_back_links = with_back_links,
                            .complaint = complaint};
    for (size_t i = 0; i < texts.count; i++) {
        graph->figures.input_bytes += texts.texts[i].length;
    }
    graph->index = zval_array();
    graph->virtuals = zval_array();
    graph->list = zval_array();
    graph->again = zval_array();
    progress_begin(progress, 3 * graph->figures.input_bytes);
    bool is_loaded = go_through(&loader, texts, load_package, progress) && check_any(&loader) &&
                     number_packages(&loader) &&
                     go_through(&loader, texts, load_provides, progress) &&
                     go_through(&loader, texts, load_links, progress);
    progress_end(progress);
    if (is_loaded && !with_back_links) {
        cut_providers(graph);
    }
    graph->figures.virtuals = zval_array_count(&graph->virtuals);
    graph->figures.nodes = gc_status().live_nodes;
    graph->figures.bytes = gc_memory_usage(false);
    graph->figures.runs = gc_status().runs;
    return is_loaded;
}
