/* FILTER as INET_DIAG bytecode (net/ipv4/inet_diag.c inet_diag_bc_run, inet_diag_bc_audit): a chain of tests that
 * only jump forward. What the kernel cannot decide it lets through; filter_match() has the last word. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <string.h>
#include "observe/filter.h"

/* `no` has 16 bits; a message of this size passes through any netlink socket. */
enum { CODE_MAX = 32768 };

struct builder {
	const struct filter *filter;
	bool privileged, exact;
	char *code;
	size_t size, length;
	int error;
};

/* Operations whose `no` is not known yet hang in a chain through their own `no`: offset of the last one + 1, 0 ends
 * it. */
struct chain {
	size_t last;
};

static void put(struct builder *b, const void *bytes, size_t length)
{
	if (b->length + length > b->size || b->length + length > CODE_MAX) {
		b->error = -E2BIG;
		return;
	}
	memcpy(b->code + b->length, bytes, length);
	b->length += length;
}

static void operation_put(struct builder *b, unsigned code, size_t operand, struct chain *no)
{
	struct inet_diag_bc_op op = {(unsigned char)code, (unsigned char)(sizeof op + operand),
				     (unsigned short)no->last};
	size_t at = b->length;

	put(b, &op, sizeof op);
	no->last = at + 1;
}

static void chain_land(struct builder *b, struct chain *chain, size_t target)
{
	size_t at = chain->last;

	while (at && !b->error) {
		struct inet_diag_bc_op op;
		size_t next;

		memcpy(&op, b->code + at - 1, sizeof op);
		next = op.no;
		op.no = (unsigned short)(target - (at - 1));
		memcpy(b->code + at - 1, &op, sizeof op);
		at = next;
	}
	chain->last = 0;
}

/* --- one test: goes on behind itself if it holds, to `no` if not --------------------------------------------------
 * */

static void host_put(struct builder *b, const struct filter_host *host, bool source, struct chain *no)
{
	struct inet_diag_hostcond condition = {
		.family = host->family, .prefix_len = host->prefix_bits, .port = host->port};
	size_t address = host->family == AF_INET6 ? 16 : host->family == AF_INET ? 4 : 0;

	operation_put(b, source ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, sizeof condition + address, no);
	put(b, &condition, sizeof condition);
	put(b, host->address, address);
}

static void port_put(struct builder *b, const struct filter_node *node, bool at_least, struct chain *no)
{
	struct inet_diag_bc_op port = {.no = (unsigned short)node->host.port};
	unsigned code = node->source ? (at_least ? INET_DIAG_BC_S_GE : INET_DIAG_BC_S_LE) :
				       (at_least ? INET_DIAG_BC_D_GE : INET_DIAG_BC_D_LE);

	operation_put(b, code, sizeof port, no);
	put(b, &port, sizeof port);
}

static void number_put(struct builder *b, unsigned code, const void *operand, size_t size, struct chain *no)
{
	operation_put(b, code, size, no);
	put(b, operand, size);
}

/* Comparisons that the kernel has as their opposite only: > is not <=. */
static bool test_is_opposite(const struct filter_node *node)
{
	return node->kind == FILTER_PORT &&
	       (node->compare == COMPARE_NE || node->compare == COMPARE_GT || node->compare == COMPARE_LT);
}

static void test_put(struct builder *b, const struct filter_node *node, struct chain *no)
{
	const struct inet_diag_markcond mark = {node->mark.value, node->mark.mask};
	const uint32_t interface = (uint32_t)node->number;

	switch ((enum filter_kind)node->kind) {
	case FILTER_HOST:
		host_put(b, &node->host, node->source, no);
		break;
	case FILTER_PORT:
		if (node->compare == COMPARE_EQ || node->compare == COMPARE_NE)
			host_put(b, &node->host, node->source, no);
		else
			port_put(b, node, node->compare == COMPARE_GE || node->compare == COMPARE_LT, no);
		break;
	case FILTER_DEVICE:
		number_put(b, INET_DIAG_BC_DEV_COND, &interface, sizeof interface, no);
		break;
	case FILTER_MARK:
		number_put(b, INET_DIAG_BC_MARK_COND, &mark, sizeof mark, no);
		break;
	case FILTER_CGROUP:
		number_put(b, INET_DIAG_BC_CGROUP_COND, &node->number, sizeof node->number, no);
		break;
	default:
		operation_put(b, INET_DIAG_BC_AUTO, 0, no);
	}
}

/* Only what the kernel decides exactly as filter_match() does: under a `not`, too much would become too little. */
static bool kernel_decides(const struct builder *b, const struct filter_node *node)
{
	switch ((enum filter_kind)node->kind) {
	case FILTER_HOST:
		return node->host.family != AF_UNIX;
	case FILTER_PORT:
		return node->host.family == AF_UNSPEC; /* the kernel's AF_INET also takes mapped addresses */
	case FILTER_DEVICE:
	case FILTER_CGROUP:
	case FILTER_AUTOBOUND:
		return true;
	case FILTER_MARK:
		return b->privileged; /* inet_diag_bc_audit(): EPERM without CAP_NET_ADMIN */
	default:
		return false;
	}
}

/* --- the tree -----------------------------------------------------------------------------------------------------
 * */

static void node_put(struct builder *b, unsigned index, bool negated, bool top, struct chain *no);

static void condition_put(struct builder *b, const struct filter_node *node, bool negated, bool top, struct chain *no)
{
	struct chain failed = {0};

	if (!kernel_decides(b, node)) {
		/* the dump's own set of states decides this one: filter_states_mask() */
		b->exact &= node->kind == FILTER_ALL || (node->kind == FILTER_STATES && top);
		return;
	}
	if (negated == test_is_opposite(node)) {
		test_put(b, node, no);
		return;
	}
	test_put(b, node, &failed);
	operation_put(b, INET_DIAG_BC_JMP, 0, no);
	chain_land(b, &failed, b->length);
}

/* left, or else right. A side that lets everything through makes the other one idle. */
static void either_put(struct builder *b, const struct filter_node *node, bool negated, struct chain *no)
{
	struct chain left_failed = {0}, done = {0};
	size_t start = b->length, right;

	node_put(b, node->left, negated, false, &left_failed);
	if (b->length == start)
		return;
	operation_put(b, INET_DIAG_BC_JMP, 0, &done);
	right = b->length;
	chain_land(b, &left_failed, right);
	node_put(b, node->right, negated, false, no);
	if (b->length == right)
		b->length = start;
	else
		chain_land(b, &done, b->length);
}

static void node_put(struct builder *b, unsigned index, bool negated, bool top, struct chain *no)
{
	const struct filter_node *node = &b->filter->node[index];

	if (b->error)
		return;
	if (node->kind == FILTER_NOT) {
		node_put(b, node->left, !negated, top, no);
	} else if (node->kind != FILTER_AND && node->kind != FILTER_OR) {
		condition_put(b, node, negated, top, no);
	} else if ((node->kind == FILTER_AND) == negated) {
		either_put(b, node, negated, no);
	} else {
		node_put(b, node->left, negated, top, no);
		node_put(b, node->right, negated, top, no);
	}
}

int filter_bytecode(const struct filter *filter, bool privileged, void *code, size_t size, bool *ret_exact)
{
	struct builder b = {.filter = filter, .privileged = privileged, .exact = true, .code = code, .size = size};
	struct chain no = {0};

	node_put(&b, filter->root, false, true, &no);
	/* 4 beyond the end is what inet_diag_bc_run() takes for "no" */
	chain_land(&b, &no, b.length + sizeof(struct inet_diag_bc_op));
	if (b.error)
		return b.error;
	*ret_exact = b.exact;
	return (int)b.length;
}

/* --- states: part of the dump's request, not of its bytecode
 * --------------------------------------------------------- */

static uint32_t node_states(const struct filter *filter, unsigned index, bool negated)
{
	const struct filter_node *node = &filter->node[index];
	uint32_t left, right;

	if (node->kind == FILTER_NOT)
		return node_states(filter, node->left, !negated);
	if (node->kind == FILTER_STATES)
		return negated ? ~node->states : node->states;
	if (node->kind != FILTER_AND && node->kind != FILTER_OR)
		return UINT32_MAX;
	left = node_states(filter, node->left, negated);
	right = node_states(filter, node->right, negated);
	return (node->kind == FILTER_AND) == negated ? left | right : left & right;
}

uint32_t filter_states_mask(const struct filter *filter)
{
	return node_states(filter, filter->root, false);
}
