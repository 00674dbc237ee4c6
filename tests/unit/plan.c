/* Which settings are made when, and in which order: from the rows alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>
#include "base/text.h"
#include "socket/plan.h"

static const struct plan_target v4 = {AF_INET, false, PROTOCOL_TCP}, v6 = {AF_INET6, false, PROTOCOL_TCP};
static const struct plan_target dual = {AF_INET6, true, PROTOCOL_TCP}, udp = {AF_INET, false, PROTOCOL_UDP};

static struct spec spec_from(const char *text)
{
	struct spec spec;

	assert_int_equal(spec_parse(&spec, text, NULL), 0);
	return spec;
}

/* The steps as text: "tos.0 tos.1 priority.0 ". */
static const char *steps(const struct plan *plan, const struct spec *spec)
{
	static char buffer[400];
	struct text text = TEXT(buffer);

	*buffer = 0;
	for (unsigned i = 0; i < plan->count; i++)
		text_add(&text, "%s.%d ", catalogue[spec->setting[plan->step[i].setting].option].name,
			 plan->step[i].place);
	return buffer;
}

static const char *made(const char *text, const struct plan_target *target, enum sockctl_phase phase)
{
	struct spec spec = spec_from(text);
	struct plan plan;

	plan_make(&plan, &spec, target, phase);
	return steps(&plan, &spec);
}

static const char *adopted(const char *text, enum sockctl_phase found, enum plan_which which)
{
	struct spec spec = spec_from(text);
	struct plan plan;

	plan_adopt(&plan, &spec, &v4, found, which);
	return steps(&plan, &spec);
}

static void steps_stand_in_catalogue_order(void **state)
{
	(void)state;
	assert_string_equal(made("priority=5,nodelay,tos=0x10", &v4, SOCKCTL_PRE_LISTEN),
			    "tos.0 priority.0 nodelay.0 ");
	assert_string_equal(made("nodelay,tos=0x10,priority=5", &v4, SOCKCTL_PRE_LISTEN),
			    "tos.0 priority.0 nodelay.0 ");
}

static void places_follow_the_family(void **state)
{
	(void)state;
	assert_string_equal(made("tos=0x10", &v4, SOCKCTL_PRE_LISTEN), "tos.0 ");
	assert_string_equal(made("tos=0x10", &v6, SOCKCTL_PRE_LISTEN), "tos.1 ");
	assert_string_equal(made("tos=0x10", &dual, SOCKCTL_PRE_LISTEN), "tos.0 tos.1 ");
	assert_string_equal(made("v6only", &v4, SOCKCTL_PRE_BIND), "");
	assert_string_equal(made("nodelay,rcvbuf=64K", &udp, SOCKCTL_PRE_LISTEN), "rcvbuf.0 ");
}

static void a_listener_has_everything_before_listen(void **state)
{
	const char *text = "backlog=9,nodelay,v6only,reuseaddr,rcvbuf=64K,quickack=off,shards=2";

	(void)state;
	assert_string_equal(made(text, &dual, SOCKCTL_PRE_BIND), "reuseaddr.0 v6only.0 ");
	assert_string_equal(made(text, &dual, SOCKCTL_PRE_LISTEN), "rcvbuf.0 nodelay.0 ");
	assert_string_equal(made(text, &dual, SOCKCTL_LISTENING), "backlog.0 quickack.0 ");
	assert_string_equal(made(text, &dual, SOCKCTL_ACCEPTED), "quickack.0 ");
}

static void a_connection_has_everything_before_connect(void **state)
{
	const char *text = "backlog=9,nodelay,fastopen=5,defer-accept=5s,rcvbuf=64K,quickack=off,priority=5";

	(void)state;
	assert_string_equal(made(text, &v4, SOCKCTL_PRE_CONNECT), "rcvbuf.0 priority.0 nodelay.0 ");
	assert_string_equal(made(text, &v4, SOCKCTL_CONNECTED), "quickack.0 ");
}

static void only_what_stays_behind_costs_a_call_per_connection(void **state)
{
	(void)state;
	assert_string_equal(made("nodelay,priority=5,fastopen=5,keepalive=30s/10s/3", &v4, SOCKCTL_ACCEPTED),
			    "priority.0 ");
	assert_true(plan_per_connection(&catalogue[OPTION_priority]));
	assert_true(plan_per_connection(&catalogue[OPTION_quickack]));
	assert_false(plan_per_connection(&catalogue[OPTION_nodelay]));
	assert_false(plan_per_connection(&catalogue[OPTION_fastopen]));
}

static void foreign_sockets_are_done_or_too_late(void **state)
{
	const char *text = "freebind,nodelay,backlog=9,rcvbuf=64K";

	(void)state;
	assert_string_equal(adopted(text, SOCKCTL_LISTENING, PLAN_POSSIBLE), "rcvbuf.0 nodelay.0 backlog.0 ");
	assert_string_equal(adopted(text, SOCKCTL_LISTENING, PLAN_LATE), "freebind.0 ");
	assert_string_equal(adopted(text, SOCKCTL_CONNECTED, PLAN_POSSIBLE), "rcvbuf.0 nodelay.0 ");
	assert_string_equal(adopted(text, SOCKCTL_CREATED, PLAN_POSSIBLE), "freebind.0 rcvbuf.0 nodelay.0 ");
	assert_string_equal(adopted(text, SOCKCTL_CREATED, PLAN_LATE), "");
	assert_string_equal(adopted("quickack", SOCKCTL_CREATED, PLAN_LATE), ""); /* its time is still to come */
	assert_string_equal(adopted("quickack", SOCKCTL_CREATED, PLAN_POSSIBLE), ""); /* listen() would undo it */
	assert_string_equal(adopted("quickack", SOCKCTL_LISTENING, PLAN_POSSIBLE), "quickack.0 ");
}

static void deadlines_are_named(void **state)
{
	(void)state;
	assert_string_equal(plan_deadline(&catalogue[OPTION_v6only]), "bind()");
	assert_string_equal(plan_deadline(&catalogue[OPTION_maxseg]), "connect()");
	assert_null(plan_deadline(&catalogue[OPTION_nodelay]));
	assert_null(plan_deadline(&catalogue[OPTION_quickack]));
}

/* Whatever rows come: nothing is made where it is refused or in vain, and each is made somewhere. */
static void every_row_has_its_phase(void **state)
{
	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		enum sockctl_phase phase = plan_listen_phase(o);

		if (o->via == VIA_SOCKOPT && o->never != AT_ALL && !option_is_dead(o) && !plan_works(o, phase))
			fail_msg("%s is made at %s, where its row says that it does not work", o->name,
				 sockctl_phase_name(phase));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_stand_in_catalogue_order),
		cmocka_unit_test(places_follow_the_family),
		cmocka_unit_test(a_listener_has_everything_before_listen),
		cmocka_unit_test(a_connection_has_everything_before_connect),
		cmocka_unit_test(only_what_stays_behind_costs_a_call_per_connection),
		cmocka_unit_test(foreign_sockets_are_done_or_too_late),
		cmocka_unit_test(deadlines_are_named),
		cmocka_unit_test(every_row_has_its_phase),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
