/* /proc/thread-self/net/netstat, snmp and snmp6 to host facts. The parser takes any text; reading is apart from it. */
#include "observe/counters.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "observe/procnet.h"
#include "observe/small_file.h"

static const struct procnet_row rows[HOST_FACT_COUNT] = {
#define COUNTER(name, group, kernel_name, help) {group, kernel_name, offsetof(struct host_fact, name)},
#include "fact/host_fact.def"
#undef COUNTER
};
static const struct procnet_table table = {rows, HOST_FACT_COUNT};

void counters_parse(const char *text, struct host_fact *fact)
{
	procnet_pairs(&table, text, fact);
}

void counters_parse6(const char *text, struct host_fact *fact)
{
	procnet_lines(&table, text, fact);
}

static int net_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int counters_open(struct counters *counters)
{
	int code;

	counters->netstat = net_open("/proc/thread-self/net/netstat");
	counters->snmp = net_open("/proc/thread-self/net/snmp");
	counters->snmp6 = net_open("/proc/thread-self/net/snmp6"); /* a kernel without IPv6 has none */
	code = counters->netstat < 0 ? counters->netstat : counters->snmp < 0 ? counters->snmp : 0;
	if (code)
		counters_close(counters);
	return code;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void counters_close(struct counters *counters)
{
	fd_close(&counters->netstat);
	fd_close(&counters->snmp);
	fd_close(&counters->snmp6);
}

static int file_parse(int fd, void (*parse)(const char *text, struct host_fact *), struct host_fact *fact)
{
	char text[32768];
	ssize_t n = small_file_reread(fd, text, sizeof text);

	if (n < 0)
		return (int)n;
	parse(text, fact);
	return 0;
}

int counters_sample(const struct counters *counters, struct host_fact *fact)
{
	int code;

	memset(fact, 0, sizeof *fact);
	code = file_parse(counters->netstat, counters_parse, fact);
	if (!code)
		code = file_parse(counters->snmp, counters_parse, fact);
	if (!code && counters->snmp6 >= 0)
		code = file_parse(counters->snmp6, counters_parse6, fact);
	return code;
}

int counters_read(struct host_fact *fact)
{
	struct counters counters;
	int code = counters_open(&counters);

	if (code)
		return code;
	code = counters_sample(&counters, fact);
	counters_close(&counters);
	return code;
}
