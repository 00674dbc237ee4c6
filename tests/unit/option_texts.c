/* Options that are kept as text say the same as those that are formatted each time, whatever values come in whatever order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/view/option_texts.h"

enum { ROUNDS = 400 };

static uint64_t seed = 0x0974;

static uint32_t random_below(uint32_t bound)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % bound;
}

/* Few different values in the first rounds, more than there is place for later. */
static void fact_choose(const struct option *option, unsigned round, struct option_fact *fact)
{
	static const char *const names[] = {"cubic", "bbr", "", "\"\033[31m", "reno", "eth0", "lo", "x", "y"};
	uint32_t number = random_below(round < ROUNDS / 2 ? 3 : 50);

	memset(fact, 0, sizeof *fact);
	fact->source = (enum option_source)(SOURCE_DIAG + random_below(3));
	if (option->kind == KIND_NAME) {
		fact->value.form = FORM_TEXT;
		snprintf(fact->value.text, sizeof fact->value.text, "%s", names[number % 9]);
	} else {
		fact->value.form = option->may_auto && random_below(2) ? FORM_AUTO : FORM_NUMBER;
		fact->value.number = number ? (int64_t)number * 1000 - 1 : 0;
	}
}

/* Some of them unknown, now and then all. */
static void facts_choose(unsigned round, struct option_fact facts[])
{
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		fact_choose(&catalogue[id], round, &facts[id]);
		if (round % 50 == 49 || !random_below(20))
			facts[id].source = SOURCE_NONE;
	}
}

static void all_options(bool pretty)
{
	struct option_fact facts[OPTION_COUNT];
	struct option_texts *texts = option_texts_new(&sink_json);
	struct sink *sink = malloc(sizeof *sink);

	assert_true(texts && sink);
	for (unsigned round = 0; round < ROUNDS; round++) {
		char *out[2] = {NULL, NULL};
		size_t length[2];
		uint64_t start = seed;

		for (unsigned kept = 0; kept < 2; kept++) {
			FILE *stream = open_memstream(&out[kept], &length[kept]);

			seed = start;
			sink_init(sink, &sink_json, stream, pretty);
			sink_object(sink, NULL);
			facts_choose(round, facts);
			option_facts_record(sink, facts, kept ? texts : NULL);
			sink_close(sink);
			fclose(stream);
		}
		assert_int_equal(length[0], length[1]);
		assert_memory_equal(out[0], out[1], length[0]);
		free(out[0]);
		free(out[1]);
	}
	option_texts_free(texts);
	free(sink);
}

static void compact(void **state)
{
	(void)state;
	all_options(false);
}

static void pretty(void **state)
{
	(void)state;
	all_options(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact),
		cmocka_unit_test(pretty),
	};

	return cmocka_run_group_tests_name("option_texts", tests, NULL, NULL);
}
