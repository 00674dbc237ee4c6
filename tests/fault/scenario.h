/* What is called while system calls fail: one line in scenarios.c per way to use the library. Judges nothing. */
#ifndef FAULT_SCENARIO_H
#define FAULT_SCENARIO_H
#include "probe/stage.h"

struct scenario;

/* One run. What prepare() opened is in the stage, what the call returned in fd[]. */
struct act {
	const struct scenario *scenario;
	struct sockctl_spec spec;
	struct sockctl_report report;
	struct stage stage;
	int at_hand;                    /* the socket of the stage that the call is about; -1: none */
	struct sockaddr_storage target; /* of the stage's listener, on loopback */
	socklen_t target_length;
	int group[2]; /* that share a port; -1: none */
	int fd[8];
	unsigned opened, closed;
};

struct scenario {
	const char *name;
	int (*prepare)(struct act *); /* 0 or -errno; nothing fails during it. NULL: nothing to prepare */
	/* What the library said; descriptors that it opened go to fd[]. */
	int (*call)(struct act *);
	const char *address;      /* that the call opens, or that prepare() listens on */
	const char *spec;         /* NULL: every row of the catalogue in turn, alone, required and with try: */
	enum probe_family family; /* of the stage */
	enum sockctl_phase phase;
	bool without_report;
	bool races; /* several addresses: what one attempt fails of, another makes good */
};

extern const struct scenario scenarios[];
extern const unsigned scenario_count;

/* Prepares; the reports are filled with `fill` before the call: all of it is the library's to write. 0 or -errno. */
int act_begin(struct act *, const struct scenario *, const struct sockctl_spec *, unsigned char fill);
void act_end(struct act *);
/* Can a listener have the address that the call was to open, or is somebody left there? */
bool act_address_is_free(const struct act *);
#endif
