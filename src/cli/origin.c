/* From uname(), the clocks and /proc. */
#include "cli/origin.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include "base/sysctl.h"

static int64_t clock_us_of(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t origin_now_us(void)
{
	return clock_us_of(CLOCK_BOOTTIME);
}

void origin_read(struct origin *origin)
{
	struct utsname host;
	struct stat netns;

	memset(origin, 0, sizeof *origin);
	if (!uname(&host)) {
		snprintf(origin->name, sizeof origin->name, "%s", host.nodename);
		snprintf(origin->kernel, sizeof origin->kernel, "%s", host.release);
	}
	if (sysctl_read("kernel/random/boot_id", origin->boot_id, sizeof origin->boot_id))
		*origin->boot_id = 0;
	if (!stat("/proc/self/ns/net", &netns))
		origin->netns = netns.st_ino;
	origin->unix_us = clock_us_of(CLOCK_REALTIME);
	origin->boot_us = origin_now_us();
}

void origin_emit(struct sink *sink, const struct origin *origin, const char *schema)
{
	sink_string(sink, "schema", schema);
	sink_object(sink, "host");
	sink_string(sink, "name", origin->name);
	sink_string(sink, "kernel", origin->kernel);
	sink_string(sink, "boot_id", *origin->boot_id ? origin->boot_id : NULL);
	if (origin->netns)
		sink_integer(sink, "netns", (int64_t)origin->netns);
	else
		sink_null(sink, "netns");
	sink_close(sink);
	sink_object(sink, "time");
	sink_integer(sink, "unix_us", origin->unix_us);
	sink_integer(sink, "since_boot_us", origin->boot_us);
	sink_close(sink);
}
