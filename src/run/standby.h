/* A second process that holds the notification fd, where the first one has lost its partner. */
#ifndef RUN_STANDBY_H
#define RUN_STANDBY_H
#include "run/watch.h"

/* Becomes the partner of this process. Without one service goes on, with a warning. */
void standby_start(struct watch *);
/* The one that served is gone: answers what it left behind, and serves. */
void standby_take_over(struct watch *);
#endif
