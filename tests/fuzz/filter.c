/* FILTER on any text: parses or names a fault, then answers about a socket and becomes bytecode, all within bounds. */
#include <stdlib.h>
#include <string.h>
#include "observe/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct filter filter;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct filter_names none = {0};
	struct socket_fact socket = {.family = AF_INET6, .state = 1, .source_port = 443};
	struct sockctl_error error;
	char code[4096] __attribute__((aligned(4))), *text = malloc(size + 1);
	bool exact;
	int length;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (!filter_parse(&filter, text, &none, &error)) {
		if (filter_match(&filter, &socket) > FILTER_UNKNOWN || filter.root >= filter.count)
			abort();
		length = filter_bytecode(&filter, true, code, sizeof code, &exact);
		if (length > (int)sizeof code || length % 4)
			abort();
	} else if (!*error.hint) {
		abort();
	}
	free(text);
	return 0;
}
