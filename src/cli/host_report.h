/* What `sockctl host` reads, in one namespace. Changes nothing. */
#ifndef CLI_HOST_REPORT_H
#define CLI_HOST_REPORT_H
#include "cli/view/host.h"
#include "sockctl.h"

struct host_report *host_report_new(void);           /* NULL: no memory */
void host_report_free(struct host_report *);         /* takes NULL */
/* In the calling thread's namespace. who: also which sockets stand at a limit and whose they are, with the options
 * that sock_diag hides. 0 or -errno. */
int host_report_read(struct host_report *, bool who, const struct host_goal *, struct sockctl_error *);
#endif
