/* Which ports have a listener in a network namespace. Reads /proc/net; opens no socket. */
#ifndef LAB_LISTENING_H
#define LAB_LISTENING_H
#include <stdint.h>

enum { LISTENING_TABLES = 4 };               /* TCP and UDP, IPv4 and IPv6 */
struct listening {
	int table[LISTENING_TABLES];         /* owned; bound to the namespace in which they were opened */
};

void listening_open(struct listening *);     /* of the calling thread's namespace */
void listening_close(struct listening *);
/* port 0: the lowest TCP port that has a listener; else that port, and a bound UDP socket serves too. The port, 0 if
 * there is none. */
uint16_t listening_find(const struct listening *, uint16_t port);
#endif
