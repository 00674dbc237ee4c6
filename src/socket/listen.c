/* Listeners, TCP and UDP: every setting before listen(), every socket bound before the first one listens. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "socket/address.h"
#include "socket/apply.h"
#include "socket/endpoint.h"
#include "socket/report.h"
#include "socket/steer.h"

/* What the kernel's own SOMAXCONN has been since 5.4; it cuts down what is too much. */
enum { BACKLOG_DEFAULT = 4096 };

/* The sockets of one address stand together in fd[]: its shards, from `first` on. */
struct opening {
	struct endpoint at; /* the address in work; its port is known once the first shard is bound */
	const struct spec *spec;
	const struct sockctl_control *control;
	struct sockctl_report *report;
	int *fd;
	unsigned first, shards, opened;
	bool no_ipv6; /* the kernel's answer */
};

static const char *bind_hint(int errno_value)
{
	switch (errno_value) {
	case EADDRINUSE:
		return "; another socket has this port (`ss -ltn` shows it), or old connections do (then "
		       "reuseaddr helps); reuseport shares it if that socket allows it";
	case EACCES:
		return "; ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return "; no interface here has this address (freebind takes it all the same)";
	case EAFNOSUPPORT:
		return "; this kernel runs without that address family";
	default:
		return "";
	}
}

static int call_failed(const struct opening *o, const char *op)
{
	int e = errno;

	return error_set(&o->report->error, -e, op, o->at.text, "%s%s", strerror(e), bind_hint(e));
}

static bool is_datagram(const struct opening *o)
{
	return o->at.protocol == PROTOCOL_UDP;
}

static struct applying applying_to(const struct opening *o, unsigned shard, enum sockctl_phase phase)
{
	return (struct applying){
		.fd = o->fd[o->first + shard],
		.phase = phase,
		.spec = o->spec,
		.shard = o->first + shard,
		.datagram = is_datagram(o),
	};
}

static int phase_plan(const struct opening *o, const struct applying *at, struct plan *plan)
{
	struct plan_target target = {.family = o->at.address.ss_family, .protocol = o->at.protocol};
	int r = 0;

	if (access_may_be_dual(&o->at.address) && plan_depends_on_traffic(o->spec))
		r = access_dual_stack(at->fd, &target.dual_stack);
	plan_make(plan, o->spec, &target, at->phase);
	return r ? error_set(&o->report->error, r, "getsockopt", "IPV6_V6ONLY", NULL) : 0;
}

/* One phase: the spec's settings (a fresh socket has none), then the hook. */
static int phase_make(const struct opening *o, unsigned shard, enum sockctl_phase phase)
{
	struct applying at = applying_to(o, shard, phase);
	struct plan plan = {0};
	int r = phase == SOCKCTL_CREATED ? 0 : phase_plan(o, &at, &plan);

	if (!r)
		r = apply_plan(&at, &plan, o->report);
	return r ? r : apply_control(o->control, &at, &o->report->error);
}

static const struct setting *setting_of_via(const struct spec *spec, enum via via)
{
	for (unsigned i = 0; i < spec->count; i++)
		if (catalogue[spec->setting[i].option].via == via)
			return &spec->setting[i];
	return NULL;
}

/* The later binder must allow sharing before its bind, the first one need not: it binds alone, so that a port which
 * somebody else shares already is refused instead of joined. */
static int shard_share(const struct opening *o, unsigned shard)
{
	const struct setting *shards = setting_of_via(o->spec, VIA_SHARDS);
	int r = shards ? access_set(o->fd[o->first + shard], &catalogue[shards->option], 0, &shards->value) : 0;

	return r ? error_set(&o->report->error, r, "setsockopt", "SO_REUSEPORT", NULL) : 0;
}

/* Sharing overrules what the spec says of it: reuseport=off beside shards. What was read back before is read again. */
static int sharing_compare(const struct opening *o)
{
	struct applying at = applying_to(o, 0, SOCKCTL_PRE_BIND);
	struct plan plan;
	int r = phase_plan(o, &at, &plan);

	if (!r)
		apply_compare(&at, &plan, o->report);
	return r;
}

/* The first shard has its port: the others follow it there, and it lets them. */
static int first_share(struct opening *o)
{
	struct sockaddr_storage got;
	socklen_t length = sizeof got;
	int r;

	if (getsockname(o->fd[o->first], (struct sockaddr *)&got, &length))
		return call_failed(o, "getsockname");
	address_set_port(&o->at.address, &got);
	r = shard_share(o, 0);
	return r ? r : sharing_compare(o);
}

static int shard_bind(struct opening *o, unsigned shard)
{
	int r = shard ? shard_share(o, shard) : 0;

	if (r)
		return r;
	if (bind(o->fd[o->first + shard], (const struct sockaddr *)&o->at.address, o->at.length))
		return call_failed(o, "bind");
	return shard || o->shards == 1 ? 0 : first_share(o);
}

static int socket_make(struct opening *o)
{
	int type = (is_datagram(o) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
	int fd = socket(o->at.address.ss_family, type, 0);

	if (fd < 0 && errno == EAFNOSUPPORT && o->at.both && o->at.address.ss_family == AF_INET6) {
		o->no_ipv6 = true;
		endpoint_make_ipv4(&o->at);
		fd = socket(AF_INET, type, 0);
	}
	if (fd < 0)
		return call_failed(o, "socket");
	o->fd[o->opened++] = fd;
	return 0;
}

static int address_set(const struct opening *o, int fd, enum option_id id, const struct value *value)
{
	const struct option *option = &catalogue[id];
	int r = access_set(fd, option, 0, value);

	return r ? error_set(&o->report->error, r, access_call(option), o->at.text, "%s: %s%s", option->place[0].symbol,
			     strerror(-r), r == -ENODEV ? "; no interface here has that name" : "") :
		   0;
}

/* What the address itself says of the socket. For ":80" the spec may say v6only all the same. */
static int address_make(const struct opening *o, unsigned shard)
{
	const struct value both = {.form = FORM_NUMBER, .number = 0};
	struct value device = {.form = FORM_TEXT};
	int fd = o->fd[o->first + shard], r = 0;

	memcpy(device.text, o->at.device, sizeof device.text);
	if (o->at.both && o->at.address.ss_family == AF_INET6 && !spec_find(o->spec, OPTION_v6only))
		r = address_set(o, fd, OPTION_v6only, &both);
	if (!r && *device.text)
		r = address_set(o, fd, OPTION_bind_device, &device);
	return r;
}

static int shard_open(struct opening *o, unsigned shard)
{
	int r = socket_make(o);

	if (!r)
		r = phase_make(o, shard, SOCKCTL_CREATED);
	if (!r)
		r = address_make(o, shard);
	if (!r)
		r = phase_make(o, shard, SOCKCTL_PRE_BIND);
	if (!r)
		r = shard_bind(o, shard);
	return r ? r : phase_make(o, shard, SOCKCTL_PRE_LISTEN);
}

/* A backlog of the spec is set by calling listen(): see access.c. try:backlog may be refused, listening may not. */
static int shard_listen(struct opening *o, unsigned shard)
{
	const struct setting *backlog = setting_of_via(o->spec, VIA_LISTEN);

	if ((!backlog || backlog->optional) && listen(o->fd[o->first + shard], BACKLOG_DEFAULT))
		return call_failed(o, "listen");
	return phase_make(o, shard, SOCKCTL_LISTENING);
}

static int group_steer(const struct opening *o)
{
	struct applying at = {.phase = SOCKCTL_LISTENING, .spec = o->spec};

	return steer_make(&at, o->fd + o->first, o->shards, o->report);
}

static int address_bind(struct opening *o)
{
	int r = 0;

	for (unsigned i = 0; !r && i < o->shards; i++)
		r = shard_open(o, i);
	return r || !is_datagram(o) ? r : group_steer(o);
}

/* The group is steered as soon as it exists, while it has one member: then each connection comes where it belongs.
 * Before listen() a program would make a group of the socket alone, which may not share its port
 * (inet_csk_bind_conflict). */
static int address_listen(struct opening *o)
{
	int r = 0;

	if (o->no_ipv6 && o->at.both)
		endpoint_make_ipv4(&o->at);
	for (unsigned i = 0; !r && i < o->shards && !is_datagram(o); i++) {
		r = shard_listen(o, i);
		if (!r && !i)
			r = group_steer(o);
	}
	return r;
}

static int addresses_each(struct opening *o, const char *list, int (*each)(struct opening *))
{
	int r = 0, next = 1;

	for (o->first = 0; !r && next > 0; o->first += o->shards) {
		next = endpoint_next(&list, &o->at, &o->report->error);
		r = next > 0 ? each(o) : next;
	}
	return r;
}

static void shards_close(struct opening *o)
{
	while (o->opened) {
		close(o->fd[--o->opened]);
		o->fd[o->opened] = -1;
	}
}

/* What is a matter of all shards, and what no listener can do for its connections. */
static void rest_mark(const struct opening *o)
{
	struct applying at = {.phase = SOCKCTL_LISTENING, .spec = o->spec, .datagram = is_datagram(o)};

	for (unsigned i = 0; i < o->spec->count; i++) {
		const struct option *option = &catalogue[o->spec->setting[i].option];
		struct sockctl_verdict *verdict = &o->report->verdict[i];

		if (verdict->outcome == SOCKCTL_DEFERRED)
			apply_mark(&at, i, option->via == VIA_SHARDS ? SOCKCTL_GRANTED : SOCKCTL_DEFERRED, NULL,
				   o->report);
		if (option->via == VIA_SHARDS) {
			verdict->granted = verdict->usable = o->shards;
			memcpy(verdict->granted_text, verdict->asked_text, sizeof verdict->granted_text);
		}
	}
}

/* There is no socket yet to ask: unless the spec says otherwise, [::] is for both families. */
static bool may_be_dual(const struct opening *o, const struct endpoint *endpoint)
{
	const struct setting *only = spec_find(o->spec, OPTION_v6only);

	return access_may_be_dual(&endpoint->address) && !(only && only->value.number);
}

/* A setting has to suit one of the addresses: beside 0.0.0.0:80, v6only is for [::]:80. */
static int settings_check(const struct opening *o, const char *list)
{
	bool suits[SOCKCTL_SETTINGS_MAX] = {false};
	struct applying at = {.phase = SOCKCTL_CREATED, .spec = o->spec};
	struct endpoint endpoint;
	int first = 0, next;

	while ((next = endpoint_next(&list, &endpoint, &o->report->error)) > 0) {
		struct plan_target target = {.family = endpoint.address.ss_family,
					     .dual_stack = may_be_dual(o, &endpoint),
					     .protocol = endpoint.protocol};

		for (unsigned i = 0; i < o->spec->count; i++)
			suits[i] |= plan_has(&catalogue[o->spec->setting[i].option], &target);
	}
	for (unsigned i = 0; !next && i < o->spec->count; i++) {
		int r = suits[i] ? 0 : apply_refused(&at, i, NULL, -ENOPROTOOPT, o->report);

		first = first ? first : r;
	}
	apply_dead(&at, o->report);
	return next ? next : first;
}

/* How many sockets it will be. */
static int opening_start(struct opening *o, const char *list, unsigned max)
{
	const struct setting *shards = setting_of_via(o->spec, VIA_SHARDS);
	int count = endpoint_count(list, &o->report->error);

	if (count < 0)
		return count;
	o->shards = shards ? (unsigned)shards->value.number : 1;
	if ((uint64_t)count * o->shards > max)
		return error_set(&o->report->error, -E2BIG, "listen", list,
				 "%d addresses with %u shards each, and the caller has room for %u fds", count,
				 o->shards, max);
	return settings_check(o, list);
}

int sockctl_listen(const char *addresses, const struct sockctl_spec *spec, const struct sockctl_control *control,
		   int fd[], unsigned max, struct sockctl_report *report)
{
	struct opening o = {.spec = apply_spec(spec), .control = control, .fd = fd};
	struct sockctl_report spare;
	int r = report_begin(&report, &spare, o.spec);

	if (r)
		return r;
	o.report = report;
	r = opening_start(&o, addresses, max);
	if (!r)
		r = addresses_each(&o, addresses, address_bind);
	if (!r)
		r = addresses_each(&o, addresses, address_listen);
	if (r) {
		shards_close(&o);
		return r;
	}
	rest_mark(&o);
	return (int)o.opened;
}

int sockctl_addresses(const char *addresses, struct sockctl_error *error)
{
	return endpoint_count(addresses, error);
}
