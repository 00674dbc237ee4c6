/* The server of bench/accept in libevent, which has no API for these options: by hand on each connection, in the
 * callback that is told of it (each), or on a listener that libevent is then given (listener). event PORT serve|hold
 * each|listener */
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "by_hand.h"

enum { LISTENER_FLAGS = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE };
static bool each, hold;

static void accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length, void *arg)
{
	(void)listener, (void)peer, (void)length, (void)arg;
	if (each)
		by_hand_all(fd);
	send(fd, "x", 1, MSG_NOSIGNAL);
	if (!hold)
		evutil_closesocket(fd);
}

static struct evconnlistener *listener_open(struct event_base *base, const char *port)
{
	struct sockaddr_in address = by_hand_address(port);
	int fd;

	if (each)
		return evconnlistener_new_bind(base, accepted, NULL, LISTENER_FLAGS, BACKLOG,
					       (struct sockaddr *)&address, sizeof address);
	fd = by_hand_bound(port);
	by_hand_all(fd);
	return evconnlistener_new(base, accepted, NULL, LISTENER_FLAGS, BACKLOG, fd);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();

	if (argc != 4 || !base)
		return 2;
	hold = !strcmp(argv[2], "hold");
	each = !strcmp(argv[3], "each");
	must(listener_open(base, argv[1]) ? 0 : -1, "evconnlistener_new");
	return event_base_dispatch(base);
}
