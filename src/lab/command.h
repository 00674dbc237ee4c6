/* Runs the user's own server and client commands between the two hosts of a world, one trial at a time, each under its
 * host's spec. Nothing of them is left after a trial, however it ends. */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H
#include "lab/gauge.h"
#include "lab/placement.h"
#include "lab/reader/reader.h"

struct command_load {
	const struct world *world;           /* not owned; the caller is inside contain_run, with nobody else but the link */
	const char *server;                  /* for sh -c, {server} and {port} are filled in; NULL: none. Not owned */
	const char *client;
	const struct reader *reader;
	uint64_t start_timeout_us, run_timeout_us;   /* until the server listens; of the client. Set by command_load_open, may be changed */
	struct placement placement;          /* chosen by command_load_open, which has pinned the link */
	volatile int *stop;                  /* set by a signal handler: trials end with -ECANCELED; may be NULL */
	unsigned runs;                       /* so far: each has a port of its own */
	unsigned retries;                    /* of a disturbed trial, at most; set by command_load_open, may be changed */
	struct gauge gauge;
	struct command_stage *stage;         /* private: memory that the agents share */
	struct watch *watch;                 /* private */
};

/* 0 or -errno. */
int command_load_open(struct command_load *, const struct world *, const char *server, const char *client,
		      const struct reader *, struct sockctl_error *);
void command_load_close(struct command_load *);
/* Valid as long as the load is. A trial is tried again when the machine disturbed it, `retries` times at most (COMMAND_RETRIES if not changed).
 * Errors: -ENOENT, -EACCES (a program that is missing), -ECHILD (it failed, or the server ended too early), -ETIMEDOUT (it hung,
 * or the server never listened), -EPROTO (no metric in the output), those of run_program. */
enum { COMMAND_RETRIES = 2 };
struct runner command_load_runner(struct command_load *);
#endif
