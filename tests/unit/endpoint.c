/* Lists of addresses to listen on: what is one, what is none, and that the canonical text is the same address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "catalog/option.h"
#include "socket/endpoint.h"

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;
	const char *list = text;

	if (endpoint_next(&list, &endpoint, NULL) != 1)
		fail_msg("'%s' was not taken", text);
	assert_string_equal(endpoint.text, text);
	assert_int_equal(*list, 0);
	return endpoint;
}

static void every_notation_has_a_canonical_text(void **state)
{
	static const struct {
		const char *written, *canonical;
	} pairs[] = {
		{"0.0.0.0:80", "0.0.0.0:80"},
		{"tcp:[::1]:8080", "[::1]:8080"},
		{"udp:[::]:53", "udp:[::]:53"},
		{":443", ":443"},
		{"*:443", ":443"},
		{"udp::53", "udp::53"},
		{"udp:*:53", "udp::53"},
		{"%eth0:80", "%eth0:80"},
		{"*%eth0:443", "%eth0:443"},
		{"127.0.0.53%lo:53", "127.0.0.53%lo:53"},
		{"[::]%a-name-of-16-byt:67", NULL},
		{"[::]%a-name-of-15-by:67", "[::]%a-name-of-15-by:67"},
		{"[fe80::1%7]:80", "[fe80::1%7]:80"},
		{"[fe80::1%7]%eth0:80", "[fe80::1%7]%eth0:80"},
		{"udp:[fe80::1%lo]%br-0.7:80", "udp:[fe80::1%1]%br-0.7:80"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *list = pairs[i].written;
		struct endpoint endpoint;
		char text[120];

		if (!pairs[i].canonical) {
			assert_int_equal(endpoint_next(&list, &endpoint, NULL), -EINVAL);
			continue;
		}
		endpoint = endpoint_of(pairs[i].written);
		endpoint_format(&endpoint, text, sizeof text);
		assert_string_equal(text, pairs[i].canonical);
	}
}

static void lists_are_separated_by_spaces_or_commas(void **state)
{
	const char *list = " 0.0.0.0:80,,[::1]:8080 \tudp:[::]:53\n";
	struct endpoint endpoint;

	(void)state;
	assert_int_equal(endpoint_count(list, NULL), 3);
	assert_int_equal(sockctl_addresses(list, NULL), 3);
	assert_int_equal(endpoint_next(&list, &endpoint, NULL), 1);
	assert_string_equal(endpoint.text, "0.0.0.0:80");
	assert_int_equal(endpoint.protocol, PROTOCOL_TCP);
	assert_int_equal(endpoint_next(&list, &endpoint, NULL), 1);
	assert_string_equal(endpoint.text, "[::1]:8080");
	assert_int_equal(endpoint_next(&list, &endpoint, NULL), 1);
	assert_int_equal(endpoint.protocol, PROTOCOL_UDP);
	assert_int_equal(endpoint_next(&list, &endpoint, NULL), 0);
}

static void the_error_names_the_address(void **state)
{
	static const char *const wrong[] = {
		"localhost:80", "::",          "%:80",        "%eth0",     "*",       "**:80",
		"*x:80",        "sctp::80",    "UDP::80",     ":",         "tcp:",    "udp:udp::1",
		":65536",       ":0x50",       ":80:80",      "*%a/b:80",  "%..:80",  "%.:80",
		"[::]%:80",     "[::]%a%b:80", "[::%]:80",    "[::]%eth0", ":-1",     "127.0.0.1%lo",
		"[::1]%lo]:80", "*.:80",       "0.0.0.0:80x", "[%lo]:80",  "\x80:80",
	};
	struct sockctl_error error;
	struct endpoint endpoint = {.protocol = 77};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char text[80];
		const char *list = text;

		snprintf(text, sizeof text, "%s :80", wrong[i]);
		if (endpoint_next(&list, &endpoint, &error) != -EINVAL)
			fail_msg("'%s' was taken for an address", wrong[i]);
		assert_string_equal(error.subject, wrong[i]);
		assert_int_equal(endpoint.protocol, 77);
		assert_int_equal(endpoint_count(text, &error), -EINVAL);
	}
	assert_int_equal(sockctl_addresses(":80 [::1%nonesuch0]:80", &error), -ENODEV);
	assert_string_equal(error.subject, "[::1%nonesuch0]:80");
	assert_int_equal(sockctl_addresses("", &error), -EINVAL);
	assert_int_equal(sockctl_addresses(" ,", NULL), -EINVAL);
	assert_int_equal(sockctl_addresses(NULL, NULL), -EINVAL);
	memset(longest, '1', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	assert_int_equal(sockctl_addresses(longest, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notation_has_a_canonical_text),
		cmocka_unit_test(lists_are_separated_by_spaces_or_commas),
		cmocka_unit_test(the_error_names_the_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
