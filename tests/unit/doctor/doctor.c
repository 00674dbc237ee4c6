/* Every rule against a scene that it must find fault with and one that it must not; and what the doctor makes of
 * several findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "catalog/spec.h"
#include "doctor/dialect.h"
#include "doctor/ledger.h"
#include "samples.h"

static const struct {
	void (*sick)(struct scene *), (*well)(struct scene *);
} samples[RULE_COUNT] = {
#define RULE(id, ...) {sick_##id, well_##id},
#include "doctor/rules.def"
#undef RULE
};

static void what_is_said_is_whole(const struct finding *finding)
{
	struct sockctl_error error;
	struct spec spec;

	assert_true(*finding->evidence && *finding->what);
	assert_true(strlen(finding->evidence) + 1 < sizeof finding->evidence);
	assert_true(finding->weight > 0);
	assert_true(*finding->fix.spec || *finding->fix.sysctl || *finding->fix.advice);
	if (*finding->fix.spec && spec_parse(&spec, finding->fix.spec, &error))
		fail_msg("%s: its fix is no spec: %s: %s", finding->rule->name, finding->fix.spec, error.hint);
	if (*finding->fix.sysctl)
		assert_non_null(strchr(finding->fix.sysctl, '='));
	assert_true(strlen(finding->fix.advice) + 1 < sizeof finding->fix.advice);
}

/* The rule's opinion of one of its scenes: its first finding, NULL if it has none. */
static const struct finding *play(enum rule_id id, void (*set)(struct scene *), struct tally *ret_tally)
{
	const struct finding *finding;
	struct scene scene;
	unsigned count;

	scene_init(&scene);
	set(&scene);
	finding = scene_ask(&scene, id, &count, ret_tally);
	return count ? finding : NULL;
}

static void each_rule_speaks(void **state)
{
	(void)state;
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		struct tally tally;
		const struct finding *finding = play(id, samples[id].sick, &tally);

		if (!finding || finding->rule != &rules[id])
			fail_msg("%s: says nothing of a scene that is sick", rules[id].name);
		what_is_said_is_whole(finding);
	}
	scene_end();
}

static void each_rule_is_silent(void **state)
{
	(void)state;
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		struct tally tally;
		const struct finding *finding = play(id, samples[id].well, &tally);

		if (finding)
			fail_msg("%s: says of a scene that is well: %s", rules[id].name, finding->evidence);
		if (!tally.examined)
			fail_msg("%s: has examined nothing of the scene that is well", rules[id].name);
	}
	scene_end();
}

static void rows_are_whole(void **state)
{
	(void)state;
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		assert_non_null(rules[id].name);
		assert_non_null(rules[id].title);
		assert_non_null(rules[id].why);
		assert_non_null(rules[id].source);
		assert_non_null(rules[id].when);
		assert_non_null(rules[id].mends);
		assert_ptr_equal(rule_find(rules[id].name), &rules[id]);
	}
	assert_null(rule_find("no-such-rule"));
}

/* Twelve sockets of one program are one finding, with the evidence of the worst. */
static void what_is_alike_is_one(void **state)
{
	struct scene scene;
	struct tally tally;
	unsigned count;
	const struct finding *finding;

	(void)state;
	scene_init(&scene);
	sick_close_wait(&scene);
	scene.socket[7].second.tcp.last_ack_received_ms = 90000;
	finding = scene_ask(&scene, RULE_close_wait, &count, &tally);
	assert_int_equal(count, 1);
	assert_int_equal(finding->sockets, 12);
	assert_non_null(strstr(finding->evidence, "90 s ago"));
	assert_string_equal(finding->who, "python3[100]");
	scene.count = 5;
	scene_ask(&scene, RULE_close_wait, &count, &tally);
	assert_int_equal(count, 0);
	assert_int_equal(tally.sick, 0); /* so few are no fault */
	scene_end();
}

static void severe_first(void **state)
{
	struct ledger ledger = {0};
	struct finding mild = {.rule = &rules[RULE_unread], .severity = SEVERITY_NOTE, .weight = 9};
	struct finding grave = {
		.rule = &rules[RULE_close_wait], .severity = SEVERITY_FAULT, .weight = 1, .alone = true};

	(void)state;
	for (uint16_t port = 1; port <= LEDGER_PORTS; port++)
		assert_int_equal(ledger_add(&ledger, &mild, "a", 1, port), 0);
	assert_int_equal(ledger_add(&ledger, &grave, "b", 2, 5), 0);
	ledger_close(&ledger);
	assert_int_equal(ledger.count, LEDGER_PORTS + 1);
	assert_ptr_equal(ledger.entry[0].finding.rule, &rules[RULE_close_wait]);
	ledger_release(&ledger);
}

/* A client of tens of thousands of ports is a few findings, and the worst is among them; all are counted. */
static void many_ports_are_one(void **state)
{
	const unsigned programs = 8, ports = 60000;
	struct finding finding = {.rule = &rules[RULE_unread]};
	struct ledger ledger = {0};
	uint64_t sockets = 0;
	char command[16];

	(void)state;
	for (unsigned port = 1; port <= ports; port++)
		for (unsigned i = 0; i < programs; i++) {
			snprintf(command, sizeof command, "p%u", i);
			finding.weight = port == 50000 ? 1e6 : 1 + port % 7;
			assert_int_equal(ledger_add(&ledger, &finding, command, 1, (uint16_t)port), 0);
		}
	ledger_close(&ledger);
	assert_int_equal(ledger.count, programs * (LEDGER_PORTS + 1));
	assert_true(ledger.entry[0].finding.weight == 1e6);
	for (unsigned i = 0; i < ledger.count; i++)
		sockets += ledger.entry[i].finding.sockets;
	assert_int_equal(sockets, programs * ports);
	ledger_release(&ledger);
}

/* Word by word: each of these was given to its program. */
static void words_of_programs(void **state)
{
	static const struct {
		const char *command;
		enum direction direction;
		const char *spec, *words;
	} cases[] = {
		{"redis-server", DIRECTION_IN, "backlog=4096",
		 "tcp-backlog 4096 (redis.conf; CONFIG SET does not change it)"},
		{"redis-server", DIRECTION_IN, "keepalive=60s/15s/4,user-timeout=115s",
		 "tcp-keepalive 60 (redis.conf)"},
		{"redis-server", DIRECTION_OUT, "keepalive=60s/15s/4", ""},
		{"nginx", DIRECTION_IN, "nodelay,backlog=1024",
		 "listen ADDRESS backlog=1024; (nginx.conf, once for each address); tcp_nodelay on;"},
		{"nginx", DIRECTION_IN, "keepalive=200s/20s/5", "listen ADDRESS so_keepalive=200s:20s:5;"},
		{"nginx", DIRECTION_OUT, "keepalive=200s/20s/5",
		 "proxy_socket_keepalive on; (with the times of net.ipv4.tcp_keepalive_time, _intvl and _probes)"},
		{"nginx", DIRECTION_UNKNOWN, "keepalive=200s/20s/5", ""},
		{"nginx", DIRECTION_IN, "rcvbuf=auto", "leave out: listen ADDRESS rcvbuf=...;"},
		{"nginx", DIRECTION_IN, "rcvbuf=4M", "listen ADDRESS rcvbuf=4194304;"},
		{"nginx", DIRECTION_IN, "nodelay=off,user-timeout=20s", ""},
		{"nginx", DIRECTION_IN, "", ""},
		{"haproxy", DIRECTION_IN, "keepalive=60s/15s/4,user-timeout=115s",
		 "option clitcpka, clitcpka-idle 60s, clitcpka-intvl 15s, clitcpka-cnt 4 (in defaults, frontend or listen); "
		 "bind ... tcp-ut 115000ms"},
		{"haproxy", DIRECTION_OUT, "keepalive=60s/15s/4,user-timeout=115s",
		 "option srvtcpka, srvtcpka-idle 60s, srvtcpka-intvl 15s, srvtcpka-cnt 4 (in defaults, backend or listen); "
		 "server ... tcp-ut 115000ms"},
		{"haproxy", DIRECTION_OUT, "sndbuf=1M", "tune.sndbuf.server 1048576 (global)"},
		{"postgres", DIRECTION_IN, "keepalive=60s/15s/4,user-timeout=115s",
		 "tcp_keepalives_idle = 60; tcp_keepalives_interval = 15; tcp_keepalives_count = 4; "
		 "tcp_user_timeout = 115000 (postgresql.conf)"},
		{"postgres", DIRECTION_OUT, "keepalive=60s/15s/4", ""},
		{"python3", DIRECTION_IN, "backlog=1024", ""},
	};
	char text[200];

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
			dialect_words(cases[i].command, cases[i].direction, cases[i].spec, text, sizeof text),
			cases[i].words);
	assert_string_equal(dialect_words("nginx", DIRECTION_IN, "backlog=1024", text, 10), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_speaks),  cmocka_unit_test(each_rule_is_silent),
		cmocka_unit_test(rows_are_whole),    cmocka_unit_test(what_is_alike_is_one),
		cmocka_unit_test(severe_first),      cmocka_unit_test(many_ports_are_one),
		cmocka_unit_test(words_of_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
