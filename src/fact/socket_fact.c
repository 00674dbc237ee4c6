/* What a kind of socket can have. */
#include "fact/socket_fact.h"
#include <netinet/in.h>
#include <netinet/tcp.h>

bool socket_takes_option(const struct socket_fact *socket, const struct option *option)
{
	unsigned protocol = socket->protocol == IPPROTO_UDP ? PROTOCOL_UDP : PROTOCOL_TCP;

	if (socket->family == AF_UNIX || !(option_protocols(option) & protocol))
		return false;
	if (option->via == VIA_LISTEN)
		return socket->state == TCP_LISTEN;
	return socket->family != AF_INET || option->place[0].level != IPPROTO_IPV6;
}
