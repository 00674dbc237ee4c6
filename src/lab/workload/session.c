/* Threads with a connection each. Knows no workload. */
#include "lab/workload/session.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int session_send(struct session *session, const void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = send(session->fd, (const char *)data + done, size - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int session_receive(struct session *session, void *data, size_t size, bool *ret_clean)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = recv(session->fd, (char *)data + done, size - done, 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n && ret_clean)
			*ret_clean = !done;
		if (!n)
			return -EPIPE;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static void *session_thread(void *arg)
{
	struct session *session = arg;

	session->code = session->body(session);
	return NULL;
}

static int session_start(struct session *session, const struct workload_io *io, unsigned index, int fd,
			 int (*body)(struct session *))
{
	session->io = io;
	session->index = index;
	session->fd = fd;
	session->body = body;
	return -pthread_create(&session->thread, NULL, session_thread, session);
}

/* The next connection on any of the listeners, made non-blocking by nobody: poll says which has one. */
static int connection_accept(const struct workload_io *io)
{
	struct pollfd ready[WORKLOAD_LISTENERS];
	unsigned count = io->fds < WORKLOAD_LISTENERS ? io->fds : WORKLOAD_LISTENERS;

	for (unsigned i = 0; i < count; i++)
		ready[i] = (struct pollfd){io->fd[i], POLLIN, 0};
	while (poll(ready, count, -1) < 0)
		if (errno != EINTR)
			return -errno;
	for (unsigned i = 0; i < count; i++)
		if (ready[i].revents) {
			int fd = accept4(ready[i].fd, NULL, NULL, SOCK_CLOEXEC);

			return fd < 0 ? -errno : fd;
		}
	return -EAGAIN;
}

static int sessions_accept(struct session *sessions, const struct workload_io *io, unsigned *started,
			   int (*body)(struct session *))
{
	while (*started < io->plan->connections) {
		int fd = connection_accept(io), code;

		if (fd < 0)
			return fd;
		code = io->accepted(io->arg, fd);
		if (!code)
			code = session_start(&sessions[*started], io, *started, fd, body);
		if (code) {
			close(fd);
			return code;
		}
		++*started;
	}
	return 0;
}

int sessions_serve(const struct workload_io *io, int (*body)(struct session *))
{
	struct session *sessions = calloc(io->plan->connections, sizeof *sessions);
	unsigned started = 0;
	int code = sessions ? sessions_accept(sessions, io, &started, body) : -ENOMEM;

	for (unsigned i = 0; i < started; i++) {
		pthread_join(sessions[i].thread, NULL);
		close(sessions[i].fd);
		code = code ? code : sessions[i].code;
	}
	free(sessions);
	return code;
}

int sessions_start(const struct workload_io *io, int (*body)(struct session *), struct session **ret)
{
	struct session *sessions = calloc(io->fds, sizeof *sessions);

	if (!sessions)
		return -ENOMEM;
	for (unsigned i = 0; i < io->fds; i++) {
		int code = session_start(&sessions[i], io, i, io->fd[i], body);

		if (!code)
			continue;
		for (unsigned j = 0; j < i; j++)
			shutdown(sessions[j].fd, SHUT_RDWR);
		sessions_join(sessions, i);
		return code;
	}
	*ret = sessions;
	return 0;
}

int sessions_join(struct session *sessions, unsigned count)
{
	int code = 0;

	for (unsigned i = 0; i < count; i++) {
		struct workload_result *result = sessions[i].io->result;

		pthread_join(sessions[i].thread, NULL);
		code = code ? code : sessions[i].code;
		histogram_merge(&result->latency, &sessions[i].latency);
		result->requests += sessions[i].requests;
		if (sessions[i].elapsed_us > result->elapsed_us)
			result->elapsed_us = sessions[i].elapsed_us;
	}
	free(sessions);
	return code;
}
