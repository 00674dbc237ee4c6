/* pidfd_getfd, a look at the cookie, one getsockopt for each option. */
#include "observe/borrow.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "socket/access.h"

/* include/uapi/linux/pidfd.h, since Linux 6.9; older kernels refuse any flag that they do not know with EINVAL. */
enum { THREAD = O_EXCL };

static int owner_open(const struct owner_fact *owner)
{
	int pidfd = owner->thread ? (int)syscall(SYS_pidfd_open, owner->thread, THREAD) :
				    (int)syscall(SYS_pidfd_open, owner->pid, 0);

	return pidfd >= 0 ? pidfd : owner->thread && errno == EINVAL ? -EOPNOTSUPP : -errno;
}

static int duplicate(const struct owner_fact *owner)
{
	int pidfd = owner_open(owner), fd, code;

	if (pidfd < 0)
		return pidfd;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, owner->fd, 0);
	code = -errno;
	close(pidfd);
	return fd < 0 ? code : fd;
}

/* The fd may have been closed, and its number given to another, since the owners were read. */
static bool is_the_one(int fd, uint64_t cookie)
{
	uint64_t own = 0;
	socklen_t length = sizeof own;

	return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &own, &length) && own == cookie;
}

/* Of an option with a place for each family, the one that governs this socket's traffic. */
static unsigned place_of(const struct option *option, int family)
{
	return option->place[1].symbol && family == AF_INET6 ? 1 : 0;
}

/* READS_OTHER: what comes back is not what was set. Of a number of an interface that is so for IPv4 alone, which
 * answers with an address. */
static bool is_told(const struct option *option, unsigned place)
{
	if (option->reads == READS_OTHER)
		return option->kind == KIND_MREQN && option->place[place].level == IPPROTO_IPV6;
	return option->reads != READS_NEVER && (!option_is_pseudo(option) || option->via == VIA_LISTEN);
}

static void option_read(int fd, int family, const struct option *option, struct option_fact *ret)
{
	unsigned place = place_of(option, family);

	if (!is_told(option, place))
		return;
	if (option->may_auto ? access_get_auto(fd, option, place, &ret->value) :
			       access_get(fd, option, place, &ret->value))
		return;
	ret->source = SOURCE_GETSOCKOPT;
}

void options_read(int fd, int family, int protocol, struct option_fact options[])
{
	uint8_t of = protocol == IPPROTO_UDP ? PROTOCOL_UDP : PROTOCOL_TCP;

	memset(options, 0, OPTION_COUNT * sizeof *options);
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		if (option_protocols(&catalogue[id]) & of) /* the kernel answers for some of the other's too */
			option_read(fd, family, &catalogue[id], &options[id]);
}

int borrow_options(const struct owner_fact *owner, uint64_t cookie, struct option_fact options[])
{
	struct access_facts facts;
	int fd = duplicate(owner), r;

	memset(options, 0, OPTION_COUNT * sizeof *options);
	if (fd < 0)
		return fd;
	r = is_the_one(fd, cookie) ? access_facts_read(fd, &facts) : -ESTALE;
	if (!r)
		options_read(fd, facts.family, facts.protocol, options);
	close(fd);
	return r;
}
