/* The service's processes: see shards.h. */
#include "shards.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "observe/diag.h"
#include "sockctl.h"

enum { LIMIT_S = 5, LISTEN = 10 /* TCP_LISTEN */ };

static void shard_serve(int listener, unsigned number, unsigned busy_us)
{
	struct timespec busy = {.tv_nsec = (long)busy_us * 1000};
	char byte;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == ECONNABORTED) {
		if (recv(fd, &byte, 1, 0) == 1) {
			nanosleep(&busy, NULL);
			byte = (char)number;
			send(fd, &byte, 1, MSG_NOSIGNAL);
		}
		close(fd);
	}
}

static int shard_start(struct shards *shards, const int fd[], unsigned number, unsigned busy_us)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid) {
		shards->shard[number].pid = pid;
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < shards->count; i++) /* only its own, so that this goes when the process goes */
		if (i != number)
			close(fd[i]);
	if (getppid() == parent)
		shard_serve(fd[number], number, busy_us);
	_exit(0);
}

/* What is to be known of the listeners while we have them. */
static int listeners_note(struct shards *shards, const int fd[])
{
	socklen_t length = sizeof shards->address;
	struct stat about;

	if (getsockname(fd[0], (struct sockaddr *)&shards->address, &length))
		return -errno;
	for (unsigned i = 0; i < shards->count; i++) {
		if (fstat(fd[i], &about))
			return -errno;
		shards->shard[i].inode = about.st_ino;
	}
	return 0;
}

int shards_start(struct shards *shards, unsigned count, unsigned busy_us)
{
	int fd[SHARDS_MAX], r;
	struct sockctl_spec spec;
	char text[32];

	*shards = (struct shards){.count = count};
	snprintf(text, sizeof text, "shards=%u", count);
	r = sockctl_spec_parse(&spec, text, NULL);
	r = r ? r : sockctl_listen("127.0.0.1:0", &spec, NULL, fd, SHARDS_MAX, NULL);
	if (r < 0)
		return r;
	r = listeners_note(shards, fd);
	for (unsigned i = 0; !r && i < count; i++)
		r = shard_start(shards, fd, i, busy_us);
	for (unsigned i = 0; i < count; i++)
		close(fd[i]);
	if (r)
		shards_end(shards);
	return r;
}

void shard_stop(const struct shards *shards, unsigned shard)
{
	kill(shards->shard[shard].pid, SIGSTOP);
	waitpid(shards->shard[shard].pid, NULL, WUNTRACED);
}

void shard_kill(struct shards *shards, unsigned shard)
{
	pid_t pid = shards->shard[shard].pid;

	shards->shard[shard].pid = 0;
	if (pid) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

void shards_end(struct shards *shards)
{
	for (unsigned i = 0; i < shards->count; i++)
		shard_kill(shards, i);
}

struct queue_search {
	ino_t inode;
	int queued;
};

/* A listener's receive queue is its accept queue. */
static int queue_visit(void *arg, struct socket_fact *socket)
{
	struct queue_search *search = arg;

	if (socket->inode == search->inode)
		search->queued = (int)socket->queue;
	return 0;
}

int shard_queued(const struct shards *shards, unsigned shard)
{
	struct queue_search search = {shards->shard[shard].inode, -ENOENT};
	struct diag_filter listeners = {.states = 1 << LISTEN, .family = AF_INET};
	int r = diag_dump(&listeners, queue_visit, &search, NULL);

	return r ? r : search.queued;
}

/* Closed by a reset, which leaves no TIME_WAIT. */
int shards_ask(const struct shards *shards)
{
	struct timeval limit = {.tv_sec = LIMIT_S};
	struct linger reset = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) &&
	    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) &&
	    !setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) &&
	    !connect(fd, (const struct sockaddr *)&shards->address, sizeof shards->address) &&
	    send(fd, "?", 1, MSG_NOSIGNAL) == 1)
		return fd;
	r = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	close(fd);
	return r;
}

int shards_answer(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);
	int r = got == 1 ? byte : got == 0 ? -ECONNABORTED : errno == EAGAIN ? -ETIMEDOUT : -errno;

	close(fd);
	return r;
}
