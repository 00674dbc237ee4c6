/* The inside of `sockctl tune`: the world, the runner, progress on a terminal, and where the result goes. Knows no
 * flag. */
#include "cli/tuning.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/stopping.h"

/* --- progress, on a terminal -------------------------------------------------------------------------------------- */

static void progress_wipe(struct tuning *tuning)
{
	if (tuning->progress_width)
		fputs("\r\033[K", stderr);
	tuning->progress_width = 0;
}

void tuning_progress(void *arg, const struct tune_progress *progress)
{
	struct tuning *tuning = arg;
	unsigned left_s = (unsigned)(progress->left_s + 0.5);
	char line[128];

	progress_wipe(tuning);
	if (!progress->runs)
		snprintf(line, sizeof line, "%s", progress->stage);
	else if (left_s >= 60)
		snprintf(line, sizeof line, "%s: %u runs, about %u min %u s left", progress->stage, progress->runs,
			 left_s / 60, left_s % 60);
	else
		snprintf(line, sizeof line, "%s: %u runs, about %u s left", progress->stage, progress->runs, left_s);
	tuning->progress_width = strlen(line);
	fputs(line, stderr);
	fflush(stderr);
}

/* --- inside the containment --------------------------------------------------------------------------------------- */

/* The shortest tune has 28 runs. A run that takes twice its share of the budget will not let it come to an answer;
 * one that hangs for longer than the budget leaves no time even to say so. */
static void timeouts_limit(struct command_load *load, uint64_t budget_us)
{
	if (load->run_timeout_us < budget_us / 14)
		load->run_timeout_us = budget_us / 14;
	if (load->start_timeout_us > budget_us)
		load->start_timeout_us = budget_us;
	if (load->run_timeout_us > budget_us)
		load->run_timeout_us = budget_us;
}

static int runner_open(struct tuning *tuning, struct runner *ret, struct sockctl_error *error)
{
	const struct placement *placement;
	int code;

	if (tuning->workload) {
		code = builtin_open(&tuning->builtin, &tuning->world, tuning->workload, NULL, error);
		tuning->builtin.stop = &stop_signal;
		placement = &tuning->builtin.placement;
	} else {
		code = command_load_open(&tuning->commands, &tuning->world, tuning->server, tuning->client,
					 tuning->reader, error);
		tuning->commands.stop = &stop_signal;
		timeouts_limit(&tuning->commands, tuning->plan.budget_us);
		placement = &tuning->commands.placement;
	}
	if (code)
		return code;
	*ret = tuning->workload ? builtin_runner(&tuning->builtin) : command_load_runner(&tuning->commands);
	placement_text(placement, tuning->report.placement, sizeof tuning->report.placement);
	return 0;
}

static void runner_close(struct tuning *tuning)
{
	if (tuning->workload)
		builtin_close(&tuning->builtin);
	else
		command_load_close(&tuning->commands);
}

static void host_note(struct tuning *tuning)
{
	struct tune_report *report = &tuning->report;
	struct utsname name;
	cpu_set_t usable;

	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof usable, &usable);
	report->cpus = CPU_COUNT(&usable);
	snprintf(report->kernel, sizeof report->kernel, "%s", uname(&name) ? "?" : name.release);
	if (world_sysctl_read(&tuning->world, HOST_CLIENT, "net/ipv4/tcp_congestion_control", report->cc,
			      sizeof report->cc))
		snprintf(report->cc, sizeof report->cc, "?");
}

static int tune_measured(struct tuning *tuning, struct sockctl_error *error)
{
	uint64_t start_us = clock_us();
	struct runner runner;
	int code = runner_open(tuning, &runner, error);

	if (code)
		return code;
	host_note(tuning);
	code = tune_run(&tuning->plan, &runner, &tuning->report.result, error);
	tuning->report.elapsed_s = (double)(clock_us() - start_us) / 1e6;
	progress_wipe(tuning);
	runner_close(tuning);
	return code;
}

static int result_print(const struct tuning *tuning)
{
	struct sockctl_error error;

	if (tuning->json)
		tune_json(stdout, &tuning->report, tuning->pretty);
	else
		tune_text(stdout, &tuning->report);
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_FINE;
	error_set(&error, -errno, "write", "standard output", NULL);
	return fail(&error, EXIT_FINDINGS);
}

static int result_save(const struct tuning *tuning)
{
	struct sockctl_error error;

	if (!tuning->saved)
		return EXIT_FINE;
	if (ftruncate(fileno(tuning->saved), 0) && errno != EINVAL) { /* a pipe has no length */
		error_set(&error, -errno, "write", tuning->save, NULL);
		return fail(&error, EXIT_FINDINGS);
	}
	tune_json(tuning->saved, &tuning->report, true);
	if (!fclose(tuning->saved))
		return EXIT_FINE;
	error_set(&error, -errno, "write", tuning->save, NULL);
	return fail(&error, EXIT_FINDINGS);
}

int tuning_inside(void *arg)
{
	struct tuning *tuning = arg;
	struct sockctl_error error = {0};
	int code;

	stop_catch();
	code = world_open(&tuning->world, tuning->linked ? &tuning->path : NULL, &error);
	if (code)
		return fail(&error, exit_code_of(code));
	code = tune_measured(tuning, &error);
	world_close(&tuning->world);
	if (code)
		return fail(&error, exit_code_of(code));
	code = result_print(tuning);
	if (result_save(tuning))
		code = EXIT_FINDINGS;
	return stop_signal ? EXIT_FINDINGS : code;
}
