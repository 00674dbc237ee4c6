/* Ways to use the library. To add one: a line in the table, and where no call_...() fits, a function. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "scenario.h"
#include "socket/address.h"
#include "socket/endpoint.h"

#define SERVER "nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=64K,try:sndbuf=512M,tos=0x10,try:fastopen=16"

/* Result of a call that gives one descriptor. */
static int opened(struct act *act, int r)
{
	if (r >= 0)
		act->fd[act->opened++] = r;
	return r;
}

static struct sockctl_report *report_of(struct act *act)
{
	return act->scenario->without_report ? NULL : &act->report;
}

static int prepare_stage(struct act *act)
{
	static const enum stage_point points[SOCKCTL_PHASES] = {
		[SOCKCTL_CREATED] = LISTENER_UNBOUND,     [SOCKCTL_PRE_LISTEN] = LISTENER_BOUND,
		[SOCKCTL_LISTENING] = LISTENER_LISTENING, [SOCKCTL_CONNECTED] = CLIENT_ESTABLISHED,
		[SOCKCTL_ACCEPTED] = CHILD_ACCEPTED,
	};
	enum sockctl_phase phase = act->scenario->phase;

	/* a connection has its other end, too */
	act->at_hand = stage_build(&act->stage, act->scenario->family,
				   phase == SOCKCTL_CONNECTED ? CHILD_ACCEPTED : points[phase], NULL);
	if (act->at_hand >= 0 && phase == SOCKCTL_CONNECTED)
		act->at_hand = act->stage.client;
	return act->at_hand < 0 ? act->at_hand : 0;
}

static int prepare_datagram(struct act *act)
{
	act->at_hand = socket(act->scenario->family == PROBE_TCP4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	act->stage.client = act->at_hand;
	return act->at_hand < 0 ? -errno : 0;
}

/* A listener to connect to, on a port that does not change: the report speaks of it. */
static int prepare_target(struct act *act)
{
	const struct sockaddr *target = (struct sockaddr *)&act->target;
	int on = 1, r = address_parse(act->scenario->address, &act->target, &act->target_length);

	if (r)
		return r;
	act->stage.listener = socket(target->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (act->stage.listener < 0 || setsockopt(act->stage.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
	    bind(act->stage.listener, target, act->target_length) || listen(act->stage.listener, 8))
		return -errno;
	return 0;
}

/* Two that share a port. */
static int prepare_group(struct act *act)
{
	struct sockctl_spec two;
	int r = sockctl_spec_parse(&two, "shards=2", NULL);

	r = r ? r : sockctl_listen(act->scenario->address, &two, NULL, act->group, 2, NULL);
	return r < 0 ? r : 0;
}

static int call_steer(struct act *act)
{
	return sockctl_steer(act->group, 2, &act->spec, report_of(act));
}

static int call_listen(struct act *act)
{
	int r = sockctl_listen(act->scenario->address, &act->spec, NULL, act->fd, sizeof act->fd / sizeof *act->fd,
			       report_of(act));

	act->opened = r > 0 ? (unsigned)r : 0;
	return r;
}

static int call_connect(struct act *act)
{
	return opened(act, sockctl_connect((struct sockaddr *)&act->target, act->target_length, 0, &act->spec, NULL,
					   report_of(act)));
}

static int call_connect_nonblocking(struct act *act)
{
	return opened(act, sockctl_connect((struct sockaddr *)&act->target, act->target_length, SOCK_NONBLOCK,
					   &act->spec, NULL, report_of(act)));
}

static int nonblocking_make(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	(void)arg, (void)shard;
	return phase == SOCKCTL_CREATED && fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static int call_connect_hooked(struct act *act)
{
	struct sockctl_control control = {nonblocking_make, NULL};

	return opened(act, sockctl_connect((struct sockaddr *)&act->target, act->target_length, 0, &act->spec, &control,
					   report_of(act)));
}

/* On loopback an attempt is decided when it is made: the clock may run. */
static int dial_run(struct act *act, struct sockctl_dial *dial)
{
	enum { STEPS_MAX = 20, STEP_US = 300000 };
	int r = -EINPROGRESS;

	for (int step = 0; step < STEPS_MAX && r == -EINPROGRESS; step++)
		r = sockctl_dial_step(dial, step * STEP_US, report_of(act));
	sockctl_dial_cancel(dial);
	return opened(act, r);
}

static int call_dial(struct act *act)
{
	struct sockctl_dial dial;

	sockctl_dial_init(&dial, &act->spec, NULL);
	sockctl_dial_add(&dial, (struct sockaddr *)&act->target, act->target_length);
	return dial_run(act, &dial);
}

/* The first address refuses, the second has its own source address, the third is as good. */
static int call_dial_race(struct act *act)
{
	struct sockaddr_in closed = *(struct sockaddr_in *)&act->target, source = closed;
	struct sockaddr_in6 six = {
		.sin6_family = AF_INET6, .sin6_port = closed.sin_port, .sin6_addr = in6addr_loopback};
	struct sockctl_dial dial;

	closed.sin_port = htons(1);
	source.sin_port = 0;
	sockctl_dial_init(&dial, &act->spec, NULL);
	sockctl_dial_add(&dial, (struct sockaddr *)&closed, sizeof closed);
	sockctl_dial_add(&dial, (struct sockaddr *)&act->target, act->target_length);
	sockctl_dial_add(&dial, (struct sockaddr *)&six, sizeof six);
	sockctl_dial_bind(&dial, (struct sockaddr *)&source, sizeof source);
	return dial_run(act, &dial);
}

static int call_apply(struct act *act)
{
	return sockctl_apply(act->at_hand, act->scenario->phase, &act->spec, report_of(act));
}

static int call_adopt(struct act *act)
{
	return sockctl_adopt(act->at_hand, &act->spec, report_of(act));
}

static int call_audit(struct act *act)
{
	return sockctl_audit(act->at_hand, &act->spec, report_of(act));
}

static int call_one_liners(struct act *act)
{
	int nodelay = sockctl_set_nodelay(act->at_hand, 1);
	int buffers = nodelay < 0 ? nodelay : sockctl_set_buffers(act->at_hand, 1 << 29, 1 << 16);

	return buffers < 0 ? buffers : sockctl_set_keepalive(act->at_hand, 30, 10, 3);
}

/* A socket to hand over, and the two ends of the way. */
static int prepare_channel(struct act *act)
{
	int channel[2];

	act->stage.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (act->stage.listener < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
		return -errno;
	act->stage.client = channel[0];
	act->stage.accepted = channel[1];
	return 0;
}

static int prepare_parcel(struct act *act)
{
	int r = prepare_channel(act);

	return r ? r :
		   sockctl_send_listeners(act->stage.client, &(struct sockctl_named){act->stage.listener, "a"}, 1,
					  NULL);
}

static int call_send(struct act *act)
{
	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	return sockctl_send_listeners(act->stage.client, &(struct sockctl_named){act->stage.listener, "a"}, 1,
				      &act->report.error);
}

static int call_receive(struct act *act)
{
	struct sockctl_named received[2];
	int r;

	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	r = sockctl_receive_listeners(act->stage.accepted, geteuid(), received, 2, &act->report.error);
	for (int i = 0; i < r; i++)
		act->fd[act->opened++] = received[i].fd;
	return r;
}

/* What the queue's description leaves open is told as a verdict would. */
static int queue_told(struct act *act, int r, const struct sockctl_queue *queue)
{
	act->report.count = 1;
	act->report.verdict[0].outcome = !r && queue->migrates < 0 ? SOCKCTL_UNVERIFIABLE : SOCKCTL_GRANTED;
	return r;
}

static int call_queue(struct act *act)
{
	struct sockctl_queue queue;

	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	return queue_told(act, sockctl_queue_read(act->group[0], &queue, &act->report.error), &queue);
}

static int call_close(struct act *act)
{
	struct sockctl_queue queue;
	int r;

	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	r = sockctl_close_listener(act->group[0], 0, &queue, &act->report.error);
	if (!r) {
		act->group[0] = -1;
		act->closed++;
	}
	return queue_told(act, r, &queue);
}

static int call_retire(struct act *act)
{
	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	return sockctl_retire(act->group, 2, 1, &act->report.error);
}

static int call_retire_alone(struct act *act)
{
	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	return sockctl_retire(act->group, 1, 0, &act->report.error);
}

/* One socket, where a service manager puts it. */
static int prepare_passed(struct act *act)
{
	enum { FIRST_FD = 3 };
	char pid[24];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	if (setenv("LISTEN_PID", pid, 1) || setenv("LISTEN_FDS", "1", 1))
		return -errno;
	act->stage.listener = socket(AF_INET, SOCK_STREAM, 0);
	return act->stage.listener == FIRST_FD ? 0 : -EBADF;
}

static int call_inherited(struct act *act)
{
	struct sockctl_named passed[2];

	act->report = (struct sockctl_report)SOCKCTL_REPORT;
	return sockctl_inherited(passed, 2, &act->report.error);
}

const struct scenario scenarios[] = {
	{"listen", NULL, call_listen, "127.0.0.1:7001", SERVER ",backlog=64"},
	{"listen, the kernel's backlog", NULL, call_listen, "127.0.0.1:7001", "nodelay"},
	{"listen, try:backlog", NULL, call_listen, "127.0.0.1:7001", "try:backlog=64"},
	{"listen, no report", NULL, call_listen, "127.0.0.1:7001", SERVER ",backlog=64", .without_report = true},
	{"listen, any port", NULL, call_listen, "127.0.0.1:0", SERVER},
	{"listen, 3 shards", NULL, call_listen, "127.0.0.1:7001", SERVER ",shards=3,backlog=64"},
	{"listen, 3 shards, any port", NULL, call_listen, "[::]:0", SERVER ",shards=3"},
	{"listen, dual-stack", NULL, call_listen, "[::]:7001", SERVER ",v6only=off,backlog=64"},
	{"listen, every row", NULL, call_listen, "127.0.0.1:7001", NULL},
	{"listen, dual-stack, every row", NULL, call_listen, "[::]:7001", NULL},
	{"listen, a list", NULL, call_listen, "tcp:127.0.0.1:7001, udp:127.0.0.1:7001 [::1]:7001",
	 SERVER ",backlog=64"},
	{"listen, every address", NULL, call_listen, ":7001", SERVER ",backlog=64"},
	{"listen, on an interface", NULL, call_listen, "127.0.0.1%lo:7001", "nodelay"},
	{"listen, in a scope", NULL, call_listen, "[fe80::1%lo]:7001", "freebind,nodelay"},
	{"listen, steered by CPU", NULL, call_listen, "127.0.0.1:7001", "shards=3,steer=cpu,backlog=64"},
	{"listen, steered by hash", NULL, call_listen, "udp:127.0.0.1:7001", "shards=2,steer=hash"},
	{"listen, steered by the receiving CPU", NULL, call_listen, "127.0.0.1:7001",
	 "shards=2,try:steer=incoming-cpu"},
	{"steer", prepare_group, call_steer, "127.0.0.1:7001", "shards=2,steer=incoming-cpu"},
	{"queue", prepare_group, call_queue, "127.0.0.1:7001", ""},
	{"close a listener", prepare_group, call_close, "127.0.0.1:7001", ""},
	{"retire a shard", prepare_group, call_retire, "127.0.0.1:7001", ""},
	{"retire another's shard", prepare_group, call_retire_alone, "127.0.0.1:7001", ""},
	{"inherited", prepare_passed, call_inherited, .spec = ""},
	{"send listeners", prepare_channel, call_send, .spec = ""},
	{"receive listeners", prepare_parcel, call_receive, .spec = ""},
	{"connect", prepare_target, call_connect, "127.0.0.1:7002", SERVER ",quickack=off"},
	{"connect, IPv6", prepare_target, call_connect, "[::1]:7002", SERVER},
	{"connect, every row", prepare_target, call_connect, "127.0.0.1:7002", NULL},
	{"connect, nonblocking", prepare_target, call_connect_nonblocking, "127.0.0.1:7002", SERVER},
	{"connect, a hook that makes it nonblocking", prepare_target, call_connect_hooked, "127.0.0.1:7002", SERVER},
	{"dial", prepare_target, call_dial, "127.0.0.1:7002", SERVER ",quickack=off"},
	{"dial, every row", prepare_target, call_dial, "[::1]:7002", NULL},
	{"dial, several addresses", prepare_target, call_dial_race, "127.0.0.1:7002", SERVER, .races = true},
	{"apply, created", prepare_stage, call_apply, .spec = SERVER, .phase = SOCKCTL_CREATED},
	{"apply, pre-listen, dual-stack", prepare_stage, call_apply, .spec = SERVER, .family = PROBE_DUAL,
	 .phase = SOCKCTL_PRE_LISTEN},
	{"apply, connected, every row", prepare_stage, call_apply, .phase = SOCKCTL_CONNECTED},
	{"apply, accepted", prepare_stage, call_apply, .spec = SERVER ",priority=3", .phase = SOCKCTL_ACCEPTED},
	{"apply, accepted, no report", prepare_stage, call_apply, .spec = SERVER ",priority=3",
	 .phase = SOCKCTL_ACCEPTED, .without_report = true},
	{"adopt, created, every row", prepare_stage, call_adopt, .phase = SOCKCTL_CREATED},
	{"adopt, bound", prepare_stage, call_adopt, .spec = SERVER ",try:v6only", .family = PROBE_DUAL,
	 .phase = SOCKCTL_PRE_LISTEN},
	{"adopt, listening, every row", prepare_stage, call_adopt, .family = PROBE_DUAL, .phase = SOCKCTL_LISTENING},
	{"adopt, connected", prepare_stage, call_adopt, .spec = SERVER ",try:maxseg=1000", .phase = SOCKCTL_CONNECTED},
	{"adopt, datagram", prepare_datagram, call_adopt, .spec = "rcvbuf=64K,tos=0x10"},
	{"audit, listening, every row", prepare_stage, call_audit, .family = PROBE_DUAL, .phase = SOCKCTL_LISTENING},
	{"audit, accepted", prepare_stage, call_audit, .spec = SERVER, .phase = SOCKCTL_ACCEPTED},
	{"one-liners", prepare_stage, call_one_liners, .spec = "", .phase = SOCKCTL_CREATED, .without_report = true},
};
const unsigned scenario_count = sizeof scenarios / sizeof *scenarios;

int act_begin(struct act *act, const struct scenario *scenario, const struct sockctl_spec *spec, unsigned char fill)
{
	*act = (struct act){.scenario = scenario,
			    .spec = *spec,
			    .stage = {PROBE_TCP4, -1, -1, -1},
			    .at_hand = -1,
			    .group = {-1, -1}};
	memset(&act->report, scenario->without_report ? 0 : fill, sizeof act->report);
	act->report.size = sizeof act->report;
	return scenario->prepare ? scenario->prepare(act) : 0;
}

void act_end(struct act *act)
{
	while (act->opened)
		close(act->fd[--act->opened]);
	for (unsigned i = 0; i < sizeof act->group / sizeof *act->group; i++)
		if (act->group[i] >= 0)
			close(act->group[i]);
	stage_strike(&act->stage);
}

static bool endpoint_is_free(const struct endpoint *endpoint)
{
	bool stream = endpoint->protocol == PROTOCOL_TCP;
	const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;
	int fd = socket(address->sa_family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	/* an address that this host does not have leaves its port to be looked at */
	bool is_free = fd >= 0 && (!bind(fd, address, endpoint->length) || errno == EADDRNOTAVAIL) &&
		       (!stream || !listen(fd, 1));

	close(fd);
	return is_free;
}

bool act_address_is_free(const struct act *act)
{
	const char *list = act->scenario->address;
	struct endpoint endpoint;
	bool is_free = true;

	while (!act->scenario->prepare && endpoint_next(&list, &endpoint, NULL) > 0)
		is_free &= endpoint_is_free(&endpoint);
	return is_free;
}
