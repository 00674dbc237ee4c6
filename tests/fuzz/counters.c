/* The parser of /proc/net/netstat on any text. */
#include <stdlib.h>
#include <string.h>
#include "observe/counters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct host_fact fact = {0};

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	counters_parse(text, &fact);
	if (fact.have >> HOST_FACT_COUNT)
		abort();
	free(text);
	return 0;
}
