/* The load: connections that are ready in the accept queue before the server may run, so that neither the handshakes
 * nor the speed of the client are measured. Knows nothing of which server it is. */
#include "accept.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { LIMIT_S = 10 };
static int client[ACCEPT_BURST];

/* Reset when closed, which leaves no TIME_WAIT on either side. The kernel notes when the byte comes: how soon we get to
 * read it does not matter. */
static int client_open(const struct server *server)
{
	struct linger reset = {.l_onoff = 1};
	struct timeval limit = {.tv_sec = LIMIT_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) ||
	    connect(fd, (const struct sockaddr *)&server->address, sizeof server->address)) {
		close(fd);
		return -1;
	}
	return fd;
}

static uint64_t time_ns(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* the clock of SO_TIMESTAMPNS */
	return time_ns(&now);
}

/* Waits until the server has sent its byte and closed. Returns when the byte came; 0: it did not. */
static uint64_t client_served_ns(int fd)
{
	struct pollfd closed = {.fd = fd, .events = POLLRDHUP};
	char bytes[2], control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec data = {bytes, sizeof bytes};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	const struct cmsghdr *stamp;
	struct timespec came;

	if (poll(&closed, 1, LIMIT_S * 1000) != 1 || recvmsg(fd, &message, 0) != 1)
		return 0;
	stamp = CMSG_FIRSTHDR(&message);
	if (!stamp || stamp->cmsg_level != SOL_SOCKET || stamp->cmsg_type != SCM_TIMESTAMPNS)
		return 0;
	memcpy(&came, CMSG_DATA(stamp), sizeof came);
	return time_ns(&came);
}

static unsigned clients_open(const struct server *server, unsigned count)
{
	unsigned opened = 0;

	while (opened < count && (client[opened] = client_open(server)) >= 0)
		opened++;
	return opened;
}

/* The last one first: nobody is to be woken up before, at the server's expense. In what order it serves is its own
 * affair. */
static unsigned clients_wait(unsigned count, uint64_t *ret_end_ns)
{
	unsigned served = 0;

	*ret_end_ns = 0;
	for (unsigned i = count; i-- > 0;) {
		uint64_t came_ns = client_served_ns(client[i]);

		served += came_ns > 0;
		*ret_end_ns = came_ns > *ret_end_ns ? came_ns : *ret_end_ns;
	}
	return served;
}

bool burst_run(const struct server *server, struct scene *scene, unsigned count, struct burst *burst)
{
	struct server_times before, after;
	uint64_t cpu_ns, wait_ns, start_ns, end_ns;
	unsigned opened, served;
	bool held;

	if (!server_hold(server, scene))
		return false;
	cpu_ns = server_cpu_ns(server);
	server_times(server, &before);
	opened = clients_open(server, count);
	start_ns = wall_ns();
	server_release(server);
	served = clients_wait(opened, &end_ns);
	server_times(server, &after);
	held = server_hold(server, scene); /* what it does after the last close counts too */
	while (opened)
		close(client[--opened]);
	if (!held)
		return false;
	if (served < count) {
		snprintf(scene->error, sizeof scene->error, "served %u of %u connections", served, count);
		return false;
	}
	*burst = (struct burst){.cpu_ns = server_cpu_ns(server) - cpu_ns};
	wait_ns = server_wait_ns(&before, &after);
	burst->elapsed_ns = end_ns > start_ns + wait_ns ? end_ns - start_ns - wait_ns : 1;
	return true;
}
