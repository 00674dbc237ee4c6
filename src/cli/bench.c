/* sockctl bench: a built-in workload under one or more specs, interleaved, over loopback or an emulated path. */
#include <errno.h>
#include <unistd.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/stopping.h"
#include "cli/view/bench.h"
#include "cli/view/metric.h"
#include "lab/builtin.h"
#include "lab/contain.h"
#include "lab/stats.h"

enum { FLAG_PATH, FLAG_SPEC, FLAG_JSON, FLAG_PRETTY, FLAG_REPEAT, FLAG_DURATION, FLAG_CONNECTIONS, FLAG_SEED };
enum { REPEAT_DEFAULT = 5, DURATION_MAX_S = 3600, HELP_SHOWN = INT_MIN };

static const struct flag bench_flags[] = {
	[FLAG_PATH] = {0, "path", "PATH",
		       "the link between the hosts, such as rtt=40ms,rate=100mbit; without it, loopback", NULL},
	[FLAG_SPEC] = {0, "spec", "SPEC",
		       "settings of both hosts' sockets; again for more arms, compared with the first", "options"},
	[FLAG_JSON] = {'j', "json", NULL, "JSON", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON, indented", NULL},
	[FLAG_REPEAT] = {0, "repeat", "N", "runs of each spec, 5 if not given, 100 at most", NULL},
	[FLAG_DURATION] = {0, "duration", "TIME",
			   "the measured part of each run; by default as the workload and the path need it", NULL},
	[FLAG_CONNECTIONS] = {0, "connections", "N", "parallel connections, 1 if not given, 256 at most", NULL},
	[FLAG_SEED] = {0, "seed", "N", "of the order of the specs in each round", NULL},
	{0}};

static int bench_run(int argc, char **argv);

const struct command command_bench = {
	.name = "bench",
	.usage = "WORKLOAD [FLAGS]",
	.summary = "measure a built-in workload with these settings, over this path",
	.description =
		"Starts a server and a client in network namespaces of their own and runs the workload between them: wwr (write,\n"
		"write, read), rr (ping-pong) or stream (bulk). Needs no privilege beyond user namespaces; touches nothing of the\n"
		"host. With several --spec each round runs all of them, in random order, and GAIN compares round by round with the\n"
		"first: the median, and in brackets the least and the most of the rounds, which is no confidence interval (`tune` has\n"
		"one); --spec '' is the kernel's defaults. The warm-up (slow start, quick acknowledgements) is not counted.\n"
		"A run during which the link was late by more than 5 % of the round trip is repeated. If that does not help, it counts,\n"
		"and the output says so.",
	.flags = bench_flags,
	.examples =
		"sockctl bench wwr --path rtt=10ms --spec '' --spec nodelay  # what Nagle's delay costs\n"
		"sockctl bench stream --path rtt=40ms,rate=1gbit --spec cc=cubic --spec cc=cubic,sndbuf=4M  # what limits bulk\n"
		"sockctl bench rr -j  # ping-pong over loopback\n",
	.operands = "workloads",
	.run = bench_run,
};

struct bench {
	struct bench_result *result;
	struct path path;
	struct arm arm[BENCH_ARMS];
	int64_t connections, duration_us; /* 0: the workload's own */
	int64_t repeat;
	uint64_t seed;
	bool json, pretty;
};

/* --- inside the containment ------------------------------------------------------------------------------------------ */

static void trial_keep(struct bench *bench, unsigned index, unsigned round, const struct trial *trial)
{
	struct bench_arm *arm = &bench->result->arm[index];

	arm->value[round] = trial->value;
	arm->retries += trial->retries;
	arm->disturbed += !trial->valid;
}

/* Fisher and Yates: each round runs the arms in an order of its own, so that a drift of the machine hits all alike. */
static void order_shuffle(struct stats_random *random, unsigned order[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	for (unsigned i = count; i > 1; i--) {
		unsigned j = (unsigned)(stats_next(random) % i), held = order[i - 1];

		order[i - 1] = order[j];
		order[j] = held;
	}
}

static int rounds_run(struct bench *bench, struct builtin *builtin, struct trial *trials, struct sockctl_error *error)
{
	struct bench_result *result = bench->result;
	struct runner runner = builtin_runner(builtin);
	struct stats_random random;
	unsigned order[BENCH_ARMS];

	stats_seed(&random, bench->seed);
	for (unsigned round = 0; round < result->rounds; round++) {
		order_shuffle(&random, order, result->arms);
		for (unsigned i = 0; i < result->arms; i++) {
			struct trial *trial = &trials[order[i] * result->rounds + round];
			int code;

			builtin->latency = &result->arm[order[i]].latency;
			code = runner.run(runner.context, &bench->arm[order[i]], trial, error);
			if (code)
				return code;
			trial_keep(bench, order[i], round, trial);
		}
	}
	return 0;
}

static double extreme(const double *values, unsigned count, bool highest)
{
	double found = values[0];

	for (unsigned i = 1; i < count; i++)
		if (highest ? values[i] > found : values[i] < found)
			found = values[i];
	return found;
}

static void arm_sum_up(struct bench_result *result, struct bench_arm *arm, const struct trial *trials)
{
	const struct metric *metric = &result->workload->metric;
	double values[BENCH_REPEAT];
	unsigned nearest = 0;

	for (unsigned i = 0; i < result->rounds; i++)
		values[i] = metric_gain(metric, arm->value[i], result->arm[0].value[i]);
	arm->gain_low = extreme(values, result->rounds, false);
	arm->gain_high = extreme(values, result->rounds, true);
	arm->gain = stats_median(values, result->rounds);
	memcpy(values, arm->value, result->rounds * sizeof *values);
	arm->low = extreme(values, result->rounds, false);
	arm->high = extreme(values, result->rounds, true);
	arm->median = stats_median(values, result->rounds);
	for (unsigned i = 1; i < result->rounds; i++)
		if (fabs(arm->value[i] - arm->median) < fabs(arm->value[nearest] - arm->median))
			nearest = i;
	arm->typical = trials[nearest];
}

static void surroundings_note(struct bench *bench, const struct world *world, const struct builtin *builtin)
{
	struct bench_result *result = bench->result;
	cpu_set_t usable;
	struct utsname name;

	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof usable, &usable);
	result->cpus = CPU_COUNT(&usable);
	snprintf(result->kernel, sizeof result->kernel, "%s", uname(&name) ? "?" : name.release);
	if (world_sysctl_read(world, HOST_CLIENT, "net/ipv4/tcp_congestion_control", result->cc, sizeof result->cc))
		strcpy(result->cc, "?");
	placement_text(&builtin->placement, result->placement, sizeof result->placement);
	result->plan = builtin->plan;
	if (!result->linked)
		return;
	path_format(&bench->path, result->path, sizeof result->path);
	result->lateness_allowed_us = 0.05 * (double)path_rtt_us(&bench->path);
}

static int measure(struct bench *bench, struct builtin *builtin, struct sockctl_error *error)
{
	struct bench_result *result = bench->result;
	struct trial *trials = calloc((size_t)result->arms * result->rounds, sizeof *trials);
	int code = trials ? rounds_run(bench, builtin, trials, error) : error_set(error, -ENOMEM, "allocate", "", NULL);

	for (unsigned i = 0; !code && i < result->arms; i++)
		arm_sum_up(result, &result->arm[i], trials + i * result->rounds);
	free(trials);
	return code;
}

static struct workload_plan plan_make(const struct bench *bench)
{
	struct workload_plan plan = workload_plan_for(bench->result->workload, path_rtt_us(&bench->path));

	if (bench->connections)
		plan.connections = (unsigned)bench->connections;
	if (bench->duration_us)
		plan.measure_us = (uint64_t)bench->duration_us;
	return plan;
}

static int inside(void *arg)
{
	struct bench *bench = arg;
	struct sockctl_error error = {0};
	struct workload_plan plan = plan_make(bench);
	struct builtin builtin;
	struct world world;
	int code;

	stop_catch();
	code = world_open(&world, bench->result->linked ? &bench->path : NULL, &error);
	if (code)
		return fail(&error, exit_code_of(code));
	code = builtin_open(&builtin, &world, bench->result->workload, &plan, &error);
	if (!code) {
		builtin.stop = &stop_signal;
		surroundings_note(bench, &world, &builtin);
		code = measure(bench, &builtin, &error);
		builtin_close(&builtin);
	}
	world_close(&world);
	if (code)
		return stop_signal ? fail(&error, 128 + stop_signal) : fail(&error, exit_code_of(code));
	if (bench->json)
		bench_json(stdout, bench->result, bench->pretty);
	else
		bench_text(stdout, bench->result);
	/* main's own check cannot see what this process wrote. */
	if (fflush(stdout) || ferror(stdout))
		return error_set(&error, -errno, "write", "standard output", NULL), fail(&error, EXIT_FINDINGS);
	return EXIT_FINE;
}

/* --- arguments ------------------------------------------------------------------------------------------------------- */

static int spec_take(struct bench *bench, const char *text)
{
	struct bench_result *result = bench->result;
	struct sockctl_error error = {0};
	int code;

	if (result->arms == BENCH_ARMS)
		return fail_usage(&command_bench, "more than %d specs", BENCH_ARMS);
	code = sockctl_spec_parse(&bench->arm[result->arms].spec[HOST_CLIENT], text, &error);
	if (code)
		return fail(&error, EXIT_USAGE);
	bench->arm[result->arms].spec[HOST_SERVER] = bench->arm[result->arms].spec[HOST_CLIENT];
	result->arm[result->arms++].spec = text;
	return EXIT_FINE;
}

static int path_take(struct bench *bench, const char *text)
{
	struct sockctl_error error = {0};

	if (path_parse(&bench->path, text, &error))
		return fail(&error, EXIT_USAGE);
	bench->result->linked = true;
	return EXIT_FINE;
}

static int number_take(const char *flag, enum measure measure, const char *text, int64_t min, int64_t max, int64_t *ret)
{
	int64_t value;

	if (units_parse(measure, text, strlen(text), &value))
		return fail_usage(&command_bench, "--%s %s: expected %s", flag, text, units_expects(measure));
	if (value < min || value > max) {
		char low[32], high[32];

		units_format(measure, min, low, sizeof low);
		units_format(measure, max, high, sizeof high);
		return fail_usage(&command_bench, "--%s %s: expected %s to %s", flag, text, low, high);
	}
	*ret = value;
	return EXIT_FINE;
}

static int flag_take(struct bench *bench, int flag, const char *value)
{
	int64_t seed = 0;
	int code;

	switch (flag) {
	case FLAG_PATH:
		return path_take(bench, value);
	case FLAG_SPEC:
		return spec_take(bench, value);
	case FLAG_JSON:
		bench->json = true;
		return EXIT_FINE;
	case FLAG_PRETTY:
		bench->json = bench->pretty = true;
		return EXIT_FINE;
	case FLAG_REPEAT:
		return number_take("repeat", MEASURE_COUNT, value, 1, BENCH_REPEAT, &bench->repeat);
	case FLAG_DURATION:
		return number_take("duration", MEASURE_TIME, value, 1000, DURATION_MAX_S * 1000000ll,
				   &bench->duration_us);
	case FLAG_CONNECTIONS:
		return number_take("connections", MEASURE_COUNT, value, 1, WORKLOAD_CONNECTIONS, &bench->connections);
	default:
		code = number_take("seed", MEASURE_COUNT, value, 0, INT64_MAX, &seed);
		bench->seed = (uint64_t)seed;
		return code;
	}
}

static const char *workload_names(char *names, size_t size)
{
	struct text list = {names, size, 0};

	for (const struct workload *const *workload = workloads; *workload; workload++)
		text_add(&list, " %s", (*workload)->name);
	return names;
}

static int workload_take(struct bench *bench, const char *name)
{
	char names[128];

	if (bench->result->workload)
		return fail_usage(&command_bench, "%s: one workload at a time", name);
	bench->result->workload = workload_find(name);
	if (!bench->result->workload)
		return fail_usage(&command_bench, "%s: no such workload; there are%s", name,
				  workload_names(names, sizeof names));
	return EXIT_FINE;
}

static int arguments_read(struct bench *bench, int argc, char **argv)
{
	const char *value = NULL;
	char names[128];
	int flag, code = EXIT_FINE;

	while ((flag = flags_next(&command_bench, argc, argv, &value)) >= 0) {
		code = flag_take(bench, flag, value);
		if (code)
			return code;
	}
	if (flag != -1)
		return flag == -3 ? HELP_SHOWN : EXIT_USAGE;
	if (optind == argc)
		return fail_usage(&command_bench, "WORKLOAD is missing; there are%s",
				  workload_names(names, sizeof names));
	for (int i = optind; !code && i < argc; i++)
		code = workload_take(bench, argv[i]);
	bench->result->rounds = (unsigned)bench->repeat;
	return code || bench->result->arms ? code : spec_take(bench, "");
}

static int bench_run(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof *bench);
	struct bench_result *result = calloc(1, sizeof *result);
	struct sockctl_error error = {0};
	int code = EXIT_FINDINGS;

	if (bench && result) {
		*bench = (struct bench){.result = result, .repeat = REPEAT_DEFAULT};
		code = arguments_read(bench, argc, argv);
		if (!code)
			code = contain_run(inside, bench, &error);
		if (code < 0)
			code = code == HELP_SHOWN ? EXIT_FINE : fail(&error, exit_code_of(code));
	}
	free(result);
	free(bench);
	return code;
}
