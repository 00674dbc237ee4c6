/* Events and warnings. Reads names and addresses, decides nothing. */
#include "run/tell.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "base/text.h"
#include "run/reach.h"

void tell_gather(const struct run_request *request, pid_t tid, const struct call_made *call, int fd,
		 const struct tuning *tuning, struct run_event *ret)
{
	socklen_t length = sizeof ret->address;

	memset(ret, 0, sizeof *ret);
	ret->pid = tid;
	ret->fd = call->fd;
	ret->call = call_name(call->call);
	if (!request->event && tuning->refused >= 0)
		return;
	reach_comm(tid, ret->comm);
	if (call->address)
		reach_address(tid, call->address, call->address_length, &ret->address);
	else if (getsockname(fd, (struct sockaddr *)&ret->address, &length))
		ret->address.ss_family = 0;
}

static void refusal_warn(const struct run_request *request, const struct run_event *event, enum call call,
			 const struct sockctl_error *why, struct tell_last *last)
{
	struct sockctl_error error = *why;

	if (last->call == call && last->code == why->code && !strcmp(last->subject, why->subject))
		return;
	*last = (struct tell_last){.call = call, .code = why->code};
	memcpy(last->subject, why->subject, sizeof last->subject);
	if (event->pid)
		snprintf(error.subject, sizeof error.subject, "%.60s at %s of %s[%d]", why->subject, event->call,
			 event->comm, event->pid);
	else
		snprintf(error.subject, sizeof error.subject, "%.60s at inherited fd %d", why->subject, event->fd);
	tell_warning(request, &error);
}

void tell(const struct run_request *request, struct run_event *event, enum call call, const struct tuning *tuning,
	  struct tell_last *last)
{
	event->report = &tuning->report;
	event->result = tuning->answered ? tuning->answer : 1;
	if (request->event && tuning->report.count)
		request->event(request->arg, event);
	if (request->warn && tuning->refused < 0)
		refusal_warn(request, event, call, &tuning->report.error, last);
}

void tell_unreachable(const struct run_request *request, pid_t tid, int code)
{
	struct sockctl_error error = {0};
	char comm[16];

	reach_blame(code, "pidfd_getfd", &error);
	reach_comm(tid, comm);
	snprintf(error.subject, sizeof error.subject, "%s[%d]", comm, tid);
	tell_warning(request, &error);
}

void tell_warning(const struct run_request *request, const struct sockctl_error *error)
{
	if (request->warn)
		request->warn(request->arg, error);
}
