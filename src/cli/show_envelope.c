/* Where and when: from uname(), the clocks and /proc. */
#include "cli/show_envelope.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include "base/sysctl.h"
#include "base/text.h"

static int64_t clock_us_of(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void states_add(uint32_t states, struct text *text)
{
	if (states == UINT32_MAX)
		text_add(text, "all");
	else if (states == SHOW_LISTENERS)
		text_add(text, "listening");
	else if (states == SHOW_CONNECTED)
		text_add(text, "connected");
	else
		text_add(text, "states 0x%x", states);
}

static void query_text(const struct show *show, char *text, size_t size)
{
	const struct sockets_query *query = &show->query;
	struct text out = {text, size, 0};

	states_add(query->states, &out);
	text_add(&out, "%s%s%s%s%s%s", query->tcp ? " tcp" : "", query->udp ? " udp" : "",
		 query->unix_sockets ? " unix" : "",
		 query->family == AF_INET  ? " ipv4" :
		 query->family == AF_INET6 ? " ipv6" :
					     "",
		 show->netns ? " netns " : "", show->netns ? show->netns_name : "");
}

void envelope_read(struct envelope *envelope, const struct show *show)
{
	struct utsname host;
	struct stat netns;

	memset(envelope, 0, sizeof *envelope);
	if (!uname(&host)) {
		snprintf(envelope->name, sizeof envelope->name, "%s", host.nodename);
		snprintf(envelope->kernel, sizeof envelope->kernel, "%s", host.release);
	}
	if (sysctl_read("kernel/random/boot_id", envelope->boot_id, sizeof envelope->boot_id))
		*envelope->boot_id = 0;
	if (!stat("/proc/self/ns/net", &netns))
		envelope->netns = netns.st_ino;
	envelope->unix_us = clock_us_of(CLOCK_REALTIME);
	envelope->boot_us = clock_us_of(CLOCK_BOOTTIME);
	query_text(show, envelope->query, sizeof envelope->query);
	snprintf(envelope->filter, sizeof envelope->filter, "%s", show->text);
}

void envelope_emit(struct sink *sink, const struct envelope *envelope, const char *schema)
{
	sink_string(sink, "schema", schema);
	sink_object(sink, "host");
	sink_string(sink, "name", envelope->name);
	sink_string(sink, "kernel", envelope->kernel);
	sink_string(sink, "boot_id", *envelope->boot_id ? envelope->boot_id : NULL);
	if (envelope->netns)
		sink_integer(sink, "netns", (int64_t)envelope->netns);
	else
		sink_null(sink, "netns");
	sink_close(sink);
	sink_object(sink, "time");
	sink_integer(sink, "unix_us", envelope->unix_us);
	sink_integer(sink, "since_boot_us", envelope->boot_us);
	sink_close(sink);
	sink_object(sink, "query");
	sink_string(sink, "sockets", envelope->query);
	sink_string(sink, "filter", envelope->filter);
	sink_close(sink);
}
