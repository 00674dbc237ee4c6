/* The accept queue: listen() silently cuts what it is asked for down to net.core.somaxconn. The verdict tells the
 * queue that the listener really has, and what cut it. Raising the sysctl later changes nothing until listen() is
 * called again. */
#include <inttypes.h>
#include <stdio.h>
#include <sockctl.h>

static struct sockctl_report report = SOCKCTL_REPORT;

static int failed(void)
{
	fprintf(stderr, "%s %s: %s\n", report.error.op, report.error.subject, report.error.hint);
	return 1;
}

int main(int argc, char **argv)
{
	const struct sockctl_verdict *backlog = &report.verdict[0];
	struct sockctl_spec spec;
	char line[400];
	int listener;

	if (sockctl_spec_parse(&spec, argc > 1 ? argv[1] : "backlog=1024", &report.error) ||
	    sockctl_listen("127.0.0.1:0", &spec, NULL, &listener, 1, &report) < 0)
		return failed();
	sockctl_verdict_text(backlog, line, sizeof line);
	puts(line);
	if (backlog->outcome == SOCKCTL_CLAMPED)
		printf("write %s = %" PRId64 " into /etc/sysctl.d, and start the server again\n", backlog->limit,
		       backlog->asked);
	return backlog->outcome != SOCKCTL_GRANTED;
}
