/* One of several processes that share a port is killed: the others serve on, and what waited in its queue is reset, or
 * theirs with net.ipv4.tcp_migrate_req. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "../../bench/shards.h"
#include "base/clock.h"
#include "base/sysctl.h"
#include "fixture.h"

enum { SHARDS = 3, VICTIM = 1, WAITING = 60, AFTER = 40, LIMIT_S = 10 };

/* Of the connections that were made, those that are still unanswered are what waits for the victim, which is
 * stopped. */
static int answered(const int fd[], unsigned count)
{
	struct pollfd client[WAITING];

	for (unsigned i = 0; i < count; i++)
		client[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
	return poll(client, count, 0);
}

static unsigned queue_await(const struct shards *shards, const int fd[])
{
	uint64_t limit_us = clock_us() + LIMIT_S * 1000000ull;
	int queued;

	do {
		queued = shard_queued(shards, VICTIM);
		assert_true(queued >= 0);
		assert_true(clock_us() < limit_us);
	} while (queued + answered(fd, WAITING) < WAITING);
	return (unsigned)queued;
}

struct tally {
	unsigned answered, of_victim, reset, else_lost;
};

static void answer_count(struct tally *tally, int answer)
{
	tally->answered += answer >= 0;
	tally->of_victim += answer == VICTIM;
	tally->reset += answer == -ECONNRESET;
	tally->else_lost += answer < 0 && answer != -ECONNRESET;
}

/* Stopped first, so that it has a queue and nothing in hand when it dies. Returns how many waited in it. */
static unsigned kill_one(struct shards *shards, struct tally *before, struct tally *after)
{
	unsigned queued;
	int fd[WAITING];

	*before = *after = (struct tally){0};
	assert_int_equal(shards_start(shards, SHARDS, 0), 0);
	shard_stop(shards, VICTIM);
	for (unsigned i = 0; i < WAITING; i++)
		assert_true((fd[i] = shards_ask(shards)) >= 0);
	queued = queue_await(shards, fd);
	assert_in_range(queued, 1, WAITING - 1);
	shard_kill(shards, VICTIM);
	for (unsigned i = 0; i < WAITING; i++)
		answer_count(before, shards_answer(fd[i]));
	for (unsigned i = 0; i < AFTER; i++) {
		int client = shards_ask(shards);

		assert_true(client >= 0);
		answer_count(after, shards_answer(client));
	}
	shards_end(shards);
	return queued;
}

static void the_others_serve_on(const struct tally *after)
{
	assert_int_equal(after->answered, AFTER);
	assert_int_equal(after->of_victim, 0);
}

static void what_waited_for_the_killed_one_is_reset(void **state)
{
	struct tally before, after;
	struct shards shards;
	unsigned queued;

	(void)state;
	if (sysctl_write("net/ipv4/tcp_migrate_req", "0"))
		printf("# no tcp_migrate_req here\n"); /* then nothing migrates either */
	queued = kill_one(&shards, &before, &after);
	assert_int_equal(before.reset, queued);
	assert_int_equal(before.answered, WAITING - queued);
	assert_int_equal(before.else_lost, 0);
	the_others_serve_on(&after);
}

static void with_migrate_req_it_is_served_by_the_others(void **state)
{
	struct tally before, after;
	struct shards shards;
	int r = sysctl_write("net/ipv4/tcp_migrate_req", "1");

	(void)state;
	if (r) {
		printf("skip: net.ipv4.tcp_migrate_req (Linux 5.14) cannot be set: %s\n", strerror(-r));
		skip();
	}
	kill_one(&shards, &before, &after);
	assert_int_equal(before.answered, WAITING);
	assert_int_equal(before.of_victim, 0);
	the_others_serve_on(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waited_for_the_killed_one_is_reset),
		cmocka_unit_test(with_migrate_req_it_is_served_by_the_others),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
