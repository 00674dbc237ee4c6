/* The conditions of FILTER: what may stand between `and` and `or`. One function for each kind. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/units.h"
#include "observe/filter_field.h"
#include "observe/filter_host.h"
#include "observe/filter_parser.h"
#include "observe/filter_state.h"

/* What a condition begins with, and what it does. Returns the node's index, or -errno. */
struct subject {
	const char *word;
	int (*parse)(struct parser *, const struct token *word);
};

static int negate_if(struct parser *parser, bool negated, int index)
{
	return negated ? parser_join(parser, FILTER_NOT, index, index) : index;
}

/* A run of `state X`, `exclude Y` is one condition, as in ss: the first `state` begins with none, the first `exclude`
 * with all. */
static int parse_states(struct parser *parser, const struct token *first)
{
	struct token word = *first, name;
	bool started = false;
	uint32_t states = 0, named;
	struct filter_node *node;
	int r;

	for (;;) {
		bool in = !strcmp(word.text, "state");

		r = parser_value(parser, &word, &name);
		if (r)
			return r;
		named = filter_states(name.text);
		if (!named)
			return parser_reject(
				parser, -ENOENT, &name,
				"no such state; established, listening, time-wait, connected... see ss(8)");
		if (!started && !in)
			states = UINT32_MAX;
		started = true;
		states = in ? states | named : states & ~named;
		if (parser->token.kind != TOKEN_WORD ||
		    (strcmp(parser->token.text, "state") && strncmp(parser->token.text, "excl", 4)))
			break;
		word = parser->token;
		parser_advance(parser);
	}
	r = parser_add(parser, FILTER_STATES, &node);
	if (r >= 0)
		node->states = states;
	return r;
}

static int host_node(struct parser *parser, const struct filter_host *host, const char *pattern, bool source)
{
	struct filter_node *node;
	int index = parser_add(parser, FILTER_HOST, &node);

	if (index < 0)
		return index;
	node->source = source;
	node->host = *host;
	if (host->family == AF_UNIX)
		snprintf(node->text, sizeof node->text, "%s", pattern);
	return index;
}

static int device_parse(struct parser *parser, const char *text, uint32_t *ret)
{
	int64_t number;

	if (!units_parse(MEASURE_COUNT, text, strlen(text), &number) && number <= UINT32_MAX)
		*ret = (uint32_t)number;
	else if (!parser->names || !parser->names->device || parser->names->device(text, ret))
		return -ENOENT;
	return 0;
}

/* "[fe80::1]%eth0:443", "fe80::1%eth0": what follows the %, taken out of `host`; "" where there is none. Of a unix socket it
 * is part of the path. */
static void zone_cut(char host[], char ret_zone[])
{
	char *percent = *host == '/' || *host == '@' || !strncmp(host, "unix:", 5) ? NULL : strchr(host, '%');
	size_t length = percent ? strcspn(percent + 1, "]:/") : 0;

	*ret_zone = 0;
	if (!length)
		return;
	memcpy(ret_zone, percent + 1, length);
	ret_zone[length] = 0;
	memmove(percent, percent + 1 + length, strlen(percent + 1 + length) + 1);
}

static int device_node(struct parser *parser, uint32_t interface)
{
	struct filter_node *node;
	int index = parser_add(parser, FILTER_DEVICE, &node);

	if (index >= 0)
		node->number = interface;
	return index;
}

static int parse_host(struct parser *parser, const struct token *word)
{
	struct filter_host host[HOST_ADDRESSES];
	char pattern[FILTER_TEXT] = "";
	struct token value;
	char zone[sizeof value.text];
	uint32_t interface;
	bool negated;
	int index, count, r = parser_equality(parser, word, &negated, &value);

	if (r)
		return r;
	zone_cut(value.text, zone);
	if (*zone && device_parse(parser, zone, &interface))
		return parser_reject(parser, -ENOENT, &value, "no network interface here is called %.32s", zone);
	count = host_parse(value.text, parser->names, host, pattern);
	if (count == -ENOENT)
		return parser_reject(parser, count, &value, "no such host or service");
	if (count < 0)
		return parser_reject(parser, count, &value,
				     "%s expects ADDRESS[%%DEVICE][/BITS][:PORT], as 10.0.0.0/8, [::1]:443, *:22",
				     word->text);
	index = host_node(parser, &host[0], pattern, *word->text == 's');
	for (int i = 1; i < count && index >= 0; i++)
		index = parser_join(parser, FILTER_OR, index, host_node(parser, &host[i], pattern, *word->text == 's'));
	if (*zone && index >= 0)
		index = parser_join(parser, FILTER_AND, index, device_node(parser, interface));
	return negate_if(parser, negated, index);
}

static int parse_port(struct parser *parser, const struct token *word)
{
	struct filter_node *node;
	struct filter_host host;
	struct token value;
	bool given;
	enum filter_compare compare = parser_compare(parser, &given);
	int index, r = parser_value(parser, word, &value);

	if (r)
		return r;
	r = host_parse_port(value.text, parser->names, &host);
	if (r)
		return parser_reject(parser, r, &value,
				     r == -ENOENT ? "no such service in /etc/services" :
						    "expects a port, as :443 or :https");
	if (host.port < 0 && compare != COMPARE_EQ)
		return parser_reject(parser, -EINVAL, &value, "* can only be equal");
	index = parser_add(parser, FILTER_PORT, &node);
	if (index < 0)
		return index;
	node->source = *word->text == 's';
	node->compare = (uint8_t)compare;
	node->host = host;
	return index;
}

static int parse_device(struct parser *parser, const struct token *word)
{
	struct token value;
	uint32_t interface;
	bool negated;
	int r = parser_equality(parser, word, &negated, &value);

	if (r)
		return r;
	if (device_parse(parser, value.text, &interface))
		return parser_reject(parser, -ENOENT, &value, "no such network interface here");
	return negate_if(parser, negated, device_node(parser, interface));
}

static int mark_parse(const char *text, uint32_t *ret_value, uint32_t *ret_mask)
{
	const char *slash = strchr(text, '/');
	int64_t value, mask = UINT32_MAX;

	if (units_parse(MEASURE_COUNT, text, slash ? (size_t)(slash - text) : strlen(text), &value) ||
	    value > UINT32_MAX)
		return -EINVAL;
	if (slash && (units_parse(MEASURE_COUNT, slash + 1, strlen(slash + 1), &mask) || mask > UINT32_MAX))
		return -EINVAL;
	*ret_value = (uint32_t)value;
	*ret_mask = (uint32_t)mask;
	return 0;
}

static int parse_mark(struct parser *parser, const struct token *word)
{
	struct filter_node *node;
	struct token value;
	uint32_t mark, mask;
	bool negated;
	int index, r = parser_equality(parser, word, &negated, &value);

	if (r)
		return r;
	if (mark_parse(value.text, &mark, &mask))
		return parser_reject(parser, -EINVAL, &value, "expects a mark, with a mask or without: 0x1/0x3");
	index = parser_add(parser, FILTER_MARK, &node);
	if (index < 0)
		return index;
	node->mark.value = mark;
	node->mark.mask = mask;
	return negate_if(parser, negated, index);
}

static int parse_cgroup(struct parser *parser, const struct token *word)
{
	struct filter_node *node;
	struct token value;
	uint64_t id;
	bool negated;
	int index, r = parser_equality(parser, word, &negated, &value);

	if (r)
		return r;
	if (!parser->names || !parser->names->cgroup || parser->names->cgroup(value.text, &id))
		return parser_reject(parser, -ENOENT, &value,
				     "no such cgroup (version 2), as in /sys/fs/cgroup/system.slice/nginx.service");
	index = parser_add(parser, FILTER_CGROUP, &node);
	if (index < 0)
		return index;
	node->number = id;
	return negate_if(parser, negated, index);
}

static int parse_autobound(struct parser *parser, const struct token *word)
{
	struct filter_node *node;

	(void)word;
	return parser_add(parser, FILTER_AUTOBOUND, &node);
}

static const struct subject subjects[] = {
	{"state", parse_states},     {"exclude", parse_states}, {"excl", parse_states},         {"src", parse_host},
	{"dst", parse_host},         {"sport", parse_port},     {"dport", parse_port},          {"dev", parse_device},
	{"fwmark", parse_mark},      {"cgroup", parse_cgroup},  {"autobound", parse_autobound}, {"pid", condition_pid},
	{"comm", condition_command},
};

int parser_condition(struct parser *parser)
{
	const struct token word = parser->token;
	const struct option *option = option_find(word.text, strlen(word.text));
	int field = filter_field_find(word.text, strlen(word.text));

	parser_advance(parser);
	for (unsigned i = 0; i < sizeof subjects / sizeof *subjects; i++)
		if (!strcmp(subjects[i].word, word.text))
			return subjects[i].parse(parser, &word);
	if (field >= 0)
		return condition_fact(parser, &word, (unsigned)field);
	if (option)
		return condition_option(parser, &word, option);
	return parser_reject(
		parser, -ENOENT, &word,
		"no such condition: state, src, dst, sport, dport, dev, fwmark, cgroup, autobound, pid, comm, a "
		"fact (rtt) or an option (nodelay)");
}
