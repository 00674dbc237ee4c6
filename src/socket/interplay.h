/* What other options make of a setting: one that it needs and that is off, one that decides instead of it. */
#ifndef SOCKET_INTERPLAY_H
#define SOCKET_INTERPLAY_H
#include "socket/apply.h"

/* Makes the verdict of one setting, which is in effect as far as reading it back can tell, INERT or OVERRULED if its
 * row's `needs` or `overruled_by` say so. Reads the other option from the socket where the spec does not tell. */
void interplay_judge(const struct applying *, unsigned setting, const struct sockctl_report *, struct sockctl_verdict *);
#endif
