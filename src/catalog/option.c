/* The table itself, and finding a row by its name. */
#include "catalog/option.h"
#include <netinet/in.h>
#include "base/text.h"

const struct option catalogue[OPTION_COUNT] = {
#define OPTION(id, ...) [OPTION_##id] = {__VA_ARGS__},
#include "catalog/options.def"
#undef OPTION
};

const struct option *option_find(const char *name, size_t length)
{
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (text_has_word(o->name, name, length) || text_has_word(o->aliases, name, length))
			return o;
	return NULL;
}

enum option_id option_id(const struct option *option)
{
	return (enum option_id)(option - catalogue);
}

uint8_t option_protocols(const struct option *option)
{
	return option->protocols ? option->protocols : PROTOCOL_ALL;
}

bool option_is_pseudo(const struct option *option)
{
	return option->via != VIA_SOCKOPT;
}
