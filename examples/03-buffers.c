/* Buffers for bandwidth x RTT: 100 Mbit/s at 40 ms keeps 500 KB under way. bdp: leaves that to autotuning where the
 * host lets it grow that far. A size that is set is doubled by the kernel, its bookkeeping included, and cut down
 * to net.core.rmem_max and wmem_max without an error: so the verdict is read back. */
#include <inttypes.h>
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
	int64_t bdp_bytes = sockctl_bdp_bytes(100 * 1000 * 1000, 40 * 1000);
	struct sockctl_spec spec;
	char line[400];
	int listener, fd, clamped;

	printf("bandwidth x RTT: %" PRId64 " bytes\n", bdp_bytes);
	if (sockctl_spec_parse(&spec, "rcvbuf=bdp:100mbit:40ms sndbuf=bdp:100mbit:40ms", &report.error) ||
	    sockctl_listen("127.0.0.1:0", &spec, NULL, &listener, 1, &report) < 0)
		return failed();
	for (unsigned i = 0; i < report.count;
	     i++) { /* before listen(): it decides the window scale of the connections */
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		puts(line);
	}
	fd = socket(AF_INET, SOCK_STREAM, 0); /* the one-liner, for a socket that is not connected yet */
	clamped = fd < 0 ? -1 : sockctl_set_buffers(fd, (int)bdp_bytes, (int)bdp_bytes);
	printf("one-liner: %s\n", clamped < 0 ? "refused" : clamped ? "the host's limits allow less" : "granted");
	return clamped || sockctl_worst(&report) > SOCKCTL_ROUNDED;
}
