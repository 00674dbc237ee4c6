/* The list of what to vary: whatever is taken can be put into an arm and written down. */
#include <stdlib.h>
#include <string.h>
#include "lab/factor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void factor_try(const struct factor *factor)
{
	for (unsigned i = 0; i < factor->rungs; i++) {
		struct arm arm = {0};
		char text[256];

		if (factor_apply(factor, i, &arm, NULL) || factor_format(factor, i, text, sizeof text) <= 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct path path = {{20000, 1000000000, 0, 0}, {20000, 1000000000, 0, 0}};
	struct factor factors[TUNE_FACTORS];
	struct sockctl_error error = {0};
	struct arm base = {0};
	unsigned count = 0;
	char *list = malloc(size + 1);

	if (!list)
		return 0;
	memcpy(list, data, size);
	list[size] = 0;
	if (factors_parse(factors, &count, list, LOAD_ANY, &path, &base, &error)) {
		if (!error.code || !*error.hint || count)
			abort();
	} else if (count > TUNE_FACTORS) {
		abort();
	}
	for (unsigned i = 0; i < count; i++)
		factor_try(&factors[i]);
	free(list);
	return 0;
}
