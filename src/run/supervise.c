/* The supervisor's life. */
#include "run/supervise.h"
#include <sys/prctl.h>
#include <unistd.h>
#include "run/channel.h"
#include "run/inherit.h"

void supervise(struct watch *watch, const struct spawn *spawn, struct shared *shared, int channel)
{
	watch->role = ROLE_SUPERVISOR;
	watch->serving = true;
	watch->partner_fd = channel;
	watch->partner = spawn->front;
	watch->partner_is_front = true;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "sockctl-serve");
	inherited_adopt(watch->service.request);
	watch->program = spawn_program(spawn, &shared->note, &watch->service.notify_fd, &shared->failure);
	if (watch->program < 0)
		_exit(1);
	service_quicken(&watch->service);
	inherited_leave();
	channel_send(channel, MESSAGE_STARTED, watch->program, watch->service.notify_fd);
	watch_loop(watch);
	_exit(0);
}
