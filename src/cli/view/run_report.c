/* The layout of an event of `run`. */
#include "cli/view/run_report.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include "cli/view/verdict.h"
#include "record/sink.h"

static const char *address_text(const struct sockaddr_storage *address, char *text, size_t size)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
	char host[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_INET)
		snprintf(text, size, "%s:%u", inet_ntop(AF_INET, &four->sin_addr, host, sizeof host),
			 ntohs(four->sin_port));
	else if (address->ss_family == AF_INET6)
		snprintf(text, size, "[%s]:%u", inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host),
			 ntohs(six->sin6_port));
	else
		return NULL;
	return text;
}

/* The program's name is the program's to choose: no control character of it reaches the terminal. */
static void comm_clean(const char *comm, char clean[16])
{
	unsigned i;

	for (i = 0; i < 15 && comm[i]; i++)
		clean[i] = comm[i] < ' ' || comm[i] == 127 ? '?' : comm[i];
	clean[i] = 0;
}

static void call_result(FILE *out, const struct run_event *event)
{
	if (event->result < 0)
		fprintf(out, " failed: %s", strerror(-event->result));
	fputc('\n', out);
}

void run_report_text(FILE *out, const struct run_event *event)
{
	char address[64], comm[16], line[512];
	const char *where = address_text(&event->address, address, sizeof address);

	comm_clean(event->comm, comm);
	fprintf(out, "sockctl: %s", event->call);
	if (where)
		fprintf(out, " %s", where);
	if (event->pid)
		fprintf(out, " by %s[%d]", comm, event->pid);
	if (event->fd >= 0)
		fprintf(out, " fd %d", event->fd);
	if (event->fd < 0)
		fprintf(out, " of a scratch socket: what is refused is not pinned");
	call_result(out, event);
	for (unsigned i = 0; i < event->report->count; i++) {
		const struct sockctl_verdict *verdict = &event->report->verdict[i];

		sockctl_verdict_text(verdict, line, sizeof line);
		fprintf(out, "sockctl:   %s%s\n", line,
			verdict->per_connection ? "; run leaves accepted sockets alone" : "");
	}
}

void run_report_json(FILE *out, const struct run_event *event)
{
	struct sink sink;
	char address[64];

	sink_init(&sink, &sink_json, out, false);
	sink_object(&sink, NULL);
	sink_string(&sink, "call", event->call);
	sink_string(&sink, "address", address_text(&event->address, address, sizeof address));
	if (event->pid)
		sink_integer(&sink, "pid", event->pid);
	else
		sink_null(&sink, "pid");
	sink_string(&sink, "comm", *event->comm ? event->comm : NULL);
	if (event->fd >= 0)
		sink_integer(&sink, "fd", event->fd);
	else
		sink_null(&sink, "fd");
	sink_string(&sink, "error", event->result < 0 ? strerror(-event->result) : NULL);
	sink_array(&sink, "settings");
	for (unsigned i = 0; i < event->report->count; i++)
		verdict_json(&sink, &event->report->verdict[i]);
	sink_close(&sink);
	sink_close(&sink);
}
