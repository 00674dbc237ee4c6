/* words: what the doctor tells each program of dialect.def, all options of its rows at once: program, direction and words,
 * a line each, with tabs between. words.py asks the programs whether they take that. */
#include <stdio.h>
#include <string.h>
#include "doctor/dialect.h"

static const char *const commands[] = {
#define DIALECT(command, ...) command,
#include "doctor/dialect.def"
#undef DIALECT
};
static const char everything[] =
	"reuseport,backlog=1024,rcvbuf=1M,sndbuf=1M,nodelay,keepalive=60s/15s/4,user-timeout=115s";

static void say(const char *command, enum direction direction, const char *name)
{
	char words[2000];

	if (*dialect_words(command, direction, everything, words, sizeof words))
		printf("%s\t%s\t%s\n", command, name, words);
}

/* Rows of one program stand together. */
int main(void)
{
	for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!i || strcmp(commands[i], commands[i - 1]) != 0) {
			say(commands[i], DIRECTION_IN, "in");
			say(commands[i], DIRECTION_OUT, "out");
		}
	return 0;
}
