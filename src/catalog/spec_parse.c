/* The SPEC language: settings separated by commas or spaces; name, name=value, try:name or -name, @profile.
 * Errors name the token at fault and what was expected there. */
#include "catalog/spec.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "base/text.h"
#include "catalog/profile.h"
#include "catalog/suggest.h"

#define SEPARATORS ", \t\n"
enum { VALUE_MAX = 320, SUBJECT_MAX = 64 }; /* all flags of one option by name */

struct token {
	const char *start; /* the whole of it, prefix included, for messages */
	size_t length;
	const char *name;
	size_t name_length;
	const char *value; /* NULL: no '=' */
	size_t value_length;
	bool optional;
	bool profile; /* @name */
};

static int reject(struct sockctl_error *error, int code, const char *subject, size_t length, const char *hint)
{
	char shown[SUBJECT_MAX + 4];
	size_t n = length < SUBJECT_MAX ? length : SUBJECT_MAX;

	snprintf(shown, sizeof shown, "%.*s%s", (int)n, subject, n < length ? "..." : "");
	return error_set(error, code, "spec", text_harmless(shown), "%s", hint);
}

static void token_read(struct token *token, const char *text, size_t length)
{
	const char *equals, *end = text + length;

	*token = (struct token){.start = text, .length = length};
	token->optional = *text == '-' || (length >= 4 && !memcmp(text, "try:", 4));
	text += token->optional ? (*text == '-' ? 1 : 4) : 0;
	token->profile = text < end && *text == '@';
	text += token->profile;
	equals = memchr(text, '=', (size_t)(end - text));
	token->name = text;
	token->name_length = (size_t)((equals ? equals : end) - text);
	token->value = equals ? equals + 1 : NULL;
	token->value_length = equals ? (size_t)(end - equals - 1) : 0;
}

/* --- one setting --------------------------------------------------------------------------------------------------- */

static int reject_name(struct sockctl_error *error, const struct token *token)
{
	const struct option *nearest = option_nearest(token->name, token->name_length);
	char hint[160];

	if (!token->name_length)
		return reject(error, -EINVAL, token->start, token->length, "expects the name of an option");
	if (nearest)
		snprintf(hint, sizeof hint, "no such option; nearest: %s", nearest->name);
	else
		snprintf(hint, sizeof hint, "no such option; `sockctl options` lists them");
	return reject(error, -ENOENT, token->start, token->length, hint);
}

static int reject_value(struct sockctl_error *error, int code, const struct token *token, const struct option *option)
{
	bool part = option != option_find(token->name, token->name_length); /* of name=a/b/c */
	char expects[160], hint[200];

	value_expects(option, expects, sizeof expects);
	snprintf(hint, sizeof hint, "%s%s%sexpects %s", code == -ERANGE ? "out of range; " : "",
		 part ? option->name : "", part ? " " : "", expects);
	return reject(error, code, token->start, token->length, hint);
}

static int value_put(struct spec *spec, const struct option *option, const struct token *token, const char *text,
		     size_t length, struct sockctl_error *error)
{
	struct value value;
	char copy[VALUE_MAX];
	int r;

	if (length >= sizeof copy)
		return reject_value(error, -EINVAL, token, option);
	memcpy(copy, text, length);
	copy[length] = 0;
	r = value_parse(option, copy, &value);
	if (r)
		return reject_value(error, r, token, option);
	r = spec_put(spec, option_id(option), token->optional, &value);
	return r ? reject(error, r, token->start, token->length, "too many settings in one spec") : 0;
}

/* name=a/b/c: the option itself is switched on, each part goes to the option it stands for. */
static int parts_put(struct spec *spec, const struct option *whole, const struct token *token,
		     struct sockctl_error *error)
{
	const char *at = token->value, *end = token->value + token->value_length;
	int r = value_put(spec, whole, token, "on", 2, error);

	for (size_t i = 0; !r && at; i++) {
		const char *slash = memchr(at, '/', (size_t)(end - at)), *stop = slash ? slash : end;

		if (i == sizeof whole->parts / sizeof *whole->parts || !whole->parts[i])
			return reject_value(error, -EINVAL, token, whole);
		r = value_put(spec, &catalogue[whole->parts[i]], token, at, (size_t)(stop - at), error);
		at = slash ? slash + 1 : NULL;
	}
	return r;
}

static int setting_put(struct spec *spec, const struct token *token, struct sockctl_error *error)
{
	const struct option *option = option_find(token->name, token->name_length);

	if (!option)
		return reject_name(error, token);
	if (token->value && !token->value_length)
		return reject_value(error, -EINVAL, token, option);
	if (token->value && option->parts[0] && memchr(token->value, '/', token->value_length))
		return parts_put(spec, option, token, error);
	return value_put(spec, option, token, token->value ? token->value : "", token->value_length, error);
}

/* --- whole texts --------------------------------------------------------------------------------------------------- */

static int profile_put(struct spec *spec, const struct token *token, struct sockctl_error *error);

/* Settings of `text` on top of spec, which is left half-made on failure. A profile's own text may not name profiles. */
static int text_put(struct spec *spec, const char *text, bool optional, bool profiles_allowed,
		    struct sockctl_error *error)
{
	struct token token;
	int r = 0;

	while (!r && *(text += strspn(text, SEPARATORS))) {
		token_read(&token, text, strcspn(text, SEPARATORS));
		token.optional |= optional;
		text += token.length;
		r = token.profile && profiles_allowed ? profile_put(spec, &token, error) :
							setting_put(spec, &token, error);
	}
	return r;
}

static const char *profile_nearest(const char *name, size_t length)
{
	const char *nearest = NULL;
	unsigned best = SUGGEST_FAR;

	for (const struct profile *p = profiles; p->name; p++) {
		unsigned distance = suggest_distance(name, length, p->name, strlen(p->name));

		if (distance < best) {
			best = distance;
			nearest = p->name;
		}
	}
	return nearest;
}

static int reject_profile(struct sockctl_error *error, const struct token *token)
{
	const char *nearest = profile_nearest(token->name, token->name_length);
	char hint[160];
	int n;

	if (nearest) {
		snprintf(hint, sizeof hint, "no such profile; nearest: @%s", nearest);
		return reject(error, -ENOENT, token->start, token->length, hint);
	}
	n = snprintf(hint, sizeof hint, "no such profile; there are");
	for (const struct profile *p = profiles; p->name && n > 0 && (size_t)n < sizeof hint; p++)
		n += snprintf(hint + n, sizeof hint - (size_t)n, " @%s", p->name);
	return reject(error, -ENOENT, token->start, token->length, hint);
}

static int profile_put(struct spec *spec, const struct token *token, struct sockctl_error *error)
{
	const struct profile *profile = profile_find(token->name, token->name_length);

	if (!profile)
		return reject_profile(error, token);
	if (token->value)
		return reject(error, -EINVAL, token->start, token->length, "a profile takes no value");
	return text_put(spec, profile->spec, token->optional, false, error);
}

int spec_add(struct spec *spec, const char *text, struct sockctl_error *error)
{
	struct spec work = *spec;
	int r = text ? text_put(&work, text, false, true, error) : reject(error, -EINVAL, "", 0, "no text at all");

	if (!r)
		*spec = work;
	return r;
}

int spec_parse(struct spec *spec, const char *text, struct sockctl_error *error)
{
	struct spec work = {0};
	int r = spec_add(&work, text, error);

	if (!r)
		*spec = work;
	return r;
}
