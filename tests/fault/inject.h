/* Failing system calls: every call that libsockctl makes is counted, and one of them can be made to fail. The linker leads the
 * calls here (--wrap). Knows neither the library nor what should come of a failure. */
#ifndef FAULT_INJECT_H
#define FAULT_INJECT_H
#include <stdbool.h>

enum call {
#define CALL(type, failure, name, ...) CALL_##name,
#include "calls.def"
#undef CALL
	CALL_COUNT
};

/* A call that was made, and the option that it was about (0, 0: none). */
struct made {
	enum call call;
	int level, number;
};

struct fault {
	unsigned at;  /* this call fails, counted from 0; past the last: none does */
	bool lasting; /* and so does every later call of the same name */
	int error;
};

enum { CALLS_MAX = 1024, FAULT_NONE = -1 };

void inject_start(const struct fault *); /* NULL: only counts */
unsigned inject_stop(void);              /* how many calls were made */
struct made inject_made(unsigned at);    /* of the last run */
const char *call_name(enum call);
/* The i-th error that the call can give, 0 after the last. */
int call_error(enum call, unsigned i);
/* Does the kernel do what was asked, although it returns this error? */
bool call_performs(enum call, int error);
#endif
