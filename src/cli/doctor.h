/* What the parts of `sockctl doctor` share: what was asked for, and what was seen. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H
#include "cli/filter_operands.h"
#include "cli/origin.h"
#include "doctor/doctor.h"
#include "observe/sockets.h"

struct visit {
	struct sockets_query query;
	struct filter *filter;
	char text[FILTER_BYTES]; /* of it */
	int64_t for_us, idle_us;
	uint64_t only; /* rules; 0: all */
	enum severity least;
	bool json, pretty, all, rules_only;
	struct origin origin;                                 /* before the first look */
	struct doctor *doctor;
	struct sockets_outcome outcome;                       /* of the second look */
	bool complete;                                        /* both were */
	char why[sizeof(((struct sockets_outcome *)0)->why)]; /* the first that was not */
	uint64_t started_us, interval_us; /* interval_us: up to the last socket of the second look */
	unsigned shown, less_severe;
};

/* For as long as was asked for after `started_us`, or until a signal comes. */
void visit_wait(struct visit *);
/* What was found, as was asked for; counts what is shown. */
void visit_print(struct visit *);
/* Every rule, though nothing was looked at. EXIT_FINE. */
int visit_rules_list(const struct visit *);
#endif
