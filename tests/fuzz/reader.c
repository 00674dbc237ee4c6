/* Every reader on hostile output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lab/reader/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *output = malloc(size + 1); /* exactly as long as it is, so that a read too far is seen */
	struct reader_input input = {.output = output, .length = size, .wall_us = size};

	if (!output)
		return 0;
	memcpy(output, data, size);
	output[size] = 0;
	for (const struct reader *const *reader = readers; *reader; reader++) {
		struct sockctl_error error = {0};
		double value = NAN;
		int code = (*reader)->read(&input, &value, &error);

		if (code > 0 || (!code && !(value > 0 && isfinite(value))) || (code && !*error.hint))
			abort();
	}
	free(output);
	return 0;
}
