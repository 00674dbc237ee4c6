/* A socket for the look at it, closed again: it is bound to nothing and seen by nobody. */
#include "observe/defaults.h"
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "observe/borrow.h"

int defaults_read(int family, int protocol, struct option_fact options[])
{
	int fd = socket(family, (protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	options_read(fd, family, protocol, options);
	close(fd);
	return 0;
}
