/* A dry run on a socket that nobody uses. */
#include "run/check.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "run/tell.h"
#include "socket/plan.h"

static int scratch_open(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 ? fd : socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Only pins that the filter answers need it: at the others the supervisor sees for each socket. */
static bool refused_unpin(struct trap_set *traps, const struct sockctl_report *report)
{
	bool any = false;

	for (unsigned i = 0; i < report->count; i++) {
		const struct sockctl_verdict *verdict = &report->verdict[i];

		if (verdict->outcome < SOCKCTL_UNSUPPORTED)
			continue;
		trap_unpin(traps, option_id(option_find(verdict->option, strlen(verdict->option))));
		any = true;
	}
	return any;
}

void check_pins(const struct run_request *request, struct trap_set *traps)
{
	struct run_event event = {.call = "check", .fd = -1};
	struct tuning tuning = {.tcp = true, .report = SOCKCTL_REPORT};
	struct tell_last last = {0};
	int fd = traps->pins ? scratch_open() : -1;

	if (fd < 0)
		return;
	sockctl_apply(fd, SOCKCTL_PRE_CONNECT, &traps->made_at[CALL_CONNECT], &tuning.report);
	close(fd);
	if (refused_unpin(traps, &tuning.report))
		tell(request, &event, CALL_NONE, &tuning, &last);
}

void check_settings(const struct run_request *request, const struct trap_set *traps)
{
	const struct spec *never = spec_view(&traps->made_at[CALL_NONE]);

	for (unsigned i = 0; i < never->count; i++) {
		const struct option *option = &catalogue[never->setting[i].option];
		struct sockctl_error error = {0};

		if (never->setting[i].optional)
			continue;
		error_set(&error, -EOPNOTSUPP, "run", option->name, "%s",
			  option_of_group(option) ?
				  "is not made: `run` opens no sockets, it tunes the program's" :
			  !(option_protocols(option) & PROTOCOL_TCP) ?
				  "is not made: it is no option of TCP sockets" :
				  "is not made: each connection would need a call of its own once it is established");
		tell_warning(request, &error);
	}
}
