/*
 * The transitions of a worker's life; the table stands in <rcycle/monitor.h>.
 * Nothing but these functions changes the state of a place. Each logs and counts
 * what it does, and publishes the place.
 */
#ifndef RCYCLE_GOVERN_MONITOR_LIFE_H
#define RCYCLE_GOVERN_MONITOR_LIFE_H

#include "govern/monitor_master.h"

/* GONE, BACKING_OFF -> STARTING, or BACKING_OFF when the system does not fork. */
void rc__life_start(struct gc_monitor *monitor, struct rc_place *place);

/* STARTING -> READY. Its predecessor, if there is one, drains. */
void rc__life_become_ready(struct gc_monitor *monitor, struct rc_place *place);

/* READY -> ASKED, and back: it has collected, or its time for it is over. */
void rc__life_ask(struct gc_monitor *monitor, struct rc_place *place);
void rc__life_settle(struct gc_monitor *monitor, struct rc_place *place);

/* READY, ASKED -> RETIRING. `successor` is the GONE place of the one that starts now. */
void rc__life_retire(struct gc_monitor *monitor, struct rc_place *place,
                     struct rc_place *successor);

/* STARTING, READY, ASKED, RETIRING -> DRAINING. */
void rc__life_drain(struct gc_monitor *monitor, struct rc_place *place,
                    enum gc_monitor_reason reason);

/* -> TERMINATING. */
void rc__life_terminate(struct gc_monitor *monitor, struct rc_place *place,
                        enum gc_monitor_reason reason);

/* TERMINATING -> KILLED. */
void rc__life_finish_off(struct gc_monitor *monitor, struct rc_place *place);

/* -> GONE or BACKING_OFF. Its process has ended and was waited for. */
void rc__life_bury(struct gc_monitor *monitor, struct rc_place *place,
                   const struct rc_process_end *end);

/* BACKING_OFF -> GONE. */
void rc__life_give_up(struct gc_monitor *monitor, struct rc_place *place);

/* Publishes what the master knows of a place. */
void rc__life_publish(struct gc_monitor *monitor, const struct rc_place *place);

/* A worker's size, that the figure is held against; 0: not known. */
size_t rc__life_size(const struct rc_place *place);

/* Reads the resident size anew. */
void rc__life_measure(struct gc_monitor *monitor, struct rc_place *place);

/* The wait after the `failures`-th failure in a row, with its random part. */
uint64_t rc__life_back_off_ns(struct gc_monitor *monitor, unsigned failures);

#endif
