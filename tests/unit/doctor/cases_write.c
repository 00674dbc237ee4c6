/* Scenes of writes that are held back: what the looks in between find, and what they miss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "asking.h"

/* Finds nothing; of so many sockets that is not known. */
static void assert_missed(const struct scene *scene, enum rule_id id, unsigned unknown)
{
	struct tally tally;
	unsigned count;

	scene_ask(scene, id, &count, &tally);
	assert_int_equal(count, 0);
	assert_int_equal(tally.unknown, unknown);
}

/* Held at the second look and at twelve of those in between. */
static void assert_seen_between(const struct scene *scene, struct scene_socket *socket, enum rule_id id)
{
	socket->between = 37;
	socket->between_well = 25;
	assert_says(ask(scene, id), "at 13 of 39 looks");
}

/* A request in two writes every 42 ms; nothing was held when looked at. */
static void what_the_looks_missed_is_unknown(void **state)
{
	struct scene scene;
	struct scene_socket *socket;

	(void)state;
	scene_init(&scene);
	socket = scene_remote(&scene, 40000, 8080);
	socket->first.tcp.min_rtt_us = 1000;
	socket->first.tcp.rtt_us = 21000;
	scene_settle(&scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.data_segs_out = 90;
	socket->second.tcp.data_segs_in = 45;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 9000;
	scene_option(socket, OPTION_nodelay, 0);
	assert_missed(&scene, RULE_nagle, 1);
	socket->second.tcp.data_segs_in = 90; /* one write, one answer */
	assert_missed(&scene, RULE_nagle, 0);
	socket->second.tcp.data_segs_out = 9;
	scene_option(socket, OPTION_cork, 1);
	assert_missed(&scene, RULE_cork, 1);
	scene_option(socket, OPTION_cork, 0);
	assert_missed(&scene, RULE_cork, 0);
	scene_end();
}

/* A request in two writes every 120 ms, the second of which waits for 40 ms; the path takes 1 ms. Each segment took 21 ms
 * before the first look too. */
static struct scene_socket *pausing_asker(struct scene *scene)
{
	struct scene_socket *socket;

	scene_init(scene);
	socket = scene_remote(scene, 40000, 8080);
	socket->first.tcp.min_rtt_us = 1000;
	socket->first.tcp.rtt_us = 21000;
	socket->first.tcp.data_segs_out = 100;
	socket->first.tcp.bytes_sent = socket->first.tcp.bytes_acked = 10000;
	socket->first.tcp.busy_time_us = 2100000;
	scene_settle(scene);
	socket->second.tcp.data_segs_out += 33;
	socket->second.tcp.data_segs_in = 16;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked += 3300;
	socket->second.tcp.busy_time_us += 33 * 21000;
	socket->second.tcp.unacked_segs = 1;
	socket->second.tcp.notsent_bytes = 100;
	scene_option(socket, OPTION_nodelay, 0);
	return socket;
}

/* What is held for a third of the time is seen at a third of the looks in between, and then the evidence counts them. A
 * single look that finds a rest says nothing, nor do many that find none. */
static void rests_that_come_and_go_are_counted(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	assert_seen_between(&scene, socket, RULE_nagle);
	socket->between_well = 37;
	assert_null(ask(&scene, RULE_nagle)); /* the second look found one, and no other */
	socket->second.tcp.notsent_bytes = 0;
	assert_null(ask(&scene, RULE_nagle));
	scene_end();
}

/* Small messages over 15 ms, of which each waits for the last one's acknowledgement: nobody delays that. */
static void a_rest_that_waits_for_the_path_alone_is_none(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	socket->first.tcp.min_rtt_us = socket->second.tcp.min_rtt_us = 15000;
	socket->second.tcp.data_segs_out = 100 + 133;
	socket->second.tcp.busy_time_us = 2100000 + 2000000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 10000 + 13300;
	socket->between = 37;
	assert_null(ask(&scene, RULE_nagle));
	scene_end();
}

/* A cork whose rest waits 200 ms of each 600. */
static void a_cork_that_is_seen_between_the_looks(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	socket->second.tcp.data_segs_out = 103;
	socket->second.tcp.busy_time_us = 2100000 + 600000;
	socket->second.tcp.unacked_segs = 0;
	scene_option(socket, OPTION_cork, 1);
	assert_seen_between(&scene, socket, RULE_cork);
	socket->second.tcp.notsent_bytes = 0;
	assert_null(ask(&scene, RULE_cork));
	scene_end();
}

/* More than can be looked at in between: those with a rest take the places of those without one. */
static void suspects_are_few(void **state)
{
	struct scene scene;
	struct scene_socket *last;
	struct doctor *doctor;
	unsigned count = 0;

	(void)state;
	pausing_asker(&scene);
	assert_int_equal(doctor_new(&doctor, &scene.host, 0), 0);
	for (unsigned i = 0; i < 100; i++) {
		last = &scene.socket[0];
		last->first.cookie = 1000 + i;
		last->first.tcp.notsent_bytes = i == 99 ? 100 : 0;
		assert_int_equal(doctor_first(doctor, &last->first), 0);
	}
	assert_int_equal(doctor_suspect(doctor, 0)->cookie, 1099);
	while (doctor_suspect(doctor, count))
		count++;
	assert_int_equal(count, 64);
	doctor_free(doctor);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_looks_missed_is_unknown),
		cmocka_unit_test(rests_that_come_and_go_are_counted),
		cmocka_unit_test(a_rest_that_waits_for_the_path_alone_is_none),
		cmocka_unit_test(a_cork_that_is_seen_between_the_looks),
		cmocka_unit_test(suspects_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
