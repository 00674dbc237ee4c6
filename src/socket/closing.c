/* Listeners that go while others stay: what waits in their queue, and how to empty it before. Knows nothing of how they
 * were opened. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/sysctl.h"
#include "socket/steer.h"

enum { STATE_LISTEN = 10 }; /* include/net/tcp_states.h */

static int closing_refuse(struct sockctl_error *error, int code, const char *op, int fd, const char *why)
{
	char subject[24];

	snprintf(subject, sizeof subject, "fd %d", fd);
	return error_set(error, code, op, subject, "%s", why ? why : strerror(-code));
}

int sockctl_queue_read(int fd, struct sockctl_queue *queue, struct sockctl_error *error)
{
	struct tcp_info info;
	socklen_t length = sizeof info;
	int64_t migrates;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return closing_refuse(error, -errno, "queue", fd, "a TCP socket is needed");
	if (info.tcpi_state != STATE_LISTEN)
		return closing_refuse(error, -EINVAL, "queue", fd, "it does not listen");
	*queue = (struct sockctl_queue){
		.waiting = info.tcpi_unacked,
		.limit = info.tcpi_sacked,
		.migrates = sysctl_read_number("net/ipv4/tcp_migrate_req", 0, &migrates) ? -1 : migrates != 0,
	};
	return 0;
}

int sockctl_retire(const int fd[], unsigned count, unsigned which, struct sockctl_error *error)
{
	struct sockctl_queue queue;
	int r;

	if (!fd || which >= count)
		return error_set(error, -EINVAL, "retire", NULL, "which is no index of fd[]");
	r = sockctl_queue_read(fd[which], &queue, error);
	if (r)
		return r;
	r = count > 1 ? steer_away(fd, count, which) : steer_shut(fd[which]);
	return r ? closing_refuse(error, r, "retire", fd[which], NULL) : 0;
}

static int queue_refuse(const struct sockctl_queue *queue, int fd, struct sockctl_error *error)
{
	static const char *const fates[] = {
		"it is unknown whether they would be reset (net.ipv4.tcp_migrate_req cannot be read)",
		"they would be reset (net.ipv4.tcp_migrate_req = 0)",
		"they would move to another listener of the port, if there is one (net.ipv4.tcp_migrate_req = 1)",
	};
	char why[sizeof error->hint];

	snprintf(why, sizeof why, "connections wait to be accepted, %u of them: %s; accept them first, or force",
		 queue->waiting, fates[queue->migrates + 1]);
	return closing_refuse(error, -EBUSY, "close", fd, why);
}

int sockctl_close_listener(int fd, int force, struct sockctl_queue *queue, struct sockctl_error *error)
{
	struct sockctl_queue spare;
	int r;

	queue = queue ? queue : &spare;
	r = sockctl_queue_read(fd, queue, error);
	if (r)
		return r;
	if (queue->waiting && !force)
		return queue_refuse(queue, fd, error);
	close(fd);
	return 0;
}
