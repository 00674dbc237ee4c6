/* The two programs of `sockctl path`. */
#ifndef CLI_PATH_PROGRAMS_H
#define CLI_PATH_PROGRAMS_H
#include "lab/world.h"

struct path_run {
	struct path path;
	const char *server; /* command for sh -c; NULL: none */
	char **client;      /* argv */
	bool ipv6, stats;
	int64_t wait_us; /* for the server to listen */
	/* inside the containment */
	struct world world;
	unsigned port;
	pid_t server_pid;
};

/* From now on the client gets the signals that are sent to us; what came ignored (nohup) stays ignored, here and in
 * the programs. */
void path_signals_catch(void);
int path_server_run(struct path_run *);      /* until it listens: 0, or an exit code after having said why */
int path_client_run(struct path_run *);      /* to its end: its exit code */
void path_server_end(struct path_run *);     /* asked first, so that it can write its report */
#endif
