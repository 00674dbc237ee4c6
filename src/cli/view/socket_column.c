/* Names, texts and numbers of columns: from the rows of socket_column_own.c, tcp_fact.def and the catalogue. */
#include "cli/view/socket_column.h"
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include "base/text.h"
#include "base/units.h"
#include "catalog/suggest.h"
#include "cli/view/option_texts.h"
#include "cli/view/socket.h"
#include "cli/view/socket_column_own.h"
#include "record/table.h"

static bool is_fact(unsigned column)
{
	return column >= COLUMNS_OWN && column < COLUMNS_OWN + TCP_FACT_COUNT;
}

static enum tcp_fact_id fact_of(unsigned column)
{
	return (enum tcp_fact_id)(column - COLUMNS_OWN);
}

static const struct option *option_of(unsigned column)
{
	return &catalogue[column - COLUMNS_OWN - TCP_FACT_COUNT + 1];
}

unsigned socket_column_of_fact(enum tcp_fact_id fact)
{
	return COLUMNS_OWN + fact;
}

unsigned socket_column_count(void)
{
	return COLUMNS_OWN + TCP_FACT_COUNT + OPTION_COUNT - 1;
}

/* --- by name ------------------------------------------------------------------------------------------------------ */

size_t socket_column_stem(const char *name)
{
	static const char *const units[] = {"_bytes_per_s", "_bytes", "_us", "_segs", "_ms", "_s"};
	size_t length = strlen(name);

	for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
		if (length > strlen(units[i]) && !strcmp(name + length - strlen(units[i]), units[i]))
			return length - strlen(units[i]);
	return length;
}

static bool name_is(const char *known, size_t known_length, const char *name, size_t length)
{
	return known && known_length == length && !suggest_distance(name, length, known, known_length);
}

/* By what else it is called: other case, - for _, the stem, an alias. */
static bool column_is(unsigned column, const char *name, size_t length)
{
	const char *known = socket_column_name(column);

	if (name_is(known, strlen(known), name, length))
		return true;
	if (column < COLUMNS_OWN)
		return own_columns[column].other &&
		       name_is(own_columns[column].other, strlen(own_columns[column].other), name, length);
	return is_fact(column) ? name_is(known, socket_column_stem(known), name, length) :
				 text_has_word(option_of(column)->aliases, name, length);
}

int socket_column_find(const char *name, size_t length)
{
	for (unsigned column = 0; column < socket_column_count(); column++)
		if (strlen(socket_column_name(column)) == length && !strncmp(socket_column_name(column), name, length))
			return (int)column;
	for (unsigned column = 0; length && column < socket_column_count(); column++)
		if (column_is(column, name, length))
			return (int)column;
	return -1;
}

const char *socket_column_nearest(const char *name, size_t length)
{
	const char *nearest = NULL;
	unsigned best = SUGGEST_FAR;

	for (unsigned column = 0; column < socket_column_count(); column++) {
		const char *known = socket_column_name(column);
		unsigned whole = suggest_distance(name, length, known, strlen(known));
		unsigned stem = suggest_distance(name, length, known, socket_column_stem(known));
		unsigned distance = whole < stem ? whole : stem;

		if (distance < best) {
			best = distance;
			nearest = known;
		}
	}
	return nearest;
}

const char *socket_column_name(unsigned column)
{
	return column < COLUMNS_OWN ? own_columns[column].name :
	       is_fact(column)      ? tcp_fact_fields[fact_of(column)].name :
				      option_of(column)->name;
}

const char *socket_column_help(unsigned column)
{
	return column < COLUMNS_OWN ? own_columns[column].help :
	       is_fact(column)      ? tcp_fact_fields[fact_of(column)].help :
				      option_of(column)->summary;
}

/* The name of one column is the heading of no other. */
static bool name_is_taken(const char *name, size_t length)
{
	for (unsigned column = 0; column < socket_column_count(); column++)
		if (strlen(socket_column_name(column)) == length && !strncmp(socket_column_name(column), name, length))
			return true;
	return false;
}

/* "bytes_sent" is headed SENT; but "retrans" is another column than "bytes_retrans". */
static const char *heading_of(const char *name)
{
	static const char lead[] = "bytes_";
	const char *rest = name + strlen(lead);

	return !strncmp(name, lead, strlen(lead)) && socket_column_find(rest, strlen(rest)) < 0 ? rest : name;
}

/* Without the unit, unless an option is called that: "rcvbuf_bytes" is the size, "rcvbuf" who has the say about it. */
void socket_column_heading(unsigned column, char *text, size_t size)
{
	const char *name = heading_of(socket_column_name(column));
	size_t length = column < COLUMNS_OWN + TCP_FACT_COUNT ? socket_column_stem(name) : strlen(name);

	length = name_is_taken(name, length) ? strlen(name) : length;
	snprintf(text, size, "%.*s", (int)length, name);
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

bool socket_column_is_number(unsigned column)
{
	return is_fact(column) || (column < COLUMNS_OWN && own_columns[column].number && !own_columns[column].text);
}

unsigned socket_column_needs(unsigned column)
{
	return column < COLUMNS_OWN ? own_columns[column].needs : is_fact(column) ? 0 : NEEDS_OPTIONS | NEEDS_OWNERS;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

/* Of a listener, TCP's numbers say nothing: those that do are its queue. */
static bool fact_number(enum tcp_fact_id fact, const struct socket_fact *socket, uint64_t *ret)
{
	if (socket->state == TCP_LISTEN || !tcp_fact_has(&socket->tcp, fact))
		return false;
	memcpy(ret, (const char *)&socket->tcp + tcp_fact_fields[fact].offset, sizeof *ret);
	return true;
}

static void option_text(const struct option *option, const struct socket_fact *socket, char *text, size_t size)
{
	const struct option_fact *fact = socket->options ? &socket->options[option_id(option)] : NULL;
	char amount[24];

	if (!socket_takes_option(socket, option)) {
		snprintf(text, size, "-");
	} else if (!fact || fact->source == SOURCE_NONE) {
		snprintf(text, size, "?");
	} else if (fact->value.form == FORM_AUTO) {
		units_round(MEASURE_SIZE, (double)fact->value.number, amount, sizeof amount);
		snprintf(text, size, "auto:%s", amount);
	} else {
		option_fact_text(option, &fact->value, text, size);
	}
}

static void own_text(unsigned column, const struct socket_fact *socket, char *text, size_t size)
{
	double number;

	if (own_columns[column].text)
		own_columns[column].text(socket, text, size);
	else if (!own_columns[column].number(socket, &number))
		snprintf(text, size, "-");
	else if (own_columns[column].measure == MEASURE_COUNT)
		snprintf(text, size, "%.0f", number);
	else
		units_round(own_columns[column].measure, number, text, size);
}

void socket_column_text(unsigned column, const struct socket_fact *socket, char *text, size_t size)
{
	uint64_t number;

	if (column < COLUMNS_OWN)
		own_text(column, socket, text, size);
	else if (!is_fact(column))
		option_text(option_of(column), socket, text, size);
	else if (fact_number(fact_of(column), socket, &number))
		socket_fact_text(fact_of(column), number, text, size);
	else
		snprintf(text, size, "-");
}

bool socket_column_number(unsigned column, const struct socket_fact *socket, double *ret)
{
	const struct option_fact *fact;
	uint64_t number;

	if (column < COLUMNS_OWN)
		return own_columns[column].number && own_columns[column].number(socket, ret);
	if (is_fact(column)) {
		if (!fact_number(fact_of(column), socket, &number))
			return false;
		*ret = (double)number;
		return true;
	}
	fact = socket->options ? &socket->options[option_id(option_of(column))] : NULL;
	if (!fact || fact->source == SOURCE_NONE || fact->value.form == FORM_TEXT)
		return false;
	*ret = (double)fact->value.number;
	return true;
}

/* --- the manual --------------------------------------------------------------------------------------------------- */

void socket_columns_list(FILE *out, unsigned width)
{
	enum { NAME = 26, INDENT = 2 + NAME + 1 };

	for (unsigned column = 0; column < socket_column_count(); column++) {
		if (!column)
			fprintf(out, "Of every socket:\n");
		if (column == COLUMNS_OWN)
			fprintf(out, "\nOf TCP; the unit at the end may be left out:\n");
		if (column == COLUMNS_OWN + TCP_FACT_COUNT)
			fprintf(out, "\nOptions, as in sockctl-options(7):\n");
		if (column == COLUMNS_OWN + TCP_FACT_COUNT + OPTION_cc - 1) /* it is above */
			continue;
		fprintf(out, "  %-*s ", NAME, socket_column_name(column));
		table_wrap(out, socket_column_help(column), INDENT, width > INDENT ? width - INDENT : (size_t)-1);
	}
}
