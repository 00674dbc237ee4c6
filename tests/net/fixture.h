/* What the tests of sockets share: sockets opened by a spec, and what the kernel says of them, in a network
 * namespace of our own. Assertions fail the test that calls. */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H
#include <stdbool.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "sockctl.h"

extern struct sockctl_report report;         /* of the last call */

struct sockctl_spec spec_of_text(const char *text);
int listen_with(const char *address, const char *text, int fd[], unsigned max);
int listen_one(const char *address, const char *text);
int connect_with(int listener, const char *text);
struct sockaddr_in address_of(int fd);       /* of an IPv4 socket */
const struct sockctl_verdict *verdict_of(const char *option);

int kernel_value(int fd, int level, int number);
struct tcp_info kernel_info(int fd);
unsigned fds_open(void);

/* Enters the namespace; if there is none, says so in TAP and returns true. */
bool fixture_skips(void);
#endif
