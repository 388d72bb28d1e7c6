/*
 * Telling the service manager how the service is: the datagrams of sd_notify(3),
 * sent without its library to the socket that NOTIFY_SOCKET names.
 *
 * N1  Without that variable, or with raised privileges, nothing is done.
 * N2  Sending never waits; what does not arrive is counted. A state that did not
 *     arrive is sent again at the next turn, the watchdog's beat at its next.
 */
#ifndef RCYCLE_GOVERN_MONITOR_NOTIFY_H
#define RCYCLE_GOVERN_MONITOR_NOTIFY_H

#include "govern/monitor_page.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* What the service manager distinguishes. */
enum rc_service {
    RC_SERVICE_STARTING,
    RC_SERVICE_READY,
    RC_SERVICE_RELOADING,
    RC_SERVICE_STOPPING
};

struct rc_notify {
    int socket; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_length;
    uint64_t watchdog_ns; /* between two beats; 0: none are wanted */
    uint64_t next_beat_ns;
    enum rc_service said; /* the state that arrived last */
    char status[256];     /* the status that arrived last */
    struct rc_page *page;
};

void rc__notify_open(struct rc_notify *notify, bool wanted, struct rc_page *page);
void rc__notify_close(struct rc_notify *notify);

/* Sends what has changed, and a beat if it is time. `status` is a line of at most 255 bytes. */
void rc__notify_state(struct rc_notify *notify, enum rc_service service, const char *status,
                      uint64_t now_ns);

/* When there is something to be sent without anything having changed; UINT64_MAX: never. */
uint64_t rc__notify_due_ns(const struct rc_notify *notify);

#endif
