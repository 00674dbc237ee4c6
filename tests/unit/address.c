/* Numeric addresses: what is one, what is none, and that text comes back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include "socket/address.h"

static void addresses_come_back_as_they_were(void **state)
{
	static const char *const texts[] = {
		"127.0.0.1:0", "0.0.0.0:65535", "[::]:7000", "[::1]:1", "[fe80::1%2]:80", "[::ffff:10.0.0.1]:9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sockaddr_storage address;
		socklen_t length;
		char text[80];

		assert_int_equal(address_parse(texts[i], &address, &length), 0);
		address_format((struct sockaddr *)&address, length, text, sizeof text);
		assert_string_equal(text, texts[i]);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		":80",
		"80",
		"[",
		"[]",
		"[]:80",
		"[::]",
		"[::]80",
		"[::]:",
		"[::1:80",
		"::1:80",
		"::]:80",
		"localhost:80",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1: 80",
		"127.0.0.1:0x50",
		"127.0.0.1:8.0",
		"127.1:80",
		"256.0.0.1:80",
		"[127.0.0.1]:80",
		"[fe80::1%]:80",
		"[fe80::1%4294967296]:80",
		"127.0.0.1:99999999999999999999",
		"[::1]x:80",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]:80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sockaddr_storage address = {.ss_family = AF_UNIX};
		socklen_t length = 7;

		if (address_parse(texts[i], &address, &length) != -EINVAL)
			fail_msg("'%s' was taken for an address", texts[i]);
		assert_int_equal(address.ss_family, AF_UNIX);
		assert_int_equal(length, 7);
	}
}

static void a_scope_is_an_interface_by_index_or_name(void **state)
{
	struct sockaddr_storage address;
	socklen_t length;
	char text[80];

	(void)state;
	assert_int_equal(address_parse("[fe80::1%lo]:80", &address, &length), 0);
	address_format((struct sockaddr *)&address, length, text, sizeof text);
	assert_string_equal(text, "[fe80::1%1]:80");
	assert_int_equal(address_parse("[fe80::1%nonesuch0]:80", &address, &length), -ENODEV);
	assert_int_equal(address_parse("[fe80::1%a-name-of-16-bytes]:80", &address, &length), -EINVAL);
	assert_int_equal(address_parse("[fe80::1%4294967296]:80", &address, &length), -EINVAL);
}

static void cut_addresses_are_not_read(void **state)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	char text[80];

	(void)state;
	address_format((struct sockaddr *)&six, sizeof four, text, sizeof text);
	assert_string_equal(text, "address family 10");
	address_format((struct sockaddr *)&four, 4, text, sizeof text);
	assert_string_equal(text, "address family 2");
	address_format((struct sockaddr *)&four, 0, text, sizeof text);
	assert_string_equal(text, "address family 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_back_as_they_were),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_scope_is_an_interface_by_index_or_name),
		cmocka_unit_test(cut_addresses_are_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
