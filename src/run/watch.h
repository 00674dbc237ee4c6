/* The processes that watch over the program: the front (whom the user started, and who returns the program's
 * status), the supervisor (its child, the program's parent), and a stand-by where the front is gone. Two at a time
 * hold the notification fd; one serves, and when it dies at whatever instant, the other answers the call in flight
 * and serves on. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H
#include "run/service.h"

enum role { ROLE_FRONT, ROLE_SUPERVISOR, ROLE_STANDBY };

struct watch {
	enum role role;
	struct service service;
	bool serving;                /* this process answers */
	int partner_fd;              /* channel to the other one; -1: there is none */
	pid_t partner;
	bool partner_is_front;
	int signal_fd;               /* all signals, blocked */
	pid_t program;
	int program_fd;              /* pidfd; -1: none */
	bool ended, settled, gone;   /* the program; what became of its descendants is known; nobody is left */
	int status;                  /* of the program, once it has ended; -1: nobody could tell */
};

/* Until this process has nothing left to do. */
void watch_loop(struct watch *);
/* Makes stdin, stdout and stderr /dev/null and leaves the directory: nobody waits for us. */
void watch_detach(void);
#endif
