/* Structured output: JSON that always parses, columns that line up, nothing of a foreign name reaching the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include "record/field.h"
#include "record/table.h"

static char *output;
static size_t output_length;

static FILE *output_open(void)
{
	free(output);
	return open_memstream(&output, &output_length);
}

static void json_is_compact_and_parses(void **state)
{
	struct sink sink;
	FILE *out = output_open();

	(void)state;
	sink_init(&sink, &sink_json, out, false);
	sink_object(&sink, NULL);
	sink_integer(&sink, "rtt_us", -3);
	sink_array(&sink, "list");
	sink_bool(&sink, NULL, true);
	sink_real(&sink, NULL, 1.5, 6);
	sink_real(&sink, NULL, NAN, 6);
	sink_close(&sink);
	sink_object(&sink, "empty");
	sink_close(&sink);
	sink_string(&sink, "none", NULL);
	sink_close(&sink);
	fclose(out);
	assert_string_equal(output, "{\"rtt_us\":-3,\"list\":[true,1.5,null],\"empty\":{},\"none\":null}\n");
}

static void json_survives_any_bytes(void **state)
{
	(void)state;
	for (unsigned first = 1; first < 256; first++)
		for (unsigned second = 1; second < 256; second += 3) {
			char text[] = {(char)first, (char)second, (char)0xb0, (char)first, 0};
			struct sink sink;
			FILE *out = output_open();
			json_t *parsed;

			sink_init(&sink, &sink_json, out, second & 1);
			sink_array(&sink, NULL);
			sink_string(&sink, NULL, text);
			sink_close(&sink);
			fclose(out);
			parsed = json_loads(output, 0, NULL);
			assert_non_null(parsed);
			json_decref(parsed);
		}
}

struct sample {
	uint64_t a_us, b_bytes;
};

static void field_absent_is_null(void **state)
{
	static const struct field fields[] = {
		FIELD(struct sample, a_us, ""),
		FIELD(struct sample, b_bytes, ""),
	};
	struct sample sample = {7, 9};
	struct sink sink;
	FILE *out = output_open();

	(void)state;
	sink_init(&sink, &sink_json, out, false);
	sink_object(&sink, NULL);
	field_emit(&sink, fields, 2, &sample, 1);
	sink_close(&sink);
	fclose(out);
	assert_string_equal(output, "{\"a_us\":7,\"b_bytes\":null}\n");
}

static void table_aligns_and_escapes(void **state)
{
	static const char *const headings[] = {"NAME", ">SIZE", "TEXT", NULL};
	struct table table;
	FILE *out = output_open();

	(void)state;
	table_init(&table, headings);
	table_row(&table, "a\033[31m", "5", "short");
	table_row(&table, "longer name", "12345", NULL);
	table_print(&table, out, 0);
	table_release(&table);
	fclose(out);
	assert_string_equal(output, "NAME          SIZE  TEXT\n"
				    "a?[31m           5  short\n"
				    "longer name  12345\n");
}

static void table_wraps_the_last_column(void **state)
{
	static const char *const headings[] = {"N", "TEXT", NULL};
	struct table table;
	FILE *out = output_open();

	(void)state;
	table_init(&table, headings);
	table_row(&table, "x", "one two three four five six seven");
	table_print(&table, out, 27);
	table_release(&table);
	fclose(out);
	assert_string_equal(output, "N  TEXT\n"
				    "x  one two three four five\n"
				    "   six seven\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_compact_and_parses),
		cmocka_unit_test(json_survives_any_bytes),
		cmocka_unit_test(field_absent_is_null),
		cmocka_unit_test(table_aligns_and_escapes),
		cmocka_unit_test(table_wraps_the_last_column),
	};
	int failed = cmocka_run_group_tests_name("record", tests, NULL, NULL);

	free(output);
	return failed;
}
