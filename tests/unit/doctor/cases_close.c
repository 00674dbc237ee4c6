/* Scenes of connections that the peer has closed: which of them are forgotten. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "asking.h"
#include "samples.h"

/* Twelve in CLOSE_WAIT, twelve more at the second look: what tells a leak from a slow program, and how urgent it is. */
static void what_is_not_closed_is_judged_by_what_it_waits_for(void **state)
{
	static const struct process_fact process = {.files_known = true, .files = {1024, 4096, 900}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	assert_int_equal(ask(&scene, RULE_close_wait_growth)->severity, SEVERITY_WARNING);
	for (unsigned i = 1; i < scene.count; i++)
		scene.socket[i].owner.process = &process;
	assert_int_equal(ask(&scene, RULE_close_wait_growth)->severity, SEVERITY_FAULT);
	assert_says(ask(&scene, RULE_close_wait_growth), "900 files open of 1024, reached in 21 s by these alone if");
	for (unsigned i = 1; i <= 12; i++) /* a minute later it is the other rule's */
		scene.socket[i].second.tcp.last_ack_received_ms = 70000;
	assert_null(ask(&scene, RULE_close_wait_growth));
	assert_int_equal(ask(&scene, RULE_close_wait)->severity, SEVERITY_FAULT);
	for (unsigned i = 1; i <= 12; i++) /* a moment ago is no proof */
		scene.socket[i].second.tcp.last_ack_received_ms = 3000;
	assert_null(ask(&scene, RULE_close_wait_growth));
	for (unsigned i = 1; i <= 12; i++) { /* the last question is not answered yet */
		scene.socket[i].second.tcp.last_ack_received_ms = 12000;
		scene.socket[i].second.tcp.last_data_received_ms = 11000;
	}
	assert_null(ask(&scene, RULE_close_wait_growth));
	scene_end();
}

/* The end is not read: of a program that hangs nothing follows, one that serves others has forgotten it. */
static void an_end_that_is_not_read(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	for (unsigned i = 1; i <= 12; i++)
		scene.socket[i].second.rqueue_bytes = 1;
	for (unsigned i = 13; i <= 24; i++)
		scene.socket[i].second.tcp.bytes_sent = 0;
	assert_null(ask(&scene, RULE_close_wait_growth));
	scene.socket[20].second.tcp.bytes_sent = 100;
	assert_non_null(ask(&scene, RULE_close_wait_growth));
	scene_end();
}
/* The scene of the leak again, by another listener of the same port. */
static void leak_beside(struct scene *scene, const char *address)
{
	unsigned count = scene->count;

	sick_close_wait_growth(scene);
	for (unsigned i = count; i < scene->count; i++)
		inet_pton(AF_INET, address, scene->socket[i].first.source);
	scene_settle(scene);
}

/* `listen 80` on two addresses, and both leak. What was closed may have been either's. */
static void listeners_of_one_port_leak_each(void **state)
{
	struct scene scene;
	struct tally tally;
	unsigned count;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	leak_beside(&scene, "127.0.0.2");
	assert_says(scene_ask(&scene, RULE_close_wait_growth, &count, &tally),
		    "CLOSE_WAIT: 12 at the first look, 12 more");
	assert_int_equal(tally.sick, 2);
	scene.socket[30].is_gone = true;
	scene_ask(&scene, RULE_close_wait_growth, &count, &tally);
	assert_int_equal(tally.sick, 0);
	scene_end();
}

/* They say nothing, shut down their side, and wait for events, of which there have been none. */
static void clients_that_only_listen_are_not_forgotten(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	for (unsigned i = 1; i < scene.count; i++) {
		scene.socket[i].first.tcp.bytes_received = 1; /* the FIN */
		scene.socket[i].first.tcp.bytes_sent = 0;
	}
	scene_settle(&scene);
	assert_null(ask(&scene, RULE_close_wait_growth));
	scene_end();
}

/* Nobody knows how much of the growth is whose. */
static void workers_share_what_grows(void **state)
{
	static const struct process_fact few = {.files_known = true, .files = {1024, 4096, 100}},
					 many = {.files_known = true, .files = {1024, 4096, 300}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	for (unsigned i = 1; i < scene.count; i++) {
		scene.socket[i].owner.pid = 100 + i % 3;
		scene.socket[i].owner.process = i % 3 == 1 ? &many : &few;
	}
	assert_says(ask(&scene, RULE_close_wait_growth), "; one of its processes has 300 files open of 1024");
	assert_null(strstr(ask(&scene, RULE_close_wait_growth)->evidence, "reached in"));
	scene_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_closed_is_judged_by_what_it_waits_for),
		cmocka_unit_test(an_end_that_is_not_read),
		cmocka_unit_test(listeners_of_one_port_leak_each),
		cmocka_unit_test(clients_that_only_listen_are_not_forgotten),
		cmocka_unit_test(workers_share_what_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
