/* Contained processes: exit codes, orphans, what a restriction is called. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sched.h>
#include <unistd.h>
#include <cmocka.h>
#include <seccomp.h>
#include "lab/contain.h"
#include "lab/restriction.h"
#include "lab/world.h"

static int *shared;                          /* between the test and the body */
static bool can_contain;

static int body_nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int group_setup(void **state)
{
	struct sockctl_error error;
	char line[512];
	int code = contain_run(body_nothing, NULL, &error);

	(void)state;
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	can_contain = code == 0;
	sockctl_error_text(&error, line, sizeof line);
	if (code == -EPERM || code == -ENOSPC)
		printf("# %s\n", line);
	return shared == MAP_FAILED || (code && code != -EPERM && code != -ENOSPC) ? -1 : 0;
}

#define NEEDS_NAMESPACES() do { \
		if (!can_contain) { \
			puts("skip: namespaces are restricted here"); \
			skip(); \
		} \
	} while (0)

static int body_exit(void *arg)
{
	return *(int *)arg;
}

static int body_die(void *arg)
{
	return kill(getpid(), *(int *)arg);
}

static void contain_passes_codes_on(void **state)
{
	(void)state;
	NEEDS_NAMESPACES();
	for (int code = 0; code < 256; code += 51)
		assert_int_equal(contain_run(body_exit, &code, NULL), code);
	assert_int_equal(contain_run(body_die, &(int){SIGTERM}, NULL), 128 + SIGTERM);
	assert_int_equal(contain_run(body_die, &(int){SIGKILL}, NULL), 128 + SIGKILL);
}

/* Same ids, own network; not the first process, whose signals the kernel treats specially. */
static int body_look(void *arg)
{
	const uid_t *uid = arg;

	return geteuid() == *uid && getpid() != 1 && getppid() == 1 && !access("/proc/self/net/tcp", R_OK) ? 0 : 1;
}

static void contain_keeps_ids(void **state)
{
	uid_t uid = geteuid();

	(void)state;
	NEEDS_NAMESPACES();
	assert_int_equal(contain_run(body_look, &uid, NULL), 0);
}

/* A grandchild becomes an orphan and ends; a child's status is still there for the body. */
static int body_orphan(void *arg)
{
	int status, alive[2];
	pid_t child;
	char byte;

	(void)arg;
	if (pipe(alive))
		return 2;
	child = fork();
	if (!child) {
		if (!fork())
			while (getppid() != 1)
				sched_yield();       /* then it goes the child's way */
		_exit(7);
	}
	close(alive[1]);
	(void)!read(alive[0], &byte, 1);     /* ends when both are gone */
	if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7)
		return 3;
	world_sweep(NULL);
	return kill(-1, 0) && errno == ESRCH ? 0 : 4;      /* nobody, zombies included: -1 means all but pid 1 and us */
}

static void contain_reaps_orphans(void **state)
{
	(void)state;
	NEEDS_NAMESPACES();
	assert_int_equal(contain_run(body_orphan, NULL, NULL), 0);
}

/* Some ignore SIGTERM, one keeps forking; none is left. */
static int body_sweep(void *arg)
{
	(void)arg;
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < 5; i++)
		if (!fork()) {
			if (!fork() && i == 4)
				for (int j = 0; j < 100; j++)
					if (fork())
						_exit(0);
			pause();
		}
	world_sweep(NULL);
	return kill(-1, 0) && errno == ESRCH ? 0 : 1;
}

static void world_sweep_leaves_nobody(void **state)
{
	(void)state;
	NEEDS_NAMESPACES();
	for (int i = 0; i < 5; i++)
		assert_int_equal(contain_run(body_sweep, NULL, NULL), 0);
}

/* A TERM sent to the caller reaches the body, whose default is to die of it. */
static int body_wait(void *arg)
{
	(void)arg;
	shared[0] = 1;
	while (pause())
		;
	return 0;
}

static void contain_passes_signals_on(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	NEEDS_NAMESPACES();
	shared[0] = 0;
	pid = fork();
	if (!pid)
		_exit(contain_run(body_wait, NULL, NULL));
	while (!__atomic_load_n(shared, __ATOMIC_RELAXED))
		sched_yield();
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
}

/* Restrictions by name. */
static void restriction_names_what_restricts(void **state)
{
	static const struct { struct restriction r; int code, result; const char *hint; } samples[] = {
		{{0, -1, -1, false}, -ENOSPC, -ENOSPC, "user.max_user_namespaces is 0"},
		{{10, -1, -1, false}, -ENOSPC, -ENOSPC, "user.max_net_namespaces"},
		{{10, 0, -1, false}, -EPERM, -EPERM, "kernel.unprivileged_userns_clone is 0"},
		{{10, 1, 1, false}, -EACCES, -EPERM, "kernel.apparmor_restrict_unprivileged_userns is 1"},
		{{10, 1, 0, true}, -EPERM, -EPERM, "a seccomp filter"},
		{{10, -1, -1, false}, -EPERM, -EPERM, "security module or a chroot"},
		{{10, -1, -1, false}, -EINVAL, -EINVAL, "CONFIG_USER_NS"},
		{{10, -1, -1, false}, -ENOMEM, -ENOMEM, "Cannot allocate memory"},
	};
	struct sockctl_error error;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		assert_int_equal(restriction_explain(&samples[i].r, samples[i].code, "create namespaces", &error),
				 samples[i].result);
		assert_non_null(strstr(error.hint, samples[i].hint));
		assert_true(strlen(error.hint) < sizeof error.hint - 1);
	}
}

/* As in a container: clone() with namespaces is refused by a filter. */
static int contained_under_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct sockctl_error error = {0};

	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			     SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWNET, CLONE_NEWNET)) ||
	    seccomp_load(filter))
		return 77;
	seccomp_release(filter);
	if (contain_run(body_nothing, NULL, &error) != -EPERM)
		return 1;
	return error.code == -EPERM && *error.op && *error.hint ? 0 : 2;
}

static void contain_refused_by_filter(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(contained_under_filter());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77) {
		puts("skip: seccomp filters cannot be loaded here");
		skip();
	}
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contain_passes_codes_on),
		cmocka_unit_test(contain_keeps_ids),
		cmocka_unit_test(contain_reaps_orphans),
		cmocka_unit_test(world_sweep_leaves_nobody),
		cmocka_unit_test(contain_passes_signals_on),
		cmocka_unit_test(restriction_names_what_restricts),
		cmocka_unit_test(contain_refused_by_filter),
	};

	return cmocka_run_group_tests_name("contain", tests, group_setup, NULL);
}
