/* Sockets for the tests: see fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "namespace.h"
#include "fixture.h"

struct sockctl_report report = SOCKCTL_REPORT;

struct sockctl_spec spec_of_text(const char *text)
{
	struct sockctl_spec spec;

	assert_int_equal(sockctl_spec_parse(&spec, text, NULL), 0);
	return spec;
}

int listen_with(const char *address, const char *text, int fd[], unsigned max)
{
	struct sockctl_spec spec = spec_of_text(text);

	return sockctl_listen(address, &spec, NULL, fd, max, &report);
}

int listen_one(const char *address, const char *text)
{
	int fd;

	assert_int_equal(listen_with(address, text, &fd, 1), 1);
	return fd;
}

int connect_with(int listener, const char *text)
{
	struct sockctl_spec spec = spec_of_text(text);
	struct sockaddr_storage address;
	socklen_t length = sizeof address;

	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	return sockctl_connect((struct sockaddr *)&address, length, 0, &spec, NULL, &report);
}

const struct sockctl_verdict *verdict_of(const char *option)
{
	for (unsigned i = 0; i < report.count; i++)
		if (!strcmp(report.verdict[i].option, option))
			return &report.verdict[i];
	fail_msg("no verdict for %s", option);
	return NULL;
}

int kernel_value(int fd, int level, int number)
{
	int value = -1;
	socklen_t length = sizeof value;

	assert_int_equal(getsockopt(fd, level, number, &value, &length), 0);
	return value;
}

struct tcp_info kernel_info(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	return info;
}

unsigned fds_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

struct sockaddr_in address_of(int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	return address;
}

bool fixture_skips(void)
{
	int r = namespace_enter();

	if (r)
		printf("1..0 # SKIP no network namespace of our own: %s\n", strerror(-r));
	return r != 0;
}
