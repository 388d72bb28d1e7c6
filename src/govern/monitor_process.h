/*
 * A child process, addressed so that no other one can be meant.
 *
 * Depends on pidfd_open() and its kin (Linux 5.3) and does without where the
 * kernel has none.
 *
 * P1  A process is signalled through its pidfd. Without one it is signalled by
 *     its number, and only while the system says that it is a child not waited
 *     for yet, whose number is not given to another one.
 * P2  Once rc__process_reap() has said that it ended there is no number and no
 *     descriptor any more, and signalling does nothing.
 */
#ifndef RCYCLE_GOVERN_MONITOR_PROCESS_H
#define RCYCLE_GOVERN_MONITOR_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct rc_process {
    pid_t pid; /* 0: none */
    int pidfd; /* -1: the kernel has none */
};

/* How a process ended. Somebody else may have waited for it; then nobody knows. */
struct rc_process_end {
    pid_t pid;
    bool known;
    bool by_signal;
    int code; /* exit code or signal */
};

#define RC_NO_PROCESS ((struct rc_process){.pid = 0, .pidfd = -1})

/* Of a child that has just been forked. */
struct rc_process rc__process_open(pid_t pid);

/* False: it has ended. */
bool rc__process_signal(const struct rc_process *process, int signal_number);

/* Whether it has ended; if so, waits for it and closes what was open. */
bool rc__process_reap(struct rc_process *process, struct rc_process_end *end);

/* In a forked child: another one's process is none of its business. */
void rc__process_close(struct rc_process *process);

/* Bytes that are resident; 0 if it has ended. False: not to be read. `proc_path` is "/proc". */
bool rc__process_resident(const struct rc_process *process, const char *proc_path, size_t *bytes);

/* For tests: as on a kernel without pidfds. */
extern bool rc__process_no_pidfd;

#endif
