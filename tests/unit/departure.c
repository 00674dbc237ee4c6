/* Comparing a measurement with a row: what agrees is silent, what does not is named with what the kernel did. No socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "probe/departure.h"

/* A row of no kernel: too late once connected, which its effect shows; free up to 50. */
static const struct option plain_row = {
	.name = "row",
	.place = {{IPPROTO_TCP, 1, "TCP_ROW", .below = EINVAL, .above = ERANGE}},
	.protocols = PROTOCOL_TCP,
	.kind = KIND_NUMBER,
	.min = 1,
	.max = 100,
	.late = AT_CONNECTED,
	.effect = EFFECT_SYN_RETRIES,
	.capability = "CAP_NET_RAW",
	.free_max = 50,
};

static struct probe_reading reading(int64_t number)
{
	return (struct probe_reading){.value = {.form = FORM_NUMBER, .number = number}};
}

/* What a kernel for which the row is true would show. */
static struct probe_result plain_result(void)
{
	struct probe_result r = {
		.there = true,
		.family = PROBE_TCP4,
		.asked = {.form = FORM_NUMBER, .number = 30},
		.min = {true, 1, EINVAL},
		.max = {true, 100, ERANGE},
		.needs = 2,
		.has_free = true,
		.free = 50,
		.limit = -1,
		.plain = reading(7),
		.pairs = 1,
		.pair = {{{.number = 30}, {.number = 30}}},
	};

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++) {
		r.read[phase] = reading(30);
		r.effective[phase].answer = phase < PROBE_CONNECTING ? PROBE_YES : PROBE_NO;
	}
	for (enum probe_moment moment = 0; moment < PROBE_MOMENTS; moment++) {
		r.child[moment] = reading(moment == PROBE_AFTER_HANDSHAKE ? 7 : 30);
		r.inherited[moment].answer = moment == PROBE_AFTER_HANDSHAKE ? PROBE_NO : PROBE_YES;
	}
	return r;
}

static char told[512];

static void tell(void *arg, const struct probe_result *result, const char *text)
{
	(void)arg, (void)result;
	snprintf(told, sizeof told, "%s", text);
}

#define DEPARTS(row, result, text) \
	do { \
		*told = 0; \
		assert_int_equal(departures_find(row, result, tell, NULL), 1); \
		assert_string_equal(told, text); \
	} while (0)

static void what_agrees_is_silent(void **state)
{
	struct probe_result r = plain_result();

	(void)state;
	assert_int_equal(departures_find(&plain_row, &r, tell, NULL), 0);
	r.effective[PROBE_UNBOUND].answer = PROBE_UNKNOWN; /* what cannot be seen contradicts nothing */
	r.inherited[PROBE_BEFORE_LISTEN].answer = PROBE_UNKNOWN;
	r.effective[PROBE_CONNECTING].answer = PROBE_YES; /* of which the row says nothing */
	assert_int_equal(departures_find(&plain_row, &r, NULL, NULL), 0);
}

static void phases_are_named(void **state)
{
	struct probe_result r = plain_result();
	struct option row = plain_row;

	(void)state;
	r.accepted[PROBE_BOUND] = EINVAL;
	DEPARTS(&plain_row, &r, "bound: the row says accepted, this kernel says EINVAL");
	row.never = AT_BOUND;
	r = plain_result();
	r.inherited[PROBE_BEFORE_LISTEN].answer = PROBE_UNKNOWN;
	DEPARTS(&row, &r, "bound: the row says refused, this kernel takes it");
	r = plain_result();
	r.read[PROBE_LISTENING] = reading(31);
	DEPARTS(&plain_row, &r, "listening: asked 30, reads 31: not the row's relation (same)");
	r.read[PROBE_LISTENING].error = ENOPROTOOPT;
	DEPARTS(&plain_row, &r, "listening: cannot be read: ENOPROTOOPT");
}

static void ends_of_the_range_are_named(void **state)
{
	struct probe_result r = plain_result();

	(void)state;
	r.max.value = 99;
	DEPARTS(&plain_row, &r, "range: the row's max is 100, this kernel takes no more than 99: ERANGE");
	r.max.value = 101;
	DEPARTS(&plain_row, &r,
		"range: beyond the row's max of 100 it says ERANGE; this kernel takes numbers up to 101, then says ERANGE");
	r = plain_result();
	r.min.value = 2;
	DEPARTS(&plain_row, &r, "range: the row's min is 1, this kernel takes no less than 2: EINVAL");
	r = plain_result();
	r.min.error = EPERM;
	DEPARTS(&plain_row, &r,
		"range: beyond the row's min of 1 it says EINVAL; this kernel takes numbers down to 1, then says EPERM");
	r = plain_result();
	r.pair[0].got.number = 60;
	DEPARTS(&plain_row, &r, "range: asked 30, reads 60: not the row's relation (same)");
}

static void privilege_is_named(void **state)
{
	struct option row = plain_row;
	struct probe_result r = plain_result();

	(void)state;
	r.needs = 1;
	DEPARTS(&plain_row, &r, "privilege: CAP_NET_RAW is not enough here");
	r.needs = 2;
	r.free = 49;
	DEPARTS(&plain_row, &r, "without capabilities: free up to 50 by the row, up to 49 here");
	r.needs = 0;
	DEPARTS(&plain_row, &r, "without capabilities: the row says that it takes CAP_NET_RAW, this kernel wants none");
	row.capability = NULL;
	r = plain_result();
	DEPARTS(&row, &r, "without capabilities: the row says accepted, this kernel says EPERM");
}

static void inheritance_is_named(void **state)
{
	struct option row = plain_row;
	struct probe_result r = plain_result();

	(void)state;
	r.inherited[PROBE_AFTER_LISTEN].answer = PROBE_NO;
	DEPARTS(&plain_row, &r, "after_listen: the row says it passes on, but the accepted socket lacks it");
	r = plain_result();
	r.child[PROBE_BEFORE_LISTEN] = reading(29);
	DEPARTS(&plain_row, &r, "before_listen: the row says it passes on, but the accepted socket lacks it");
	row.inherited = STAYS;
	r = plain_result();
	for (enum probe_moment moment = PROBE_BEFORE_LISTEN; moment < PROBE_MOMENTS; moment++)
		r.inherited[moment].answer = PROBE_NO;
	DEPARTS(&row, &r, "before_bind: the row says it stays, but the accepted socket has changed");
}

static void effects_are_named(void **state)
{
	struct option row = plain_row;
	struct probe_result r = plain_result();

	(void)state;
	r.effective[PROBE_LISTENING].answer = PROBE_NO;
	DEPARTS(&plain_row, &r, "listening: the row says that it works, but it has no effect");
	r = plain_result();
	r.effective[PROBE_ESTABLISHED].answer = PROBE_YES;
	DEPARTS(&plain_row, &r, "established: the row says that it is in vain, but it has an effect");
	row.effect = EFFECT_NONE;
	r = plain_result();
	DEPARTS(&row, &r, "the row says that it is too late for accepted sockets, but names no effect to show it by");
}

static void other_transports_refuse_it(void **state)
{
	struct probe_result r = {.there = true, .family = PROBE_UDP4, .accepted = {ENOPROTOOPT}};

	(void)state;
	assert_int_equal(departures_find(&plain_row, &r, NULL, NULL), 0);
	r.accepted[PROBE_UNBOUND] = 0;
	DEPARTS(&plain_row, &r, "unbound: it is not of this protocol by the row, but this kernel takes it");
}

static void what_cannot_be_compared_has_an_excuse(void **state)
{
	struct option row = plain_row;
	struct probe_result r = plain_result();

	(void)state;
	assert_null(departure_excuse(&plain_row, &r));
	r.refused_here = true;
	assert_string_equal(departure_excuse(&plain_row, &r),
			    "it takes a capability of the host's, which a user namespace cannot give");
	row.since = "999.0";
	r.accepted[PROBE_UNBOUND] = ENOPROTOOPT;
	assert_string_equal(departure_excuse(&row, &r), "this kernel is older than the option");
	assert_int_equal(departures_find(&row, &r, NULL, NULL), 0);
	r.there = false;
	r.why = "its measurement did not come to an end";
	assert_string_equal(departure_excuse(&plain_row, &r), r.why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_agrees_is_silent),       cmocka_unit_test(phases_are_named),
		cmocka_unit_test(ends_of_the_range_are_named), cmocka_unit_test(privilege_is_named),
		cmocka_unit_test(inheritance_is_named),        cmocka_unit_test(effects_are_named),
		cmocka_unit_test(other_transports_refuse_it),  cmocka_unit_test(what_cannot_be_compared_has_an_excuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
