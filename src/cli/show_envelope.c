/* Which sockets were asked for, as a text that a later look compares. */
#include "cli/show_envelope.h"
#include <string.h>
#include "base/text.h"

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
	memset(envelope, 0, sizeof *envelope);
	origin_read(&envelope->origin);
	query_text(show, envelope->query, sizeof envelope->query);
	snprintf(envelope->filter, sizeof envelope->filter, "%s", show->text);
}

void envelope_emit(struct sink *sink, const struct envelope *envelope, const char *schema)
{
	origin_emit(sink, &envelope->origin, schema);
	sink_object(sink, "query");
	sink_string(sink, "sockets", envelope->query);
	sink_string(sink, "filter", envelope->filter);
	sink_close(sink);
}

void envelope_read_emit(struct sink *sink, const struct envelope *envelope)
{
	if (!envelope->first_us) {
		sink_null(sink, "read");
		return;
	}
	sink_object(sink, "read");
	sink_integer(sink, "first_us", envelope->first_us);
	sink_integer(sink, "last_us", envelope->last_us);
	sink_close(sink);
}
