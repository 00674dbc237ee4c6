/* Listeners: every setting before listen(), every shard bound before the first one listens. Knows no option by
 * name. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "socket/address.h"
#include "socket/apply.h"
#include "socket/report.h"

/* What the kernel's own SOMAXCONN has been since 5.4; it cuts down what is too much. */
enum { BACKLOG_DEFAULT = 4096 };

struct opening {
	const char *subject; /* the address as the caller wrote it */
	struct sockaddr_storage address;
	socklen_t length;
	const struct spec *spec;
	const struct sockctl_control *control;
	struct sockctl_report *report;
	int *fd;
	unsigned shards, opened;
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

	return error_set(&o->report->error, -e, op, o->subject, "%s%s", strerror(e), bind_hint(e));
}

static int phase_plan(const struct opening *o, const struct applying *at, struct plan *plan)
{
	struct plan_target target = {.family = o->address.ss_family, .protocol = PROTOCOL_TCP};
	const struct sockaddr_in6 *six = (const void *)&o->address;
	int r = 0;

	if (target.family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr) && plan_depends_on_traffic(o->spec))
		r = access_dual_stack(at->fd, &target.dual_stack);
	plan_make(plan, o->spec, &target, at->phase);
	return r ? error_set(&o->report->error, r, "getsockopt", "IPV6_V6ONLY", NULL) : 0;
}

static int phase_apply(const struct opening *o, const struct applying *at)
{
	struct plan plan;
	int r = phase_plan(o, at, &plan);

	return r ? r : apply_plan(at, &plan, o->report);
}

/* One phase: the spec's settings, then the hook. */
static int phase_make(const struct opening *o, unsigned shard, enum sockctl_phase phase)
{
	struct applying at = {.fd = o->fd[shard], .phase = phase, .spec = o->spec, .shard = shard};
	struct plan_target target = {.family = o->address.ss_family, .protocol = PROTOCOL_TCP};
	int r;

	if (phase == SOCKCTL_CREATED) /* nothing but the hook; what no phase can do is said here */
		r = apply_unsupported(&at, &target, o->report);
	else
		r = phase_apply(o, &at);
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
	int r = shards ? access_set(o->fd[shard], &catalogue[shards->option], 0, &shards->value) : 0;

	return r ? error_set(&o->report->error, r, "setsockopt", "SO_REUSEPORT", NULL) : 0;
}

/* Sharing overrules what the spec says of it: reuseport=off beside shards. What was read back before is read again. */
static int sharing_compare(const struct opening *o)
{
	struct applying at = {.fd = o->fd[0], .phase = SOCKCTL_PRE_BIND, .spec = o->spec};
	struct plan plan;
	int r = phase_plan(o, &at, &plan);

	if (!r)
		apply_compare(&at, &plan, o->report);
	return r;
}

static int shard_bind(struct opening *o, unsigned shard)
{
	struct sockaddr_storage got;
	socklen_t length = sizeof got;
	int r = shard ? shard_share(o, shard) : 0;

	if (r)
		return r;
	if (bind(o->fd[shard], (const struct sockaddr *)&o->address, o->length))
		return call_failed(o, "bind");
	if (shard || o->shards == 1)
		return 0;
	if (getsockname(o->fd[0], (struct sockaddr *)&got, &length))
		return call_failed(o, "getsockname");
	address_set_port(&o->address, &got);
	r = shard_share(o, 0);
	return r ? r : sharing_compare(o);
}

static int shard_open(struct opening *o, unsigned shard)
{
	int r;

	o->fd[shard] = socket(o->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (o->fd[shard] < 0)
		return call_failed(o, "socket");
	o->opened++;
	r = phase_make(o, shard, SOCKCTL_CREATED);
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

	if ((!backlog || backlog->optional) && listen(o->fd[shard], BACKLOG_DEFAULT))
		return call_failed(o, "listen");
	return phase_make(o, shard, SOCKCTL_LISTENING);
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
	struct applying at = {.fd = o->fd[0], .phase = SOCKCTL_LISTENING, .spec = o->spec};

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

static int opening_start(struct opening *o, const char *address, unsigned max)
{
	const struct setting *shards = setting_of_via(o->spec, VIA_SHARDS);

	o->shards = shards ? (unsigned)shards->value.number : 1;
	if (!address || address_parse(address, &o->address, &o->length))
		return error_set(
			&o->report->error, -EINVAL, "listen", address,
			"expects a numeric ADDRESS:PORT such as 127.0.0.1:8080, [::]:443 or [fe80::1%%2]:80 (an interface by "
			"its index); port 0 picks one");
	if (!o->shards || o->shards > max)
		return error_set(&o->report->error, -E2BIG, "listen", address,
				 "the spec opens %u listeners, and the caller has room for %u fds", o->shards, max);
	return 0;
}

int sockctl_listen(const char *address, const struct sockctl_spec *spec, const struct sockctl_control *control,
		   int fd[], unsigned max, struct sockctl_report *report)
{
	struct opening o = {.subject = address, .spec = apply_spec(spec), .control = control, .fd = fd};
	struct sockctl_report spare;
	int r = report_begin(&report, &spare, o.spec);

	if (r)
		return r;
	o.report = report;
	r = opening_start(&o, address, max);
	for (unsigned i = 0; !r && i < o.shards; i++)
		r = shard_open(&o, i);
	for (unsigned i = 0; !r && i < o.shards; i++)
		r = shard_listen(&o, i);
	if (r) {
		shards_close(&o);
		return r;
	}
	rest_mark(&o);
	return (int)o.shards;
}
