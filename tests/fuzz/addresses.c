/* The parser of addresses on any text: each is taken or refused with a reason; what is taken has a canonical text that is
 * the same address, and what is refused leaves the result as it was. */
#include <stdlib.h>
#include <string.h>
#include "socket/endpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_taken(const struct endpoint *endpoint)
{
	char text[sizeof endpoint->text], second[sizeof endpoint->text];
	const char *list = text;
	struct endpoint again;

	must((size_t)endpoint_format(endpoint, text, sizeof text) < sizeof text);
	must(endpoint_next(&list, &again, NULL) == 1 && !*list);
	must(again.length == endpoint->length && !memcmp(&again.address, &endpoint->address, again.length));
	must(again.protocol == endpoint->protocol && again.both == endpoint->both);
	must(!strcmp(again.device, endpoint->device));
	endpoint_format(&again, second, sizeof second);
	must(!strcmp(text, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exactly as long as it is, so that a read too far is seen */
	struct endpoint endpoint = {0}, before;
	struct sockctl_error error = {0};
	const char *list = text;
	int code, count = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	for (before = endpoint; (code = endpoint_next(&list, &endpoint, &error)) > 0; before = endpoint, count++)
		check_taken(&endpoint);
	must(!memcmp(&endpoint, &before, sizeof endpoint));
	must(!code || (error.code == code && *error.hint));
	must(endpoint_count(text, NULL) == (code ? code : count ? count : -22));
	free(text);
	return 0;
}
