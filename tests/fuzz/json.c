/* Foreign text as key and value: the output always parses, with the same content compact and pretty. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "record/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *document(const char *key, const char *text, int64_t number, bool pretty)
{
	static struct sink sink;
	char *output = NULL;
	size_t length;
	FILE *out = open_memstream(&output, &length);
	json_t *root;

	if (!out)
		abort();
	sink_init(&sink, &sink_json, out, pretty);
	sink_object(&sink, NULL);
	sink_array(&sink, key);
	sink_string(&sink, NULL, text);
	sink_integer(&sink, NULL, number);
	sink_close(&sink);
	sink_close(&sink);
	fclose(out);
	root = json_loadb(output, length, 0, NULL);
	free(output);
	if (!root)
		abort();
	return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exactly as long as it is, so that a read too far is seen */
	const char *key = size ? memchr(data, 0, size) : NULL;
	json_t *compact, *pretty, *list;
	int64_t number = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	memcpy(&number, data, size < sizeof number ? size : sizeof number);
	key = key ? text + (key - (const char *)data) + 1 : text;
	compact = document(key, text, number, false);
	pretty = document(key, text, number, true);
	list = json_object_iter_value(json_object_iter(compact));
	if (!json_equal(compact, pretty) || json_integer_value(json_array_get(list, 1)) != number)
		abort();
	json_decref(compact);
	json_decref(pretty);
	free(text);
	return 0;
}
