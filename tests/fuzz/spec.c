/* The SPEC parser on any text: it says yes or no, with a reason; what it takes has a canonical text that is the same spec, and
 * what it refuses leaves the spec as it was. */
#include <stdlib.h>
#include <string.h>
#include "catalog/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_taken(const struct spec *spec)
{
	char text[SPEC_TEXT_MAX], second[SPEC_TEXT_MAX];
	struct spec again;

	must(spec->count <= SOCKCTL_SETTINGS_MAX);
	must((size_t)spec_format(spec, text, sizeof text) < sizeof text);
	must(!spec_parse(&again, text, NULL));
	must(spec_equal(spec, &again));
	spec_format(&again, second, sizeof second);
	must(!strcmp(text, second));
}

static void check_refused(const struct spec *spec, const struct spec *before, int code,
			  const struct sockctl_error *error)
{
	must(code < 0 && error->code == code && *error->hint);
	must(memchr(error->subject, 0, sizeof error->subject) && memchr(error->hint, 0, sizeof error->hint));
	must(!memcmp(spec, before, sizeof *spec));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exactly as long as it is, so that a read too far is seen */
	struct sockctl_error error = {0};
	struct spec spec, before;
	int code;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	must(!spec_parse(&before, "nodelay,try:cc=reno,keepalive=30s/10s/3", NULL));
	spec = before;
	code = spec_add(&spec, text, &error);
	if (code)
		check_refused(&spec, &before, code, &error);
	else
		check_taken(&spec);
	free(text);
	return 0;
}
