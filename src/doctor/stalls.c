/* A short list of pids. */
#include "doctor/stalls.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include "doctor/flow.h"

/* Merely unacknowledged data is on the way of every program that answers. What makes one hold its other side back is a
 * window too small for a segment, or a send buffer that is filled. */
static bool is_blocked(const struct socket_fact *socket)
{
	enum { TIMER_WINDOW_PROBE = 4 };
	const struct tcp_fact *tcp = &socket->tcp;
	bool closed = tcp_fact_has(tcp, TCP_FACT_snd_wnd_bytes) && tcp_fact_has(tcp, TCP_FACT_mss_bytes) &&
		      tcp->snd_wnd_bytes < tcp->mss_bytes;

	return closed || socket->timer == TIMER_WINDOW_PROBE ||
	       (socket->skmem_count > SK_MEMINFO_WMEM_QUEUED &&
		2ull * socket->skmem[SK_MEMINFO_WMEM_QUEUED] >= socket->skmem[SK_MEMINFO_SNDBUF]);
}

static bool is_stalled(const struct exam *exam)
{
	const struct socket_fact *socket = exam->now;
	uint64_t acked;

	return flow_is_open(socket) && socket->wqueue_bytes && exam->before && exam->before->wqueue_bytes &&
	       exam_delta(exam, PAST_bytes_acked, &acked) && !acked && is_blocked(socket);
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
