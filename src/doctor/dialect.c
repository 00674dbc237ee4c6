/* One table, looked up by program and option. */
#include "doctor/dialect.h"
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "catalog/spec.h"

static const struct {
	const char *command;
	enum option_id option;
	const char *words, *source;
} dialects[] = {
#define DIALECT(command, option, words, source) {command, OPTION_##option, words, source},
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
	{"valkey-server", 511}, /* tcp-backlog */
	{"apache2", 511},       /* ListenBacklog */
	{"httpd", 511},         /* the same */
	{"lighttpd", 1024},     /* server.listen-backlog */
	{"memcached", 1024},    /* -b */
};

/* The words with every %s replaced. */
static void words_add(struct text *text, const char *words, const char *value)
{
	const char *hole;

	while ((hole = strstr(words, "%s"))) {
		text_add(text, "%.*s%s", (int)(hole - words), words, value);
		words = hole + 2;
	}
	text_add(text, "%s", words);
}

static void setting_add(struct text *text, const char *command, const struct setting *setting)
{
	char value[64];

	for (unsigned i = 0; i < sizeof dialects / sizeof *dialects; i++) {
		if (dialects[i].option != setting->option || strcmp(dialects[i].command, command) != 0)
			continue;
		value_format(&catalogue[setting->option], &setting->value, value, sizeof value);
		text_add(text, "%s", text->length ? "; " : "");
		if (setting->value.form ==
		    FORM_AUTO) { /* what the kernel does by itself, these programs have no word for */
			text_add(text, "leave out: ");
			snprintf(value, sizeof value, "...");
		}
		words_add(text, dialects[i].words, value);
	}
}

char *dialect_words(const char *command, const char *spec_text, char *text, size_t size)
{
	struct text out = {text, size, 0};
	struct spec spec;

	*text = 0;
	if (*command && *spec_text && !spec_parse(&spec, spec_text, NULL))
		for (unsigned i = 0; i < spec.count; i++)
			setting_add(&out, command, &spec.setting[i]);
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
