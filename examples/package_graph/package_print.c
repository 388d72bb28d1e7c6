#include "package_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct print_figure print_grouped(uint64_t value)
{
    char digits[24];
    struct print_figure figure;
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, value);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            figure.text[used++] = ',';
        }
        figure.text[used++] = digits[i];
    }
    figure.text[used] = '\0';
    return figure;
}

struct print_figure print_ms(uint64_t ns)
{
    struct print_figure figure;
    snprintf(figure.text, sizeof figure.text, "%.2f", (double)ns / 1e6);
    return figure;
}

void print_row(struct print_figure figure, const char *text)
{
    printf("%*s  %s\n", PRINT_FIGURE_COLUMNS, figure.text, text);
}

void print_flow_word(struct print_flow *flow, const char *word, const char *mark)
{
    size_t length = strlen(word) + strlen(mark);
    if (flow->column > 0 && flow->column + 1 + length > PRINT_LAST_COLUMN) {
        putchar('\n');
        flow->column = 0;
    }
    if (flow->column == 0) {
        printf("%*s", PRINT_TEXT_COLUMN - 1, "");
        flow->column = PRINT_TEXT_COLUMN - 1;
    }
    printf(" %s%s", word, mark);
    flow->column += 1 + length;
}

void print_flow_end(struct print_flow *flow)
{
    if (flow->column > 0) {
        putchar('\n');
    }
    flow->column = 0;
}
