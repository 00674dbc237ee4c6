/* One notification after the other: receive, fetch the socket, tune it, answer, tell. */
#include "run/service.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "run/decode.h"
#include "run/reach.h"
#include "run/tune.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

void service_quicken(const struct service *service)
{
	ioctl(service->notify_fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

bool service_has_tasks(const struct service *service)
{
	struct pollfd watched = {service->notify_fd, 0, 0};

	return service->notify_fd >= 0 && poll(&watched, 1, 0) >= 0 && !(watched.revents & POLLHUP);
}

/* Does the task still wait for the answer? If not, its id may be another task's by now. */
static bool still_waiting(const struct service *service)
{
	return !ioctl(service->notify_fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &service->in_flight->notice.id);
}

static void answer(const struct service *service, const struct tuning *tuning)
{
	struct seccomp_notif_resp response = {.id = service->in_flight->notice.id};

	if (tuning->answered)
		response.error = tuning->answer;
	else
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	/* ENOENT: the task died or was interrupted meanwhile. */
	while (ioctl(service->notify_fd, SECCOMP_IOCTL_NOTIF_SEND, &response) && errno == EINTR)
		;
	service->in_flight->notice.id = 0;
}

/* Under `strict` a call fails when a required setting was refused. */
static void strictness_apply(const struct service *service, enum call call, struct tuning *tuning)
{
	if (!service->request->strict || tuning->refused >= 0 || call == CALL_SETSOCKOPT)
		return;
	tuning->answered = true;
	tuning->answer = tuning->refused;
}

/* 0 if the socket was tuned or is none of ours, else why it is out of reach. */
static int socket_tune(struct service *service, const struct call_made *call, struct tuning *tuning,
		       struct run_event *event)
{
	pid_t tid = (pid_t)service->in_flight->notice.pid;
	int fd = call->call == CALL_NONE ? -EBADF : reach_socket(tid, call->fd);

	if (fd < 0)
		return fd == -EBADF || fd == -ESRCH ? 0 : fd;
	if (still_waiting(service)) {
		tune_call(service->traps, call, fd, tuning);
		strictness_apply(service, call->call, tuning);
		if (tuning->tcp)
			tell_gather(service->request, tid, call, fd, tuning, event);
	}
	close(fd); /* before the answer: a duplicate would hold back the program's FIN */
	return 0;
}

static void notice_handle(struct service *service)
{
	struct seccomp_notif notice = service->in_flight->notice;
	struct run_event event;
	struct call_made call;
	struct tuning tuning;
	int r;

	tuning_start(&tuning);
	call_decode(&notice.data, (pid_t)notice.pid, &call);
	r = socket_tune(service, &call, &tuning, &event);
	answer(service, &tuning);
	if (tuning.tcp)
		tell(service->request, &event, call.call, &tuning, &service->last);
	if (r && service->unreachable != (pid_t)notice.pid) {
		service->unreachable = (pid_t)notice.pid;
		tell_unreachable(service->request, (pid_t)notice.pid, r);
	}
}

void service_next(struct service *service)
{
	/* The kernel insists on zeroes, and so does service_resume of whoever takes over. */
	memset(&service->in_flight->notice, 0, sizeof service->in_flight->notice);
	if (!ioctl(service->notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &service->in_flight->notice))
		notice_handle(service);
}

void service_resume(struct service *service)
{
	if (service->in_flight->notice.id)
		notice_handle(service);
}
