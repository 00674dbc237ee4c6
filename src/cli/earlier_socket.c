/* One record of show -j, checked member by member. What is missing or of another type is unknown. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "cli/earlier.h"
#include "cli/view/socket.h"

enum { ADDRESS = 320 };

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool number_of(const json_t *object, const char *key, int64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return false;
	*ret = json_integer_value(value);
	return true;
}

static void end_read(const json_t *end, bool source, struct socket_fact *fact)
{
	int64_t port = 0, inode = 0;

	if (fact->family == AF_UNIX && source) {
		snprintf(fact->path, sizeof fact->path, "%s", text_of(end, "path"));
	} else if (fact->family == AF_UNIX) {
		fact->known |= number_of(end, "inode", &inode) ? KNOWN_PEER : 0;
		fact->peer_inode = (uint32_t)inode;
	} else {
		inet_pton(fact->family, text_of(end, "address"), source ? fact->source : fact->destination);
		number_of(end, "port", &port);
		*(source ? &fact->source_port : &fact->destination_port) = (uint16_t)port;
	}
}

/* As they would be shown today. */
static void ends_read(const json_t *record, struct earlier_socket *socket)
{
	const char *family = text_of(record, "family");
	struct socket_fact fact = {.family = !strcmp(family, "unix")  ? AF_UNIX :
					     !strcmp(family, "inet6") ? AF_INET6 :
									AF_INET};
	const json_t *v6only = json_object_get(json_object_get(record, "options"), "v6only");
	int64_t interface = 0, inode = 0, only;
	char text[ADDRESS];

	number_of(record, "interface", &interface);
	number_of(record, "inode", &inode);
	fact.interface = (uint32_t)interface;
	fact.inode = (uint32_t)inode;
	if (number_of(v6only, "value", &only)) {
		fact.known |= KNOWN_V6ONLY;
		fact.v6only = only;
	}
	end_read(json_object_get(record, "local"), true, &fact);
	end_read(json_object_get(record, "peer"), false, &fact);
	socket_address_text(&fact, true, text, sizeof text);
	socket->local = strdup(text);
	socket_address_text(&fact, false, text, sizeof text);
	socket->peer = strdup(text);
}

static void numbers_read(const json_t *record, struct earlier_socket *socket)
{
	static const struct {
		const char *name, *object;
	} rows[EARLIER_NUMBERS] = {
#define EARLIER_ROW(name, object, counts, measure) {#name, object},
		EARLIER_LIST(EARLIER_ROW)
#undef EARLIER_ROW
	};

	for (unsigned i = 0; i < EARLIER_NUMBERS; i++) {
		const json_t *from = *rows[i].object ? json_object_get(record, rows[i].object) : record;

		if (number_of(from, rows[i].name, &socket->number[i]))
			socket->have |= 1u << i;
	}
}

static void tcp_read(const json_t *record, struct earlier_socket *socket)
{
	const json_t *tcp = json_object_get(record, "tcp");

	for (unsigned i = 0; i < TCP_FACT_COUNT; i++) {
		int64_t number;

		if (!number_of(tcp, tcp_fact_fields[i].name, &number))
			continue;
		memcpy((char *)&socket->tcp + tcp_fact_fields[i].offset, &number, sizeof number);
		socket->tcp.have |= UINT64_C(1) << i;
	}
}

/* A buffer left to autotuning has its size as value, and "auto" as text. */
static bool option_value(const struct option *option, const json_t *row, struct value *ret)
{
	const json_t *value = json_object_get(row, "value");

	*ret = (struct value){.form = FORM_NUMBER};
	if (json_is_string(value)) {
		ret->form = FORM_TEXT;
		snprintf(ret->text, sizeof ret->text, "%s", json_string_value(value));
	} else if (json_is_integer(value)) {
		ret->number = json_integer_value(value);
		if (option->may_auto && !strcmp(text_of(row, "text"), "auto"))
			ret->form = FORM_AUTO;
	} else {
		return false;
	}
	return (ret->form == FORM_TEXT) == (option->kind == KIND_NAME);
}

static void options_read_from(const json_t *record, struct earlier_socket *socket)
{
	json_t *options = json_object_get(record, "options"), *row;
	const char *name;

	if (!json_object_size(options))
		return;
	socket->options = calloc(OPTION_COUNT, sizeof *socket->options);
	json_object_foreach(options, name, row)
	{
		const struct option *option = option_find(name, strlen(name));
		struct earlier_option *into = &socket->options[socket->options_count];

		if (!socket->options || !option || strcmp(option->name, name) ||
		    socket->options_count == OPTION_COUNT || !option_value(option, row, &into->value))
			continue;
		into->id = (uint16_t)option_id(option);
		socket->options_count++;
	}
}

static void options_trim(struct earlier_socket *socket)
{
	struct earlier_option *smaller = socket->options_count ?
						 realloc(socket->options, socket->options_count * sizeof *smaller) :
						 NULL;

	if (smaller)
		socket->options = smaller;
}

bool earlier_socket_read(const json_t *record, struct earlier_socket *ret)
{
	int64_t cookie, netns = 0;

	memset(ret, 0, sizeof *ret);
	if (!json_is_object(record) || !number_of(record, "cookie", &cookie) || !*text_of(record, "protocol"))
		return false;
	ret->cookie = (uint64_t)cookie;
	if (number_of(json_object_get(record, "netns"), "inode", &netns))
		ret->netns = (uint64_t)netns;
	snprintf(ret->protocol, sizeof ret->protocol, "%s", text_of(record, "protocol"));
	snprintf(ret->state, sizeof ret->state, "%s", text_of(record, "state"));
	ends_read(record, ret);
	numbers_read(record, ret);
	tcp_read(record, ret);
	options_read_from(record, ret);
	options_trim(ret);
	return true;
}
