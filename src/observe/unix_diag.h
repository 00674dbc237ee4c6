/* sock_diag of unix sockets, streamed. Changes nothing. Those that wait in a listener's queue are not dumped: they
 * have no inode yet. */
#ifndef OBSERVE_UNIX_DIAG_H
#define OBSERVE_UNIX_DIAG_H
#include "observe/diag.h"

/* states: bits 1 << TCP_LISTEN...; 0: all. As diag_dump_from(), which comes here for AF_UNIX. */
int unix_diag_dump(struct netlink *, uint32_t states, diag_visit *, void *arg, struct sockctl_error *);
/* One message's payload, of any content, aligned to 4 bytes. 0 or -EPROTO if it is too short. Sets everything. */
int unix_diag_parse(const void *payload, size_t size, struct socket_fact *ret);
#endif
