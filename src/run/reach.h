/* What the supervisor takes out of another task: a socket, a sockaddr, a name. Changes nothing there. */
#ifndef RUN_REACH_H
#define RUN_REACH_H
#include <sys/socket.h>
#include <sys/types.h>

/* A duplicate (CLOEXEC) of fd in the table of task `tid`, a thread or a process: -errno of pidfd_open or
 * pidfd_getfd. */
int reach_socket(pid_t tid, int fd);
/* Reads a sockaddr at `address` in the task's memory; ss_family is 0 if it cannot be read. */
void reach_address(pid_t tid, unsigned long long address, unsigned length, struct sockaddr_storage *ret);
/* The task's name; empty if it is gone. */
void reach_comm(pid_t tid, char comm[16]);
/* Can sockets be taken from our own descendants at all? Tries it on a child. 0, or -errno with the reason. */
struct sockctl_error;
int reach_check(struct sockctl_error *);
/* Who forbade it: Yama, a seccomp profile around us, or a kernel that is too old. `code` is what the call returned. */
int reach_blame(int code, const char *call, struct sockctl_error *);
#endif
