/* The states' names: one row each. */
#include "observe/filter_state.h"
#include <netinet/tcp.h>
#include <stddef.h>
#include <strings.h>

#define STATE(id) (1u << (id))
enum {
	ALL = STATE(TCP_CLOSING + 1) - 2,
	CONNECTED = ALL & ~(STATE(TCP_CLOSE) | STATE(TCP_LISTEN)),
	BUCKET = STATE(TCP_SYN_RECV) | STATE(TCP_TIME_WAIT),
};

/* The first name of a state is what is printed. */
/* clang-format off: one row, one line */
static const struct {
	const char *name;
	uint32_t states;
} names[] = {
	{"established", STATE(TCP_ESTABLISHED)},
	{"estab", STATE(TCP_ESTABLISHED)},
	{"syn-sent", STATE(TCP_SYN_SENT)},
	{"syn-recv", STATE(TCP_SYN_RECV)},
	{"syn-rcv", STATE(TCP_SYN_RECV)},
	{"fin-wait-1", STATE(TCP_FIN_WAIT1)},
	{"fin-wait-2", STATE(TCP_FIN_WAIT2)},
	{"time-wait", STATE(TCP_TIME_WAIT)},
	{"closed", STATE(TCP_CLOSE)},
	{"close", STATE(TCP_CLOSE)},
	{"unconnected", STATE(TCP_CLOSE)},
	{"unconn", STATE(TCP_CLOSE)},
	{"close-wait", STATE(TCP_CLOSE_WAIT)},
	{"last-ack", STATE(TCP_LAST_ACK)},
	{"listening", STATE(TCP_LISTEN)},
	{"listen", STATE(TCP_LISTEN)},
	{"closing", STATE(TCP_CLOSING)},
	{"all", ALL},
	{"connected", CONNECTED},
	{"synchronized", CONNECTED & ~STATE(TCP_SYN_SENT)},
	{"bucket", BUCKET},
	{"big", ALL & ~BUCKET},
};
/* clang-format on */
enum { NAMES = sizeof names / sizeof *names };

uint32_t filter_states(const char *name)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (!strcasecmp(names[i].name, name))
			return names[i].states;
	return 0;
}

const char *filter_state_name(unsigned state)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (state < 32 && names[i].states == STATE(state))
			return names[i].name;
	return "unknown";
}

const char *filter_state_next(unsigned index)
{
	return index < NAMES ? names[index].name : NULL;
}
