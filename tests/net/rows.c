/* Rows of the catalogue as texts and sockets: see rows.h. */
#include "rows.h"
#include <stdio.h>
#include <sys/socket.h>

const char *row_text(const char *before, const struct option *option, char text[ROW_TEXT])
{
	snprintf(text, ROW_TEXT, "%s%s%s%s", before, option->name, option->example ? "=" : "",
		 option->example ? option->example : "");
	return text;
}

bool row_is_for_udp(const struct option *option)
{
	return option_protocols(option) == PROTOCOL_UDP;
}

int row_socket(const struct option *option)
{
	bool ipv6 = option->place[0].traffic == TRAFFIC_V6;

	return socket(ipv6 ? AF_INET6 : AF_INET, (row_is_for_udp(option) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
}

bool row_is_settable(const struct option *option)
{
	return option->via == VIA_SOCKOPT &&
	       option_works(option, row_is_for_udp(option) ? PROTOCOL_UDP : PROTOCOL_TCP, SOCKCTL_CREATED);
}
