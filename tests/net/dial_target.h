/* What the tests of dialing share: addresses that answer, that do not, and that nothing leads to; and a dial whose clock
 * only the test moves. An address that never answers is a listener whose queue is full: the kernel drops the handshake.
 * Assertions fail the test that calls. */
#ifndef NET_DIAL_TARGET_H
#define NET_DIAL_TARGET_H
#include "fixture.h"

extern struct sockctl_dial dial;

struct target {
	struct sockaddr_storage address;
	int listener, filler;                /* -1: none */
};

struct target target_of(int listener);
struct target target_good(const char *address);
struct target target_silent(const char *address);    /* takes one connection, and no more */
struct target target_refusing(const char *address);
struct target target_unreachable(void);              /* of IPv4 */
void target_close(struct target *);

void dial_add(const struct target *);
void dial_to(const struct target *first, const struct target *second, const char *spec, const struct sockctl_control *);
unsigned dial_under_way(void);
/* Steps at one instant of the test's clock; if sockets are under way, again when one of them is ready. */
int dial_step_when_ready(int64_t now_us);
struct sockctl_attempt dial_attempt(unsigned index);
void assert_peer(int fd, const struct target *);
#endif
