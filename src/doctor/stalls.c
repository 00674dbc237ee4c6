/* A short list of pids. */
#include "doctor/stalls.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

static bool is_stalled(const struct exam *exam)
{
	const struct socket_fact *socket = exam->now;
	uint64_t acked;

	return socket->protocol == IPPROTO_TCP &&
	       (socket->state == TCP_ESTABLISHED || socket->state == TCP_CLOSE_WAIT) && socket->wqueue_bytes &&
	       exam->before && exam->before->wqueue_bytes && exam_delta(exam, PAST_bytes_acked, &acked) && !acked;
}

static int pid_add(struct stalls *stalls, pid_t pid)
{
	if (stalls->count == stalls->room) {
		unsigned room = stalls->room ? 2 * stalls->room : 16;
		pid_t *larger = reallocarray(stalls->pid, room, sizeof *larger);

		if (!larger)
			return -ENOMEM;
		stalls->pid = larger;
		stalls->room = room;
	}
	stalls->pid[stalls->count++] = pid;
	return 0;
}

int stalls_note(struct stalls *stalls, const struct exam *exam)
{
	int r = 0;

	if (!is_stalled(exam))
		return 0;
	for (unsigned i = 0; i < exam->now->owners_count && !r; i++)
		if (!stalls_have(stalls, exam->now->owners[i].pid))
			r = pid_add(stalls, exam->now->owners[i].pid);
	return r;
}

bool stalls_have(const struct stalls *stalls, pid_t pid)
{
	for (unsigned i = 0; i < stalls->count; i++)
		if (stalls->pid[i] == pid)
			return true;
	return false;
}

void stalls_release(struct stalls *stalls)
{
	free(stalls->pid);
	*stalls = (struct stalls){0};
}
