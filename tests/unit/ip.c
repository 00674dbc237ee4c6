/* Addresses as text: what inet_ntop() says, for every pattern of zeros and for any bytes. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "record/ip.h"

static uint64_t seed = 0x1b6;

static uint32_t random_bits(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 32);
}

static void check(int family, const uint8_t address[16])
{
	char expected[INET6_ADDRSTRLEN], got[IP_TEXT + 1];

	inet_ntop(family, address, expected, sizeof expected);
	*(family == AF_INET ? ip4_put(got, address) : ip6_put(got, address)) = 0;
	assert_string_equal(got, expected);
}

static void four(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		const uint8_t address[16] = {(uint8_t)i, 0, 255, (uint8_t)(255 - i)};

		check(AF_INET, address);
	}
}

/* Each word is zero or one of a few lengths, 0xffff among them. */
static void six(void **state)
{
	static const uint16_t words[] = {0x1, 0xffff, 0xab, 0x100, 0xfff0, 0x102};

	(void)state;
	for (unsigned pattern = 0; pattern < 256; pattern++)
		for (unsigned round = 0; round < 200; round++) {
			uint8_t address[16] = {0};

			for (unsigned i = 0; i < 8; i++) {
				uint16_t word = round % 2 ? words[random_bits() % 6] : (uint16_t)random_bits();

				if (pattern >> i & 1) {
					address[2 * i] = (uint8_t)(word >> 8);
					address[2 * i + 1] = (uint8_t)word;
				}
			}
			check(AF_INET6, address);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four),
		cmocka_unit_test(six),
	};

	return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
