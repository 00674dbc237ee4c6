/* Conditions on what a socket has and does: facts, options, owners. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/units.h"
#include "observe/filter_field.h"
#include "observe/filter_parser.h"

int condition_pid(struct parser *parser, const struct token *word)
{
	enum filter_compare compare;
	struct filter_node *node;
	struct token value;
	int64_t number;
	int index, r = parser_comparison(parser, word, &compare, &value);

	if (r)
		return r;
	if (units_parse(MEASURE_COUNT, value.text, strlen(value.text), &number) || number > INT32_MAX)
		return parser_reject(parser, -EINVAL, &value, "expects a process id");
	index = parser_add(parser, FILTER_PID, &node);
	if (index < 0)
		return index;
	node->compare = (uint8_t)compare;
	node->number = (uint64_t)number;
	return index;
}

int condition_command(struct parser *parser, const struct token *word)
{
	struct filter_node *node;
	struct token value;
	bool negated;
	int index, r = parser_equality(parser, word, &negated, &value);

	if (r)
		return r;
	index = parser_add(parser, FILTER_COMMAND, &node);
	if (index < 0)
		return index;
	snprintf(node->text, sizeof node->text, "%s", value.text);
	return negated ? parser_join(parser, FILTER_NOT, index, index) : index;
}

static int fact_value(struct parser *parser, unsigned field, const struct token *value, uint64_t *ret)
{
	enum measure measure = filter_field_measure(field);
	size_t length = strlen(value->text);
	int64_t number;
	uint32_t uid;

	if (!strcmp(filter_field_name(field), "uid") && parser->names && parser->names->user &&
	    strspn(value->text, "0123456789") != length) {
		if (parser->names->user(value->text, &uid))
			return parser_reject(parser, -ENOENT, value, "no such user");
		*ret = uid;
		return 0;
	}
	if (units_parse(measure, value->text, length, &number) ||
	    (measure == MEASURE_TIME && number && strspn(value->text, "0123456789.") == length))
		return parser_reject(parser, -EINVAL, value, "%s expects %s%s", filter_field_name(field),
				     units_expects(measure), measure == MEASURE_TIME ? ", with its unit" : "");
	*ret = (uint64_t)(measure == MEASURE_RATE ? number / 8 : number);
	return 0;
}

int condition_fact(struct parser *parser, const struct token *word, unsigned field)
{
	enum filter_compare compare;
	struct filter_node *node;
	struct token value;
	uint64_t number = 0;
	int index, r = parser_comparison(parser, word, &compare, &value);

	r = r ? r : fact_value(parser, field, &value, &number);
	if (r)
		return r;
	index = parser_add(parser, FILTER_FACT, &node);
	if (index < 0)
		return index;
	node->compare = (uint8_t)compare;
	node->field = (uint16_t)field;
	node->number = number;
	return index;
}

static bool option_is_ordered(const struct option *option, const struct value *value)
{
	return value->form == FORM_NUMBER && option->kind != KIND_SWITCH && option->kind != KIND_LINGER;
}

int condition_option(struct parser *parser, const struct token *word, const struct option *option)
{
	enum filter_compare compare;
	struct filter_node *node;
	struct token text;
	struct value value = {0};
	char expects[160];
	int index, r = parser_comparison(parser, word, &compare, &text);

	if (r)
		return r;
	value_expects(option, expects, sizeof expects);
	if (value_parse(option, text.text, &value) || value.form == FORM_BDP || value.form == FORM_AUTO)
		return parser_reject(parser, -EINVAL, &text, "%s expects %s", option->name, expects);
	if (compare > COMPARE_NE && !option_is_ordered(option, &value))
		return parser_reject(parser, -EINVAL, &text, "%s can be equal or not; it has no order", option->name);
	index = parser_add(parser, FILTER_OPTION, &node);
	if (index < 0)
		return index;
	node->compare = (uint8_t)compare;
	node->field = (uint16_t)option_id(option);
	node->option = value;
	return index;
}
