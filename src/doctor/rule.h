/* The rules: one row in rules.def, one function rule_ID, and a fact sample that fires and one that does not in
 * tests/unit/doctor. A function looks at what it is shown, and at nothing else. */
#ifndef DOCTOR_RULE_H
#define DOCTOR_RULE_H
#include "doctor/exam.h"
#include "doctor/finding.h"

enum opinion {
	OPINION_NOT_ITS_CASE, /* the rule has nothing to say of such a socket */
	OPINION_HEALTHY,
	OPINION_SICK,    /* evidence, weight and fix are filled */
	OPINION_UNKNOWN, /* a fact is missing: evidence says which, and why */
};

/* What a rule is shown, one after the other. */
enum scope {
	SCOPE_SOCKET,      /* exam.now, .before, .listener if it came in by one */
	SCOPE_LISTENER,    /* exam.listener, .group; all its children have been counted */
	SCOPE_GROUP,       /* exam.group: listeners that share one address */
	SCOPE_DESTINATION, /* exam.destination: outgoing connections from one address to one other */
	SCOPE_SOURCE,      /* exam.source: outgoing connections from one address */
	SCOPE_HOST,        /* exam.host alone */
};

enum rule_id {
#define RULE(id, ...) RULE_##id,
#include "doctor/rules.def"
#undef RULE
	RULE_COUNT
};

struct rule {
	const char *name; /* stable: "accept-queue-overflow" */
	enum scope scope;
	enum severity severity;
	unsigned least;     /* so many sockets of one program must have it; 0 = 1 */
	const char *title;  /* a few words: "accept queue overflows" */
	const char *why;    /* one sentence: why it matters */
	const char *source; /* man page, RFC, kernel file */
	const char *when;   /* "Speaks when ...": with its thresholds */
	const char *mends;  /* "Mends it: ..." */
	enum opinion (*judge)(const struct exam *, struct finding *);
};
extern const struct rule rules[RULE_COUNT];
/* In less, a program that does nothing may just not have had its turn. */
enum { RULE_SHORTEST_WAIT_US = 900000 };

#define RULE(id, ...) enum opinion rule_##id(const struct exam *, struct finding *);
#include "doctor/rules.def"
#undef RULE
/* So long may a half-closed connection be silent before it counts as forgotten. */
uint64_t rule_long_silent_ms(const struct host *);
const struct rule *rule_find(const char *name); /* NULL if there is none */
/* Ends a function for want of a fact: says which, and why it is not known. */
enum opinion rule_unknown(struct finding *, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
