/* Addresses are those that a test says: a wrong one is a mistake of the test. */
#include "socket_sample.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

struct socket_fact connection(const char *local, uint16_t port, const char *peer, uint16_t peer_port)
{
	int family = strchr(local, ':') ? AF_INET6 : AF_INET;
	struct socket_fact socket = {.protocol = IPPROTO_TCP,
				     .family = (uint8_t)family,
				     .state = TCP_ESTABLISHED,
				     .inode = 7,
				     .source_port = port,
				     .destination_port = peer_port,
				     .known = KNOWN_CONGESTION | KNOWN_OWNERS,
				     .congestion = "cubic"};

	if (inet_pton(family, local, socket.source) != 1 || inet_pton(family, peer, socket.destination) != 1)
		abort();
	return socket;
}

struct socket_fact listener(uint16_t port, unsigned queue, unsigned limit)
{
	struct socket_fact socket = connection("127.0.0.1", port, "0.0.0.0", 0);

	socket.state = TCP_LISTEN;
	socket.known |= KNOWN_QUEUE;
	socket.queue = queue;
	socket.queue_limit = limit;
	socket.skmem_count = SOCKET_SKMEM;
	return socket;
}
