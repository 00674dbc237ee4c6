/* Where to dial, and the dial: see dial_target.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "dial_target.h"

enum { WAIT_MS = 10000 }; /* for what comes at once, on a busy machine */

struct sockctl_dial dial;

struct target target_of(int listener)
{
	struct target target = {.listener = listener, .filler = -1};
	socklen_t length = sizeof target.address;

	assert_int_equal(getsockname(listener, (struct sockaddr *)&target.address, &length), 0);
	return target;
}

struct target target_good(const char *address)
{
	return target_of(listen_one(address, "backlog=16"));
}

struct target target_silent(const char *address)
{
	struct target target = target_of(listen_one(address, "backlog=0"));

	target.filler = connect_with(target.listener, "nodelay");
	assert_true(target.filler >= 0);
	return target;
}

/* A port that was free a moment ago. In this namespace nobody else takes it. */
struct target target_refusing(const char *address)
{
	struct target target = target_of(listen_one(address, ""));

	close(target.listener);
	target.listener = -1;
	return target;
}

/* TEST-NET-1: a namespace that has nothing but its loopback has no route there. */
struct target target_unreachable(void)
{
	struct target target = {.listener = -1, .filler = -1};
	struct sockaddr_in *four = (void *)&target.address;

	four->sin_family = AF_INET;
	four->sin_port = htons(80);
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &four->sin_addr), 1);
	return target;
}

void target_close(struct target *target)
{
	if (target->filler >= 0)
		close(target->filler);
	if (target->listener >= 0)
		close(target->listener);
}

void dial_add(const struct target *target)
{
	socklen_t length = target->address.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
								  sizeof(struct sockaddr_in6);

	assert_int_equal(sockctl_dial_add(&dial, (const struct sockaddr *)&target->address, length), 0);
}

void dial_to(const struct target *first, const struct target *second, const char *text,
	     const struct sockctl_control *control)
{
	static struct sockctl_spec spec;

	spec = spec_of_text(text);
	sockctl_dial_init(&dial, &spec, control);
	dial_add(first);
	if (second)
		dial_add(second);
}

unsigned dial_under_way(void)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	int n = sockctl_dial_pollfds(&dial, fds, SOCKCTL_DIAL_ADDRESSES);

	for (int i = 0; i < n; i++)
		assert_true(fcntl(fds[i].fd, F_GETFL) & O_NONBLOCK && fds[i].events == POLLOUT);
	return (unsigned)n;
}

int dial_step_when_ready(int64_t now_us)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	int n, r = sockctl_dial_step(&dial, now_us, &report);

	if (r != -EINPROGRESS || !dial_under_way())
		return r;
	n = sockctl_dial_pollfds(&dial, fds, SOCKCTL_DIAL_ADDRESSES);
	assert_true(poll(fds, (nfds_t)n, WAIT_MS) > 0);
	return sockctl_dial_step(&dial, now_us, &report);
}

struct sockctl_attempt dial_attempt(unsigned index)
{
	struct sockctl_attempt attempt;

	assert_int_equal(sockctl_dial_attempt(&dial, index, &attempt), 0);
	return attempt;
}

void assert_peer(int fd, const struct target *target)
{
	struct sockaddr_in6 peer, expected; /* the port lies at the same place for both families */
	socklen_t length = sizeof peer;

	assert_true(fd >= 0);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &length), 0);
	memcpy(&expected, &target->address, sizeof expected);
	assert_int_equal(peer.sin6_family, expected.sin6_family);
	assert_int_equal(peer.sin6_port, expected.sin6_port);
}
