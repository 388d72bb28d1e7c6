/* PHP's side: hands scenarios to interp.php and reads the traces. */
#ifndef RCYCLE_TESTS_PHP_SIDE_H
#define RCYCLE_TESTS_PHP_SIDE_H

#include "scenario_text.h"
#include "traces.h"

struct php_side {
    const char *php;    /* the program */
    const char *script; /* interp.php */
    char file[256];     /* that the scenarios are handed over in */
};

/* False: that program is not there, or not the PHP whose semantics are the measure. */
bool php_side_begin(struct php_side *side, const char *php, const char *script);
void php_side_end(struct php_side *side);

/* One trace for each scenario, to be ended; where PHP crashed, one that says so. */
void php_side_run(struct php_side *side, const struct scenario *scenarios, size_t count,
                  struct trace *traces);

#endif
