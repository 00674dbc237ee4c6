/* A verdict's members. */
#include "cli/view/verdict.h"
#include <string.h>

void verdict_json(struct sink *sink, const struct sockctl_verdict *verdict)
{
	sink_object(sink, NULL);
	sink_string(sink, "option", verdict->option);
	sink_string(sink, "outcome", sockctl_outcome_name(verdict->outcome));
	sink_string(sink, "asked", verdict->asked_text);
	sink_string(sink, "granted", verdict->granted_text);
	sink_string(sink, "limit", verdict->limit);
	if (verdict->limit && verdict->limit_value >= 0)
		sink_integer(sink, "limit_value", verdict->limit_value);
	else
		sink_null(sink, "limit_value");
	sink_bool(sink, "per_connection", verdict->per_connection);
	if (verdict->error)
		sink_string(sink, "error", strerror(verdict->error));
	else
		sink_null(sink, "error");
	sink_close(sink);
}
