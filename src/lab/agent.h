/* A process on one host that runs one command line of the user's under a spec, and keeps what became of it. */
#ifndef LAB_AGENT_H
#define LAB_AGENT_H
#include "lab/worker.h"

struct agent_result {                        /* in shared memory */
	bool done;                           /* false: the agent itself was killed */
	int status;                          /* waitpid's */
	uint64_t wall_us;
	struct sockctl_error error;          /* code 0 unless it could not be started */
	struct sockctl_report report;        /* the worst verdict of each setting, over all its sockets */
};

struct agent {
	char *command;                       /* for sh -c */
	const struct sockctl_spec *spec;
	int out, err;                        /* become its fds 1 and 2 */
	struct agent_result *result;
};

/* Body for worker_start; arg is a struct agent. */
void agent_run(void *arg);
/* "exited with status 3", "was killed by signal 11 (Segmentation fault)"... */
void agent_status_text(const struct agent_result *, char *text, size_t size);
#endif
