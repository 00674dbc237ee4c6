/* From the request to each socket: kernel filter, owners, options, and the filter's last word. */
#include "observe/sockets.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "observe/borrow.h"
#include "observe/diag.h"
#include "observe/diag_options.h"
#include "observe/iterator.h"
#include "observe/processes.h"

enum { CODE_BYTES = 32768, TCP_STATES = 0xffe /* TCP_ESTABLISHED to TCP_CLOSING */ };

struct walk {
	const struct sockets_query *query;
	struct sockets_outcome *outcome;
	struct owners *owners;
	bool owners_asked; /* not only to borrow their fds */
	struct processes *processes;
	const struct netns_fact *netns;
	bool exact;             /* the kernel has decided */
	bool halves;            /* `autobound` is asked for in two dumps */
	bool autobound;         /* which of them this is */
	bool want_options;      /* those that sock_diag hides too */
	bool want_diag_options; /* any */
	bool want_marks;
	struct iterator *iterator[2]; /* of TCP, of UDP; NULL: options through the owners' fds */
	bool hidden_read; /* `options` holds what was read of the last socket by other means than sock_diag */
	int (*visit)(void *arg, const struct socket_fact *);
	void *arg;
	int ended;                    /* its non-zero result */
	unsigned worked;              /* tables that could be read, if not to their end */
	struct sockctl_error refused; /* why the first of the others could not */
	struct sockctl_error *error;
	struct option_fact options[OPTION_COUNT];
	char code[CODE_BYTES] __attribute__((aligned(4)));
};

static struct iterator *iterator_of(const struct walk *walk, uint8_t protocol)
{
	return walk->iterator[protocol == IPPROTO_UDP];
}

static void owners_attach(const struct walk *walk, struct socket_fact *socket)
{
	struct owner_fact *owners;

	socket->owners_asked = walk->owners_asked;
	socket->owners_why = NULL;
	if (!walk->owners)
		return;
	owners = owners_find(walk->owners, socket->inode, &socket->owners_count);
	for (unsigned i = 0; walk->processes && i < socket->owners_count; i++)
		owners[i].process = processes_find(walk->processes, owners[i].pid);
	socket->owners = owners;
	if (owners_whole(walk->owners) || !socket->inode) /* TIME_WAIT has no inode, and no owner */
		socket->known |= KNOWN_OWNERS;
	else
		socket->owners_why = owners_why(walk->owners);
}

static void diag_options_attach(struct walk *walk, struct socket_fact *socket)
{
	socket->options_version = 0;
	if (walk->hidden_read)
		memset(walk->options, 0, sizeof walk->options);
	walk->hidden_read = false;
	diag_options(socket, walk->options);
	socket->options = walk->options;
}

/* What sock_diag tells stands where no other source does: an owner's fd tells more, as whether a buffer is fixed. */
static void options_merge(struct option_fact into[], const struct option_fact from[])
{
	for (unsigned id = 0; id < OPTION_COUNT; id++)
		if (from[id].source != SOURCE_NONE)
			into[id] = from[id];
}

/* The first owner that lets us. */
static void hidden_options_attach(struct walk *walk, struct socket_fact *socket)
{
	struct option_fact read[OPTION_COUNT];
	unsigned i = 0;

	socket->options_code = socket->known & KNOWN_SHUTDOWN ? -ENOENT : -ENODATA; /* TIME_WAIT, half open */
	for (; i < socket->owners_count; i++) {
		socket->options_code = borrow_options(&socket->owners[i], socket->cookie, read);
		if (!socket->options_code)
			break;
	}
	if (socket->options_code)
		return;
	options_merge(walk->options, read);
	walk->hidden_read = true;
}

/* What is already decided costs no look into a process. */
static enum filter_answer judge(struct walk *walk, struct socket_fact *socket)
{
	enum filter_answer answer = FILTER_YES;
	bool iterated = socket->family != AF_UNIX && iterator_of(walk, socket->protocol);

	socket->netns = walk->netns;
	socket->options_code = iterated && walk->want_options && !socket->options ? -ENODATA : 0;
	if (walk->halves) {
		socket->known |= KNOWN_AUTOBOUND;
		socket->autobound = walk->autobound;
	}
	owners_attach(walk, socket);
	if (!iterated && walk->want_diag_options && socket->family != AF_UNIX)
		diag_options_attach(walk, socket);
	if (!walk->exact && walk->query->filter)
		answer = filter_match(walk->query->filter, socket);
	if (answer == FILTER_NO)
		return answer;
	if (!iterated && walk->want_options && socket->family != AF_UNIX)
		hidden_options_attach(walk, socket);
	return answer == FILTER_UNKNOWN ? filter_match(walk->query->filter, socket) : answer;
}

/* BPF knows that there is something, and not what: it lies in a structure of each algorithm's own. */
static void congestion_ask(struct socket_fact *socket)
{
	struct netlink *netlink;
	struct socket_fact told;

	if (netlink_open(&netlink, NULL))
		return;
	if (!diag_again(netlink, socket, &told))
		socket->cc = told.cc;
	netlink_close(netlink);
}

static int socket_visit(void *arg, struct socket_fact *socket)
{
	struct walk *walk = arg;

	switch (judge(walk, socket)) {
	case FILTER_NO:
		return 0;
	case FILTER_UNKNOWN:
		walk->outcome->undecided++;
		return 0;
	case FILTER_YES:
		break;
	}
	if (walk->query->congestion && socket->cc.kind == CONGESTION_UNTOLD)
		congestion_ask(socket);
	walk->outcome->shown++;
	walk->ended = walk->visit(walk->arg, socket);
	return walk->ended != 0;
}

static int dump(struct walk *walk, uint8_t protocol, const struct filter *filter, struct sockctl_error *error)
{
	struct diag_filter request = {.family = walk->query->family,
				      .protocol = protocol,
				      .classes = walk->want_diag_options,
				      .marks = walk->want_marks};
	int length = filter ? filter_bytecode(filter, walk->query->privileged, walk->code, sizeof walk->code,
					      &walk->exact) :
			      0;

	request.states = walk->query->states & TCP_STATES;
	/* Closed ones are in none of its tables, yet make the kernel go through all connections (tcp_diag_dump). */
	if (protocol == IPPROTO_TCP)
		request.states &= ~(1u << TCP_CLOSE);
	if (filter && filter == walk->query->filter)
		request.states &= filter_states_mask(filter);
	walk->exact &= filter == walk->query->filter; /* a half of `autobound` decides nothing else */
	if (length > 0) {
		request.code = walk->code;
		request.code_bytes = (size_t)length;
	}
	if (!request.states)
		return 0;
	return diag_dump(&request, socket_visit, walk, error);
}

/* Only the kernel knows who is bound automatically: it is asked for those who are, then for the others. */
static int dump_halves(struct walk *walk, uint8_t protocol, struct sockctl_error *error)
{
	static const char *const texts[] = {"autobound", "not autobound"};
	struct filter *half = malloc(sizeof *half);
	int r = half ? 0 : error_set(error, -ENOMEM, "sock_diag", "filter", NULL);

	walk->halves = true;
	for (unsigned i = 0; i < 2 && !r; i++) {
		walk->autobound = i == 0;
		r = filter_parse(half, texts[i], NULL, error);
		r = r ? r : dump(walk, protocol, half, error);
	}
	free(half);
	return r;
}

/* Everything in one pass, so that no socket is looked for twice. */
static int iterate(struct walk *walk, struct iterator *iterator, struct sockctl_error *error)
{
	const struct filter *filter = walk->query->filter;
	const struct iterator_request request = {
		.family = walk->query->family,
		.states = walk->query->states & TCP_STATES & (filter ? filter_states_mask(filter) : UINT32_MAX),
	};

	walk->exact = walk->halves = false;
	return request.states ? iterator_walk(iterator, &request, socket_visit, walk, error) : 0;
}

static int dump_inet(struct walk *walk, uint8_t protocol, struct sockctl_error *error)
{
	const struct filter *filter = walk->query->filter;
	bool exact = true;

	if (iterator_of(walk, protocol))
		return iterate(walk, iterator_of(walk, protocol), error);
	if (filter && filter_wants(filter) & WANT_AUTOBOUND &&
	    (filter_bytecode(filter, walk->query->privileged, walk->code, sizeof walk->code, &exact) < 0 || !exact))
		return dump_halves(walk, protocol, error);
	return dump(walk, protocol, filter, error);
}

/* unix_diag takes no bytecode: the filter decides, but for states. */
static int dump_unix(struct walk *walk, struct sockctl_error *error)
{
	const struct filter *filter = walk->query->filter;
	struct diag_filter request = {.family = AF_UNIX, .states = walk->query->states & TCP_STATES};

	if (filter)
		request.states &= filter_states_mask(filter);
	walk->exact = false;
	walk->halves = false;
	return request.states ? diag_dump(&request, socket_visit, walk, error) : 0;
}

static void incomplete(struct sockets_outcome *outcome, const struct sockctl_error *error)
{
	if (outcome->complete)
		error_text(error, outcome->why, sizeof outcome->why);
	outcome->complete = false;
}

/* Something of the table has come, but not all. */
static bool is_cut_off(int code)
{
	return code == -ENOBUFS || code == -EINTR || code == -EAGAIN || code == -ETIMEDOUT || code == -ENOSPC ||
	       code == -EMSGSIZE;
}

static bool is_wanted(const struct sockets_query *query, uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? query->tcp : protocol == IPPROTO_UDP ? query->udp : query->unix_sockets;
}

/* protocol: 0 for unix sockets. What the kernel cuts off, or does not have, is no reason to lose the rest. */
static void table_walk(struct walk *walk, uint8_t protocol)
{
	struct sockctl_error error = {0};
	int r = protocol ? dump_inet(walk, protocol, &error) : dump_unix(walk, &error);

	walk->worked += r >= 0 || is_cut_off(r);
	if (r >= 0)
		return;
	incomplete(walk->outcome, &error);
	if (!is_cut_off(r) && !walk->refused.code)
		walk->refused = error;
}

static int namespace_walk(void *arg, const struct netns_fact *netns)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, 0};
	struct walk *walk = arg;

	walk->netns = netns;
	walk->outcome->namespaces++;
	for (unsigned i = 0; i < sizeof protocols && !walk->ended; i++)
		if (is_wanted(walk->query, protocols[i]))
			table_walk(walk, protocols[i]);
	return walk->ended;
}

/* A namespace that cannot be entered is no reason to lose the others. */
static int namespaces_walk(struct walk *walk)
{
	const struct netns_list *list = walk->query->netns;
	struct sockctl_error refused;
	unsigned failed;
	int r;

	if (!list)
		return namespace_walk(walk, NULL);
	r = netns_each(list, namespace_walk, walk, &failed, &refused);
	if (r != walk->ended || (!r && failed == netns_count(list))) {
		*walk->error = refused;
		return refused.code;
	}
	if (failed)
		incomplete(walk->outcome, &refused);
	if (walk->outcome->complete)
		walk->outcome->complete = netns_complete(list, walk->outcome->why, sizeof walk->outcome->why);
	return r;
}

/* Nothing at all is no answer. */
static int tables_walk(struct walk *walk)
{
	int r = namespaces_walk(walk);

	if (r || walk->worked || walk->outcome->shown || !walk->refused.code)
		return r;
	*walk->error = walk->refused;
	return walk->refused.code;
}

static void options_prepare(struct walk *walk, unsigned wants)
{
	struct sockets_outcome *outcome = walk->outcome;
	struct sockctl_error error;

	walk->want_options = walk->query->options || wants & WANT_OPTIONS;
	walk->want_diag_options = walk->want_options || walk->query->diag_options;
	walk->want_marks = walk->query->marks || wants & WANT_MARKS;
	if (!walk->want_options || (!walk->query->tcp && !walk->query->udp))
		return;
	outcome->options_source = SOURCE_ITERATOR;
	for (unsigned i = 0; i < 2; i++) {
		if (!(i ? walk->query->udp : walk->query->tcp) ||
		    !iterator_open(&walk->iterator[i], i ? IPPROTO_UDP : IPPROTO_TCP, &error))
			continue;
		outcome->options_source = SOURCE_GETSOCKOPT;
		error_text(&error, outcome->options_why, sizeof outcome->options_why);
		break;
	}
}

/* Other people's processes are looked into only for what nothing else tells. */
static int owners_prepare(struct walk *walk, unsigned wants)
{
	const struct sockets_query *query = walk->query;
	bool borrowing = walk->outcome->options_source == SOURCE_GETSOCKOPT;
	int r;

	walk->owners_asked = query->owners || wants & WANT_OWNERS;
	if (!walk->owners_asked && !borrowing)
		return 0;
	r = owners_read(&walk->owners, "/proc", walk->error);
	if (r)
		return r;
	walk->outcome->hidden_processes = owners_hidden(walk->owners);
	if (query->processes)
		walk->processes = processes_new("/proc", query->process_files);
	return query->processes && !walk->processes ? error_set(walk->error, -ENOMEM, "read", "/proc", NULL) : 0;
}

int sockets_walk(const struct sockets_query *query, int (*visit)(void *arg, const struct socket_fact *), void *arg,
		 struct sockets_outcome *outcome, struct sockctl_error *error)
{
	unsigned wants = query->filter ? filter_wants(query->filter) : 0;
	struct walk *walk = calloc(1, sizeof *walk);
	struct sockctl_error own = {0};
	int r;

	*outcome = (struct sockets_outcome){.complete = true};
	error = error ? error : &own;
	if (!walk)
		return error_set(error, -ENOMEM, "sock_diag", "", NULL);
	walk->query = query;
	walk->outcome = outcome;
	walk->visit = visit;
	walk->arg = arg;
	walk->error = error;
	options_prepare(walk, wants);
	r = owners_prepare(walk, wants);
	r = r ? r : tables_walk(walk);
	iterator_close(walk->iterator[0]);
	iterator_close(walk->iterator[1]);
	processes_free(walk->processes);
	owners_free(walk->owners);
	free(walk);
	return r;
}
