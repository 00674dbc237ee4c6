/* The process that connects: see storm.h. */
#include "storm.h"
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"

enum { REFUSED_FIRST = 20, LIMIT_S = 5 };

struct storm_shared {
	_Atomic unsigned round, refused, made;
	uint16_t port;
};

/* Closed by a reset, which leaves no TIME_WAIT. */
static int storm_connect(const struct sockaddr_in *server)
{
	struct linger reset = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (!connect(fd, (const struct sockaddr *)server, sizeof *server))
		return fd;
	close(fd);
	return -1;
}

static void storm_rage(void *arg)
{
	struct storm_shared *shared = arg;
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(shared->port)};
	int fd[STORM_CONNECTIONS];
	unsigned round = 0, made = 0;

	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (;;) {
		if (atomic_load(&shared->round) != round) {
			while (made)
				close(fd[--made]);
			atomic_store(&shared->made, 0);
			atomic_store(&shared->refused, 0);
			round++;
		}
		if (made == STORM_CONNECTIONS)
			continue;
		fd[made] = storm_connect(&server);
		if (fd[made] >= 0)
			atomic_store(&shared->made, ++made);
		else
			atomic_fetch_add(&shared->refused, 1);
	}
}

bool storm_start(struct storm *storm, const struct world *world, const struct placement *placement, uint16_t port)
{
	storm->shared = mmap(NULL, sizeof *storm->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm->shared == MAP_FAILED)
		return false;
	storm->shared->port = port;
	return !worker_start(&storm->worker, world, placement, HOST_CLIENT, storm_rage, storm->shared);
}

void storm_end(struct storm *storm)
{
	worker_end(&storm->worker);
	munmap(storm->shared, sizeof *storm->shared);
}

/* What was kept from the last round is closed, and forgotten, by the first refusal of this one. */
bool storm_round(struct storm *storm)
{
	uint64_t limit_us = clock_us() + LIMIT_S * 1000000ull;

	atomic_store(&storm->shared->refused, 0);
	atomic_fetch_add(&storm->shared->round, 1);
	while (atomic_load(&storm->shared->refused) < REFUSED_FIRST || atomic_load(&storm->shared->made))
		if (clock_us() > limit_us)
			return false;
	return true;
}

unsigned storm_made(const struct storm *storm)
{
	return atomic_load(&storm->shared->made);
}
