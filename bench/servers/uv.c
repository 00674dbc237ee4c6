/* The server of bench/accept in libuv: options by its own API on each connection, what that lacks by hand (each); or
 * all by hand on a listener that libuv is then given (listener). uv PORT serve|hold each|listener */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "by_hand.h"

static bool each, hold;

static void closed(uv_handle_t *handle)
{
	free(handle);
}

static void options_set(uv_tcp_t *connection)
{
	int receive = BUFFER_BYTES, send = BUFFER_BYTES, fd;

	must(uv_tcp_nodelay(connection, 1), "uv_tcp_nodelay");
	must(uv_tcp_keepalive(connection, 1, KEEPALIVE_IDLE_S), "uv_tcp_keepalive");
	must(uv_recv_buffer_size((uv_handle_t *)connection, &receive), "uv_recv_buffer_size");
	must(uv_send_buffer_size((uv_handle_t *)connection, &send), "uv_send_buffer_size");
	must(uv_fileno((uv_handle_t *)connection, &fd), "uv_fileno");
	by_hand_timers(fd);
}

static void accepted(uv_stream_t *listener, int status)
{
	uv_tcp_t *connection = malloc(sizeof *connection);
	uv_buf_t byte = uv_buf_init("x", 1);

	must(status, "listen");
	must(connection ? uv_tcp_init(listener->loop, connection) : -1, "uv_tcp_init");
	if (!uv_accept(listener, (uv_stream_t *)connection)) {
		if (each)
			options_set(connection);
		uv_try_write((uv_stream_t *)connection, &byte, 1);
	}
	if (!hold)
		uv_close((uv_handle_t *)connection, closed);
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in address;
	uv_tcp_t listener;

	if (argc != 4)
		return 2;
	hold = !strcmp(argv[2], "hold");
	each = !strcmp(argv[3], "each");
	must(uv_tcp_init(loop, &listener), "uv_tcp_init");
	if (each) {
		address = by_hand_address(argv[1]);
		must(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), "uv_tcp_bind");
	} else {
		int fd = by_hand_bound(argv[1]);

		by_hand_all(fd);
		must(uv_tcp_open(&listener, fd), "uv_tcp_open");
	}
	must(uv_listen((uv_stream_t *)&listener, BACKLOG, accepted), "uv_listen");
	return uv_run(loop, UV_RUN_DEFAULT);
}
