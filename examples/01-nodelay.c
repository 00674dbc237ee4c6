/* Nagle's algorithm off: small writes leave at once. A listener that has it hands it on, so accepting costs no
 * extra call. */
#include <netinet/in.h>
#include <netinet/tcp.h>
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
	struct sockaddr_storage address;
	struct sockctl_spec spec;
	socklen_t length = sizeof address, size = sizeof(int);
	int listener, client, server, on = 0;

	if (sockctl_spec_parse(&spec, "nodelay", &report.error) ||
	    sockctl_listen("127.0.0.1:0", &spec, NULL, &listener, 1, &report) < 0)
		return failed();
	if (getsockname(listener, (struct sockaddr *)&address, &length))
		return 1;
	client = sockctl_connect((struct sockaddr *)&address, length, 0, NULL, NULL, &report);
	if (client < 0)
		return failed();
	server = accept(listener, NULL, NULL);
	if (server < 0 || getsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, &size))
		return 1;
	printf("accepted socket: asked on, inherited %s\n", on ? "on" : "off");
	if (!on || sockctl_set_nodelay(client, 1)) /* the one-liner, for a socket that is at hand */
		return 1;
	printf("client socket: asked on, granted on\n");
	return 0;
}
