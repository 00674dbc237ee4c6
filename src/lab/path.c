/* The language of paths. One table of keys; opens nothing. */
#include "lab/path.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"

enum { LOSS_PARTS = 100000000, LOSS_PARTS_PER_PERCENT = 1000000, LOSS_DIGITS = 6 };
enum { QUEUE_LEAST_BYTES = 2048, QUEUE_FLOOR_BYTES = 64 << 10, QUEUE_FLOOR_MS = 20 };
enum ways { UP = 1, DOWN = 2, BOTH = UP | DOWN };

/* A value as it is written; each key has its own range. */
struct key {
	const char *name;
	enum measure measure; /* MEASURES: a share in percent, kept in 1/LOSS_PARTS */
	int64_t least, most;
	bool whole; /* of both ways together: takes no up. or down. */
	void (*set)(struct path_way *, int64_t value);
};

static void set_delay(struct path_way *way, int64_t value)
{
	way->delay_us = value;
}
static void set_rate(struct path_way *way, int64_t value)
{
	way->rate_bps = value;
}
static void set_queue(struct path_way *way, int64_t value)
{
	way->queue_bytes = value;
}
static void set_loss(struct path_way *way, int64_t value)
{
	way->loss = (double)value / LOSS_PARTS;
}

static const struct key keys[] = {
	{"rtt", MEASURE_TIME, 0, 120000000, true, set_delay},
	{"delay", MEASURE_TIME, 0, 60000000, false, set_delay},
	{"rate", MEASURE_RATE, 1000, 1000000000000, false, set_rate},
	{"loss", MEASURES, 0, LOSS_PARTS, false, set_loss},
	{"queue", MEASURE_SIZE, QUEUE_LEAST_BYTES, 1ll << 32, false, set_queue},
};
enum { KEYS = sizeof keys / sizeof *keys };

struct token {
	const char *text;
	size_t length;
	const char *name; /* without up. and down. */
	size_t name_length;
	const char *value; /* NULL: there is no '=' */
	size_t value_length;
	enum ways ways;
};

/* --- shares ---------------------------------------------------------------------------------------------------- */

static int share_parse(const char *text, size_t length, int64_t *ret)
{
	int64_t parts = 0, weight = LOSS_PARTS_PER_PERCENT;
	bool point = false, digits = false;

	if (!length || text[length - 1] != '%')
		return -EINVAL;
	for (size_t i = 0; i < length - 1; i++) {
		if (text[i] == '.' && !point && digits) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || (point && weight == 1))
			return -EINVAL;
		digits = true;
		if (point)
			parts += (text[i] - '0') * (weight /= 10);
		else
			parts = parts * 10 + (text[i] - '0') * (int64_t)LOSS_PARTS_PER_PERCENT;
		if (parts > LOSS_PARTS)
			return -ERANGE;
	}
	*ret = parts;
	return digits && text[length - 2] != '.' ? 0 : -EINVAL;
}

static void share_format(struct text *out, double share)
{
	int64_t parts = llround(share * LOSS_PARTS);
	char fraction[LOSS_DIGITS + 1];
	int digits = LOSS_DIGITS;

	snprintf(fraction, sizeof fraction, "%06" PRId64, parts % LOSS_PARTS_PER_PERCENT);
	while (digits && fraction[digits - 1] == '0')
		fraction[--digits] = 0;
	text_add(out, "%" PRId64 "%s%s%%", parts / LOSS_PARTS_PER_PERCENT, digits ? "." : "", fraction);
}

/* --- parsing --------------------------------------------------------------------------------------------------- */

static bool prefix_take(struct token *token, const char *prefix, enum ways ways)
{
	size_t n = strlen(prefix);

	if (token->name_length < n || strncasecmp(token->name, prefix, n))
		return false;
	token->name += n;
	token->name_length -= n;
	token->ways = ways;
	return true;
}

static struct token token_read(const char *text, size_t length)
{
	struct token token = {.text = text, .length = length, .name = text, .name_length = length, .ways = BOTH};
	const char *equals = memchr(text, '=', length);

	if (equals) {
		token.name_length = (size_t)(equals - text);
		token.value = equals + 1;
		token.value_length = length - token.name_length - 1;
	}
	if (!prefix_take(&token, "up.", UP))
		prefix_take(&token, "down.", DOWN);
	return token;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance; names longer than any key are far from all. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned row[16], corner, above;

	if (a_length >= 16 || b_length >= 16)
		return 16;
	for (unsigned j = 0; j <= b_length; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a_length; i++) {
		corner = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b_length; j++) {
			above = row[j];
			row[j] = least(least(row[j], row[j - 1]) + 1,
				       corner + (strncasecmp(&a[i - 1], &b[j - 1], 1) != 0));
			corner = above;
		}
	}
	return row[b_length];
}

static const struct key *key_find(const struct token *token)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == token->name_length &&
		    !strncasecmp(keys[i].name, token->name, token->name_length))
			return &keys[i];
	return NULL;
}

static void value_format(const struct key *key, int64_t value, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (key->measure == MEASURES)
		share_format(&out, (double)value / LOSS_PARTS);
	else
		units_format(key->measure, value, text, size);
}

static int bad_value(const struct key *key, const struct token *token, int code, struct sockctl_error *error)
{
	char subject[64], low[32], high[32];

	snprintf(subject, sizeof subject, "%.*s", (int)least((unsigned)token->length, 60), token->text);
	if (code == -ERANGE) {
		value_format(key, key->least, low, sizeof low);
		value_format(key, key->most, high, sizeof high);
		return error_set(error, code, "path", subject, "out of range; %s takes %s to %s", key->name, low, high);
	}
	return error_set(error, code, "path", subject, "expects %s",
			 key->measure == MEASURES ? "a share such as 0.1%" : units_expects(key->measure));
}

static int value_parse(const struct key *key, const struct token *token, int64_t *ret)
{
	int code;

	if (!token->value)
		return -EINVAL;
	if (key->measure == MEASURES)
		code = share_parse(token->value, token->value_length, ret);
	else
		code = units_parse(key->measure, token->value, token->value_length, ret);
	if (!code && (*ret < key->least || *ret > key->most))
		return -ERANGE;
	return code;
}

/* The least misspelt key, the one whose kind of value it has rather than another; NULL if none is near. */
static const struct key *key_nearest(const struct token *token)
{
	const struct key *best = NULL;
	unsigned best_score = 6, score;
	int64_t value;

	for (const struct key *key = keys; key < keys + KEYS; key++) {
		score = 2 * distance(token->name, token->name_length, key->name, strlen(key->name));
		score += value_parse(key, token, &value) != 0;
		if (score < best_score) {
			best_score = score;
			best = key;
		}
	}
	return best;
}

static int unknown_key(const struct token *token, struct sockctl_error *error)
{
	const struct key *near = key_nearest(token);
	char subject[64];

	snprintf(subject, sizeof subject, "%.*s", (int)least((unsigned)token->length, 60), token->text);
	if (near)
		return error_set(error, -EINVAL, "path", subject, "unknown; did you mean %s=?", near->name);
	return error_set(error, -EINVAL, "path", subject,
			 "unknown; expects rtt=, delay=, rate=, loss= or queue=, as in "
			 "rtt=40ms,rate=100mbit,loss=0.1%%,queue=256K, one way with up. or down.");
}

static int token_apply(struct path *path, const struct token *token, struct sockctl_error *error)
{
	const struct key *key = key_find(token);
	int64_t value, up;
	int code;

	if (!key)
		return unknown_key(token, error);
	if (key->whole && token->ways != BOTH)
		return error_set(error, -EINVAL, "path", key->name,
				 "holds there and back together; one way is up.delay= or down.delay=");
	code = value_parse(key, token, &value);
	if (code)
		return bad_value(key, token, code, error);
	up = key->whole ? value / 2 : value;
	if (token->ways & UP)
		key->set(&path->up, up);
	if (token->ways & DOWN)
		key->set(&path->down, key->whole ? value - up : value);
	return 0;
}

static int way_check(const struct path_way *way, const char *name, struct sockctl_error *error)
{
	if (way->queue_bytes && !way->rate_bps)
		return error_set(error, -EINVAL, "path", name,
				 "queue= without rate=: a link without a rate has no queue");
	return 0;
}

int path_parse(struct path *path, const char *text, struct sockctl_error *error)
{
	struct path made = {0};
	int code = 0;

	while (!code && *(text += strspn(text, ", \t\n"))) {
		size_t n = strcspn(text, ", \t\n");
		struct token token = token_read(text, n);

		code = token_apply(&made, &token, error);
		text += n;
	}
	if (!code)
		code = way_check(&made.up, "up", error);
	if (!code)
		code = way_check(&made.down, "down", error);
	if (!code)
		*path = made;
	return code;
}

/* --- formatting ------------------------------------------------------------------------------------------------ */

static void number_add(struct text *out, const char *prefix, const char *name, enum measure measure, int64_t value)
{
	char number[32];

	if (!value)
		return;
	units_format(measure, value, number, sizeof number);
	text_add(out, "%s%s%s=%s", out->length ? "," : "", prefix, name, number);
}

static void loss_add(struct text *out, const char *prefix, double loss)
{
	if (loss <= 0)
		return;
	text_add(out, "%s%sloss=", out->length ? "," : "", prefix);
	share_format(out, loss);
}

static void way_add(struct text *out, const char *prefix, const struct path_way *way)
{
	number_add(out, prefix, "delay", MEASURE_TIME, way->delay_us);
	number_add(out, prefix, "rate", MEASURE_RATE, way->rate_bps);
	loss_add(out, prefix, way->loss);
	number_add(out, prefix, "queue", MEASURE_SIZE, way->queue_bytes);
}

static bool ways_equal(const struct path_way *a, const struct path_way *b)
{
	return a->delay_us == b->delay_us && a->rate_bps == b->rate_bps && a->queue_bytes == b->queue_bytes &&
	       llround(a->loss * LOSS_PARTS) == llround(b->loss * LOSS_PARTS);
}

int path_format(const struct path *path, char *text, size_t size)
{
	struct text out = {text, size, 0};
	struct path_way both = path->up;

	if (size)
		*text = 0;
	if (ways_equal(&path->up, &path->down)) {
		number_add(&out, "", "rtt", MEASURE_TIME, path_rtt_us(path));
		both.delay_us = 0;
		way_add(&out, "", &both);
	} else {
		way_add(&out, "up.", &path->up);
		way_add(&out, "down.", &path->down);
	}
	return (int)out.length;
}

int64_t path_rtt_us(const struct path *path)
{
	return path->up.delay_us + path->down.delay_us;
}

/* The largest of: a bandwidth-delay product, which is what lets one cubic flow keep the link full; 20 ms of the rate,
 * since access links hold at least that; and one super-packet, or a single write of a sender would be cut. */
int64_t path_queue_bytes(const struct path_way *way)
{
	double bytes_per_us = (double)way->rate_bps / 8e6, product, floor_bytes;

	if (way->queue_bytes || !way->rate_bps)
		return way->queue_bytes;
	product = bytes_per_us * 2 * (double)way->delay_us;
	floor_bytes = bytes_per_us * 1000 * QUEUE_FLOOR_MS;
	return (int64_t)fmax(fmax(product, floor_bytes), QUEUE_FLOOR_BYTES);
}
