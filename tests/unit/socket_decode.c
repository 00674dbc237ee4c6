/* Records of the BPF programs made by hand: what bpf_getsockopt answered for a socket is that socket's, and only
 * that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>
#include "observe/socket_decode.h"

static struct socket_decoder decoder;

static uint16_t row_of(unsigned id)
{
	uint16_t row = 0;

	while (row < decoder.asked_count && decoder.asked[row].id != id)
		row++;
	assert_true(row < decoder.asked_count);
	return row;
}

static void answer_add(struct socket_record *record, unsigned id, int value)
{
	struct record_asked *asked = &record->asked[record->asked_count++];

	asked->row = row_of(id);
	asked->length = sizeof value;
	memcpy(asked->value, &value, sizeof value);
	record->length = (uint16_t)(offsetof(struct socket_record, asked) + record->asked_count * sizeof *asked);
}

static struct socket_record record_new(void)
{
	return (struct socket_record){
		.length = offsetof(struct socket_record, asked), .family = AF_INET, .state = 1};
}

static const struct option_fact *decoded(const struct socket_record *record, unsigned id)
{
	assert_int_equal(socket_decode(&decoder, record, record->length), record->length);
	return &decoder.socket.options[id];
}

static void what_was_answered_is_told(void **state)
{
	struct socket_record record = record_new();
	uint64_t version;

	(void)state;
	socket_decoder_init(&decoder, false);
	answer_add(&record, OPTION_nodelay, 1);
	answer_add(&record, OPTION_user_timeout, 55000);
	assert_int_equal(decoded(&record, OPTION_nodelay)->source, SOURCE_ITERATOR);
	assert_int_equal(decoder.options[OPTION_nodelay].value.number, 1);
	assert_int_equal(decoder.options[OPTION_user_timeout].source, SOURCE_ITERATOR);
	version = decoder.socket.options_version;
	decoded(&record, OPTION_nodelay);
	assert_true(decoder.socket.options_version == version); /* the same options */
	record.asked[0].value[0] = 0;
	assert_int_equal(decoded(&record, OPTION_nodelay)->value.number, 0);
	assert_true(decoder.socket.options_version != version);
}

static void what_was_not_answered_is_unknown(void **state)
{
	struct socket_record both = record_new(), one = record_new();

	(void)state;
	socket_decoder_init(&decoder, false);
	answer_add(&both, OPTION_nodelay, 1);
	answer_add(&both, OPTION_user_timeout, 55000);
	answer_add(&one, OPTION_user_timeout, 55000);
	decoded(&both, OPTION_nodelay);
	assert_int_equal(decoded(&one, OPTION_nodelay)->source, SOURCE_NONE);
	assert_int_equal(decoder.options[OPTION_user_timeout].source, SOURCE_ITERATOR);
	assert_int_equal(decoded(&both, OPTION_nodelay)->source, SOURCE_ITERATOR);
}

/* Rows that no program was asked for, of lengths that no option has. */
static void answers_to_nothing_are_left_out(void **state)
{
	struct socket_record record = record_new();

	(void)state;
	socket_decoder_init(&decoder, false);
	for (unsigned i = 0; i < 3; i++)
		answer_add(&record, OPTION_nodelay, 1);
	record.asked[0].row = (uint16_t)decoder.asked_count;
	record.asked[1].row = UINT16_MAX;
	record.asked[2].length = 17;
	assert_int_equal(decoded(&record, OPTION_nodelay)->source, SOURCE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_answered_is_told),
		cmocka_unit_test(what_was_not_answered_is_unknown),
		cmocka_unit_test(answers_to_nothing_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
