/* One table, looked up by program, direction and options. */
#include "doctor/dialect.h"
#include <inttypes.h>
#include <string.h>
#include "base/text.h"
#include "catalog/spec.h"

enum { IN = 1 << DIRECTION_IN, OUT = 1 << DIRECTION_OUT, ANY = IN | OUT | 1 << DIRECTION_UNKNOWN };
enum { DIALECT_OPTIONS = 3 };

static const struct dialect {
	const char *command;
	unsigned directions;
	const char *words, *source;
	enum option_id option[DIALECT_OPTIONS];
} dialects[] = {
#define DIALECT(command, directions, words, source, ...) {command, directions, words, source, {__VA_ARGS__}},
#include "doctor/dialect.def"
#undef DIALECT
};

static const struct {
	const char *command;
	unsigned backlog;
} backlogs[] = {
	{"nginx", 511},         /* NGX_LISTEN_BACKLOG on Linux */
	{"redis-server", 511},  /* tcp-backlog */
	{"node", 511},          /* net.Server listen() */
	{"postgres", 200},      /* twice max_connections, which is 100; before 16 a few more */
	{"valkey-server", 511}, /* tcp-backlog */
	{"apache2", 511},       /* ListenBacklog */
	{"httpd", 511},         /* the same */
	{"lighttpd", 1024},     /* server.listen-backlog */
	{"memcached", 1024},    /* -b */
};

static void hole_fill(struct text *text, const struct value *value)
{
	if (value->form == FORM_AUTO)
		text_add(text, "...");
	else
		text_add(text, "%" PRId64, value->number);
}

/* What the kernel does by itself, these programs have no word for: there, and only there, a setting is left out. */
static void row_add(struct text *text, const char *words, const struct setting *const *setting)
{
	bool ended = text->length && text_fits(text) && text->start[text->length - 1] == ';';
	const char *hole;

	text_add(text, "%s%s",
		 ended        ? " " :
		 text->length ? "; " :
				"",
		 setting[0]->value.form == FORM_AUTO ? "leave out: " : "");
	for (; (hole = strstr(words, "%d")); words = hole + 2) {
		text_add(text, "%.*s", (int)(hole - words), words);
		hole_fill(text, &(*setting++)->value);
	}
	text_add(text, "%s", words);
}

/* False: it has not all of the row's options, or one of them is such that the program has no words for it. */
static bool settings_find(const struct spec *spec, const struct dialect *row, const struct setting **ret)
{
	for (unsigned i = 0; i < DIALECT_OPTIONS && row->option[i]; i++) {
		ret[i] = spec_find(spec, row->option[i]);
		if (!ret[i] || (ret[i]->value.form != FORM_NUMBER && ret[i]->value.form != FORM_AUTO) ||
		    !value_is_on(&ret[i]->value))
			return false;
	}
	return true;
}

char *dialect_words(const char *command, enum direction direction, const char *spec_text, char *text, size_t size)
{
	const struct setting *setting[DIALECT_OPTIONS];
	struct text out = {text, size, 0};
	struct spec spec;

	*text = 0;
	if (!*command || !*spec_text || spec_parse(&spec, spec_text, NULL))
		return text;
	for (unsigned i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (dialects[i].directions >> direction & 1 && !strcmp(dialects[i].command, command) &&
		    settings_find(&spec, &dialects[i], setting))
			row_add(&out, dialects[i].words, setting);
	if (!text_fits(&out))
		*text = 0; /* half a line of a configuration is none */
	return text;
}

unsigned dialect_backlog(const char *command)
{
	for (unsigned i = 0; i < sizeof backlogs / sizeof *backlogs; i++)
		if (!strcmp(backlogs[i].command, command))
			return backlogs[i].backlog;
	return 0;
}
