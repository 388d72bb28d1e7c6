/*
 * From texts to a graph.
 *
 * The texts are gone through three times, as links can only be made between
 * what is there: packages, then what they provide, then what they need.
 */
#ifndef PACKAGE_LOAD_H
#define PACKAGE_LOAD_H

#include "package_model.h"
#include "package_paragraph.h"
#include "package_progress.h"

struct package_texts {
    const struct package_text *texts;
    size_t count;
};

struct loader {
    struct package_graph *graph;
    const struct package_text *text;
    int64_t origin;       /* number of the paragraph, over all texts, from 1 */
    bool with_back_links; /* "needed by" and "providers" */
    struct complaint *complaint;
};

/*
 * Fills `graph`, which must be empty. On failure it holds what there was up to
 * then and is to be released all the same.
 */
bool graph_load(struct package_graph *graph, struct package_texts texts, bool with_back_links,
                struct progress *progress, struct complaint *complaint);

/* ---- the passes, each called for each paragraph --------------------------- */

bool load_package(struct loader *loader, const struct paragraph *paragraph);
bool load_provides(struct loader *loader, const struct paragraph *paragraph);
bool load_links(struct loader *loader, const struct paragraph *paragraph);

/* Complains if `result` is not GC_OK. */
bool load_check(const struct loader *loader, size_t line, enum gc_result result);

#endif
