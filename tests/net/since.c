/* A row that this kernel is too old for says so: unsupported, with the version that has it; and a row that the kernel is old
 * enough for is not unsupported. What a stable kernel has before its version is in effect there. On a recent kernel there is
 * nothing that is too new: tests/soak/older-kernel boots an old one. Speaks TAP, one line per row. Knows no option by name. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "catalog/option.h"
#include "namespace.h"

static bool is_older(const char *since)
{
	struct utsname name;

	return since && !uname(&name) && strverscmp(name.release, since) < 0;
}

/* A fresh socket that the row is for. */
static int socket_for(const struct option *row)
{
	bool stream = option_protocols(row) & PROTOCOL_TCP;
	int family = row->place[0].traffic == TRAFFIC_V6 ? AF_INET6 : AF_INET;

	return socket(family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
}

/* As an attempt, so that the verdict is all there is. */
static bool row_try(const struct option *row, struct sockctl_report *report)
{
	struct sockctl_spec spec;
	char text[120];
	int fd = socket_for(row), r = -1;

	snprintf(text, sizeof text, "try:%s=%s", row->name, row->example ? row->example : "on");
	if (fd >= 0 && !sockctl_spec_parse(&spec, text, NULL))
		r = sockctl_apply(fd, SOCKCTL_CREATED, &spec, report);
	if (fd >= 0)
		close(fd);
	return !r && report->count;
}

static bool row_check(unsigned number, const struct option *row)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	const struct sockctl_verdict *verdict = &report.verdict[0];
	bool tried = row_try(row, &report), older = is_older(row->since), unsupported, good;
	char line[400] = "";

	if (row->never == AT_ALL || (tried && verdict->outcome == SOCKCTL_DEFERRED)) {
		printf("ok %u - %s # SKIP nothing that a fresh socket takes\n", number, row->name);
		return true;
	}
	sockctl_verdict_text(verdict, line, sizeof line);
	/* other errors than ENOPROTOOPT speak of how the kernel was built */
	unsupported = verdict->outcome == SOCKCTL_UNSUPPORTED && (older || verdict->error == ENOPROTOOPT);
	/* stable kernels have some options earlier: what was read back is there */
	good = tried &&
	       (unsupported ? older && strstr(line, row->since) : !older || verdict->outcome <= SOCKCTL_CLAMPED);
	printf("%sok %u - %s: %s\n", good ? "" : "not ", number, row->name, sockctl_outcome_name(verdict->outcome));
	if (!good || older)
		printf("# since %s: %s\n", row->since ? row->since : "always", line);
	return good;
}

int main(void)
{
	bool fine = true;
	int r = namespace_enter();

	if (r) {
		printf("1..0 # SKIP no network namespace of our own: %s\n", strerror(-r));
		return 0;
	}
	printf("1..%d\n", OPTION_COUNT - 1);
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		fine &= row_check(id, &catalogue[id]);
	return !fine;
}
