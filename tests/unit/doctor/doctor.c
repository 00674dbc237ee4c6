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

static void each_rule_speaks(void **state)
{
	(void)state;
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		const struct finding *finding;
		struct scene scene;
		struct tally tally;
		unsigned count;

		scene_init(&scene);
		samples[id].sick(&scene);
		finding = scene_ask(&scene, id, &count, &tally);
		if (!count || finding->rule != &rules[id])
			fail_msg("%s: says nothing of a scene that is sick", rules[id].name);
		what_is_said_is_whole(finding);
	}
	scene_end();
}

static void each_rule_is_silent(void **state)
{
	(void)state;
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		const struct finding *finding;
		struct scene scene;
		struct tally tally;
		unsigned count;

		scene_init(&scene);
		samples[id].well(&scene);
		finding = scene_ask(&scene, id, &count, &tally);
		if (count)
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
	scene.socket[7].second.tcp.last_ack_received_ms = 50000;
	finding = scene_ask(&scene, RULE_close_wait, &count, &tally);
	assert_int_equal(count, 1);
	assert_int_equal(finding->sockets, 12);
	assert_non_null(strstr(finding->evidence, "50 s ago"));
	assert_string_equal(finding->who, "python3[100]");
	scene.count = 5;
	scene_ask(&scene, RULE_close_wait, &count, &tally);
	assert_int_equal(count, 0);
	assert_int_equal(tally.sick, 5);
	scene_end();
}

static void severe_first(void **state)
{
	struct ledger ledger = {0};
	struct finding mild = {.rule = &rules[RULE_unread], .severity = SEVERITY_NOTE, .weight = 9};
	struct finding grave = {
		.rule = &rules[RULE_close_wait], .severity = SEVERITY_FAULT, .weight = 1, .alone = true};

	(void)state;
	for (uint16_t port = 1; port < 40; port++)
		assert_int_equal(ledger_add(&ledger, &mild, "a", 1, port), 0);
	assert_int_equal(ledger_add(&ledger, &grave, "b", 2, 5), 0);
	ledger_close(&ledger);
	assert_int_equal(ledger.count, 40);
	assert_ptr_equal(ledger.entry[0].finding.rule, &rules[RULE_close_wait]);
	ledger_release(&ledger);
}

static void words_of_programs(void **state)
{
	char text[200];

	(void)state;
	assert_non_null(strstr(dialect_words("redis-server", "backlog=4096", text, sizeof text), "tcp-backlog 4096"));
	assert_non_null(strstr(dialect_words("nginx", "nodelay,backlog=1024", text, sizeof text), "backlog=1024"));
	assert_string_equal(dialect_words("python3", "backlog=1024", text, sizeof text), "");
	assert_string_equal(dialect_words("nginx", "", text, sizeof text), "");
	assert_string_equal(dialect_words("nginx", "backlog=1024", text, 10), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_speaks), cmocka_unit_test(each_rule_is_silent),
		cmocka_unit_test(rows_are_whole),   cmocka_unit_test(what_is_alike_is_one),
		cmocka_unit_test(severe_first),     cmocka_unit_test(words_of_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
