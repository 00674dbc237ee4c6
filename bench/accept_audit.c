/* Are the options in effect on a connection that a server accepted? Asked of the socket itself, in the server's
 * process. */
#include "accept.h"
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>
#include "servers/by_hand.h"

enum { AUDIT_S = 5 };

static void report_summarize(const struct sockctl_report *report, char *lacking, size_t size)
{
	size_t used = 0;

	*lacking = 0;
	for (unsigned i = 0; i < report->count && used < size; i++) {
		const struct sockctl_verdict *verdict = &report->verdict[i];

		if (verdict->outcome > SOCKCTL_OVERRULED)
			used += (size_t)snprintf(lacking + used, size - used, "%s%s=%s", used ? " " : "",
						 verdict->option, verdict->granted_text);
	}
}

/* The byte comes after the options were made, since the server sends it last. */
static int held_connection(const struct server *server, struct sockaddr_in *own)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = {.tv_sec = AUDIT_S};
	socklen_t length = sizeof *own;
	char byte;

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) &&
	    !connect(fd, (const struct sockaddr *)&server->address, sizeof server->address) &&
	    !getsockname(fd, (struct sockaddr *)own, &length) && recv(fd, &byte, 1, 0) == 1)
		return fd;
	close(fd);
	return -1;
}

bool audit_run(const struct server *server, struct scene *scene, char *lacking, size_t size)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockaddr_in own;
	int fd = held_connection(server, &own);
	unsigned lack;
	bool found = fd >= 0 && server_connections(server, CONNECTION_SPEC, own.sin_port, &lack, &report) == 1;

	close(fd);
	if (found)
		report_summarize(&report, lacking, size);
	else
		snprintf(scene->error, sizeof scene->error, "%s",
			 fd < 0 ? "it does not answer" : "its connections cannot be looked at");
	return found;
}
