/* Does a socket match? In three values: what nobody told is neither yes nor no. */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <string.h>
#include "observe/filter.h"
#include "observe/filter_field.h"

static enum filter_answer answer(bool yes)
{
	return yes ? FILTER_YES : FILTER_NO;
}

static enum filter_answer compare_numbers(enum filter_compare compare, uint64_t left, uint64_t right)
{
	switch (compare) {
	case COMPARE_EQ:
		return answer(left == right);
	case COMPARE_NE:
		return answer(left != right);
	case COMPARE_GT:
		return answer(left > right);
	case COMPARE_LT:
		return answer(left < right);
	case COMPARE_GE:
		return answer(left >= right);
	case COMPARE_LE:
		return answer(left <= right);
	}
	return FILTER_UNKNOWN;
}

/* As the kernel does (net/ipv4/inet_diag.c bitstring_match): the first `bits` of both. */
static bool prefix_equal(const uint8_t *left, const uint8_t *right, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(left, right, bytes))
		return false;
	return !rest || !((left[bytes] ^ right[bytes]) >> (8 - rest));
}

/* An IPv4 condition also speaks of IPv4-mapped addresses of an IPv6 socket. */
static bool address_matches(const struct filter_host *host, const struct socket_fact *socket, const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (host->family == AF_UNSPEC)
		return true;
	if (host->family == socket->family)
		return prefix_equal(address, host->address, host->prefix_bits);
	return host->family == AF_INET && socket->family == AF_INET6 && !memcmp(address, mapped, sizeof mapped) &&
	       prefix_equal(address + sizeof mapped, host->address, host->prefix_bits);
}

/* Of its peer a unix socket knows the inode, not the name. */
static enum filter_answer unix_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	if (socket->family != AF_UNIX)
		return FILTER_NO;
	if (!node->source)
		return socket->known & KNOWN_PEER && !socket->peer_inode ? FILTER_NO : FILTER_UNKNOWN;
	return answer(!fnmatch(node->text, socket->path, FNM_CASEFOLD));
}

static enum filter_answer host_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	uint16_t port = node->source ? socket->source_port : socket->destination_port;

	if (node->host.family == AF_UNIX)
		return unix_matches(node, socket);
	if (socket->family == AF_UNIX || (node->host.port >= 0 && node->host.port != port))
		return FILTER_NO;
	return answer(address_matches(&node->host, socket, node->source ? socket->source : socket->destination));
}

static enum filter_answer port_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	if (socket->family == AF_UNIX || (node->host.family && node->host.family != socket->family))
		return FILTER_NO;
	if (node->host.port < 0)
		return FILTER_YES;
	return compare_numbers(node->compare, node->source ? socket->source_port : socket->destination_port,
			       (uint64_t)node->host.port);
}

static enum filter_answer fact_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	uint64_t number;

	if (!filter_field_read(node->field, socket, &number))
		return FILTER_UNKNOWN;
	return compare_numbers(node->compare, number, node->number);
}

/* A buffer's size counts, whether autotuning made it or somebody fixed it: not every source can tell these apart. */
static enum filter_answer option_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	const struct option_fact *fact = socket->options ? &socket->options[node->field] : NULL;
	struct value value;

	if (!socket_takes_option(socket, &catalogue[node->field]))
		return FILTER_NO;
	if (!fact || fact->source == SOURCE_NONE)
		return FILTER_UNKNOWN;
	value = fact->value;
	if (value.form == FORM_AUTO)
		value.form = FORM_NUMBER;
	if (node->compare <= COMPARE_NE)
		return answer(value_equal(&value, &node->option) == (node->compare == COMPARE_EQ));
	if (value.form != FORM_NUMBER || value.number < 0)
		return FILTER_UNKNOWN;
	return compare_numbers(node->compare, (uint64_t)value.number, (uint64_t)node->option.number);
}

/* True of a socket if it is true of one of its owners; a socket that nobody could be found for is unknown. */
static enum filter_answer owner_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	for (unsigned i = 0; i < socket->owners_count; i++) {
		const struct owner_fact *owner = &socket->owners[i];
		bool yes = node->kind == FILTER_PID ?
				   compare_numbers(node->compare, (uint64_t)owner->pid, node->number) == FILTER_YES :
				   !fnmatch(node->text, owner->command, 0);

		if (yes)
			return FILTER_YES;
	}
	return socket->known & KNOWN_OWNERS ? FILTER_NO : FILTER_UNKNOWN;
}

/* TIME_WAIT, or half open: there is no struct sock any more, or yet. inet_diag_bc_sk() of net/ipv4/inet_diag.c has none
 * of its locks set then, and cgroup 0. */
static bool is_remnant(const struct socket_fact *socket)
{
	return socket->family != AF_UNIX && !(socket->known & KNOWN_SHUTDOWN);
}

static enum filter_answer cgroup_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	if (socket->known & KNOWN_CGROUP)
		return answer(socket->cgroup == node->number);
	return is_remnant(socket) ? answer(node->number == 0) : FILTER_UNKNOWN;
}

static enum filter_answer autobound_matches(const struct socket_fact *socket)
{
	if (socket->known & KNOWN_AUTOBOUND)
		return answer(socket->autobound);
	return is_remnant(socket) ? FILTER_YES : FILTER_UNKNOWN;
}

static enum filter_answer condition_matches(const struct filter_node *node, const struct socket_fact *socket)
{
	switch ((enum filter_kind)node->kind) {
	case FILTER_STATES:
		return answer(socket->state < 32 && node->states >> socket->state & 1);
	case FILTER_HOST:
		return host_matches(node, socket);
	case FILTER_PORT:
		return port_matches(node, socket);
	case FILTER_DEVICE:
		return answer(socket->interface == node->number);
	case FILTER_MARK:
		return socket->known & KNOWN_MARK ? answer((socket->mark & node->mark.mask) == node->mark.value) :
						    FILTER_UNKNOWN;
	case FILTER_CGROUP:
		return cgroup_matches(node, socket);
	case FILTER_AUTOBOUND:
		return autobound_matches(socket);
	case FILTER_FACT:
		return fact_matches(node, socket);
	case FILTER_OPTION:
		return option_matches(node, socket);
	case FILTER_PID:
	case FILTER_COMMAND:
		return owner_matches(node, socket);
	default:
		return FILTER_YES;
	}
}

/* Recurses at most as deep as the filter has nodes: FILTER_NODES small frames. */
static enum filter_answer node_matches(const struct filter *filter, unsigned index, const struct socket_fact *socket)
{
	const struct filter_node *node = &filter->node[index];
	enum filter_answer left, right, decides;

	if (node->kind == FILTER_NOT) {
		left = node_matches(filter, node->left, socket);
		return left == FILTER_UNKNOWN ? left : answer(left == FILTER_NO);
	}
	if (node->kind != FILTER_AND && node->kind != FILTER_OR)
		return condition_matches(node, socket);
	decides = node->kind == FILTER_AND ? FILTER_NO : FILTER_YES;
	left = node_matches(filter, node->left, socket);
	if (left == decides)
		return left;
	right = node_matches(filter, node->right, socket);
	return right == decides || left != FILTER_UNKNOWN ? right : FILTER_UNKNOWN;
}

enum filter_answer filter_match(const struct filter *filter, const struct socket_fact *socket)
{
	return node_matches(filter, filter->root, socket);
}

unsigned filter_wants(const struct filter *filter)
{
	unsigned wants = 0;

	for (unsigned i = 0; i < filter->count; i++)
		switch ((enum filter_kind)filter->node[i].kind) {
		case FILTER_OPTION:
			wants |= WANT_OPTIONS;
			break;
		case FILTER_PID:
		case FILTER_COMMAND:
			wants |= WANT_OWNERS;
			break;
		case FILTER_FACT:
			wants |= WANT_FACTS;
			break;
		case FILTER_AUTOBOUND:
			wants |= WANT_AUTOBOUND;
			break;
		case FILTER_MARK:
			wants |= WANT_MARKS;
			break;
		default:
			break;
		}
	return wants;
}
