/* show as JSON: one object for all, or one a line. Streams: nothing is kept. */
#include <stdio.h>
#include "cli/show_envelope.h"
#include "cli/view/option_texts.h"
#include "cli/view/socket.h"

static void object_begin(struct show *show)
{
	sink_init(&show->sink, &sink_json, stdout, show->pretty);
	sink_object(&show->sink, NULL);
	envelope_emit(&show->sink, show->envelope, SHOW_SCHEMA);
}

static void json_begin(struct show *show)
{
	show->texts = option_texts_new(&sink_json);
	object_begin(show);
	sink_array(&show->sink, "sockets");
}

static void json_socket(struct show *show, const struct socket_fact *socket)
{
	socket_record(&show->sink, NULL, socket, show->verbose ? show_context(show, socket) : NULL, show->texts);
}

static void outcome_members(struct sink *sink, const struct sockets_outcome *outcome)
{
	sink_integer(sink, "shown", (int64_t)outcome->shown);
	sink_integer(sink, "undecided", (int64_t)outcome->undecided);
	sink_integer(sink, "hidden_processes", outcome->hidden_processes);
	sink_string(sink, "options_source", option_source_names[outcome->options_source]);
	sink_string(sink, "options_why", *outcome->options_why ? outcome->options_why : NULL);
	sink_bool(sink, "complete", outcome->complete);
	sink_string(sink, "why", outcome->complete ? NULL : outcome->why);
}

static void json_end(struct show *show, const struct sockets_outcome *outcome)
{
	sink_close(&show->sink);
	envelope_read_emit(&show->sink, show->envelope);
	outcome_members(&show->sink, outcome);
	sink_close(&show->sink);
}

static void ndjson_begin(struct show *show)
{
	show->texts = option_texts_new(&sink_json);
}

static void ndjson_socket(struct show *show, const struct socket_fact *socket)
{
	sink_init(&show->sink, &sink_json, stdout, false);
	socket_record(&show->sink, NULL, socket, show->verbose ? show_context(show, socket) : NULL, show->texts);
}

static void ndjson_end(struct show *show, const struct sockets_outcome *outcome)
{
	show->pretty = false;
	object_begin(show);
	envelope_read_emit(&show->sink, show->envelope);
	outcome_members(&show->sink, outcome);
	sink_close(&show->sink);
}

const struct show_form show_json = {json_begin, json_socket, json_end};
const struct show_form show_ndjson = {ndjson_begin, ndjson_socket, ndjson_end};
