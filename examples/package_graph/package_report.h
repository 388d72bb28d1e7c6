/*
 * What the program prints: at most 80 columns.
 */
#ifndef PACKAGE_REPORT_H
#define PACKAGE_REPORT_H

#include "package_answers.h"
#include "package_drop.h"
#include "package_text.h"

struct report_style {
    bool has_times;
    bool has_all; /* lists are not cut off */
    uint64_t load_ns;
    uint64_t ask_ns;
};

void report_graph(const struct package_graph *graph, const char *source, struct report_style style);
void report_answers(const struct package_graph *graph, const struct answers *answers,
                    struct report_style style);
void report_closure(const struct package_graph *graph, const struct answers *answers,
                    const zval *asked);

/* Two graphs side by side: as it was asked, and without links back. */
void report_drops(const struct drop *whole, const struct drop *forward, struct report_style style);

/* The last line: that nothing is left. False, with a line on standard error: something is. */
bool report_left(struct drop_state left);

#endif
