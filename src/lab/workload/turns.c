/* A closed loop: the next request goes out when the response is there, so every latency is a whole turn. */
#include "lab/workload/turns.h"
#include "base/clock.h"
#include <errno.h>
#include <stdlib.h>

static size_t message_bytes(const struct workload_plan *plan)
{
	return plan->request_bytes > plan->response_bytes ? plan->request_bytes : plan->response_bytes;
}

static int session_answer(struct session *session)
{
	const struct workload_plan *plan = session->io->plan;
	char *message = calloc(1, message_bytes(plan));
	bool clean = false;
	int code = message ? 0 : -ENOMEM;

	while (!code) {
		code = session_receive(session, message, plan->request_bytes, &clean);
		if (!code)
			code = session_send(session, message, plan->response_bytes);
	}
	free(message);
	return clean ? 0 : code;
}

int turns_serve(const struct workload_io *io)
{
	return sessions_serve(io, session_answer);
}

static int turn_take(struct session *session, char *message)
{
	const struct workload_plan *plan = session->io->plan;
	uint32_t first = plan->first_write_bytes;
	int code = first ? session_send(session, message, first) : 0;

	if (!code)
		code = session_send(session, message + first, plan->request_bytes - first);
	return code ? code : session_receive(session, message, plan->response_bytes, NULL);
}

static int warm_up(struct session *session, char *message)
{
	const struct workload_plan *plan = session->io->plan;
	uint64_t until_us = clock_us() + plan->warmup_us;
	int code = 0;

	for (uint32_t i = 0; !code && (i < plan->warmup_requests || clock_us() < until_us); i++)
		code = turn_take(session, message);
	return code;
}

static int measure(struct session *session, char *message)
{
	uint64_t start_ns = clock_ns(), now_ns = start_ns, end_ns = start_ns + session->io->plan->measure_us * 1000;
	int code = 0;

	while (!code && now_ns < end_ns) {
		uint64_t sent_ns = now_ns;

		code = turn_take(session, message);
		now_ns = clock_ns();
		if (!code)
			histogram_add(&session->latency, now_ns - sent_ns);
	}
	session->requests = session->latency.count;
	session->elapsed_us = (now_ns - start_ns) / 1000;
	return code;
}

static int session_ask(struct session *session)
{
	const struct workload_io *io = session->io;
	char *message = calloc(1, message_bytes(io->plan));
	int code = message ? warm_up(session, message) : -ENOMEM;

	if (!code && !session->index)
		io->boundary(io->arg, false);
	if (!code)
		code = measure(session, message);
	if (!code && !session->index)
		io->boundary(io->arg, true);
	free(message);
	return code;
}

int turns_drive(const struct workload_io *io)
{
	struct session *sessions;
	int code = sessions_start(io, session_ask, &sessions);

	return code ? code : sessions_join(sessions, io->fds);
}

uint64_t turns_samples(const struct workload_result *result)
{
	return result->requests;
}
