/* The control hook: called with the bare socket at every phase, at the moment in which the kernel still honours
 * what is set then. Here it sets an option that the catalogue does not have, after the spec's own and before
 * bind(). */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sockctl.h>

static struct sockctl_report report = SOCKCTL_REPORT;

static int hook(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	int on = 1, *calls = arg;

	(*calls)++;
	printf("shard %u: %s\n", shard, sockctl_phase_name(phase));
	if (phase != SOCKCTL_PRE_BIND)
		return 0;
	return setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) ? -errno : 0;
}

int main(void)
{
	int calls = 0, fd[2], on = 0;
	const struct sockctl_control control = {hook, &calls};
	struct sockctl_spec spec;
	socklen_t size = sizeof on;

	if (sockctl_spec_parse(&spec, "nodelay shards=2", &report.error) ||
	    sockctl_listen("127.0.0.1:0", &spec, &control, fd, 2, &report) < 0) {
		fprintf(stderr, "%s %s: %s\n", report.error.op, report.error.subject, report.error.hint);
		return 1;
	}
	if (getsockopt(fd[1], IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, &size))
		return 1;
	printf("asked on, granted %s, after %d calls of the hook\n", on ? "on" : "off", calls);
	return !on || calls != 8;
}
