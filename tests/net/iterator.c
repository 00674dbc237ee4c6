/* The iterators against getsockopt(): every option that they claim is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <cmocka.h>
#include "look.h"
#include "namespace.h"
#include "observe/borrow.h"
#include "socket/access.h"
#include "zoo.h"

struct comparison {
	const struct zoo *zoo;
	unsigned seen, equal[OPTION_COUNT], differ;
};

static unsigned place_of(const struct option *option, int family)
{
	return option->place[1].symbol && family == AF_INET6 ? 1 : 0;
}

static void option_compare(struct comparison *comparison, const struct option_fact *read,
			   const struct socket_fact *socket, unsigned id)
{
	const struct option *option = &catalogue[id];
	char told[64], true_one[64] = "nothing";

	if (read->source != SOURCE_NONE && value_equal(&read->value, &socket->options[id].value)) {
		comparison->equal[id]++;
		return;
	}
	if (read->source == SOURCE_NONE && (option->reads == READS_OTHER || option->reads == READS_NEVER))
		return; /* no witness: what_getsockopt_does_not_tell() */
	value_format(option, &socket->options[id].value, told, sizeof told);
	if (read->source != SOURCE_NONE)
		value_format(option, &read->value, true_one, sizeof true_one);
	print_error("%s of family %u, state %u: told %s, getsockopt: %s\n", option->name, socket->family, socket->state,
		    told, true_one);
	comparison->differ++;
}

static int socket_compare(void *arg, struct socket_fact *socket)
{
	static struct option_fact read[OPTION_COUNT];
	struct comparison *comparison = arg;

	for (unsigned i = 0; i < comparison->zoo->count; i++) {
		if (cookie_of(comparison->zoo->fd[i]) != socket->cookie)
			continue;
		comparison->seen++;
		assert_non_null(socket->options);
		options_read(comparison->zoo->fd[i], socket->family, socket->protocol, read);
		for (unsigned id = 1; id < OPTION_COUNT; id++)
			if (socket->options[id].source != SOURCE_NONE)
				option_compare(comparison, &read[id], socket, id);
	}
	return 0;
}

static struct comparison compare(struct iterator *iterator, const struct zoo *zoo)
{
	struct comparison comparison = {.zoo = zoo};
	struct sockctl_error error;

	if (iterator_walk(iterator, &everything, socket_compare, &comparison, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	return comparison;
}

/* A value that the option does not have already, in its own words. */
static bool option_change(int fd, int family, const struct option *option)
{
	unsigned place = place_of(option, family);
	struct value value, now;

	if (option->via != VIA_SOCKOPT || option->irreversible ||
	    value_parse(option, option->example ? option->example : "on", &value))
		return false;
	if (!access_get(fd, option, place, &now) && value_equal(&now, &value) && option->kind == KIND_SWITCH)
		value.number = !value.number;
	return !access_set(fd, option, place, &value);
}

static void options_equal_getsockopt(void **state)
{
	struct zoo zoo;
	struct comparison comparison;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	comparison = compare(by_hand, &zoo);
	assert_int_equal(comparison.differ, 0);
	assert_int_equal(comparison.seen, zoo.count);
	/* what is readable at all is there */
	assert_int_equal(comparison.equal[OPTION_nodelay], zoo.count);
	assert_int_equal(comparison.equal[OPTION_linger], zoo.count);
	assert_int_equal(comparison.equal[OPTION_cc], zoo.count);
	assert_int_equal(comparison.equal[OPTION_keepalive_idle], zoo.count);
	zoo_close(&zoo);
}

static void changed_options_equal_getsockopt(void **state)
{
	unsigned changed = 0;

	(void)state;
	need_bpf();
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		struct zoo zoo = zoo_open();
		struct comparison comparison;
		bool any = false;

		for (unsigned i = 0; i < zoo.count; i++)
			any |= option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
		comparison = compare(by_hand, &zoo);
		if (comparison.differ)
			fail_msg("after %s was set", catalogue[id].name);
		assert_int_equal(comparison.seen, zoo.count);
		changed += any;
		zoo_close(&zoo);
	}
	print_message("%u options changed, one at a time\n", changed);
	assert_true(changed > 40);
}

static void options_of_datagrams_equal_getsockopt(void **state)
{
	unsigned changed = 0;

	(void)state;
	need_bpf();
	for (unsigned id = 0; id < OPTION_COUNT; id++) { /* 0: as they are */
		struct zoo zoo = zoo_of_datagrams();
		struct comparison comparison;
		bool any = false;

		for (unsigned i = 0; id && i < zoo.count; i++)
			any |= option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
		comparison = compare(datagrams, &zoo);
		if (comparison.differ)
			fail_msg("after %s was set", id ? catalogue[id].name : "nothing");
		assert_int_equal(comparison.seen, zoo.count);
		assert_int_equal(comparison.equal[OPTION_rcvbuf], zoo.count);
		assert_int_equal(comparison.equal[OPTION_udp_segment], zoo.count);
		changed += any;
		zoo_close(&zoo);
	}
	print_message("%u options changed, one at a time\n", changed);
	assert_true(changed > 30);
}

struct witnessed {
	const struct zoo *zoo;
	bool changed;
	unsigned seen;
};

static int unwitnessed_see(void *arg, struct socket_fact *socket)
{
	static const struct {
		enum option_id id;
		int family;
		int64_t number;
	} set[] = {{OPTION_multicast_if, 0, 1}, {OPTION_busy_poll_budget, 0, 16}, {OPTION_mtu, AF_INET6, 1400}};
	struct witnessed *witnessed = arg;

	for (unsigned i = 0; i < witnessed->zoo->count; i++) {
		if (cookie_of(witnessed->zoo->fd[i]) != socket->cookie)
			continue;
		for (unsigned row = 0; row < sizeof set / sizeof *set; row++) {
			const struct option_fact *fact = &socket->options[set[row].id];

			if (set[row].family && set[row].family != socket->family)
				continue;
			assert_int_equal(fact->source, SOURCE_ITERATOR);
			assert_int_equal(fact->value.number, witnessed->changed ? set[row].number : 0);
		}
		witnessed->seen++;
	}
	return 0;
}

/* 1 is the loopback's number in each namespace. */
static void what_getsockopt_does_not_tell(void **state)
{
	static const char *const texts[] = {"1", "16", "1400"};
	static const enum option_id ids[] = {OPTION_multicast_if, OPTION_busy_poll_budget, OPTION_mtu};
	struct witnessed witnessed = {.changed = false};
	struct value value;
	struct zoo zoo;

	(void)state;
	need_bpf();
	zoo = zoo_of_datagrams();
	witnessed.zoo = &zoo;
	assert_int_equal(iterator_walk(datagrams, &everything, unwitnessed_see, &witnessed, NULL), 0);
	for (unsigned i = 0; i < zoo.count; i++)
		for (unsigned row = 0; row < sizeof ids / sizeof *ids; row++) {
			int family = i < zoo.count / 2 ? AF_INET : AF_INET6;

			if (ids[row] == OPTION_mtu && family == AF_INET)
				continue;
			assert_int_equal(value_parse(&catalogue[ids[row]], texts[row], &value), 0);
			assert_int_equal(access_set(zoo.fd[i], &catalogue[ids[row]],
						    place_of(&catalogue[ids[row]], family), &value),
					 0);
		}
	witnessed.changed = true;
	assert_int_equal(iterator_walk(datagrams, &everything, unwitnessed_see, &witnessed, NULL), 0);
	assert_int_equal(witnessed.seen, 2 * zoo.count);
	zoo_close(&zoo);
}

static void what_bpf_getsockopt_reads_equals_getsockopt(void **state)
{
	struct zoo zoo;
	struct comparison comparison;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	for (unsigned i = 0; i < zoo.count; i++)
		for (unsigned id = 1; id < OPTION_COUNT; id++)
			option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
	comparison = compare(asking, &zoo);
	assert_int_equal(comparison.differ, 0);
	assert_int_equal(comparison.seen, zoo.count);
	assert_int_equal(comparison.equal[OPTION_nodelay], zoo.count);
	assert_int_equal(comparison.equal[OPTION_cc], zoo.count);
	assert_int_equal(comparison.equal[OPTION_keepalive_idle], zoo.count);
	zoo_close(&zoo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_equal_getsockopt),
		cmocka_unit_test(changed_options_equal_getsockopt),
		cmocka_unit_test(options_of_datagrams_equal_getsockopt),
		cmocka_unit_test(what_getsockopt_does_not_tell),
		cmocka_unit_test(what_bpf_getsockopt_reads_equals_getsockopt),
	};
	int r;

	iterators_open();
	if (namespace_enter())
		return 77;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	iterators_close();
	return r;
}
