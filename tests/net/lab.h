/* Tests that need the lab: each runs in a world of its own, or is skipped with the reason. */
#ifndef TEST_LAB_H
#define TEST_LAB_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "lab/contain.h"
#include "lab/world.h"

/* Runs body inside a containment. It returns 0, or a line number after having said what was wrong. */
static inline void contained(int (*body)(void *), void *arg)
{
	struct sockctl_error error = {0};
	int code = contain_run(body, arg, &error);

	if (code == -EPERM || code == -ENOSPC) {
		printf("skip: %s\n", error.hint);
		fflush(stdout);
		skip();
	}
	if (code)
		fail_msg("the contained part failed: %d %s", code, error.hint);
}

/* Inside: ends the body with 1 if the condition does not hold, and says where. */
#define EXPECT(condition, ...) \
	do { \
		if (!(condition)) { \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__); \
			putchar('\n'); \
			fflush(stdout); \
			return 1; \
		} \
	} while (0)
#endif
