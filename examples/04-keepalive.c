/* Keepalive with all three timers: 30 s of silence, then 3 probes 10 s apart. While data waits for its
 * acknowledgement no probe is sent, so user-timeout covers that case; it is set a little below 30 + 10 x 3 s. */
#include <stdio.h>
#include <sockctl.h>

static struct sockctl_report report = SOCKCTL_REPORT;

static int failed(void)
{
	fprintf(stderr, "%s %s: %s\n", report.error.op, report.error.subject, report.error.hint);
	return 1;
}

int main(void)
{
	struct sockctl_spec spec;
	char line[400];
	int listener, fd, r;

	if (sockctl_spec_parse(&spec, "keepalive=30s/10s/3 user-timeout=55s", &report.error) ||
	    sockctl_listen("127.0.0.1:0", &spec, NULL, &listener, 1, &report) < 0)
		return failed();
	for (unsigned i = 0; i < report.count; i++) {
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		puts(line);
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	r = fd < 0 ? fd : sockctl_set_keepalive(fd, 30, 10, 3); /* the one-liner: switch and timers, read back */
	printf("one-liner: %s\n", r ? "not in effect" : "granted");
	return r || sockctl_worst(&report) > SOCKCTL_ROUNDED;
}
