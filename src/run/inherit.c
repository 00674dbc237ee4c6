/* Walks /proc/self/fd. */
#include "run/inherit.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "run/tell.h"

static void socket_adopt(const struct run_request *request, int fd)
{
	struct call_made call = {.call = CALL_NONE, .fd = fd};
	struct tell_last last = {0};
	struct run_event event;
	struct tuning tuning;

	tune_inherited(request->spec, fd, &tuning);
	if (!tuning.tcp)
		return;
	tell_gather(request, getpid(), &call, fd, &tuning, &event);
	event.call = "adopt";
	event.pid = 0;
	memset(event.comm, 0, sizeof event.comm);
	tell(request, &event, CALL_NONE, &tuning, &last);
}

static void inherited_close(const struct run_request *request, int fd)
{
	(void)request;
	if (fd > 2)
		close(fd);
}

/* However many there are. /proc/self/fd is walked by number (fs/proc/fd.c, proc_readfd_common): closing what was reached
 * skips nothing, and what is opened on the way is CLOEXEC. */
static void inherited_each(void (*each)(const struct run_request *, int fd), const struct run_request *request)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);
		int flags = *entry->d_name == '.' ? -1 : fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			each(request, fd);
	}
	closedir(directory);
}

void inherited_adopt(const struct run_request *request)
{
	inherited_each(socket_adopt, request);
}

void inherited_reserve(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	while (fd >= 0 && fd <= 2)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd > 2)
		close(fd);
}

void inherited_leave(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	inherited_each(inherited_close, NULL);
	if (null < 0)
		return;
	dup2(null, 0);
	dup2(null, 1);
	close(null);
}
