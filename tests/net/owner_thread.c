/* A socket that is only in the table of a thread that has called unshare(CLONE_FILES): whose it is, and its options
 * through that thread's table, never through the same number in the table of the process. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/borrow.h"
#include "observe/owners.h"
#include "observe/owners_source.h"
#include "observe/sockets.h"

enum { IDLE_S = 77, PIDFD_OF_THREAD = O_EXCL };

struct loner {
	int ready[2], done[2];
	pid_t thread;
	int fd, other; /* other: of the process, by the same number */
	uint32_t inode;
	uint64_t cookie;
	pthread_t handle;
};

static uint64_t cookie_of(int fd)
{
	socklen_t length = sizeof(uint64_t);
	uint64_t cookie = 0;

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length);
	return cookie;
}

static void *alone(void *arg)
{
	struct loner *loner = arg;
	const int idle_s = IDLE_S;
	struct stat status;
	char byte = 0;

	loner->thread = gettid();
	loner->fd = unshare(CLONE_FILES) ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (loner->fd < 0 || fstat(loner->fd, &status) || listen(loner->fd, 1) ||
	    setsockopt(loner->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s))
		loner->thread = 0;
	loner->inode = (uint32_t)status.st_ino;
	loner->cookie = cookie_of(loner->fd);
	if (write(loner->ready[1], &byte, 1) != 1 || read(loner->done[0], &byte, 1) != 1)
		loner->thread = 0;
	return NULL;
}

static bool loner_start(struct loner *loner)
{
	char byte;

	*loner = (struct loner){.fd = -1};
	if (pipe(loner->ready) || pipe(loner->done) || pthread_create(&loner->handle, NULL, alone, loner) ||
	    read(loner->ready[0], &byte, 1) != 1)
		return false;
	loner->other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return loner->thread && loner->other == loner->fd;
}

static void loner_end(struct loner *loner)
{
	char byte = 0;

	assert_int_equal(write(loner->done[1], &byte, 1), 1);
	assert_int_equal(pthread_join(loner->handle, NULL), 0);
	close(loner->other);
	for (int i = 0; i < 2; i++)
		close(loner->ready[i]), close(loner->done[i]);
}

static void is_the_loners(const struct owner_fact *found, const unsigned *count, const struct loner *loner)
{
	assert_int_equal(*count, 1);
	assert_int_equal(found->pid, getpid());
	assert_int_equal(found->thread, loner->thread);
	assert_int_equal(found->fd, loner->fd);
}

static void both_ways_name_the_thread(void **state)
{
	struct owner_table told = {0};
	struct sockctl_error error = {0};
	struct owners *owners;
	struct loner loner;
	struct stat status;
	unsigned count;
	int r;

	(void)state;
	assert_true(loner_start(&loner));
	assert_int_equal(owners_read(&owners, "/proc", NULL), 0);
	is_the_loners(owners_find(owners, loner.inode, &count), &count, &loner);
	assert_int_equal(fstat(loner.other, &status), 0);
	assert_int_equal(owners_find(owners, (uint32_t)status.st_ino, &count)->thread, 0);
	assert_int_equal(count, 1);
	owners_free(owners);
	r = owners_from_bpf(&told, &error);
	if (!r) {
		assert_int_equal(owner_table_finish(&told), 0);
		is_the_loners(owner_table_find(&told, loner.inode, &count), &count, &loner);
		assert_int_equal(owner_table_find(&told, (uint32_t)status.st_ino, &count)->thread, 0);
	}
	assert_true(!r || r == -EPERM || r == -EOPNOTSUPP);
	owner_table_clear(&told);
	loner_end(&loner);
}

static bool kernel_names_threads(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, gettid(), PIDFD_OF_THREAD);

	if (pidfd >= 0)
		close(pidfd);
	return pidfd >= 0;
}

static void its_options_come_from_its_own_table(void **state)
{
	static struct option_fact options[OPTION_COUNT];
	struct owner_fact owner;
	struct loner loner;

	(void)state;
	if (!kernel_names_threads()) {
		printf("skip: this kernel lacks PIDFD_THREAD (Linux 6.9)\n");
		skip();
	}
	assert_true(loner_start(&loner));
	owner = (struct owner_fact){.pid = getpid(), .thread = loner.thread, .fd = loner.fd};
	assert_int_equal(borrow_options(&owner, loner.cookie, options), 0);
	assert_int_equal(options[OPTION_keepalive_idle].source, SOURCE_GETSOCKOPT);
	assert_int_equal(options[OPTION_keepalive_idle].value.number, IDLE_S);
	owner.thread = 0; /* the same number, another socket */
	assert_int_equal(borrow_options(&owner, loner.cookie, options), -ESTALE);
	assert_int_equal(options[OPTION_keepalive_idle].source, SOURCE_NONE);
	loner_end(&loner);
}

/* --- the whole way, in a child that may not use BPF ------------------------------------------------------------- */

struct look {
	uint64_t cookie;
	int code;
	int64_t idle_s; /* -1: not told */
};

static int look_at(void *arg, const struct socket_fact *socket)
{
	struct look *look = arg;

	if (socket->cookie != look->cookie)
		return 0;
	look->code = socket->options_code;
	look->idle_s = socket->options && socket->options[OPTION_keepalive_idle].source == SOURCE_GETSOCKOPT ?
			       socket->options[OPTION_keepalive_idle].value.number :
			       -1;
	return 1;
}

static bool capabilities_drop(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {0};

	return !syscall(SYS_capset, &header, none);
}

/* As before Linux 6.9: pidfd_open() knows no such flag. */
static bool become_older(void)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	bool done = context &&
		    !seccomp_rule_add(context, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(pidfd_open), 1,
				      SCMP_A1(SCMP_CMP_EQ, PIDFD_OF_THREAD)) &&
		    !seccomp_load(context);

	seccomp_release(context);
	return done;
}

/* 0: as it should be. */
static int walk_without_bpf(bool older)
{
	const struct sockets_query query = {.tcp = true, .states = 1 << TCP_LISTEN, .options = true};
	struct sockets_outcome outcome;
	struct sockctl_error error;
	struct look look = {.idle_s = -2};
	struct loner loner;

	if (!capabilities_drop() || (older && !become_older()) || !loner_start(&loner))
		return 2;
	look.cookie = loner.cookie;
	if (sockets_walk(&query, look_at, &look, &outcome, &error) != 1 || outcome.options_source != SOURCE_GETSOCKOPT)
		return 3;
	if (older)
		return look.code == -EOPNOTSUPP && look.idle_s == -1 ? 0 : 4;
	return look.code == 0 && look.idle_s == IDLE_S ? 0 : 5;
}

static int in_a_child(bool older)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(walk_without_bpf(older));
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_walk_without_bpf_has_its_options(void **state)
{
	(void)state;
	if (!kernel_names_threads()) {
		printf("skip: this kernel lacks PIDFD_THREAD (Linux 6.9)\n");
		skip();
	}
	assert_int_equal(in_a_child(false), 0);
}

static void an_older_kernel_is_the_reason(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_name_the_thread),
		cmocka_unit_test(its_options_come_from_its_own_table),
		cmocka_unit_test(a_walk_without_bpf_has_its_options),
		cmocka_unit_test(an_older_kernel_is_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
