/* The public calls on specs and option names: what include/sockctl.h promises, over struct spec. */
#include "catalog/spec.h"
#include <string.h>

_Static_assert(_Alignof(struct sockctl_spec) >= _Alignof(struct spec), "a public spec must be aligned for its inside");

struct spec *spec_of(struct sockctl_spec *spec)
{
	return (struct spec *)(void *)spec->opaque;
}

const struct spec *spec_view(const struct sockctl_spec *spec)
{
	return (const struct spec *)(const void *)spec->opaque;
}

int sockctl_spec_parse(struct sockctl_spec *spec, const char *text, struct sockctl_error *error)
{
	return spec_parse(spec_of(spec), text, error);
}

int sockctl_spec_add(struct sockctl_spec *spec, const char *text, struct sockctl_error *error)
{
	return spec_add(spec_of(spec), text, error);
}

int sockctl_spec_format(const struct sockctl_spec *spec, char *text, size_t size)
{
	return spec_format(spec_view(spec), text, size);
}

unsigned sockctl_spec_shards(const struct sockctl_spec *spec)
{
	const struct spec *view = spec_view(spec);

	for (unsigned i = 0; i < view->count; i++)
		if (catalogue[view->setting[i].option].via == VIA_SHARDS)
			return (unsigned)view->setting[i].value.number;
	return 1;
}

const char *sockctl_option_next(const char *name)
{
	const struct option *option = name ? option_find(name, strlen(name)) : catalogue;

	if (!option || option + 1 == catalogue + OPTION_COUNT)
		return NULL;
	return option[1].name;
}
