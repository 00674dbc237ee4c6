/* What may not be seen is not taken for nothing: fds of others, processes behind hidepid=, and what we lack
 * ourselves. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/owners.h"

static uint32_t inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return (uint32_t)status.st_ino;
}

/* Runs `body` in a child, where this socket of the parent is closed; its result, or -1. */
static int in_a_child(int (*body)(uint32_t inode))
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	uint32_t inode = inode_of(fd);
	pid_t child = fork();

	if (!child) {
		close(fd);
		_exit(body(inode));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void root_or_skip(void)
{
	if (!geteuid())
		return;
	printf("skip: root's rights cannot be dropped without being root\n");
	skip();
}

/* Root without CAP_SYS_PTRACE may list the fds of others, and not read them. */
static int look_without_ptrace(uint32_t inode)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	struct owners *owners;
	unsigned count;

	if (syscall(SYS_capget, &header, data))
		return 2;
	data[0].effective &= ~(1u << CAP_SYS_PTRACE);
	data[0].permitted &= ~(1u << CAP_SYS_PTRACE);
	if (syscall(SYS_capset, &header, data) || owners_read(&owners, "/proc", NULL))
		return 3;
	if (owners_find(owners, inode, &count) || count)
		return 4;
	return owners_whole(owners) || !owners_hidden(owners) ? 5 : 0;
}

static void fds_that_may_not_be_read_are_hidden(void **state)
{
	(void)state;
	root_or_skip();
	assert_int_equal(in_a_child(look_without_ptrace), 0);
}

static char hiding[] = "/tmp/owners-XXXXXX";

/* A /proc of its own, where an ordinary user does not even see that there are others. */
static int look_at_hidepid(uint32_t inode)
{
	struct owners *owners = NULL;
	unsigned count;
	int r = 0;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", hiding, "proc", 0, "hidepid=2"))
		return 77;
	if (setresuid(65534, 65534, 65534) || owners_read(&owners, hiding, NULL))
		r = 2;
	else if (owners_find(owners, inode, &count) || owners_whole(owners))
		r = 3;
	owners_free(owners);
	return r;
}

static void hidepid_is_noticed(void **state)
{
	unsigned major, minor;
	struct utsname host;
	int r;

	(void)state;
	root_or_skip();
	assert_int_equal(uname(&host), 0);
	if (sscanf(host.release, "%u.%u", &major, &minor) != 2 || major < 5 || (major == 5 && minor < 8)) {
		printf("skip: before Linux 5.8 hidepid= is for all mounts of /proc at once\n");
		skip();
	}
	assert_non_null(mkdtemp(hiding));
	r = in_a_child(look_at_hidepid);
	rmdir(hiding);
	if (r == 77) {
		printf("skip: no mount namespace here\n");
		skip();
	}
	assert_int_equal(r, 0);
}

/* Room for the folder /proc, and for no process in it. */
static int look_without_files(uint32_t inode)
{
	struct sockctl_error error = {0};
	struct owners *owners;
	struct rlimit limit;

	(void)inode;
	limit.rlim_cur = limit.rlim_max = (rlim_t)dup(0) + 1;
	close((int)limit.rlim_cur - 1);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return 2;
	return owners_read(&owners, "/proc", &error) == -EMFILE && error.code == -EMFILE ? 0 : 3;
}

static void what_we_lack_ourselves_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(look_without_files), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fds_that_may_not_be_read_are_hidden),
		cmocka_unit_test(hidepid_is_noticed),
		cmocka_unit_test(what_we_lack_ourselves_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
