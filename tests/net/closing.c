/* Closing one of several listeners: who is lost is foretold, and nobody is after sockctl_retire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "fixture.h"

enum { SHARDS = 4, CLIENTS = 200, LOADS = 16, ROUNDS = 50 };

static struct sockctl_error error;

static void close_all(const int fd[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(fd[i]);
}

static unsigned waiting_at(int fd)
{
	struct sockctl_queue queue;

	assert_int_equal(sockctl_queue_read(fd, &queue, &error), 0);
	return queue.waiting;
}

/* CLIENTS that nobody accepts; closes the first shard. How many were waiting there, and how many clients were
 * reset. */
static void close_over(const char *migrate, struct sockctl_queue *queue, unsigned *resets)
{
	int fd[SHARDS], client[CLIENTS];

	assert_int_equal(sysctl_write("net/ipv4/tcp_migrate_req", migrate), 0);
	assert_int_equal(listen_with("127.0.0.1:0", "shards=4,backlog=1000", fd, SHARDS), SHARDS);
	for (int i = 0; i < CLIENTS; i++) {
		client[i] = connect_with(fd[0], "");
		assert_true(client[i] >= 0);
	}
	assert_int_equal(sockctl_close_listener(fd[0], 0, queue, &error), -EBUSY);
	assert_non_null(strstr(error.hint, *migrate == '1' ? "would move" : "would be reset"));
	assert_int_equal(waiting_at(fd[0]), queue->waiting); /* it is still there */
	assert_int_equal(sockctl_close_listener(fd[0], 1, queue, &error), 0);
	*resets = 0;
	for (int i = 0; i < CLIENTS; i++) {
		struct pollfd hung = {.fd = client[i]};

		*resets += poll(&hung, 1, 0) == 1 && hung.revents & POLLERR;
	}
	assert_int_equal(waiting_at(fd[1]) + waiting_at(fd[2]) + waiting_at(fd[3]), CLIENTS - *resets);
	close_all(client, CLIENTS);
	close_all(fd + 1, SHARDS - 1);
}

static void those_who_wait_are_reset_as_foretold(void **state)
{
	struct sockctl_queue queue;
	unsigned resets;

	(void)state;
	close_over("0", &queue, &resets);
	assert_true(queue.waiting > 0 && queue.waiting < CLIENTS);
	assert_int_equal(queue.limit, 1000);
	assert_int_equal(queue.migrates, 0);
	assert_int_equal(resets, queue.waiting);
	print_message("%u waited, %u were reset\n", queue.waiting, resets);
}

static void or_move_as_foretold(void **state)
{
	struct sockctl_queue queue;
	unsigned resets;

	(void)state;
	close_over("1", &queue, &resets);
	assert_true(queue.waiting > 0);
	assert_int_equal(queue.migrates, 1);
	assert_int_equal(resets, 0);
	assert_int_equal(sysctl_write("net/ipv4/tcp_migrate_req", "0"), 0);
}

static void an_empty_queue_needs_no_force(void **state)
{
	int fd = listen_one("127.0.0.1:0", ""), udp = listen_one("udp:127.0.0.1:0", "");

	(void)state;
	assert_int_equal(sockctl_close_listener(fd, 0, NULL, NULL), 0);
	assert_true(sockctl_close_listener(udp, 0, NULL, &error) < 0);
	assert_string_equal(error.hint, "a TCP socket is needed");
	close(udp);
}

/* --- under load ----------------------------------------------------------------------------------------------- */

/* Connects ROUNDS times, and expects an answer each time; how often there was none. */
static int load_run(const struct sockaddr_in *address)
{
	int lost = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int fd = sockctl_connect((const struct sockaddr *)address, sizeof *address, 0, NULL, NULL, NULL);
		char byte;

		lost += fd < 0 || recv(fd, &byte, 1, 0) != 1;
		if (fd >= 0)
			close(fd);
	}
	return lost;
}

/* The load holds no listener: what the server closes is closed. */
static void loads_start(pid_t load[], const int fd[], unsigned count)
{
	struct sockaddr_in address = address_of(fd[0]);

	for (int i = 0; i < LOADS; i++) {
		load[i] = fork();
		assert_true(load[i] >= 0);
		if (!load[i]) {
			close_all(fd, count);
			_exit(load_run(&address));
		}
	}
}

static int loads_end(const pid_t load[])
{
	int lost = 0;

	for (int i = 0; i < LOADS; i++) {
		int status;

		assert_int_equal(waitpid(load[i], &status, 0), load[i]);
		assert_true(WIFEXITED(status));
		lost += WEXITSTATUS(status);
	}
	return lost;
}

static unsigned answer(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	close(fd);
	return 1;
}

/* Answers so many of those who come. */
static unsigned serve(const int fd[], unsigned count, unsigned connections)
{
	unsigned served = 0;

	while (served < connections) {
		struct pollfd waiting[SHARDS];

		for (unsigned i = 0; i < count; i++)
			waiting[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
		assert_true(poll(waiting, count, 10000) > 0);
		for (unsigned i = 0; i < count; i++)
			served += waiting[i].revents ? answer(fd[i]) : 0;
	}
	return served;
}

/* Answers the others until somebody waits at the first. */
static unsigned serve_until_one_waits(const int fd[], unsigned count)
{
	unsigned served = 0;

	for (struct pollfd waiting = {.fd = fd[0], .events = POLLIN}; !poll(&waiting, 1, 0);)
		served += serve(fd + 1, count - 1, 1);
	return served;
}

/* Clients that have sent a SYN to this port and wait for an answer: what a retired listener drops. */
static unsigned clients_asking(unsigned port)
{
	enum { SYN_SENT = 2 };
	FILE *file = fopen("/proc/self/net/tcp", "r");
	unsigned remote, state, asking = 0;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		asking += sscanf(line, " %*d: %*x:%*x %*x:%x %x", &remote, &state) == 2 && remote == port &&
			  state == SYN_SENT;
	fclose(file);
	return asking;
}

/* Nobody is answered any more: every client of the load comes to wait in a queue, or for a SYN to be answered, and
 * then no handshake is under way. */
static void load_rests(const int fd[], unsigned count)
{
	unsigned port = ntohs(address_of(fd[0]).sin_port), resting = 0;

	for (unsigned looks = 0; resting < LOADS; looks++) {
		assert_true(looks < 100000);
		resting = 0; /* the queues first: nobody leaves them, and who comes meanwhile is not counted twice */
		for (unsigned i = 0; i < count; i++)
			resting += waiting_at(fd[i]);
		resting += clients_asking(port);
	}
}

/* `known`: the listeners that retire is told of. One: as if the rest were other processes'. */
static void retire_under_load(unsigned known)
{
	struct sockctl_spec hash = spec_of_text("steer=hash");
	unsigned served = 0, count = SHARDS;
	struct sockctl_queue queue;
	pid_t load[LOADS];
	int fd[SHARDS], r;

	assert_int_equal(listen_with("127.0.0.1:0", "shards=4", fd, SHARDS), SHARDS);
	loads_start(load, fd, SHARDS);
	served += serve(fd, count, 100);
	served += serve_until_one_waits(fd, count);
	assert_int_equal(sockctl_retire(fd, known, 0, &error), 0);
	load_rests(fd, count);
	while ((r = sockctl_close_listener(fd[0], 0, &queue, &error)) == -EBUSY)
		served += answer(fd[0]);
	assert_int_equal(r, 0);
	fd[0] = fd[--count];
	assert_int_equal(sockctl_steer(fd, count, &hash, &report), 0);
	serve(fd, count, LOADS * ROUNDS - served);
	assert_int_equal(loads_end(load), 0);
	close_all(fd, count);
}

static void a_retired_shard_loses_nobody(void **state)
{
	(void)state;
	retire_under_load(SHARDS);
}

static void nor_does_one_whose_siblings_are_unknown(void **state)
{
	(void)state;
	retire_under_load(1);
}

/* What is retired gets nothing new, whichever it is. */
static void any_shard_can_be_retired(void **state)
{
	int fd[SHARDS], client[100];

	(void)state;
	assert_int_equal(listen_with("127.0.0.1:0", "shards=4,steer=cpu", fd, SHARDS), SHARDS);
	for (unsigned which = 0; which < SHARDS; which++) {
		unsigned before = waiting_at(fd[which]), others = 0;

		assert_int_equal(sockctl_retire(fd, SHARDS, which, &error), 0);
		for (int i = 0; i < 100; i++)
			client[i] = connect_with(fd[0], "");
		assert_int_equal(waiting_at(fd[which]), before);
		for (unsigned i = 0; i < SHARDS; i++)
			others += i != which && waiting_at(fd[i]) > 0;
		assert_int_equal(others, SHARDS - 1); /* at random: 3 x (2/3)^100 that one of them gets nothing */
		close_all(client, 100);
	}
	assert_int_equal(sockctl_retire(fd, SHARDS, SHARDS, &error), -EINVAL);
	close_all(fd, SHARDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_who_wait_are_reset_as_foretold),
		cmocka_unit_test(or_move_as_foretold),
		cmocka_unit_test(an_empty_queue_needs_no_force),
		cmocka_unit_test(a_retired_shard_loses_nobody),
		cmocka_unit_test(nor_does_one_whose_siblings_are_unknown),
		cmocka_unit_test(any_shard_can_be_retired),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
