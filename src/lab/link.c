/* The emulated link's process: its loop, and how it waits. What becomes of a frame is the queue's business. */
#include "lab/link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "lab/inbox.h"

enum { READS_AT_ONCE = 32, SENDS_AT_ONCE = 128 };
enum { NS_PER_S = 1000000000 };
/* The kernel wakes a sleeper some 50 us late, in a virtual machine more, so the last stretch to a lone packet is spun.
 * In a stream of packets all are late by about the same, which harms nothing, and spinning would take a core from the
 * hosts. */
static const uint64_t spin_ns = 150000;
static const uint64_t statistics_every_ns = 10000000;

struct way {
	int in, out;
	struct inbox inbox;
	struct queue queue;
};

struct link {
	struct way way[2];
	struct link_shared *shared;
	uint64_t statistics_ns; /* when the sockets' drops were last read */
};

static void count(uint64_t *counter, uint64_t more)
{
	__atomic_store_n(counter, *counter + more, __ATOMIC_RELAXED);
}

/* --- sockets --------------------------------------------------------------------------------------------------- */

static int socket_prepare(int fd, const char *device)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int on = 1, code;

	address.sll_ifindex = (int)if_nametoindex(device);
	if (!address.sll_ifindex)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on))
		return -errno;
	code = inbox_prepare(fd);
	if (code)
		return code;
	return bind(fd, (struct sockaddr *)&address, sizeof address) ? -errno : 0;
}

int link_socket(const char *device)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int code;

	if (fd < 0)
		return -errno;
	code = socket_prepare(fd, device);
	if (!code)
		return fd;
	close(fd);
	return code;
}

/* --- frames ---------------------------------------------------------------------------------------------------- */

static void lateness_note(struct link *link, uint64_t due_ns, uint64_t now_ns)
{
	uint64_t late_us = now_ns > due_ns ? (now_ns - due_ns) / 1000 : 0;
	unsigned bucket = late_us ? 63u - (unsigned)__builtin_clzll(late_us) : 0;

	count(&link->shared->late[bucket < LATENESS_BUCKETS ? bucket : LATENESS_BUCKETS - 1], 1);
}

static void frame_send(struct way *way, const uint8_t *frame, size_t length)
{
	if (send(way->out, frame, length, 0) < 0)
		count(&way->queue.counters->overruns, 1);
}

static bool way_deliver(struct link *link, struct way *way)
{
	uint64_t due_ns, now_ns = clock_ns();
	const uint8_t *frame;
	size_t length;
	int sent = 0;

	while (sent < SENDS_AT_ONCE && (frame = ring_peek(&way->queue.ring, &length, &due_ns)) && due_ns <= now_ns) {
		frame_send(way, frame, length);
		lateness_note(link, due_ns, now_ns);
		ring_pop(&way->queue.ring);
		sent++;
		now_ns = clock_ns();
	}
	return sent > 0;
}

static void frame_enter(struct link *link, struct way *way, const uint8_t *frame, size_t length, uint64_t arrival_ns)
{
	if (__atomic_load_n(&link->shared->blackhole, __ATOMIC_RELAXED)) {
		queue_lose(&way->queue, frame, length);
	} else if (!queue_is_open(&way->queue)) {
		queue_push(&way->queue, frame, length, arrival_ns);
	} else {
		queue_pass(&way->queue, frame, length);
		frame_send(way, frame, length);
		lateness_note(link, arrival_ns, clock_ns());
	}
}

static bool way_receive(struct link *link, struct way *way)
{
	const uint8_t *frame;
	uint64_t arrival_ns;
	size_t length;
	int frames = 0;

	while (frames < READS_AT_ONCE && (frame = inbox_next(&way->inbox, &length, &arrival_ns))) {
		frame_enter(link, way, frame, length, arrival_ns);
		inbox_done(&way->inbox);
		frames++;
	}
	return frames > 0;
}

/* --- waiting --------------------------------------------------------------------------------------------------- */

/* Frames that came faster than we read them. Reading clears the kernel's count. */
static void statistics_read(struct link *link, uint64_t now_ns)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof stats;

	for (int i = 0; i < 2; i++)
		if (!getsockopt(link->way[i].in, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
			count(&link->way[i].queue.counters->overruns, stats.tp_drops);
	link->statistics_ns = now_ns;
}

/* When to be awake again; UINT64_MAX: nothing is under way. */
static uint64_t next_wake(struct link *link)
{
	uint64_t due_ns, first_ns = UINT64_MAX;
	size_t length;

	for (int i = 0; i < 2; i++) {
		struct ring *ring = &link->way[i].queue.ring;

		if (!ring_peek(ring, &length, &due_ns))
			continue;
		due_ns -= ring_is_single(ring) ? spin_ns : 0;
		first_ns = due_ns < first_ns ? due_ns : first_ns;
	}
	return first_ns;
}

static void link_sleep(struct link *link, uint64_t ns)
{
	struct pollfd in[2] = {{.fd = link->way[0].in, .events = POLLIN}, {.fd = link->way[1].in, .events = POLLIN}};
	struct timespec timeout = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	ppoll(in, 2, &timeout, NULL);
}

static void link_wait(struct link *link)
{
	uint64_t now_ns = clock_ns(), wake_ns;

	if (now_ns - link->statistics_ns >= statistics_every_ns)
		statistics_read(link, now_ns);
	wake_ns = next_wake(link);
	if (wake_ns == UINT64_MAX)
		link_sleep(link, NS_PER_S);
	else if (wake_ns > now_ns)
		link_sleep(link, wake_ns - now_ns);
}

static _Noreturn void link_loop(struct link *link)
{
	for (;;) {
		bool busy = false;

		for (int i = 0; i < 2; i++)
			busy |= way_deliver(link, &link->way[i]);
		for (int i = 0; i < 2; i++)
			busy |= way_receive(link, &link->way[i]);
		if (!busy)
			link_wait(link);
	}
}

/* --- the process ----------------------------------------------------------------------------------------------- */

/* The link outlives a Ctrl-C until its world is closed, so that programs can end properly over it; but it never
 * outlives its parent. */
static void process_prepare(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 1);
	prctl(PR_SET_NAME, "sockctl-link");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_IGN);
}

/* Pipes and listeners of the parent must not stay open because of us. The sockets are moved out of the way first. */
static int descriptors_close_but(int sockets[HOSTS])
{
	int kept[HOSTS];

	for (int i = 0; i < HOSTS; i++)
		if ((kept[i] = fcntl(sockets[i], F_DUPFD_CLOEXEC, 100)) < 0)
			return -errno;
	close_range(0, 99, 0);
	close_range((unsigned)kept[HOST_SERVER] + 1, ~0u, 0);
	memcpy(sockets, kept, sizeof kept);
	return 0;
}

static int link_prepare(struct link *link, int sockets[HOSTS], const struct path *path, uint64_t seed)
{
	const struct path_way *ways[2] = {&path->up, &path->down};
	int code = descriptors_close_but(sockets);

	for (int i = 0; !code && i < 2; i++) {
		link->way[i].in = sockets[i];
		link->way[i].out = sockets[1 - i];
		code = queue_init(&link->way[i].queue, ways[i], seed + (uint64_t)i, &link->shared->way[i]);
		if (!code)
			code = inbox_open(&link->way[i].inbox, sockets[i]);
	}
	return code;
}

pid_t link_start(const int sockets[HOSTS], const struct path *path, uint64_t seed, struct link_shared *shared)
{
	static struct link link;
	int kept[HOSTS] = {sockets[HOST_CLIENT], sockets[HOST_SERVER]};
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	process_prepare();
	link.shared = shared;
	if (link_prepare(&link, kept, path, seed))
		_exit(1);
	link_loop(&link);
}
