/* The emulated link's process: its loop, and how it waits. What becomes of a frame is the queue's business. */
#include "lab/link.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"

enum { READS_AT_ONCE = 32, SENDS_AT_ONCE = 128 };
enum { NS_PER_S = 1000000000, KEPT_FROM = 100 };
/* The kernel wakes a sleeper some 50 us late, in a virtual machine more, so the last stretch to a lone packet is spun.
 * In a stream of packets all are late by about the same, which harms nothing, and spinning would take a core from the
 * hosts. */
static const uint64_t spin_ns = 150000;
static const uint64_t statistics_every_ns = 10000000;

struct way {
	struct inbox inbox;
	int out;
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

/* Frames that came faster than we read them. */
static void statistics_read(struct link *link, uint64_t now_ns)
{
	for (int i = 0; i < 2; i++)
		count(&link->way[i].queue.counters->overruns, inbox_drops(&link->way[i].inbox));
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
	struct timespec timeout = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
	struct pollfd in[2 * INBOX_SOCKETS];

	for (int i = 0; i < 2 * INBOX_SOCKETS; i++)
		in[i] = (struct pollfd){
			.fd = link->way[i / INBOX_SOCKETS].inbox.socket[i % INBOX_SOCKETS],
			.events = POLLIN,
		};
	ppoll(in, 2 * INBOX_SOCKETS, &timeout, NULL);
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
static int descriptors_close_but(struct link *link)
{
	int lowest = KEPT_FROM;

	for (int i = 0; i < 2 * INBOX_SOCKETS; i++) {
		int *fd = &link->way[i / INBOX_SOCKETS].inbox.socket[i % INBOX_SOCKETS];

		*fd = fcntl(*fd, F_DUPFD_CLOEXEC, lowest);
		if (*fd < 0)
			return -errno;
		lowest = *fd + 1;
	}
	close_range(0, KEPT_FROM - 1, 0);
	close_range((unsigned)lowest, ~0u, 0);
	return 0;
}

static int link_prepare(struct link *link, const struct inbox inboxes[HOSTS], const struct path *path, uint64_t seed)
{
	const struct path_way *ways[2] = {&path->up, &path->down};
	int code;

	for (int i = 0; i < 2; i++)
		link->way[i].inbox = inboxes[i];
	code = descriptors_close_but(link);
	for (int i = 0; !code && i < 2; i++) {
		link->way[i].out = link->way[1 - i].inbox.socket[0];
		code = queue_init(&link->way[i].queue, ways[i], seed + (uint64_t)i, &link->shared->way[i]);
	}
	return code;
}

pid_t link_start(const struct inbox inboxes[HOSTS], const struct path *path, uint64_t seed, struct link_shared *shared)
{
	static struct link link;
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	process_prepare();
	link.shared = shared;
	if (link_prepare(&link, inboxes, path, seed))
		_exit(1);
	link_loop(&link);
}
