#include "govern/monitor_signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>

static const int signal_numbers[] = {SIGTERM, SIGINT, SIGHUP};
#define SIGNALS (sizeof signal_numbers / sizeof *signal_numbers)

static struct gc_monitor *installed_for;
static struct sigaction actions_before[SIGNALS];
static struct rc_worker_signals own_worker;

/* ---- the master ------------------------------------------------------------- */

static void on_master_signal(int signal_number)
{
    int error = errno;
    if (signal_number == SIGHUP) {
        gc_monitor_reload(installed_for);
    } else {
        gc_monitor_stop(installed_for, false);
    }
    errno = error;
}

bool rc__signals_install(struct gc_monitor *monitor)
{
    if (installed_for != NULL) {
        return installed_for == monitor;
    }
    installed_for = monitor;
    struct sigaction action = {.sa_handler = on_master_signal, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signal_numbers[i], &action, &actions_before[i]);
    }
    return true;
}

void rc__signals_restore(void)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signal_numbers[i], &actions_before[i], NULL);
    }
    installed_for = NULL;
}

/* ---- a worker ------------------------------------------------------------------ */

/*
 * SIGTERM of the master that has waited long enough ends the worker; any other
 * one, of a service manager that sends it to all processes, has it drain.
 */
static void on_worker_signal(int signal_number)
{
    int error = errno;
    if (atomic_load_explicit(&own_worker.shared->order, memory_order_relaxed) ==
        RC_ORDER_TERMINATE) {
        /* Delivered as soon as this handler has returned. */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    } else {
        own_worker.note_drain();
        /* From now on our end is readable, so that no wait begins. */
        shutdown(own_worker.socket, SHUT_RD);
    }
    errno = error;
}

void rc__signals_enter_worker(const struct rc_worker_signals *worker)
{
    own_worker = *worker;
    struct sigaction drain = {.sa_handler = on_worker_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigfillset(&drain.sa_mask);
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signal_numbers[i], signal_numbers[i] == SIGTERM ? &drain : &ignore, NULL);
    }
}
