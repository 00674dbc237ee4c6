/* One option in one of its places: how it is set and read, and what its row says of the outcome. Checks nothing itself. */
#ifndef CONTRACT_SUBJECT_H
#define CONTRACT_SUBJECT_H
#include "catalog/value.h"
#include "stage.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct subject {
	const struct option *option;
	const struct place *place;
	unsigned checks, wrong;
	const char *skip;            /* why the rest of it cannot be checked here */
};

enum { PHASES = 5 };
extern const enum sockctl_phase phases[PHASES];      /* those that differ for the kernel */
extern int64_t limits[OPTION_COUNT];         /* what the rows' sysctls cap at here; -1: none, or not readable */

/* Prints where the row and the kernel differ, and counts it. */
void complain(struct subject *, const char *where, enum family, const char *format, ...) __attribute__((format(printf, 4, 5)));
const char *errno_name(int error);

bool subject_is_settable(const struct subject *);                            /* a property of one socket? */
int subject_set(const struct subject *, int fd, const struct value *);       /* errno */
int subject_get(const struct subject *, int fd, struct value *ret);          /* errno */

/* A stage hook that sets a value: arg is a struct request. */
struct request {
	const struct subject *subject;
	const struct value *value;
};
int request_make(int fd, void *arg);

bool row_refuses(const struct subject *, enum sockctl_phase);
bool row_is_late(const struct subject *, enum sockctl_phase);
bool row_honours(const struct subject *, enum sockctl_phase);                /* neither refused nor too late */
bool row_governs(const struct subject *, enum family);
bool reads_as_row_says(const struct subject *, const struct value *asked, const struct value *got);
enum sockctl_phase first_honoured(const struct subject *);                   /* SOCKCTL_PHASES: none */
void example_value(const struct option *, struct value *ret);
#endif
