/* Network namespaces as file descriptors. Knows nothing of what is in them. */
#include "lab/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

int netns_current(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int netns_enter(int netns)
{
	return setns(netns, CLONE_NEWNET) ? -errno : 0;
}

int netns_create(void)
{
	int home = netns_current(), made;

	if (home < 0)
		return home;
	if (unshare(CLONE_NEWNET)) {
		made = -errno;
	} else {
		made = netns_current();
		netns_enter(home);
	}
	close(home);
	return made;
}
