/* The file, record by record: it may hold a million. jansson reads what is inside; the outermost object and the list
 * of sockets are walked here, so that only one record is in memory at a time. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "cli/earlier.h"

enum { PIECES = JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, SCALAR = 64, SOCKETS_MAX = 1 << 24 };

struct reader {
	FILE *file;
	const char *name;
	struct earlier *earlier;
	struct sockctl_error *error;
	bool enveloped;
};

static int broken(struct reader *reader, const char *why)
{
	long at = ftell(reader->file);

	if (feof(reader->file))
		return error_set(reader->error, -EINVAL, "read", reader->name, "it is cut off: %s", why);
	if (at < 0) /* a pipe */
		return error_set(reader->error, -EINVAL, "read", reader->name,
				 "it is no output of `sockctl show -j`: %s", why);
	return error_set(reader->error, -EINVAL, "read", reader->name,
			 "it is no output of `sockctl show -j`: byte %ld: %s", at, why);
}

/* The next character that is no blank; it stays to be read. EOF at the end. */
static int peek(struct reader *reader)
{
	int c;

	do
		c = fgetc(reader->file);
	while (c == ' ' || c == '\n' || c == '\t' || c == '\r');
	if (c != EOF)
		ungetc(c, reader->file);
	return c;
}

static bool take(struct reader *reader, int wanted)
{
	if (peek(reader) != wanted)
		return false;
	fgetc(reader->file);
	return true;
}

/* true, 12: jansson would read the character behind it too. */
static json_t *scalar_read(struct reader *reader)
{
	char text[SCALAR];
	size_t length = 0;
	int c;

	while ((c = fgetc(reader->file)) != EOF && (isalnum(c) || strchr("+-.", c)) && length < sizeof text)
		text[length++] = (char)c;
	if (c != EOF)
		ungetc(c, reader->file);
	return length < sizeof text ? json_loadb(text, length, JSON_DECODE_ANY, NULL) : NULL;
}

static json_t *value_read(struct reader *reader)
{
	int c = peek(reader);

	return c == '{' || c == '[' || c == '"' ? json_loadf(reader->file, PIECES, NULL) : scalar_read(reader);
}

/* For one more. */
static bool room_make(struct earlier *earlier)
{
	size_t room = earlier->room ? 2 * earlier->room : 64;
	void *larger;

	if (earlier->count < earlier->room)
		return true;
	larger = room <= SOCKETS_MAX ? realloc(earlier->socket, room * sizeof *earlier->socket) : NULL;
	if (!larger)
		return false;
	earlier->socket = larger;
	earlier->room = room;
	return true;
}

static int socket_keep(struct reader *reader, const json_t *record)
{
	struct earlier *earlier = reader->earlier;
	struct earlier_socket socket;

	if (!earlier_socket_read(record, &socket))
		return broken(reader, "a socket without cookie or protocol");
	if (!socket.local || !socket.peer || !room_make(earlier)) {
		free(socket.local), free(socket.peer), free(socket.options);
		return error_set(reader->error, -ENOMEM, "read", reader->name,
				 "it holds more sockets than there is memory for");
	}
	socket.place = (uint32_t)earlier->count;
	earlier->socket[earlier->count++] = socket;
	return 0;
}

static int sockets_read(struct reader *reader)
{
	int r = 0;

	if (!take(reader, '['))
		return broken(reader, "sockets is no list");
	if (take(reader, ']'))
		return 0;
	do {
		json_t *record = value_read(reader);

		r = record ? socket_keep(reader, record) : broken(reader, "a socket that is no object");
		json_decref(record);
	} while (!r && take(reader, ','));
	return r ? r : take(reader, ']') ? 0 : broken(reader, "the list of sockets does not end");
}

static int member_read(struct reader *reader, json_t *object)
{
	json_t *key = peek(reader) == '"' ? value_read(reader) : NULL, *value = NULL;
	const char *name = json_string_value(key);
	int r = 0;

	if (!name || !take(reader, ':'))
		r = broken(reader, "a member without its name");
	else if (!strcmp(name, "sockets"))
		r = sockets_read(reader);
	else
		value = value_read(reader);
	if (!r && !value && strcmp(name, "sockets"))
		r = broken(reader, "a value that is none");
	if (!r && value)
		json_object_set(object, name, value);
	json_decref(value);
	json_decref(key);
	return r;
}

static void copy(char *into, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(into, size, "%s", text ? text : "");
}

static int envelope_take(struct reader *reader, const json_t *object)
{
	const json_t *host = json_object_get(object, "host"), *when = json_object_get(object, "time"),
		     *query = json_object_get(object, "query"), *read = json_object_get(object, "read");
	const char *schema = json_string_value(json_object_get(object, "schema"));
	struct envelope *envelope = &reader->earlier->envelope;

	if (!schema || strcmp(schema, SHOW_SCHEMA))
		return error_set(reader->error, -EINVAL, "read", reader->name, "its schema is \"%.40s\", not \"%s\"",
				 schema ? schema : "", SHOW_SCHEMA);
	copy(envelope->origin.name, sizeof envelope->origin.name, host, "name");
	copy(envelope->origin.boot_id, sizeof envelope->origin.boot_id, host, "boot_id");
	envelope->origin.netns = (uint64_t)json_integer_value(json_object_get(host, "netns"));
	envelope->origin.unix_us = json_integer_value(json_object_get(when, "unix_us"));
	envelope->origin.boot_us = json_integer_value(json_object_get(when, "since_boot_us"));
	envelope->first_us = json_integer_value(json_object_get(read, "first_us"));
	envelope->last_us = json_integer_value(json_object_get(read, "last_us"));
	copy(envelope->query, sizeof envelope->query, query, "sockets");
	copy(envelope->filter, sizeof envelope->filter, query, "filter");
	reader->earlier->complete = json_is_true(json_object_get(object, "complete"));
	reader->enveloped = true;
	return 0;
}

/* Of --ndjson a socket, or the whole at the end; of -j the only one. */
static int object_read(struct reader *reader)
{
	json_t *object = json_object();
	int r = 0;

	if (!object || !take(reader, '{'))
		r = broken(reader, "no object");
	else if (!take(reader, '}')) {
		do
			r = member_read(reader, object);
		while (!r && take(reader, ','));
		if (!r && !take(reader, '}'))
			r = broken(reader, "the object does not end");
	}
	if (!r)
		r = json_object_get(object, "cookie") ? socket_keep(reader, object) : envelope_take(reader, object);
	json_decref(object);
	return r;
}

static int order(const void *left, const void *right)
{
	const struct earlier_socket *a = left, *b = right;

	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	return a->cookie < b->cookie ? -1 : a->cookie > b->cookie;
}

int earlier_read(struct earlier *ret, FILE *file, const char *name, struct sockctl_error *error)
{
	struct reader reader = {.file = file, .name = name, .earlier = ret, .error = error};
	int r = 0;

	memset(ret, 0, sizeof *ret);
	while (!r && peek(&reader) != EOF)
		r = object_read(&reader);
	if (!r && ferror(file))
		r = error_set(error, errno ? -errno : -EIO, "read", name, NULL);
	if (!r && !reader.enveloped)
		r = error_set(
			error, -EINVAL, "read", name,
			"it is empty or cut off: the object with schema and host is missing, with which --ndjson ends");
	for (size_t i = 0; i < ret->count; i++)
		if (!ret->socket[i].netns)
			ret->socket[i].netns = ret->envelope.origin.netns;
	if (ret->count)
		qsort(ret->socket, ret->count, sizeof *ret->socket, order);
	return r;
}

double earlier_socket_us(const struct earlier *earlier, const struct earlier_socket *socket)
{
	const struct envelope *envelope = &earlier->envelope;
	double took_us = (double)envelope->last_us -
			 (double)envelope->first_us; /* any numbers, in a file of anybody's */

	if (!envelope->first_us)
		return (double)envelope->origin.boot_us;
	return (double)envelope->first_us + took_us * (socket->place + 0.5) / (double)earlier->count;
}

struct earlier_socket *earlier_find(struct earlier *earlier, uint64_t netns, uint64_t cookie)
{
	const struct earlier_socket key = {.netns = netns, .cookie = cookie};

	return earlier->count ? bsearch(&key, earlier->socket, earlier->count, sizeof key, order) : NULL;
}

void earlier_release(struct earlier *earlier)
{
	for (size_t i = 0; i < earlier->count; i++) {
		free(earlier->socket[i].local);
		free(earlier->socket[i].peer);
		free(earlier->socket[i].options);
	}
	free(earlier->socket);
	memset(earlier, 0, sizeof *earlier);
}
