/* The set of settings: putting, finding, merging, comparing, and its canonical text. Parsing is spec_parse.c. */
#include "catalog/spec.h"
#include <errno.h>
#include <string.h>
#include "base/text.h"

static struct setting *setting_find(struct spec *spec, enum option_id id)
{
	for (unsigned i = 0; i < spec->count; i++)
		if (spec->setting[i].option == id)
			return &spec->setting[i];
	return NULL;
}

const struct setting *spec_find(const struct spec *spec, enum option_id id)
{
	return setting_find((struct spec *)spec, id);
}

/* The slot that a setting of this option replaces: its own, or that of an option in the same place of the kernel. */
static struct setting *slot_find(struct spec *spec, enum option_id id)
{
	struct setting *own = setting_find(spec, id);

	for (unsigned i = 0; !own && i < spec->count; i++)
		if (option_shares_place(&catalogue[spec->setting[i].option], &catalogue[id]))
			own = &spec->setting[i];
	return own;
}

int spec_put(struct spec *spec, enum option_id id, bool optional, const struct value *value)
{
	struct setting *slot = slot_find(spec, id);

	if (!slot && spec->count == SOCKCTL_SETTINGS_MAX)
		return -E2BIG;
	slot = slot ? slot : &spec->setting[spec->count++];
	*slot = (struct setting){.option = (uint16_t)id, .optional = optional, .value = *value};
	return 0;
}

void spec_remove(struct spec *spec, enum option_id id)
{
	struct setting *slot = setting_find(spec, id);
	struct setting *end = spec->setting + spec->count;

	if (!slot)
		return;
	memmove(slot, slot + 1, (size_t)(end - slot - 1) * sizeof *slot);
	spec->count--;
}

int spec_merge(struct spec *spec, const struct spec *over)
{
	struct spec merged = *spec;

	for (unsigned i = 0; i < over->count; i++) {
		const struct setting *s = &over->setting[i];
		int r = spec_put(&merged, s->option, s->optional, &s->value);

		if (r)
			return r;
	}
	*spec = merged;
	return 0;
}

bool spec_equal(const struct spec *a, const struct spec *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++) {
		const struct setting *mine = &a->setting[i], *other = spec_find(b, mine->option);

		if (!other || other->optional != mine->optional || !value_equal(&other->value, &mine->value))
			return false;
	}
	return true;
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

/* Do all parts of this setting's option stand beside it, so that name=a/b/c says it all? */
static bool parts_complete(const struct spec *spec, const struct setting *whole)
{
	const struct option *option = &catalogue[whole->option];
	size_t count = sizeof option->parts / sizeof *option->parts;

	if (!option->parts[0] || !whole->value.number)
		return false;
	for (size_t i = 0; i < count && option->parts[i]; i++) {
		const struct setting *part = spec_find(spec, option->parts[i]);

		if (!part || part->optional != whole->optional)
			return false;
	}
	return true;
}

static bool is_told_by_whole(const struct spec *spec, const struct setting *part)
{
	for (unsigned i = 0; i < spec->count; i++) {
		const struct setting *whole = &spec->setting[i];
		const struct option *option = &catalogue[whole->option];

		for (size_t k = 0; k < sizeof option->parts / sizeof *option->parts; k++)
			if (option->parts[k] == part->option && parts_complete(spec, whole))
				return true;
	}
	return false;
}

static void value_add(struct text *text, char lead, const struct setting *setting)
{
	char value[64];

	value_format(&catalogue[setting->option], &setting->value, value, sizeof value);
	text_add(text, "%c%s", lead, value);
}

static void setting_add(struct text *text, const struct spec *spec, const struct setting *setting)
{
	const struct option *option = &catalogue[setting->option];

	text_add(text, "%s%s%s", text->length ? "," : "", setting->optional ? "try:" : "", option->name);
	if (parts_complete(spec, setting))
		for (size_t i = 0; i < sizeof option->parts / sizeof *option->parts && option->parts[i]; i++)
			value_add(text, i ? '/' : '=', spec_find(spec, option->parts[i]));
	else if (option->kind != KIND_SWITCH || !setting->value.number)
		value_add(text, '=', setting);
}

int spec_format(const struct spec *spec, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (size)
		*text = 0;
	for (unsigned i = 0; i < spec->count; i++)
		if (!is_told_by_whole(spec, &spec->setting[i]))
			setting_add(&out, spec, &spec->setting[i]);
	return (int)out.length;
}
