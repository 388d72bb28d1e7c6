/*
 * Misuse on purpose: what a checked build reports is counted instead of ending
 * the program.
 */
#ifndef RCYCLE_TESTS_MISUSE_LOG_H
#define RCYCLE_TESTS_MISUSE_LOG_H

struct misuse_log {
    int count;
    char last[128]; /* the last message */
};

/* From now on reports go into `log`, which starts empty. */
void misuse_log_begin(struct misuse_log *log);

/* The default again. */
void misuse_log_end(void);

#endif
