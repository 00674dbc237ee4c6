/* How a host's limits look: a page for people, a record for programs, a file for sysctl.d. */
#ifndef CLI_VIEW_HOST_H
#define CLI_VIEW_HOST_H
#include "cli/origin.h"
#include "doctor/host_advice.h"
#include "doctor/host_capped.h"
#include "fact/host_use.h"
#include "record/sink.h"

#define HOST_SCHEMA "sockctl.host/1"
enum { HOST_SOCKETS = 1000, HOST_OWNERS = 4, HOST_ADDRESS = 112 };

/* One that stands at a limit. */
struct host_socket {
	enum sysctl_id sysctl;
	const char *protocol;
	char local[HOST_ADDRESS], peer[HOST_ADDRESS];
	bool owners_known;
	unsigned owners, owners_total;       /* at most HOST_OWNERS of them are kept */
	struct owner_fact owner[HOST_OWNERS];
};

struct host_report {
	struct netns_fact netns;     /* inode 0: it cannot be told */
	int netns_code;              /* why: -errno */
	bool netns_asked;            /* by -N: else it is the one in which we run */
	struct sysctl_facts facts;
	struct host_use use;
	bool complete, hidden_read;  /* all sockets were seen; with options that sock_diag hides */
	char why[200];               /* they were not */
	uint64_t capped[SYSCTL_COUNT];
	struct host_socket *socket;  /* HOST_SOCKETS at most of them; owned; NULL: not asked for */
	unsigned sockets;
	uint64_t sockets_left_out;   /* beyond HOST_SOCKETS */
	struct host_advice advice[SYSCTL_COUNT];
	unsigned advices;
};

/* all: also what neither limits nor is the default of an option. */
void host_page(const struct host_report *, bool all, unsigned width, bool colour);
void host_file(const struct host_report *);
/* origin NULL: the outer object has it. */
void host_record(struct sink *, const struct host_report *, const struct origin *origin);
/* "2 listeners whose accept queue is exactly this long", "204 of 383866 pages", "-"; *ret_marked: somebody stands
 * at it. */
void host_now_text(const struct host_report *, enum sysctl_id, char *text, size_t size, bool *ret_marked);
/* Of sysctls that limit something that is counted by others than sockets; false: of none, or it is not known. */
bool host_level(const struct host_report *, enum sysctl_id, uint64_t *ret_used, int64_t *ret_limit, const char **ret_unit);
/* Is it known how many sockets stand at it? */
bool host_capped_known(const struct host_report *, enum sysctl_id, const char **ret_which);
const char *host_value_text(const struct sysctl_fact *);
#endif
