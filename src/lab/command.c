/* A trial of two foreign programs: server up, client through, everything swept away; then the reader has its say. */
#include "lab/command.h"
#include "base/clock.h"
#include "base/error.h"
#include "lab/agent.h"
#include "lab/capture.h"
#include "lab/cause.h"
#include "lab/place.h"
#include "lab/settle.h"
#include "lab/watch.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OUTPUT_BYTES = 1 << 20,
	TAIL_BYTES = 8192,
	PORT_FIRST = 20000,
	PORTS = 10000, /* below the ephemeral ports */
	LISTEN_POLL_MS = 5,
	SAMPLE_MS = 100,
	START_TIMEOUT_US = 10000000,
	RUN_TIMEOUT_US = 60000000,
};

struct command_stage {
	struct agent_result result[HOSTS];
};

enum stream { CLIENT_OUTPUT, CLIENT_ERRORS, SERVER_ERRORS, STREAMS };

struct run {
	struct command_load *load;
	const struct arm *arm;
	uint16_t port;
	struct agent agent[HOSTS];
	struct worker worker[HOSTS];
	struct capture capture[STREAMS];
	int writer[STREAMS];
	struct gauge_reading before, after;
	bool server_failed; /* before everything was swept away */
};

/* --- errors ---------------------------------------------------------------------------------------------------------- */

static const char *side_name(enum host host)
{
	return host == HOST_SERVER ? "server" : "client";
}

/* What the program said last, or that it said nothing. */
static int program_error(struct run *run, enum host host, int code, const char *what)
{
	char lines[120], subject[104];
	struct sockctl_error *error = &run->load->stage->result[host].error;

	capture_lines(&run->capture[host == HOST_SERVER ? SERVER_ERRORS : CLIENT_ERRORS], lines, sizeof lines);
	snprintf(subject, sizeof subject, "%s", run->agent[host].command);
	for (char *c = subject; *c; c++)
		*c = (unsigned char)*c < ' ' ? ' ' : *c;
	return error_set(error, code, side_name(host), subject, *lines ? "it %s; it said: %s" : "it %s%s", what,
			 *lines ? lines : ", without a word on its standard error");
}

static int ended_error(struct run *run, enum host host, const char *when)
{
	struct agent_result *result = &run->load->stage->result[host];
	char status[64], what[96];
	int code = result->done && WIFEXITED(result->status) && WEXITSTATUS(result->status) == 127 ? -ENOENT : -ECHILD;

	if (result->error.code)
		return result->error.code;
	agent_status_text(result, status, sizeof status);
	snprintf(what, sizeof what, "%s%s", status, when);
	return program_error(run, host, code, what);
}

/* --- while it runs --------------------------------------------------------------------------------------------------- */

/* Takes what the programs write, until something ends or the time is over. -ECANCELED if the user wants to stop. */
static int pump(struct run *run, int timeout_ms)
{
	struct pollfd events[STREAMS + HOSTS];

	for (int i = 0; i < STREAMS; i++)
		events[i] = (struct pollfd){run->capture[i].fd, POLLIN, 0};
	for (enum host host = 0; host < HOSTS; host++)
		events[STREAMS + host] = (struct pollfd){
			worker_ended(&run->worker[host]) ? -1 : run->worker[host].pidfd, POLLIN, 0};
	poll(events, STREAMS + HOSTS, timeout_ms);
	for (int i = 0; i < STREAMS; i++)
		capture_drain(&run->capture[i]);
	return run->load->stop && *run->load->stop ? -ECANCELED : 0;
}

static int agent_start(struct run *run, enum host host)
{
	struct command_load *load = run->load;
	struct agent *agent = &run->agent[host];
	int code;

	agent->command = place_fill(host == HOST_SERVER ? load->server : load->client,
				    world_address(load->world, HOST_SERVER), run->port);
	agent->spec = &run->arm->spec[host];
	agent->out = run->writer[host == HOST_SERVER ? SERVER_ERRORS : CLIENT_OUTPUT];
	agent->err = run->writer[host == HOST_SERVER ? SERVER_ERRORS : CLIENT_ERRORS];
	agent->result = &load->stage->result[host];
	code = !agent->command ?
		       -ENOMEM :
		       worker_start(&run->worker[host], load->world, &load->placement, host, agent_run, agent);
	return code ? error_set(&agent->result->error, code, "start", side_name(host), NULL) : 0;
}

/* A daemon's first process may end well before the daemon listens; one that ends badly has failed. */
static bool server_failed(const struct run *run)
{
	const struct agent_result *result = &run->load->stage->result[HOST_SERVER];

	return worker_ended(&run->worker[HOST_SERVER]) && (!result->done || result->status || result->error.code);
}

/* A server whose command has no {port} listens where it likes. */
static int await_server(struct run *run)
{
	uint64_t until_us = clock_us() + run->load->start_timeout_us;
	bool fixed = !place_wants_port(run->load->server);
	uint16_t found;
	int code = 0;

	while (!code) {
		found = listening_find(&run->load->gauge.listening, fixed ? 0 : run->port);
		if (found) {
			run->port = found;
			return 0;
		}
		if (server_failed(run)) {
			pump(run, 0);
			return ended_error(run, HOST_SERVER, " before it listened");
		}
		if (clock_us() > until_us)
			return program_error(run, HOST_SERVER, -ETIMEDOUT,
					     fixed ? "never listened on a TCP port" :
						     "never listened on the port that {port} gave it");
		code = pump(run, LISTEN_POLL_MS);
	}
	return code;
}

static int await_client(struct run *run, struct watch *watch)
{
	uint64_t until_us = clock_us() + run->load->run_timeout_us, sample_us = clock_us() + 1000 * SAMPLE_MS;
	int code = 0;

	while (!code && !worker_ended(&run->worker[HOST_CLIENT])) {
		uint64_t now_us = clock_us();

		if (now_us >= until_us)
			return program_error(run, HOST_CLIENT, -ETIMEDOUT, "was still running when its time was over");
		if (now_us >= sample_us) {
			watch_sample(watch, &run->load->gauge);
			sample_us = now_us + 1000 * SAMPLE_MS;
		}
		code = pump(run, (int)((sample_us - now_us) / 1000) + 1);
	}
	return code;
}

static int programs_run(struct run *run)
{
	struct command_load *load = run->load;
	int code = 0;

	if (load->server) {
		code = agent_start(run, HOST_SERVER);
		if (!code)
			code = await_server(run);
	}
	load->watch->server_port = run->port;
	if (!code)
		code = gauge_read(&load->gauge, &run->before);
	if (!code)
		code = agent_start(run, HOST_CLIENT);
	if (!code)
		code = await_client(run, load->watch);
	if (!code)
		code = gauge_read(&load->gauge, &run->after);
	run->server_failed = load->server && server_failed(run);
	return code;
}

/* --- afterwards ------------------------------------------------------------------------------------------------------ */

static void trial_fill(struct run *run, struct trial *trial)
{
	const struct watched *sender = watch_sender(run->load->watch);
	static const struct tcp_fact start;

	for (enum host host = 0; host < HOSTS; host++)
		trial->report[host] = run->load->stage->result[host].report;
	trial->samples = 1;
	trial->evidence = evidence_none;
	evidence_of_hosts(&trial->evidence, &run->before, &run->after);
	if (sender)
		evidence_of_sender(&trial->evidence, sender->host, sender->samples > 1 ? &sender->first : &start,
				   &sender->last);
	trial->evidence.sndbuf_full_share = watch_sndbuf_full_share(run->load->watch);
	trial->valid = evidence_is_calm(&trial->evidence, &run->load->world->path, trial->why_invalid,
					sizeof trial->why_invalid);
}

/* A client that failed may have said why in its output, which the reader understands; a server that died explains both. */
static int metric_read(struct run *run, struct trial *trial, struct sockctl_error *error)
{
	struct agent_result *result = &run->load->stage->result[HOST_CLIENT];
	struct reader_input input = {.status = result->status, .wall_us = result->wall_us};
	bool failed = !result->done || result->error.code || result->status;
	struct sockctl_error why = {0};
	int code;

	input.output = capture_text(&run->capture[CLIENT_OUTPUT], &input.length);
	code = run->load->reader->read(&input, &trial->value, &why);
	if (code && run->capture[CLIENT_OUTPUT].cut && !failed)
		error_set(&why, code, "read", run->load->reader->name,
			  "the client wrote more than %d bytes; only the last were kept", OUTPUT_BYTES);
	if (failed && run->server_failed)
		code = ended_error(run, HOST_SERVER, " while the client ran"),
		why = run->load->stage->result[HOST_SERVER].error;
	else if (failed && (result->error.code || run->capture[CLIENT_ERRORS].length || !code))
		code = ended_error(run, HOST_CLIENT, ""), why = result->error;
	if (code && error)
		*error = why;
	return code;
}

static int failure_copy(const struct run *run, int code, struct sockctl_error *error)
{
	if (code == -ECANCELED)
		return error_set(error, code, "run", run->load->client, "interrupted");
	for (int host = HOST_SERVER; host >= HOST_CLIENT; host--)
		if (run->load->stage->result[host].error.code) {
			if (error)
				*error = run->load->stage->result[host].error;
			return run->load->stage->result[host].error.code;
		}
	return error_set(error, code, "run", run->load->client, NULL);
}

static int captures_open(struct run *run)
{
	static const size_t limit[STREAMS] = {OUTPUT_BYTES, TAIL_BYTES, TAIL_BYTES};
	int code = 0;

	for (int i = 0; i < STREAMS; i++) {
		run->writer[i] = -1;
		run->capture[i].fd = -1;
	}
	for (int i = 0; !code && i < STREAMS; i++)
		code = capture_open(&run->capture[i], limit[i], &run->writer[i]);
	return code;
}

/* With the writers closed here, a pipe ends when the programs have. */
static void run_release(struct run *run)
{
	for (int i = 0; i < STREAMS; i++) {
		if (run->writer[i] >= 0)
			close(run->writer[i]);
		capture_close(&run->capture[i]);
	}
	for (enum host host = 0; host < HOSTS; host++)
		free(run->agent[host].command);
	free(run);
}

static void programs_sweep(struct run *run)
{
	world_sweep(run->load->world);
	for (enum host host = 0; host < HOSTS; host++)
		worker_end(&run->worker[host]);
	pump(run, 0);
}

static int attempt(struct command_load *load, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	struct run *run = calloc(1, sizeof *run);
	int code;

	if (!run)
		return error_set(error, -ENOMEM, "allocate", "", NULL);
	run->load = load;
	run->arm = arm;
	run->port = (uint16_t)(PORT_FIRST + load->runs++ % PORTS);
	memset(load->stage, 0, sizeof *load->stage);
	load->watch->count = 0;
	code = captures_open(run);
	if (!code)
		code = programs_run(run);
	programs_sweep(run);
	if (code)
		code = failure_copy(run, code, error);
	else
		trial_fill(run, trial), code = metric_read(run, trial, error);
	run_release(run);
	return code;
}

static int command_run(void *context, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	struct command_load *load = context;
	struct settled settled;
	int code = arm_settle(arm, load->world, &settled, error);

	if (code)
		return code;
	memset(trial, 0, sizeof *trial);
	for (unsigned i = 0; i <= load->retries && !code && !trial->valid; i++) {
		trial->retries = i;
		code = attempt(load, arm, trial, error);
	}
	arm_restore(arm, load->world, &settled);
	return code;
}

static int memory_get(struct command_load *load)
{
	load->watch = calloc(1, sizeof *load->watch);
	load->stage = mmap(NULL, sizeof *load->stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (load->stage == MAP_FAILED)
		load->stage = NULL;
	return load->watch && load->stage ? 0 : -ENOMEM;
}

int command_load_open(struct command_load *load, const struct world *world, const char *server, const char *client,
		      const struct reader *reader, struct sockctl_error *error)
{
	int code;

	*load = (struct command_load){.world = world,
				      .server = server,
				      .client = client,
				      .reader = reader,
				      .start_timeout_us = START_TIMEOUT_US,
				      .run_timeout_us = RUN_TIMEOUT_US,
				      .retries = COMMAND_RETRIES};
	code = placement_make(&load->placement, world->linked, PLACEMENT_PROGRAMS);
	if (!code)
		code = placement_pin_link(&load->placement, world);
	if (code)
		return error_set(error, code, "sched_setaffinity", "", NULL);
	code = memory_get(load);
	if (code)
		error_set(error, code, "allocate", "", NULL);
	else
		code = gauge_open(&load->gauge, world, error);
	if (code)
		command_load_close(load);
	return code;
}

void command_load_close(struct command_load *load)
{
	if (load->gauge.world)
		gauge_close(&load->gauge);
	if (load->stage)
		munmap(load->stage, sizeof *load->stage);
	free(load->watch);
	*load = (struct command_load){0};
}

struct runner command_load_runner(struct command_load *load)
{
	return (struct runner){load->reader->metric, command_run, load, &load->retries};
}
