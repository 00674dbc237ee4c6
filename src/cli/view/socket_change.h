/* What became of a socket between two looks. */
#ifndef CLI_VIEW_SOCKET_CHANGE_H
#define CLI_VIEW_SOCKET_CHANGE_H
#include "cli/earlier.h"
#include "record/sink.h"

enum change_kind { CHANGE_STATE, CHANGE_OPTION, CHANGE_COUNTER, CHANGE_GAUGE };
struct change {
	enum change_kind kind;
	const char *name;            /* as in JSON: rtt_us, nodelay */
	bool loud;                   /* worth a word in a line: no mere trace of traffic */
	char from[64], to[64];       /* for people; of a counter `to` is the difference with its rate */
	struct value before, after;  /* of options; of the others FORM_NUMBER */
	double per_second;           /* of counters */
};
enum { CHANGES_MAX = 1 + OPTION_COUNT + EARLIER_NUMBERS + TCP_FACT_COUNT };
struct changes {
	unsigned count;
	struct change change[CHANGES_MAX];
};
/* Only what both looks know is compared; elapsed_s > 0. */
void socket_changes(const struct earlier_socket *, const struct socket_fact *, double elapsed_s, struct changes *ret);
/* "state estab to close-wait, nodelay off to on, bytes_sent +12M (9.8mbit)": the loud ones, or all. */
void socket_changes_text(const struct changes *, bool all, char *text, size_t size);
/* Members: state, options, counters and numbers, each with from and to. */
void socket_changes_emit(struct sink *, const struct changes *);
#endif
