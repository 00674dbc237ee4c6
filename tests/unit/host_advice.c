/* What a load asks of the host's limits: computed figures against ones worked out by hand; never less than what is there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "doctor/host_advice.h"

static struct host_advice advice[SYSCTL_COUNT];

static struct sysctl_facts usual(void)
{
	struct sysctl_facts facts = {0};

	facts.fact[SYSCTL_somaxconn] = (struct sysctl_fact){.known = true, .count = 1, .number = {4096}};
	facts.fact[SYSCTL_syn_backlog] = (struct sysctl_fact){.known = true, .count = 1, .number = {2048}};
	facts.fact[SYSCTL_tcp_rmem] = (struct sysctl_fact){.known = true, .count = 3, .number = {4096, 131072, 6291456}};
	facts.fact[SYSCTL_tcp_wmem] = (struct sysctl_fact){.known = true, .count = 3, .number = {4096, 16384, 4194304}};
	facts.fact[SYSCTL_tcp_mem] = (struct sysctl_fact){.known = true, .count = 3, .number = {100000, 200000, 300000}};
	facts.fact[SYSCTL_port_range] = (struct sysctl_fact){.known = true, .count = 2, .number = {32768, 60999}};
	return facts;
}

static const struct host_advice *about(unsigned count, enum sysctl_id id)
{
	for (unsigned i = 0; i < count; i++)
		if (advice[i].sysctl == id)
			return &advice[i];
	fail_msg("nothing is said of %s", sysctl_rows[id].path);
	return &advice[0];
}

static void buffers_for_a_long_path(void **state)
{
	const struct host_goal goal = {.rate_bps = 1000000000, .rtt_us = 40000}; /* 5,000,000 bytes */
	const struct sysctl_facts facts = usual();
	unsigned count = host_advise(&goal, &facts, advice);

	(void)state;
	assert_int_equal(count, 2);
	assert_false(about(count, SYSCTL_tcp_rmem)->enough);
	assert_string_equal(about(count, SYSCTL_tcp_rmem)->value, "4096 131072 16777216");
	assert_string_equal(about(count, SYSCTL_tcp_wmem)->value, "4096 16384 16777216");
}

/* What is written into sysctl.d is an int; a window has 1 GiB at most. */
static void no_more_than_the_kernel_takes(void **state)
{
	const struct host_goal goal = {
		.rate_bps = 100000000000, .rtt_us = 200000, .connections = INT64_C(5000000000)};
	struct sysctl_facts facts = usual();
	unsigned count;

	(void)state;
	facts.fact[SYSCTL_nr_open] = (struct sysctl_fact){.known = true, .count = 1, .number = {1048576}};
	count = host_advise(&goal, &facts, advice);
	assert_string_equal(about(count, SYSCTL_tcp_rmem)->value, "4096 131072 2147483647");
	assert_non_null(strstr(about(count, SYSCTL_tcp_rmem)->why, "cannot fill this path"));
	assert_string_equal(about(count, SYSCTL_nr_open)->value, "1073741824");
	facts.fact[SYSCTL_tcp_rmem].number[2] = INT32_MAX;
	count = host_advise(&goal, &facts, advice);
	assert_true(about(count, SYSCTL_tcp_rmem)->enough);
	assert_non_null(strstr(about(count, SYSCTL_tcp_rmem)->why, "cannot fill this path"));
}

static void what_suffices_stays_as_it_is(void **state)
{
	const struct host_goal goal = {.rate_bps = 100000000, .rtt_us = 20000, .connections = 100, .page_bytes = 4096};
	const struct sysctl_facts facts = usual();
	unsigned count = host_advise(&goal, &facts, advice);

	(void)state;
	assert_string_equal(about(count, SYSCTL_tcp_rmem)->value, "4096 131072 6291456");
	assert_string_equal(about(count, SYSCTL_somaxconn)->value, "4096");
	assert_string_equal(about(count, SYSCTL_port_range)->value, "32768 60999");
	for (unsigned i = 0; i < count; i++)
		assert_true(advice[i].enough);
	assert_int_equal(count, 6);
}

static void many_connections(void **state)
{
	const struct host_goal goal = {
		.rate_bps = 1000000000, .rtt_us = 40000, .connections = 20000, .page_bytes = 4096};
	const struct sysctl_facts facts = usual();
	unsigned count = host_advise(&goal, &facts, advice);

	(void)state;
	assert_string_equal(about(count, SYSCTL_somaxconn)->value, "32767");
	assert_false(about(count, SYSCTL_tcp_mem)->enough);
	assert_true(about(count, SYSCTL_tcp_mem)->no_cure);
	assert_string_equal(about(count, SYSCTL_tcp_mem)->value, "48828125 pages");
	assert_non_null(strstr(about(count, SYSCTL_tcp_mem)->why, "48828125 pages")); /* 2 x 5e6 x 20000 / 4096 */
	assert_true(about(count, SYSCTL_port_range)->enough);
}

static void reserved_ports_are_not_counted(void **state)
{
	const struct host_goal goal = {.connections = 28000};
	struct sysctl_facts facts = usual();

	(void)state;
	assert_true(about(host_advise(&goal, &facts, advice), SYSCTL_port_range)->enough); /* of 28232 */
	facts.fact[SYSCTL_reserved_ports] = (struct sysctl_fact){.known = true, .text = "40000-40999"};
	assert_false(about(host_advise(&goal, &facts, advice), SYSCTL_port_range)->enough);
	assert_non_null(strstr(about(3, SYSCTL_port_range)->why, "27232 ports"));
}

static void files_of_many_connections(void **state)
{
	const struct host_goal goal = {.connections = 1000000};
	struct sysctl_facts facts = usual();
	unsigned count;

	(void)state;
	facts.fact[SYSCTL_nr_open] = (struct sysctl_fact){.known = true, .count = 1, .number = {1048576}};
	facts.fact[SYSCTL_file_max] = (struct sysctl_fact){.known = true, .count = 1, .number = {1900000}};
	count = host_advise(&goal, &facts, advice);
	assert_true(about(count, SYSCTL_nr_open)->enough);
	assert_string_equal(about(count, SYSCTL_nr_open)->value, "1048576");
	assert_false(about(count, SYSCTL_file_max)->enough);
	assert_string_equal(about(count, SYSCTL_file_max)->value, "2097152");
}

/* A list that did not fit: how many ports are left is unknown, and nothing is said of them. */
static void reserved_ports_that_could_not_be_read(void **state)
{
	const struct host_goal goal = {.connections = 28000};
	struct sysctl_facts facts = usual();
	unsigned count;

	(void)state;
	facts.fact[SYSCTL_reserved_ports] = (struct sysctl_fact){.code = -EOVERFLOW};
	count = host_advise(&goal, &facts, advice);
	for (unsigned i = 0; i < count; i++)
		assert_int_not_equal(advice[i].sysctl, SYSCTL_port_range);
}

static void more_than_there_are_ports(void **state)
{
	const struct host_goal goal = {.connections = 200000};
	const struct sysctl_facts facts = usual();
	unsigned count = host_advise(&goal, &facts, advice);

	(void)state;
	assert_string_equal(about(count, SYSCTL_somaxconn)->value, "65535");
	assert_string_equal(about(count, SYSCTL_port_range)->value, "1024 65535");
	assert_non_null(strstr(about(count, SYSCTL_port_range)->why, "no range is enough"));
	assert_non_null(strstr(about(count, SYSCTL_port_range)->why, "out by ip_local_reserved_ports"));
}

/* What could not be read is not advised about; what cannot be computed neither. */
static void the_unknown_and_the_absurd(void **state)
{
	const struct host_goal huge = {
		.rate_bps = INT64_MAX, .rtt_us = INT64_MAX, .connections = INT64_MAX, .page_bytes = 4096};
	const struct host_goal goal = {
		.rate_bps = 1000000000, .rtt_us = 40000, .connections = 20000, .page_bytes = 4096};
	const struct sysctl_facts nothing = {0}, facts = usual();

	(void)state;
	assert_int_equal(host_advise(&goal, &nothing, advice), 0);
	assert_int_equal(host_advise(&(struct host_goal){0}, &facts, advice), 0);
	assert_int_equal(host_advise(&huge, &facts, advice), 3);
	assert_string_equal(about(3, SYSCTL_somaxconn)->value, "65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_for_a_long_path),
		cmocka_unit_test(no_more_than_the_kernel_takes),
		cmocka_unit_test(reserved_ports_are_not_counted),
		cmocka_unit_test(reserved_ports_that_could_not_be_read),
		cmocka_unit_test(files_of_many_connections),    cmocka_unit_test(what_suffices_stays_as_it_is),
		cmocka_unit_test(many_connections),           cmocka_unit_test(more_than_there_are_ports),
		cmocka_unit_test(the_unknown_and_the_absurd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
