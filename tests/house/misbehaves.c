/* A test program that goes wrong as its argument says: what tally.sh feeds to tapify and tally. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char *manner = "";

static void behaves(void **state)
{
	(void)state;
}

static void misbehaves(void **state)
{
	(void)state;
	if (!strcmp(manner, "assert"))
		assert_int_equal(1, 2);
	if (!strcmp(manner, "kill"))
		raise(SIGKILL);
	if (!strcmp(manner, "exit"))
		exit(0);
	while (!strcmp(manner, "hang"))
		pause();
	printf("skip: asked to\n");
	skip();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(behaves), cmocka_unit_test(misbehaves)};

	manner = argc > 1 ? argv[1] : "";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
