/* What the kernel alone takes for a dump with all that `ss -tinm` asks for: it is read, and dropped. */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include "observe/netlink.h"

enum { CONNECTED = 0xfff & ~(1 << TCP_LISTEN | 1 << TCP_CLOSE | 1 << TCP_TIME_WAIT | 1 << TCP_SYN_RECV) };

static int dropped(void *arg, const void *payload, size_t size)
{
	(void)payload;
	(void)size;
	++*(unsigned long *)arg;
	return 0;
}

int main(void)
{
	struct inet_diag_req request = {
		.idiag_family = AF_INET,
		.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1) | 1 << (INET_DIAG_CONG - 1) |
			     1 << (INET_DIAG_VEGASINFO - 1),
		.idiag_states = CONNECTED,
	};
	const struct iovec piece = {&request, sizeof request};
	struct netlink *netlink;
	unsigned long count = 0;

	if (netlink_open(&netlink, NULL))
		return 1;
	if (netlink_ask(netlink, TCPDIAG_GETSOCK, &piece, 1) || netlink_answer(netlink, dropped, &count))
		return 1;
	netlink_close(netlink);
	printf("%lu\n", count);
	return 0;
}
