/* Bulk transfer from client to server. Goodput is what the receiver's program got during the measured part, which begins
 * after the ramp. The receiver copies the payload, as a real one does: MSG_TRUNC would be faster, but no program's truth. */
#include "lab/workload/session.h"
#include "base/clock.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* Large, so that system calls do not count: a tenth to a quarter over 128K on loopback. */
enum { BLOCK_BYTES = 1 << 20 };

static int session_drain(struct session *session)
{
	char *block = malloc(BLOCK_BYTES);
	ssize_t n = 1;

	while (block && n) {
		n = recv(session->fd, block, BLOCK_BYTES, 0);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			atomic_fetch_add_explicit(&session->io->result->received_bytes, (uint64_t)n,
						  memory_order_relaxed);
	}
	free(block);
	return block ? 0 : -ENOMEM;
}

static int stream_serve(const struct workload_io *io)
{
	return sessions_serve(io, session_drain);
}

/* Until the connection is shut down. */
static int session_fill(struct session *session)
{
	char *block = calloc(1, BLOCK_BYTES);
	int code = block ? 0 : -ENOMEM;

	while (!code)
		code = session_send(session, block, BLOCK_BYTES);
	free(block);
	return code == -EPIPE ? 0 : code;
}

static void sleep_us(uint64_t us)
{
	struct timespec left = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void measure(const struct workload_io *io)
{
	struct workload_result *result = io->result;
	uint64_t start_us, start_bytes;

	sleep_us(io->plan->warmup_us);
	io->boundary(io->arg, false);
	start_us = clock_us();
	start_bytes = atomic_load(&result->received_bytes);
	sleep_us(io->plan->measure_us);
	result->bytes = atomic_load(&result->received_bytes) - start_bytes;
	result->elapsed_us = clock_us() - start_us;
	io->boundary(io->arg, true);
}

/* A disconnect drops what is still queued, so that it does not run into the next trial. */
static void connection_abort(int fd)
{
	const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	connect(fd, &nowhere, sizeof nowhere);
}

static int stream_drive(const struct workload_io *io)
{
	struct session *sessions;
	int code = sessions_start(io, session_fill, &sessions);

	if (code)
		return code;
	measure(io);
	for (unsigned i = 0; i < io->fds; i++)
		shutdown(io->fd[i], SHUT_RDWR);
	code = sessions_join(sessions, io->fds);
	for (unsigned i = 0; i < io->fds; i++)
		connection_abort(io->fd[i]);
	return code;
}

static double stream_goodput(const struct workload_result *result)
{
	return result->bytes ? (double)result->bytes * 8e6 / (double)result->elapsed_us : NAN;
}

static uint64_t stream_samples(const struct workload_result *result)
{
	return result->bytes;
}

const struct workload workload_stream = {
	.name = "stream",
	.summary = "bulk transfer from client to server; goodput at the receiver",
	.metric = {"goodput_bps", false},
	.defaults = {.warmup_us = 200000, .measure_us = 600000, .connections = 1},
	.warmup_rtts = 25, /* slow start to a full path, and autotuning's steps, one a round trip */
	.measure_rtts = 20,
	.serve = stream_serve,
	.drive = stream_drive,
	.value = stream_goodput,
	.samples = stream_samples,
};
