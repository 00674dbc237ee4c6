/* From the request to each socket: kernel filter, owners, options, and the filter's last word. */
#include "observe/sockets.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "observe/borrow.h"
#include "observe/diag.h"

enum { CODE_BYTES = 32768, TCP_STATES = 0xffe /* TCP_ESTABLISHED to TCP_CLOSING */ };

struct walk {
	const struct sockets_query *query;
	struct sockets_outcome *outcome;
	struct owners *owners;
	bool exact;     /* the kernel has decided */
	bool halves;    /* `autobound` is asked for in two dumps */
	bool autobound; /* which of them this is */
	bool want_options;
	int (*visit)(void *arg, const struct socket_fact *);
	void *arg;
	struct option_fact options[OPTION_COUNT];
	char code[CODE_BYTES] __attribute__((aligned(4)));
};

static void owners_attach(const struct walk *walk, struct socket_fact *socket)
{
	if (!walk->owners)
		return;
	socket->owners = owners_find(walk->owners, socket->inode, &socket->owners_count);
	if (owners_whole(walk->owners) || !socket->inode) /* TIME_WAIT has no inode, and no owner */
		socket->known |= KNOWN_OWNERS;
}

/* The first owner that lets us. */
static void options_attach(struct walk *walk, struct socket_fact *socket)
{
	for (unsigned i = 0; walk->want_options && i < socket->owners_count && !socket->options; i++)
		if (!borrow_options(&socket->owners[i], socket->cookie, walk->options))
			socket->options = walk->options;
}

/* What is already decided costs no look into a process. */
static enum filter_answer judge(struct walk *walk, struct socket_fact *socket)
{
	enum filter_answer answer = FILTER_YES;

	if (walk->halves) {
		socket->known |= KNOWN_AUTOBOUND;
		socket->autobound = walk->autobound;
	}
	owners_attach(walk, socket);
	if (!walk->exact && walk->query->filter)
		answer = filter_match(walk->query->filter, socket);
	if (answer == FILTER_NO)
		return answer;
	options_attach(walk, socket);
	return answer == FILTER_UNKNOWN ? filter_match(walk->query->filter, socket) : answer;
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
	walk->outcome->shown++;
	return walk->visit(walk->arg, socket);
}

static int dump(struct walk *walk, uint8_t protocol, const struct filter *filter, struct sockctl_error *error)
{
	struct diag_filter request = {.family = walk->query->family, .protocol = protocol};
	int length = filter ? filter_bytecode(filter, walk->query->privileged, walk->code, sizeof walk->code,
					      &walk->exact) :
			      0;

	request.states = walk->query->states & TCP_STATES;
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

static int dump_protocol(struct walk *walk, uint8_t protocol, struct sockctl_error *error)
{
	const struct filter *filter = walk->query->filter;
	bool exact = true;

	if (filter && filter_wants(filter) & WANT_AUTOBOUND &&
	    (filter_bytecode(filter, walk->query->privileged, walk->code, sizeof walk->code, &exact) < 0 || !exact))
		return dump_halves(walk, protocol, error);
	return dump(walk, protocol, filter, error);
}

/* What the kernel cut off is no reason to lose what came. */
static int dump_result(struct walk *walk, int r, const struct sockctl_error *error)
{
	if (r != -ENOBUFS && r != -EINTR && r != -EAGAIN)
		return r;
	walk->outcome->complete = false;
	error_text(error, walk->outcome->why, sizeof walk->outcome->why);
	return 0;
}

int sockets_walk(const struct sockets_query *query, int (*visit)(void *arg, const struct socket_fact *), void *arg,
		 struct sockets_outcome *outcome, struct sockctl_error *error)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	unsigned wants = query->filter ? filter_wants(query->filter) : 0;
	struct walk *walk = calloc(1, sizeof *walk);
	struct sockctl_error own = {0};
	int r = 0;

	*outcome = (struct sockets_outcome){.complete = true};
	error = error ? error : &own;
	if (!walk)
		return error_set(error, -ENOMEM, "sock_diag", "", NULL);
	walk->query = query;
	walk->outcome = outcome;
	walk->visit = visit;
	walk->arg = arg;
	walk->want_options = query->options || wants & WANT_OPTIONS;
	if (query->owners || walk->want_options || wants & WANT_OWNERS)
		r = owners_read(&walk->owners, "/proc", error);
	if (walk->owners)
		outcome->hidden_processes = owners_hidden(walk->owners);
	for (unsigned i = 0; i < sizeof protocols && !r; i++)
		if (protocols[i] == IPPROTO_TCP ? query->tcp : query->udp)
			r = dump_result(walk, dump_protocol(walk, protocols[i], error), error);
	owners_free(walk->owners);
	free(walk);
	return r;
}
