/* Four listeners on one port: the kernel spreads the connections over them, and those who accept share no lock. */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sockctl.h>

enum { SHARDS = 4, CLIENTS = 64 };
static struct sockctl_report report = SOCKCTL_REPORT;

static int failed(void)
{
	fprintf(stderr, "%s %s: %s\n", report.error.op, report.error.subject, report.error.hint);
	return 1;
}

int main(void)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;
	struct sockctl_spec spec;
	int fd[SHARDS], shards, idle = 0, total = 0;

	if (sockctl_spec_parse(&spec, "shards=4", &report.error) ||
	    (shards = sockctl_listen("127.0.0.1:0", &spec, NULL, fd, SHARDS, &report)) < 0)
		return failed();
	if (getsockname(fd[0], (struct sockaddr *)&address, &length))
		return 1;
	for (int i = 0; i < CLIENTS; i++)
		if (sockctl_connect((struct sockaddr *)&address, length, 0, NULL, NULL, &report) < 0)
			return failed();
	for (int i = 0, n = 0; i < shards; i++, n = 0) {
		struct pollfd waiting = {.fd = fd[i], .events = POLLIN};
		while (poll(&waiting, 1, 0) == 1 && accept(fd[i], NULL, NULL) >= 0)
			n++;
		printf("shard %d on port %d: %d connections\n", i, ntohs(address.sin_port), n);
		total += n;
		idle += !n;
	}
	return idle || total != CLIENTS;
}
