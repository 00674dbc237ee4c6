/* sh -c under run_program. Knows nothing of trials. */
#include "lab/agent.h"
#include "base/clock.h"
#include "run/run.h"
#include "socket/report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void verdict_keep(struct sockctl_report *report, const struct sockctl_verdict *verdict)
{
	unsigned i = 0;

	while (i < report->count && strcmp(report->verdict[i].option, verdict->option) != 0)
		i++;
	if (i < report->count)
		report_merge(&report->verdict[i], verdict);
	else if (i < SOCKCTL_SETTINGS_MAX)
		report->verdict[report->count++] = *verdict;
}

static void event_keep(void *arg, const struct run_event *event)
{
	struct agent_result *result = arg;

	for (unsigned i = 0; event->report && i < event->report->count; i++)
		verdict_keep(&result->report, &event->report->verdict[i]);
}

/* Its own session: the terminal's Ctrl-C is for us, who end the trial in good order. */
static void streams_take(const struct agent *agent)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	if (nothing >= 0)
		dup2(nothing, 0);
	dup2(agent->out, 1);
	dup2(agent->err, 2);
}

void agent_run(void *arg)
{
	struct agent *agent = arg;
	struct agent_result *result = agent->result;
	char shell[] = "sh", flag[] = "-c";
	char *argv[] = {shell, flag, agent->command, NULL};
	uint64_t start_us;
	int status;

	streams_take(agent);
	result->report = (struct sockctl_report)SOCKCTL_REPORT;
	start_us = clock_us();
	status = run_program(
		&(struct run_request){
			.argv = argv, .spec = agent->spec, .pinned = true, .event = event_keep, .arg = result},
		&result->error);
	result->wall_us = clock_us() - start_us;
	if (status >= 0)
		result->error.code = 0;
	result->status = status;
	result->done = true;
}

void agent_status_text(const struct agent_result *result, char *text, size_t size)
{
	int code = WIFEXITED(result->status) ? WEXITSTATUS(result->status) : 0;

	if (!result->done)
		snprintf(text, size, "was killed");
	else if (WIFSIGNALED(result->status))
		snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(result->status),
			 strsignal(WTERMSIG(result->status)));
	else
		snprintf(text, size, "exited with status %d%s", code,
			 code == 127 ? " (not found)" :
			 code == 126 ? " (not executable)" :
				       "");
}
