/* The JSON of any document, byte by byte the same as what a slow writer makes of it that is too simple to be wrong. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fact/host_fact.h"
#include "fact/tcp_fact.h"
#include "record/digits.h"
#include "record/field.h"

enum { DOCUMENTS = 3000, STEPS = 60, TEXT = 200, LONG_TEXT = 3 * SINK_BUFFER, DEPTH = 8, FIELDS = 3 };

static uint64_t seed = 0x5eed;

static uint32_t random_below(uint32_t bound)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % bound;
}

/* --- the slow writer ----------------------------------------------------------------------------------------------- */

struct slow {
	FILE *out;
	bool pretty;
	unsigned depth, members[DEPTH + 1];
	char bracket[DEPTH + 1];
};

/* Bytes of the UTF-8 sequence at s by decoding it and looking at the number: 0 if it is none. */
static unsigned sequence_bytes(const unsigned char *s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
	uint32_t number = n < 2 ? s[0] : s[0] & (0x7fu >> n);

	for (unsigned i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		number = number << 6 | (s[i] & 63);
	}
	return n > 1 && (number < least[n] || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff)) ? 0 : n;
}

static void slow_quote(struct slow *slow, const char *text)
{
	fputc('"', slow->out);
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		unsigned n = sequence_bytes(s);

		if (*s == '"' || *s == '\\')
			fprintf(slow->out, "\\%c", *s);
		else if (*s == '\n')
			fprintf(slow->out, "\\n");
		else if (!n || *s < 32 || *s == 127)
			fprintf(slow->out, "\\u%04x", *s);
		else
			fprintf(slow->out, "%.*s", (int)n, (const char *)s);
		s += n ? n : 1;
	}
	fputc('"', slow->out);
}

static void slow_line(struct slow *slow, unsigned depth)
{
	if (slow->pretty)
		fprintf(slow->out, "\n%*s", (int)(2 * depth), "");
}

static void slow_lead(struct slow *slow, const char *key)
{
	if (slow->members[slow->depth]++ && slow->depth)
		fputc(',', slow->out);
	if (slow->depth)
		slow_line(slow, slow->depth);
	if (!key)
		return;
	slow_quote(slow, key);
	fprintf(slow->out, slow->pretty ? ": " : ":");
}

static void slow_open(struct slow *slow, const char *key, char bracket)
{
	slow_lead(slow, key);
	fputc(bracket, slow->out);
	slow->bracket[++slow->depth] = bracket;
	slow->members[slow->depth] = 0;
}

static void slow_close(struct slow *slow)
{
	if (slow->members[slow->depth])
		slow_line(slow, slow->depth - 1);
	fputc(slow->bracket[slow->depth] == '{' ? '}' : ']', slow->out);
	if (!--slow->depth)
		fputc('\n', slow->out);
}

static void slow_integer(struct slow *slow, const char *key, int64_t value)
{
	slow_lead(slow, key);
	fprintf(slow->out, "%" PRId64, value);
}

/* --- documents ----------------------------------------------------------------------------------------------------- */

static int64_t random_integer(void)
{
	static const int64_t edges[] = {0, 1, -1, 9, 10, 99, 100, -10, INT64_MAX, INT64_MIN, UINT32_MAX};
	uint64_t bits = (uint64_t)random_below(1u << 31) << 33 ^ (uint64_t)random_below(1u << 31) << 11 ^ random_below(1 << 11);

	if (!random_below(4))
		return edges[random_below(sizeof edges / sizeof *edges)];
	return (int64_t)(bits >> random_below(64));
}

/* Words, escapes, controls, well-formed and broken UTF-8, and now and then more than a buffer holds. */
static void random_text(char *text, uint32_t most)
{
	static const char *const pieces[] = {"rtt_us",   "\"",           "\\",       "\n",       "\033[31m",     "\x7f",
					     "\xc3\xa9", "\xe2\x82\xac", "\xed\xa0\x80", "\xc0\x80", "\xf0\x9f\x98\x80", "\xf4\x90\x80\x80",
					     "\xe2\x82", "\x80",         "\xff",     "established", " ",          "a"};
	uint32_t length = random_below(most);
	size_t n;

	*text = 0;
	for (uint32_t at = 0; at < length; at += (uint32_t)n) {
		const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];

		n = strlen(piece);
		memcpy(text + at, piece, n + 1);
	}
}

static char text[LONG_TEXT + 64], key_text[TEXT + 64];

struct sample {
	uint64_t a, b_bytes, max_pacing_rate_bytes_per_s;
};
static const struct field fields[FIELDS] = {
	FIELD(struct sample, a, ""),
	FIELD(struct sample, b_bytes, ""),
	FIELD(struct sample, max_pacing_rate_bytes_per_s, ""),
};

static void fields_add(struct sink *sink, struct slow *slow)
{
	struct sample sample = {(uint64_t)random_integer(), (uint64_t)random_integer(), (uint64_t)random_integer()};
	const uint64_t values[] = {sample.a, sample.b_bytes, sample.max_pacing_rate_bytes_per_s};
	uint64_t have = random_below(1 << FIELDS);

	field_emit(sink, fields, FIELDS, &sample, have);
	for (unsigned i = 0; i < FIELDS; i++) {
		if (have >> i & 1) {
			slow_integer(slow, fields[i].name, (int64_t)values[i]);
		} else {
			slow_lead(slow, fields[i].name);
			fprintf(slow->out, "null");
		}
	}
}

static void member_add(struct sink *sink, struct slow *slow)
{
	const char *key = slow->bracket[slow->depth] == '{' ? key_text : NULL;
	int64_t number = random_integer();
	bool yes = number & 1;

	random_text(key_text, TEXT);
	switch (random_below(key ? 5 : 4)) {
	case 0:
		random_text(text, random_below(200) ? TEXT : LONG_TEXT);
		sink_string(sink, key, text);
		slow_lead(slow, key);
		slow_quote(slow, text);
		break;
	case 1:
		sink_bool(sink, key, yes);
		slow_lead(slow, key);
		fprintf(slow->out, yes ? "true" : "false");
		break;
	case 2:
		sink_real(sink, key, (double)number / 7, 6);
		slow_lead(slow, key);
		fprintf(slow->out, "%.6g", (double)number / 7);
		break;
	case 3:
		sink_integer(sink, key, number);
		slow_integer(slow, key, number);
		break;
	case 4:
		fields_add(sink, slow);
		break;
	}
}

static void step(struct sink *sink, struct slow *slow)
{
	char bracket = random_below(2) ? '{' : '[';

	if (!slow->depth || (slow->depth < DEPTH && !random_below(6))) {
		const char *key = slow->bracket[slow->depth] == '{' ? key_text : NULL;

		random_text(key_text, TEXT);
		(bracket == '{' ? sink_object : sink_array)(sink, key);
		slow_open(slow, key, bracket);
	} else if (!random_below(12)) {
		sink_close(sink);
		slow_close(slow);
	} else {
		member_add(sink, slow);
	}
}

static void documents_equal_the_slow_writer(void **state)
{
	char *fast_out = NULL, *slow_out = NULL;
	size_t fast_length, slow_length;
	struct sink *sink = malloc(sizeof *sink);

	(void)state;
	assert_non_null(sink);
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		FILE *fast = open_memstream(&fast_out, &fast_length);
		struct slow slow = {.out = open_memstream(&slow_out, &slow_length), .pretty = i & 1};
		unsigned steps = 1 + random_below(STEPS);

		sink_init(sink, &sink_json, fast, slow.pretty);
		for (unsigned j = 0; j < steps; j++)
			step(sink, &slow);
		for (; slow.depth; slow_close(&slow))
			sink_close(sink);
		fclose(fast);
		fclose(slow.out);
		assert_int_equal(fast_length, slow_length);
		assert_memory_equal(fast_out, slow_out, slow_length);
		free(fast_out);
		free(slow_out);
	}
	free(sink);
}

/* Of any length, as the first members and as others. */
static void a_piece_stands_for_its_members(void **state)
{
	struct sink *kept = malloc(sizeof *kept), *sink = malloc(sizeof *sink);

	(void)state;
	assert_true(kept && sink);
	for (unsigned i = 0; i < 300; i++) {
		char *slow_out = NULL, *fast_out = NULL;
		size_t length, slow_length, fast_length;
		struct slow slow = {.out = open_memstream(&slow_out, &slow_length)};
		FILE *fast = open_memstream(&fast_out, &fast_length);
		const char *made;

		random_text(text, random_below(i % 10 ? 700 : SINK_BUFFER / 6 - TEXT) + 1);
		random_text(key_text, TEXT);
		sink_piece_init(kept, &sink_json);
		sink_string(kept, key_text, text);
		sink_integer(kept, "number", i);
		made = sink_piece_text(kept, &length);
		assert_non_null(made);
		sink_init(sink, &sink_json, fast, false);
		sink_object(sink, NULL);
		slow_open(&slow, NULL, '{');
		for (unsigned times = 0; times < 20; times++) {
			sink_piece(sink, made, length);
			slow_lead(&slow, key_text);
			slow_quote(&slow, text);
			slow_integer(&slow, "number", i);
		}
		sink_close(sink);
		slow_close(&slow);
		fclose(slow.out);
		fclose(fast);
		assert_int_equal(fast_length, slow_length);
		assert_memory_equal(fast_out, slow_out, slow_length);
		free(slow_out);
		free(fast_out);
	}
	free(kept);
	free(sink);
}

static void a_piece_that_does_not_fit_is_none(void **state)
{
	struct sink *kept = malloc(sizeof *kept);
	size_t length = 0;

	(void)state;
	assert_non_null(kept);
	memset(text, 'x', SINK_BUFFER);
	text[SINK_BUFFER] = 0;
	sink_piece_init(kept, &sink_json);
	sink_string(kept, "key", text);
	assert_null(sink_piece_text(kept, &length));
	free(kept);
}

static void digits_are_those_of_printf(void **state)
{
	char expected[32], got[DIGITS_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		int64_t value = random_integer();

		snprintf(expected, sizeof expected, "%" PRId64, value);
		*digits_put_signed(got, value) = 0;
		assert_string_equal(got, expected);
		snprintf(expected, sizeof expected, "%" PRIu64, (uint64_t)value);
		*digits_put(got, (uint64_t)value) = 0;
		assert_string_equal(got, expected);
	}
	for (uint64_t power = 1, i = 0; i < 20; power *= 10, i++)
		for (int offset = -1; offset <= 1; offset++) {
			snprintf(expected, sizeof expected, "%" PRIu64, power + (uint64_t)offset);
			*digits_put(got, power + (uint64_t)offset) = 0;
			assert_string_equal(got, expected);
		}
}

static void table_is_checked(const struct field *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(strlen(table[i].name), table[i].name_length);
		for (const char *c = table[i].name; *c; c++)
			assert_true(*c == '_' || (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z'));
	}
}

/* What formats rely on when they copy names unseen. */
static void names_of_fields_are_identifiers(void **state)
{
	(void)state;
	table_is_checked(tcp_fact_fields, TCP_FACT_COUNT);
	table_is_checked(host_fact_fields, HOST_FACT_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_equal_the_slow_writer),
		cmocka_unit_test(a_piece_stands_for_its_members),
		cmocka_unit_test(a_piece_that_does_not_fit_is_none),
		cmocka_unit_test(digits_are_those_of_printf),
		cmocka_unit_test(names_of_fields_are_identifiers),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
