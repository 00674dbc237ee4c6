/* Failing system calls. The wrappers and their tables come from calls.def. */
#include "inject.h"
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct fault fault;
static bool running;
static unsigned count;
static struct made made[CALLS_MAX];

void inject_start(const struct fault *wanted)
{
	fault = wanted ? *wanted : (struct fault){.at = CALLS_MAX};
	count = 0;
	running = true;
}

unsigned inject_stop(void)
{
	running = false;
	return count;
}

struct made inject_made(unsigned at)
{
	return made[at];
}

/* Notes the call; the error with which it is to fail, or 0. */
static int call_note(enum call call, int level, int number)
{
	unsigned at = count;

	if (!running)
		return 0;
	if (count < CALLS_MAX)
		made[count++] = (struct made){call, level, number};
	if (at == fault.at || (fault.lasting && at > fault.at && made[fault.at].call == call))
		return fault.error;
	return 0;
}

#define CALL(type, failure, name, parameters, arguments, level, number, performs, ...) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		int error = call_note(CALL_##name, level, number); \
		type r = !error || call_performs(CALL_##name, error) ? __real_##name arguments : 0; \
		if (!error) \
			return r; \
		errno = error; \
		return failure; \
	}
#include "calls.def"
#undef CALL

bool call_performs(enum call call, int error)
{
	switch (call) {
#define CALL(type, failure, name, parameters, arguments, level, number, performs, ...) \
	case CALL_##name: \
		return performs;
#include "calls.def"
#undef CALL
	case CALL_COUNT:
		break;
	}
	return error != 0;
}

const char *call_name(enum call call)
{
	static const char *const names[] = {
#define CALL(type, failure, name, ...) #name,
#include "calls.def"
#undef CALL
	};

	return names[call];
}

int call_error(enum call call, unsigned i)
{
	static const int errors[][32] = {
#define CALL(type, failure, name, parameters, arguments, level, number, performs, ...) {__VA_ARGS__, 0},
#include "calls.def"
#undef CALL
	};

	return errors[call][i];
}
