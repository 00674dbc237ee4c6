/* One row in one of its places for one family, and the sockets that get its value. Says nothing of what the row
 * promises. */
#ifndef PROBE_SUBJECT_H
#define PROBE_SUBJECT_H
#include "probe/stage.h"

struct subject {
	const struct option *option;
	unsigned place;
	enum probe_family family;
};

/* Sets or reads; errno, 0 on success. */
int subject_set(const struct subject *, int fd, const struct value *);
int subject_get(const struct subject *, int fd, struct value *ret);

/* A stage hook that sets a value: arg is a struct request. */
struct request {
	const struct subject *subject;
	const struct value *value;
};
int request_make(int fd, void *arg);

/* Does the kernel's type hold this number, so that setsockopt could be given it? */
bool subject_expresses(const struct subject *, int64_t number);
/* Are its values numbers, of which the row's range says which are legal? */
bool subject_is_ranged(const struct subject *);
/* A value that the row says is legal, and that an untouched socket does not have, if there is one: the example if it
 * will do. */
void subject_value(const struct subject *, struct value *ret);
/* Sets the value on a fresh socket in the phase (and reads it afterwards if ret is given); errno. */
int subject_try(const struct subject *, enum probe_phase, const struct value *, struct probe_reading *ret);
/* The first phase in which the row says it works, if the family has it; else PROBE_UNBOUND. */
enum probe_phase subject_phase(const struct subject *);
#endif
