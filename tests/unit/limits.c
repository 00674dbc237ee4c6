/* Host facts beyond counters: every sysctl of the catalogue has a row, rows read as /proc/sys has them, what is in
 * use, ephemeral ports, and the files of a process. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "catalog/option.h"
#include "fact/sysctl_fact.h"
#include "observe/limits.h"
#include "observe/sysctls.h"
#include "observe/use.h"

static void row_wanted(const struct option *option, const char *path)
{
	if (path && sysctl_find(path) == SYSCTL_COUNT)
		fail_msg("%s depends on %s, which has no row in sysctl_fact.def", option->name, path);
}

static void each_sysctl_of_the_catalogue_has_a_row(void **state)
{
	unsigned named = 0;

	(void)state;
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		const struct option *option = &catalogue[id];

		row_wanted(option, option->limit);
		row_wanted(option, option->gate);
		row_wanted(option, option->within);
		row_wanted(option, option->autotune);
		row_wanted(option, option->autotune_gate);
		named += option->limit || option->gate || option->within || option->autotune;
	}
	assert_true(named >= 5);
	assert_int_equal(sysctl_find("net/core/somaxconn"), SYSCTL_somaxconn);
	assert_int_equal(sysctl_find("net/core/nothing"), SYSCTL_COUNT);
}

static void rows_are_written_once_and_whole(void **state)
{
	(void)state;
	for (unsigned id = 0; id < SYSCTL_COUNT; id++) {
		const struct sysctl_row *row = &sysctl_rows[id];

		assert_int_equal(sysctl_find(row->path), id);
		assert_true(*row->builtin && *row->effective && *row->meaning);
	}
}

static void texts_and_numbers(void **state)
{
	struct sysctl_facts facts;
	const struct sysctl_fact *fact = facts.fact;

	(void)state;
	sysctls_read(&facts);
	assert_true(fact[SYSCTL_tcp_rmem].known);
	assert_int_equal(fact[SYSCTL_tcp_rmem].count, 3);
	assert_int_equal(fact[SYSCTL_port_range].count, 2);
	assert_null(strchr(fact[SYSCTL_tcp_rmem].text, '\t'));
	assert_true(fact[SYSCTL_congestion].known);
	assert_int_equal(fact[SYSCTL_congestion].count, 0);
	assert_non_null(strstr(fact[SYSCTL_congestion_available].text, fact[SYSCTL_congestion].text));
	for (unsigned id = 0; id < SYSCTL_COUNT; id++)
		if (!fact[id].known)
			assert_true(fact[id].code < 0 && !*fact[id].text && !fact[id].count);
}

static bool has(const struct host_use *use, enum host_use_id id)
{
	return use->have >> id & 1;
}

static void use_of_texts(void **state)
{
	struct host_use use = {0};

	(void)state;
	use_parse("sockets: used 16\nTCP: inuse 1 orphan 0 tw 2 alloc 3 mem 204\nUDP: inuse 7 mem\nTCP6: inuse -1\nTCP orphan 9\n",
		  &use);
	assert_int_equal(use.sockets, 16);
	assert_int_equal(use.tcp_time_waits, 2);
	assert_int_equal(use.tcp_mem_pages, 204);
	assert_int_equal(use.udp_sockets, 7);
	assert_true(has(&use, HOST_USE_tcp_orphans));
	assert_int_equal(use.tcp_orphans, 0);
	assert_false(has(&use, HOST_USE_udp_mem_pages));
	assert_false(has(&use, HOST_USE_tcp6_sockets));
	assert_false(has(&use, HOST_USE_files));
}

static void use_of_this_host(void **state)
{
	struct host_use before, after;
	int fds[32];

	(void)state;
	assert_int_equal(use_read(&before), 0);
	assert_true(has(&before, HOST_USE_tcp_mem_pages) && has(&before, HOST_USE_files_max));
	for (unsigned i = 0; i < 32; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
	}
	assert_int_equal(use_read(&after), 0);
	assert_true(after.sockets >= 32);
	assert_true(after.files >= 32 && after.files <= after.files_max);
	for (unsigned i = 0; i < 32; i++)
		close(fds[i]);
}

static void ports_without_those_reserved(void **state)
{
	static const struct {
		const char *reserved;
		unsigned usable;
	} cases[] = {
		{"", 101},	      {"1050", 100},	       {"1050-1059", 91},     {"10,1000,1100,1101", 99},
		{"1-65535", 0},	      {"1090-2000", 90},       {"1050,1050", 100},    {"1050-1040", 101},
		{"x,-,1050-,,", 100}, {"99999999999999999999", 101}, {"1050-99999999", 50},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct port_range range;

		port_range_count(&range, 1000, 1100, cases[i].reserved);
		if (range.usable != cases[i].usable || range.reserved + range.usable != 101)
			fail_msg("\"%s\": %u usable, %u reserved", cases[i].reserved, range.usable, range.reserved);
	}
}

static void ports_of_this_host(void **state)
{
	struct sysctl_facts facts;
	struct port_range range;

	(void)state;
	sysctls_read(&facts);
	assert_int_equal(limits_ports(&range), 0);
	assert_int_equal(range.low, facts.fact[SYSCTL_port_range].number[0]);
	assert_int_equal(range.usable + range.reserved, range.high - range.low + 1);
}

static void files_of_this_process(void **state)
{
	struct process_files files, more;
	struct rlimit limit;
	int fd;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(limits_files("/proc", getpid(), &files), 0);
	assert_true(files.soft == limit.rlim_cur && files.hard == limit.rlim_max);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(limits_files("/proc", getpid(), &more), 0);
	assert_int_equal(more.open, files.open + 1);
	close(fd);
	assert_int_equal(limits_files("/proc", 0x7ffffff0, &files), -ESRCH);
}

static void limits_of_texts(void **state)
{
	struct process_files files;

	(void)state;
	assert_int_equal(limits_parse("Limit\nMax open files            1024                 unlimited            files\n", &files),
			 0);
	assert_true(files.soft == 1024 && files.hard == UINT64_MAX);
	assert_int_equal(limits_parse("", &files), -EPROTO);
	assert_int_equal(limits_parse("Max open files", &files), -EPROTO);
	assert_int_equal(limits_parse("xMax open files 1 2", &files), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sysctl_of_the_catalogue_has_a_row),
		cmocka_unit_test(rows_are_written_once_and_whole),
		cmocka_unit_test(texts_and_numbers),
		cmocka_unit_test(use_of_texts),
		cmocka_unit_test(use_of_this_host),
		cmocka_unit_test(ports_without_those_reserved),
		cmocka_unit_test(ports_of_this_host),
		cmocka_unit_test(files_of_this_process),
		cmocka_unit_test(limits_of_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
