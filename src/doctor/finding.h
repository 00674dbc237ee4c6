/* A judgement over facts. The doctor opens and changes nothing: a finding carries its fix as a spec, and others hand it
 * on. */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H
#include <stdbool.h>
#include <stdint.h>

/* NOTE: worth knowing. WARNING: it costs something now or will. FAULT: peers are failing, or data is lost. */
enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_FAULT, SEVERITY_COUNT };

struct fix {              /* "" where there is none */
	char spec[96];    /* a SPEC */
	char sysctl[128]; /* "net.core.somaxconn=4096"; several are separated by "; " */
	char words[200];  /* what to write in the program's own configuration */
	char advice[256]; /* what no setting mends, or what the settings depend on */
};

/* The same numbers for programs. Keys carry units and are static. */
enum { FINDING_NUMBERS = 10 };
struct finding_number {
	const char *key;
	uint64_t value;
};

struct finding {
	const struct rule *rule;
	enum severity severity; /* the rule's, unless its function says otherwise */
	char who[64];           /* "nginx[812]"; "?" */
	char what[160];         /* "listener 127.0.0.1:8080" */
	uint64_t sockets;       /* how many have it; the evidence is of the worst */
	double weight;          /* how bad; compares findings of one rule. Of the function */
	bool alone;             /* counts though fewer sockets than the rule's `least` have it */
	bool excused_by_stall; /* it is none if its program waits for a peer of its own, which takes nothing. Of the function */
	char evidence[400]; /* the numbers, with units and over which time. Of the function */
	struct finding_number number[FINDING_NUMBERS]; /* ends with a NULL key, unless it is full. Of the function */
	struct fix fix;                                /* of the function */
};

/* Adds a number to what programs are told. */
void finding_number(struct finding *, const char *key, uint64_t value);
/* What is constant of a fix. */
void fix_by_spec(struct fix *, const char *spec, const char *advice);
void fix_by_sysctl(struct fix *, const char *sysctl, const char *advice);
#endif
