/* FILTER: which sockets. The language of ss, with `and` before `or`, and comparisons by word on facts, options and
 * owners. Decides over facts; opens no socket and reads no process. */
#ifndef OBSERVE_FILTER_H
#define OBSERVE_FILTER_H
#include "fact/socket_fact.h"
#include "sockctl.h"

enum { FILTER_NODES = 512, FILTER_DEPTH = 64, FILTER_TEXT = 108 };

enum filter_kind {
	FILTER_ALL,          /* the empty filter */
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_STATES,
	FILTER_HOST,         /* address with prefix, and port */
	FILTER_PORT,
	FILTER_DEVICE,
	FILTER_MARK,
	FILTER_CGROUP,
	FILTER_AUTOBOUND,
	FILTER_FACT,         /* a number of the socket */
	FILTER_OPTION,
	FILTER_PID,
	FILTER_COMMAND,
};
enum filter_compare { COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_LT, COMPARE_GE, COMPARE_LE };

struct filter_host {
	uint8_t family;              /* AF_UNSPEC: any; AF_UNIX: text is a pattern */
	uint8_t prefix_bits;
	uint8_t address[16];
	int32_t port;                /* -1: any */
};

struct filter_node {
	uint8_t kind, compare;
	bool source;                 /* of HOST and PORT: the socket's own end */
	uint16_t left, right;        /* of AND, OR, NOT */
	uint16_t field;              /* of FACT: a line of the fields; of OPTION: enum option_id */
	union {
		uint32_t states;     /* bits 1 << TCP_ESTABLISHED... */
		struct filter_host host;
		struct { uint32_t value, mask; } mark;
		uint64_t number;
		struct value option;
	};
	char text[FILTER_TEXT];      /* pattern of a unix path or command */
};

struct filter {
	uint16_t count, root;
	struct filter_node node[FILTER_NODES];
};

/* How names in a filter become numbers. Each returns 0 or -errno; NULL: only numbers are taken. */
struct filter_names {
	int (*service)(const char *name, uint16_t *ret_port);
	/* Up to `max` addresses, 16 bytes each; returns their number. family AF_UNSPEC: both. */
	int (*host)(const char *name, uint8_t family, struct filter_host ret[], unsigned max);
	int (*device)(const char *name, uint32_t *ret_index);
	int (*user)(const char *name, uint32_t *ret_uid);
	int (*cgroup)(const char *path, uint64_t *ret_id);
};
extern const struct filter_names filter_names_system;        /* this host's */

/* Parses; an empty text matches everything. 0, or -EINVAL (syntax), -ENOENT (unknown name), -E2BIG (too many terms,
 * too deep) with the token at fault in error.subject. *ret is undefined on failure. */
int filter_parse(struct filter *ret, const char *text, const struct filter_names *, struct sockctl_error *);

/* Kleene's three values: UNKNOWN where a fact is absent and the rest does not decide. */
enum filter_answer { FILTER_NO, FILTER_YES, FILTER_UNKNOWN };
enum filter_answer filter_match(const struct filter *, const struct socket_fact *);

/* What has to be read for the filter to decide. */
enum filter_want { WANT_OPTIONS = 1, WANT_OWNERS = 2, WANT_FACTS = 4, WANT_AUTOBOUND = 8, WANT_MARKS = 16 };
unsigned filter_wants(const struct filter *);

/* The filter as INET_DIAG bytecode: lets through whatever may match, and as little else as it can. `privileged`: the
 * kernel takes conditions on marks (CAP_NET_ADMIN). *ret_exact: with filter_states_mask() it lets through exactly what
 * matches. Returns the length in bytes, 0 if there is nothing for the kernel to decide, -E2BIG if it does not fit. code
 * is aligned to 4 bytes. */
int filter_bytecode(const struct filter *, bool privileged, void *code, size_t size, bool *ret_exact);
/* The states that a matching socket can be in. */
uint32_t filter_states_mask(const struct filter *);
#endif
