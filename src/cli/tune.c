/* sockctl tune: which settings make this workload, or these commands, faster over this path; measured. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/stopping.h"
#include "cli/tuning.h"
#include "lab/contain.h"

extern const struct command command_tune;

enum { BUDGET_DEFAULT_S = 300, BUDGET_MAX_S = 24 * 3600 };

/* --- arguments ---------------------------------------------------------------------------------------------------- */

enum {
	FLAG_SERVER,
	FLAG_CLIENT,
	FLAG_METRIC,
	FLAG_PATH,
	FLAG_BASE,
	FLAG_VARY,
	FLAG_BUDGET,
	FLAG_SEED,
	FLAG_JSON,
	FLAG_PRETTY,
	FLAG_SAVE
};

static int seed_take(struct tuning *tuning, const char *text)
{
	int64_t seed;

	if (units_parse(MEASURE_COUNT, text, strlen(text), &seed))
		return fail_usage(&command_tune, "--seed %s: expected %s", text, units_expects(MEASURE_COUNT));
	tuning->plan.seed = (uint64_t)seed;
	return EXIT_FINE;
}

static int budget_take(struct tuning *tuning, const char *text)
{
	int64_t budget_us;

	if (units_parse(MEASURE_TIME, text, strlen(text), &budget_us))
		return fail_usage(&command_tune, "--budget %s: expected %s", text, units_expects(MEASURE_TIME));
	if (budget_us < 1000000 || budget_us > BUDGET_MAX_S * 1000000ll)
		return fail_usage(&command_tune, "--budget %s: expected 1s to 24h", text);
	tuning->plan.budget_us = (uint64_t)budget_us;
	return EXIT_FINE;
}

static int metric_take(struct tuning *tuning, const char *name)
{
	char names[128];
	struct text list = TEXT(names);

	tuning->reader = reader_find(name);
	if (tuning->reader)
		return EXIT_FINE;
	for (const struct reader *const *reader = readers; *reader; reader++)
		text_add(&list, " %s", (*reader)->name);
	return fail_usage(&command_tune, "--metric %s: no such reader; there are:%s", name, names);
}

static int path_take(struct tuning *tuning, const char *text)
{
	struct sockctl_error error = {0};

	if (path_parse(&tuning->path, text, &error))
		return fail(&error, EXIT_USAGE);
	tuning->linked = true;
	return EXIT_FINE;
}

static int flag_take(struct tuning *tuning, int flag, const char *value)
{
	switch (flag) {
	case FLAG_SERVER:
		tuning->server = value;
		return EXIT_FINE;
	case FLAG_CLIENT:
		tuning->client = value;
		return EXIT_FINE;
	case FLAG_METRIC:
		return metric_take(tuning, value);
	case FLAG_PATH:
		return path_take(tuning, value);
	case FLAG_BASE:
		tuning->base = value;
		return EXIT_FINE;
	case FLAG_VARY:
		tuning->vary = value;
		return EXIT_FINE;
	case FLAG_BUDGET:
		return budget_take(tuning, value);
	case FLAG_SEED:
		return seed_take(tuning, value);
	case FLAG_JSON:
		tuning->json = true;
		return EXIT_FINE;
	case FLAG_SAVE:
		tuning->save = value;
		return EXIT_FINE;
	default:
		tuning->json = tuning->pretty = true;
		return EXIT_FINE;
	}
}

/* 0; or an exit code, with *ret_done set. */
static int flags_take(struct tuning *tuning, int argc, char **argv, bool *ret_done)
{
	const char *value = NULL;
	int flag, code;

	*ret_done = true;
	while ((flag = flags_next(&command_tune, argc, argv, &value)) >= 0) {
		code = flag_take(tuning, flag, value);
		if (code)
			return code;
	}
	*ret_done = flag != -1;
	return flag == -1 || flag == -3 ? EXIT_FINE : EXIT_USAGE;
}

static int workload_take(struct tuning *tuning, const char *name)
{
	char names[128];
	struct text list = TEXT(names);

	tuning->workload = workload_find(name);
	if (tuning->workload)
		return EXIT_FINE;
	for (const struct workload *const *workload = workloads; *workload; workload++)
		text_add(&list, " %s", (*workload)->name);
	return fail_usage(&command_tune, "%s: no such workload; there are:%s", name, names);
}

/* A workload, or commands; and not both. */
static int load_check(const struct tuning *tuning, const char *extra)
{
	if (extra)
		return fail_usage(&command_tune, "%s: one workload at a time", extra);
	if (tuning->workload && (tuning->client || tuning->server || tuning->reader))
		return fail_usage(&command_tune, "a workload has its own client, server and metric");
	if (!tuning->workload && !tuning->client)
		return fail_usage(&command_tune,
				  "what is to be tuned? A WORKLOAD, or --client CMD and --metric READER");
	if (!tuning->workload && !tuning->reader)
		return fail_usage(
			&command_tune,
			"--metric READER is missing: what reads the client's output? `wall` only takes its time");
	return EXIT_FINE;
}

static int arguments_take(struct tuning *tuning, int argc, char **argv, bool *ret_done)
{
	int code = flags_take(tuning, argc, argv, ret_done);

	if (code || *ret_done)
		return code;
	if (optind < argc)
		code = workload_take(tuning, argv[optind++]);
	return code ? code : load_check(tuning, optind < argc ? argv[optind] : NULL);
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

/* Limits are read on the host: rmem_max and wmem_max do not exist in other network namespaces. */
static void limits_read(int64_t limits[OPTION_COUNT])
{
	for (int id = 1; id < OPTION_COUNT; id++)
		if (option_limit_read(&catalogue[id], &limits[id]))
			limits[id] = -1;
}

/* Opened now, so that a tune of minutes does not end in an error; what an earlier one left there stays until there is
 * more. */
static bool save_open(struct tuning *tuning)
{
	int fd = open(tuning->save, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	tuning->saved = fd < 0 ? NULL : fdopen(fd, "w");
	return tuning->saved;
}

static int plan_make(struct tuning *tuning)
{
	const struct metric *metric = tuning->workload ? &tuning->workload->metric : &tuning->reader->metric;
	const struct path *path = tuning->linked ? &tuning->path : NULL;
	struct tune_plan *plan = &tuning->plan;
	struct sockctl_error error = {0};
	int code;

	for (int host = 0; host < HOSTS; host++) {
		code = sockctl_spec_parse(&plan->base.spec[host], tuning->base, &error);
		if (code)
			return fail(&error, EXIT_USAGE);
	}
	code = factors_parse(plan->factor, &plan->factors, tuning->vary, factor_load_of(metric), path, &plan->base,
			     &error);
	if (code)
		return fail(&error, EXIT_USAGE);
	limits_read(tuning->report.limits);
	plan->limits = tuning->report.limits;
	plan->stop = &stop_signal;
	plan->arg = tuning;
	plan->progress = isatty(STDERR_FILENO) ? tuning_progress : NULL;
	if (!tuning->save || save_open(tuning))
		return EXIT_FINE;
	error_set(&error, -errno, "open", tuning->save, NULL);
	return fail(&error, EXIT_USAGE);
}

static void report_start(struct tuning *tuning)
{
	struct tune_report *report = &tuning->report;

	snprintf(report->load, sizeof report->load, "%s", tuning->workload ? tuning->workload->name : tuning->client);
	snprintf(report->server, sizeof report->server, "%s", tuning->server ? tuning->server : "");
	sockctl_spec_format(&tuning->plan.base.spec[0], tuning->base_text, sizeof tuning->base_text);
	report->base = tuning->base_text;
	if (tuning->linked)
		path_format(&tuning->path, tuning->path_text, sizeof tuning->path_text);
	report->path = tuning->path_text;
	report->rtt_us = tuning->linked ? path_rtt_us(&tuning->path) : 0;
	report->bdp_bytes = tuning->linked ? path_bdp_bytes(&tuning->path) : 0;
	report->seed = tuning->plan.seed;
}

static int tune_main(int argc, char **argv)
{
	struct tuning *tuning = calloc(1, sizeof *tuning);
	struct sockctl_error error = {0};
	bool done;
	int code;

	if (!tuning)
		return fail_usage(&command_tune, "out of memory");
	tuning->base = "";
	tuning->plan.budget_us = BUDGET_DEFAULT_S * 1000000ull;
	tuning->plan.seed = 1;
	code = arguments_take(tuning, argc, argv, &done);
	if (!code && !done)
		code = plan_make(tuning);
	if (!code && !done) {
		report_start(tuning);
		code = contain_run(tuning_inside, tuning, &error);
		if (code < 0)
			code = fail(&error, exit_code_of(code));
	}
	free(tuning);
	return code;
}

static const struct flag flags[] = {
	[FLAG_SERVER] = {0, "server", "CMD", "the server's command; {port} becomes the port it shall listen on", NULL},
	[FLAG_CLIENT] = {0, "client", "CMD", "the client's command; {server} and {port} are filled in", NULL},
	[FLAG_METRIC] = {0, "metric", "READER", "what reads the metric from the client's output", "readers"},
	[FLAG_PATH] = {0, "path", "PATH", "the link between them, such as rtt=40ms,rate=1gbit; without it, loopback",
		       NULL},
	[FLAG_BASE] = {0, "base", "SPEC", "settings that every run has", "options"},
	[FLAG_VARY] = {0, "vary", "LIST", "what to vary; by default what is worth trying for such a load", "options"},
	[FLAG_BUDGET] = {0, "budget", "TIME", "end by then (5m)", NULL},
	[FLAG_SEED] = {0, "seed", "N", "of the random order of the runs (1)", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "JSON", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON, indented", NULL},
	[FLAG_SAVE] = {0, "save", "FILE", "write the JSON to this file as well", "files"},
	{0},
};

const struct command command_tune = {
	.name = "tune",
	.usage = "WORKLOAD [FLAGS], or --server CMD --client CMD --metric READER [FLAGS]",
	.summary = "find the settings that make a workload faster, and prove it",
	.description =
		"Runs the load again and again between two hosts that exist only while this runs, under settings that it varies one at a\n"
		"time, and says which help, by how much, why, at what cost, and on which limits of the host that depends; or that nothing\n"
		"helps, and how small an effect it would have found.\n"
		"\n"
		"LIST names options and sysctls of the network namespace, with their values if the usual ones will not do:\n"
		"  nodelay                   a switch: with it and without it\n"
		"  sndbuf=256K..16M          a range: each value is twice the last; the ladder ends where the gain levels off\n"
		"  cc=cubic|bbr              these values\n"
		"  server:sndbuf             only on this host; client: likewise\n"
		"  sysctl:tcp_wmem=8M..64M   a sysctl; of tcp_rmem and tcp_wmem the maximum, the third value, is varied\n"
		"\n"
		"How it judges: all runs are paired with runs of the baseline, in random order, so that a machine that drifts misleads\n"
		"nobody. First the baseline against itself tells what noise looks like; then each ladder is climbed, with the kernel's own\n"
		"account of what limited each rung; then the rung where it levels off meets its neighbours, side by side in 8 pairs: the\n"
		"larger has to be better, or the smaller is kept, but for one at which the kernel still names the limit; then the best\n"
		"settings together meet the baseline in fresh runs, with an exact test at 8, 12, 20 and 30 pairs, p < 0.0125 at each; then\n"
		"each setting is taken out again, and only what matters is kept. Where several settings cure the same cause, all that hold\n"
		"are shown, and what leaves autotuning on comes first. Where another limit shows behind the one that was removed, what can\n"
		"remove that is climbed on top of it.\n"
		"\n"
		"Nothing of the host is changed. Ctrl-C ends it early with what is known by then. Exit: 0 whether or not something helped,\n"
		"also when the budget ended first; 1 if it was stopped, or the load failed; 2 usage, or a program that is\n"
		"missing; 3 where user namespaces or seccomp are not allowed.",
	.flags = flags,
	.examples =
		"sockctl tune wwr --path rtt=10ms --budget 90s  # finds nodelay\n"
		"sockctl tune --server 'iperf3 -s -1 -p {port}' --client 'iperf3 -c {server} -p {port} -t 2 -O 1 -J' --metric iperf3"
		" --path rtt=40ms,rate=1gbit --base cc=cubic --vary sysctl:tcp_wmem,sndbuf,rcvbuf  # what limits bulk\n"
		"sockctl tune rr --path rtt=1ms --vary nodelay -j  # as JSON\n",
	.operands = "workloads",
	.run = tune_main,
};
