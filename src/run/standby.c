/* Starting a stand-by, and taking over. */
#include "run/standby.h"
#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/error.h"
#include "run/channel.h"
#include "run/tell.h"

static void __attribute__((noreturn)) standby_run(struct watch *watch, int channel)
{
	prctl(PR_SET_NAME, "sockctl-standby");
	watch->role = ROLE_STANDBY;
	watch->serving = false;
	watch->partner_fd = channel;
	watch->partner = 0;
	watch->partner_is_front = false;
	watch_loop(watch);
	_exit(0);
}

void standby_start(struct watch *watch)
{
	struct sockctl_error error = {0};
	int ends[2], r = channel_open(ends);
	pid_t child = r ? r : fork();

	if (!child) {
		close(ends[0]);
		standby_run(watch, ends[1]);
	}
	if (!r)
		close(ends[1]);
	if (child < 0) {
		if (!r)
			close(ends[0]);
		error_set(&error, r ? r : -errno, "fork", "stand-by", "%s",
			  "there is no stand-by: if this supervisor is killed, bind, listen and connect fail");
		tell_warning(watch->service.request, &error);
		return;
	}
	watch->partner_fd = ends[0];
	watch->partner = child;
	watch->partner_is_front = false;
}

void standby_take_over(struct watch *watch)
{
	struct sockctl_error error = {0};

	watch->serving = true;
	if (!service_has_tasks(&watch->service))
		return;
	service_resume(&watch->service);
	error_set(&error, -EOWNERDEAD, "run", "supervisor", "it died; the stand-by [%d] serves on", getpid());
	tell_warning(watch->service.request, &error);
}
