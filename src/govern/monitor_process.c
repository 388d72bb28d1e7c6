#include "govern/monitor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not every C library has these yet; the numbers are the same on all machines. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#define WAIT_FOR_PIDFD ((idtype_t)3)

bool rc__process_no_pidfd;

struct rc_process rc__process_open(pid_t pid)
{
    int pidfd = rc__process_no_pidfd ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
    return (struct rc_process){.pid = pid, .pidfd = pidfd};
}

/* Linux 5.3 has pidfds, and learned to wait for them with 5.4. */
static int wait_once(const struct rc_process *process, siginfo_t *info, int flags)
{
    info->si_pid = 0;
    if (process->pidfd >= 0) {
        int result = waitid(WAIT_FOR_PIDFD, (id_t)process->pidfd, info, flags);
        if (result == 0 || errno != EINVAL) {
            return result;
        }
    }
    return waitid(P_PID, (id_t)process->pid, info, flags);
}

static int wait_for(const struct rc_process *process, siginfo_t *info, int flags)
{
    int result;
    do {
        result = wait_once(process, info, flags);
    } while (result != 0 && errno == EINTR);
    return result;
}

bool rc__process_signal(const struct rc_process *process, int signal_number)
{
    if (process->pid <= 0) {
        return false;
    }
    if (process->pidfd >= 0) {
        long result = syscall(SYS_pidfd_send_signal, process->pidfd, signal_number, NULL, 0);
        if (result == 0 || errno != ENOSYS) {
            return result == 0;
        }
    }
    siginfo_t info;
    return wait_for(process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           kill(process->pid, signal_number) == 0;
}

bool rc__process_reap(struct rc_process *process, struct rc_process_end *end)
{
    siginfo_t info;
    *end = (struct rc_process_end){.pid = process->pid};
    if (process->pid <= 0) {
        return true;
    }
    if (wait_for(process, &info, WEXITED | WNOHANG) == 0) {
        if (info.si_pid == 0) {
            return false;
        }
        end->known = true;
        end->by_signal = info.si_code != CLD_EXITED;
        end->code = info.si_status;
    }
    rc__process_close(process);
    return true;
}

void rc__process_close(struct rc_process *process)
{
    if (process->pidfd >= 0) {
        close(process->pidfd);
    }
    *process = RC_NO_PROCESS;
}

/* The second number of the line. */
static bool read_resident_pages(int file, size_t *pages)
{
    char text[128];
    ssize_t length = read(file, text, sizeof text - 1);
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    char *end, *last;
    strtoul(text, &end, 10);
    *pages = strtoul(end, &last, 10);
    return last != end;
}

bool rc__process_resident(const struct rc_process *process, const char *proc_path, size_t *bytes)
{
    char path[4096];
    *bytes = 0;
    int length = snprintf(path, sizeof path, "%s/%ld/statm", proc_path, (long)process->pid);
    if (process->pid <= 0 || length < 0 || (size_t)length >= sizeof path) {
        return false;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    size_t pages = 0;
    bool is_read = read_resident_pages(file, &pages);
    close(file);
    *bytes = pages * (size_t)sysconf(_SC_PAGESIZE);
    return is_read;
}
