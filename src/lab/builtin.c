/* A server and a client process per trial, on their hosts and CPUs, under the arm's specs. What they have to say comes
 * back in shared memory; they are killed when the trial is over, however it ends. */
#include "lab/builtin.h"
#include "base/clock.h"
#include "base/error.h"
#include "lab/cause.h"
#include "lab/settle.h"
#include "lab/watch.h"
#include "lab/worker.h"
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SAMPLE_MS = 40, GRACE_US = 10000000 };

struct builtin_stage {
	struct workload_result result;
	struct sockctl_report report[HOSTS];
	struct sockctl_error error[HOSTS];  /* code 0: none */
	struct sockaddr_storage address;    /* the server's, once it listens */
	struct gauge_reading before, after; /* of the measured part */
	struct tcp_fact sender_before, sender_after;
	unsigned boundaries; /* that could be read */
};

/* One trial under way; what the workers see of it is their copy, apart from the stage. */
struct run {
	struct builtin *builtin;
	const struct arm *arm;
	struct builtin_stage *stage;
	int listening;                        /* eventfd */
	int connection[WORKLOAD_CONNECTIONS]; /* the client's */
	struct worker worker[HOSTS];
};

static int side_fail(struct run *run, enum host host, int code, const char *op)
{
	const struct sockctl_error *why = &run->stage->report[host].error;

	if (why->code)
		run->stage->error[host] = *why;
	else
		error_set(&run->stage->error[host], code, op, run->builtin->workload->name, NULL);
	return code;
}

/* --- in the server's process --------------------------------------------------------------------------------------- */

static int connection_accepted(void *arg, int fd)
{
	struct run *run = arg;

	return sockctl_apply(fd, SOCKCTL_ACCEPTED, &run->arm->spec[HOST_SERVER], NULL);
}

static void server_body(void *arg)
{
	struct run *run = arg;
	const char *address = world_address(run->builtin->world, HOST_SERVER);
	struct builtin_stage *stage = run->stage;
	socklen_t length = sizeof stage->address;
	char text[64];
	int fd[WORKLOAD_LISTENERS], code;

	snprintf(text, sizeof text, strchr(address, ':') ? "[%s]:0" : "%s:0", address);
	code = sockctl_listen(text, &run->arm->spec[HOST_SERVER], NULL, fd, WORKLOAD_LISTENERS,
			      &stage->report[HOST_SERVER]);
	if (code < 0 || getsockname(fd[0], (struct sockaddr *)&stage->address, &length)) {
		side_fail(run, HOST_SERVER, code < 0 ? code : -errno, "listen");
		return;
	}
	eventfd_write(run->listening, 1);
	code = run->builtin->workload->serve(&(struct workload_io){.plan = &run->builtin->plan,
								   .result = &stage->result,
								   .fd = fd,
								   .fds = (unsigned)code,
								   .accepted = connection_accepted,
								   .arg = run});
	if (code < 0)
		side_fail(run, HOST_SERVER, code, "serve");
}

/* --- in the client's process --------------------------------------------------------------------------------------- */

static void boundary_read(void *arg, bool end)
{
	struct run *run = arg;
	struct builtin_stage *stage = run->stage;
	unsigned char info[512];
	socklen_t length = sizeof info;

	if (gauge_read(&run->builtin->gauge, end ? &stage->after : &stage->before))
		return;
	if (getsockopt(run->connection[0], IPPROTO_TCP, TCP_INFO, info, &length))
		return;
	tcp_fact_read(end ? &stage->sender_after : &stage->sender_before, info, length);
	stage->boundaries++;
}

static int connections_open(struct run *run)
{
	const struct sockaddr *address = (const struct sockaddr *)&run->stage->address;
	socklen_t length = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

	for (unsigned i = 0; i < run->builtin->plan.connections; i++) {
		run->connection[i] = sockctl_connect(address, length, 0, &run->arm->spec[HOST_CLIENT], NULL,
						     &run->stage->report[HOST_CLIENT]);
		if (run->connection[i] < 0)
			return run->connection[i];
	}
	return 0;
}

static void client_body(void *arg)
{
	struct run *run = arg;
	int code = connections_open(run);

	if (code) {
		side_fail(run, HOST_CLIENT, code, "connect");
		return;
	}
	code = run->builtin->workload->drive(&(struct workload_io){.plan = &run->builtin->plan,
								   .result = &run->stage->result,
								   .fd = run->connection,
								   .fds = run->builtin->plan.connections,
								   .boundary = boundary_read,
								   .arg = run});
	if (code)
		side_fail(run, HOST_CLIENT, code, "drive");
}

/* --- in the caller's process --------------------------------------------------------------------------------------- */

/* What a trial may take: all that is planned, turns at their slowest (a retransmission timeout each), and some grace. */
static uint64_t deadline_us(const struct builtin *builtin)
{
	const struct workload_plan *plan = &builtin->plan;
	uint64_t turn_us = 250000 + 4 * (uint64_t)path_rtt_us(&builtin->world->path);

	return clock_us() + GRACE_US + 3 * (plan->warmup_us + plan->measure_us) + plan->warmup_requests * turn_us;
}

/* Waits for fd, or for the worker's end: 0, or 1 if only the worker has ended; -ETIMEDOUT, -ECANCELED. */
static int fd_await(const struct run *run, int fd, const struct worker *worker, uint64_t until_us)
{
	struct pollfd events[2] = {{fd, POLLIN, 0}, {worker->pidfd, POLLIN, 0}};

	for (;;) {
		if (run->builtin->stop && *run->builtin->stop)
			return -ECANCELED;
		if (poll(events, 2, SAMPLE_MS) > 0)
			return events[0].revents ? 0 : 1;
		/* Where the sides take turns no buffer fills, and the sampling would only disturb them. */
		if (run->stage->boundaries == 1 && !run->builtin->workload->takes_turns)
			watch_sample(run->builtin->watch, &run->builtin->gauge);
		if (clock_us() > until_us)
			return -ETIMEDOUT;
	}
}

static int await_listening(struct run *run, uint64_t until_us)
{
	int code = fd_await(run, run->listening, &run->worker[HOST_SERVER], until_us);

	run->builtin->watch->server_port = ntohs(((struct sockaddr_in *)&run->stage->address)->sin_port);
	return code == 1 ? -ECHILD : code;
}

/* The server ends by itself when the connections do, which may be just before the client's process is gone. */
static int await_client(struct run *run, uint64_t until_us)
{
	const struct worker none = {0, -1};
	int code = fd_await(run, run->worker[HOST_CLIENT].pidfd, &run->worker[HOST_SERVER], until_us);

	if (code == 1 && !run->stage->error[HOST_SERVER].code)
		code = fd_await(run, run->worker[HOST_CLIENT].pidfd, &none, until_us);
	return code == 1 ? -ECHILD : code;
}

static int sides_run(struct run *run)
{
	const struct builtin *builtin = run->builtin;
	uint64_t until_us = deadline_us(builtin);
	int code = worker_start(&run->worker[HOST_SERVER], builtin->world, &builtin->placement, HOST_SERVER,
				server_body, run);

	if (!code)
		code = await_listening(run, until_us);
	if (!code)
		code = worker_start(&run->worker[HOST_CLIENT], builtin->world, &builtin->placement, HOST_CLIENT,
				    client_body, run);
	if (!code)
		code = await_client(run, until_us);
	return code;
}

/* Why the run failed, if it did: the server's reason goes first, since the client's often follows from it. */
static int run_judge(const struct run *run, int code, const int status[HOSTS], struct sockctl_error *error)
{
	const char *name = run->builtin->workload->name;

	if (code == -ECANCELED)
		return error_set(error, code, "bench", name, "interrupted");
	for (int host = HOST_SERVER; host >= HOST_CLIENT; host--)
		if (run->stage->error[host].code) {
			if (error)
				*error = run->stage->error[host];
			return run->stage->error[host].code;
		}
	if (code == -ETIMEDOUT)
		return error_set(error, code, "run", name,
				 "the trial hung and was ended; does the path lose everything?");
	if (code == -ECHILD || (!code && status[HOST_CLIENT]))
		return error_set(error, -ECHILD, "run", name,
				 "a process of the trial ended unexpectedly (wait status %d, %d)", status[HOST_CLIENT],
				 status[HOST_SERVER]);
	if (code)
		return error_set(error, code, "run", name, NULL);
	return 0;
}

static void trial_fill(const struct run *run, struct trial *trial)
{
	const struct builtin *builtin = run->builtin;
	const struct builtin_stage *stage = run->stage;
	struct evidence *evidence = &trial->evidence;

	trial->value = builtin->workload->value(&stage->result);
	trial->samples = builtin->workload->samples(&stage->result);
	for (enum host host = 0; host < HOSTS; host++)
		trial->report[host] = stage->report[host];
	*evidence = evidence_none;
	if (stage->boundaries == 2) {
		evidence_of_hosts(evidence, &stage->before, &stage->after);
		evidence_of_sender(evidence, HOST_CLIENT, &stage->sender_before, &stage->sender_after);
		evidence->sndbuf_full_share = watch_sndbuf_full_share(builtin->watch);
	}
	if (stage->result.requests && evidence->counters[HOST_SERVER].have >> HOST_FACT_delayed_acks & 1)
		evidence->nagle_stalls = (double)evidence->counters[HOST_SERVER].delayed_acks /
					 (double)stage->result.requests;
	trial->valid = evidence_is_calm(evidence, &builtin->world->path, trial->why_invalid, sizeof trial->why_invalid);
}

static int attempt(struct builtin *builtin, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	struct run run = {builtin, arm, builtin->stage, eventfd(0, EFD_CLOEXEC), {0}, {{0, -1}, {0, -1}}};
	int status[HOSTS], code;

	if (run.listening < 0)
		return error_set(error, -errno, "eventfd", "", NULL);
	memset(run.stage, 0, sizeof *run.stage);
	builtin->watch->count = 0;
	for (enum host host = 0; host < HOSTS; host++)
		run.stage->report[host].size = sizeof run.stage->report[host];
	code = sides_run(&run);
	for (enum host host = 0; host < HOSTS; host++)
		status[host] = worker_end(&run.worker[host]);
	close(run.listening);
	code = run_judge(&run, code, status, error);
	if (code)
		return code;
	trial_fill(&run, trial);
	if (isnan(trial->value))
		return error_set(error, -ENODATA, "run", builtin->workload->name,
				 "nothing arrived in the measured part of the run");
	if (trial->valid && builtin->latency)
		histogram_merge(builtin->latency, &run.stage->result.latency);
	return 0;
}

static int builtin_run(void *context, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	struct builtin *builtin = context;
	struct settled settled;
	int code = arm_settle(arm, builtin->world, &settled, error);

	if (code)
		return code;
	memset(trial, 0, sizeof *trial);
	for (unsigned i = 0; i <= builtin->retries && !code && !trial->valid; i++) {
		trial->retries = i;
		code = attempt(builtin, arm, trial, error);
	}
	arm_restore(arm, builtin->world, &settled);
	return code;
}

static int memory_get(struct builtin *builtin)
{
	builtin->watch = calloc(1, sizeof *builtin->watch);
	builtin->stage = mmap(NULL, sizeof *builtin->stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (builtin->stage == MAP_FAILED)
		builtin->stage = NULL;
	return builtin->watch && builtin->stage ? 0 : -ENOMEM;
}

int builtin_open(struct builtin *builtin, const struct world *world, const struct workload *workload,
		 const struct workload_plan *plan, struct sockctl_error *error)
{
	enum placement_kind kind = workload->takes_turns && !world->linked ? PLACEMENT_TURNS : PLACEMENT_PINNED;
	int code;

	*builtin = (struct builtin){.world = world, .workload = workload, .retries = BUILTIN_RETRIES};
	builtin->plan = plan ? *plan : workload_plan_for(workload, path_rtt_us(&world->path));
	code = placement_make(&builtin->placement, world->linked, kind);
	if (!code)
		code = placement_pin_link(&builtin->placement, world);
	if (code)
		return error_set(error, code, "sched_setaffinity", "", NULL);
	code = memory_get(builtin);
	if (code)
		error_set(error, code, "allocate", "", NULL);
	else
		code = gauge_open(&builtin->gauge, world, error);
	if (code)
		builtin_close(builtin);
	return code;
}

void builtin_close(struct builtin *builtin)
{
	if (builtin->gauge.world)
		gauge_close(&builtin->gauge);
	if (builtin->stage)
		munmap(builtin->stage, sizeof *builtin->stage);
	free(builtin->watch);
	*builtin = (struct builtin){0};
}

struct runner builtin_runner(struct builtin *builtin)
{
	return (struct runner){builtin->workload->metric, builtin_run, builtin, &builtin->retries};
}
