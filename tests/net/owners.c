/* Owners of sockets: of this process, of a child that shares one, of a thread with a table of its own; never of a file that
 * only looks like a socket. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static struct owners *walked(void)
{
	struct owners *owners;

	assert_int_equal(owners_read(&owners, "/proc", NULL), 0);
	return owners;
}

static void our_own_and_a_child_that_shares(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), hold[2];
	const struct owner_fact *found;
	struct owners *owners;
	unsigned count;
	pid_t child;
	char byte;

	(void)state;
	prctl(PR_SET_NAME, "o\033[31mwner)");
	assert_int_equal(pipe(hold), 0);
	child = fork();
	if (!child) {
		close(hold[1]);
		_exit(read(hold[0], &byte, 1) != 0);
	}
	owners = walked();
	found = owners_find(owners, inode_of(fd), &count);
	assert_int_equal(count, 2);
	assert_int_equal(found[0].pid, getpid() < child ? getpid() : child);
	assert_int_equal(found[1].pid, getpid() < child ? child : getpid());
	assert_int_equal(found[0].fd, fd);
	assert_string_equal(found[0].command, "o\033[31mwner)");
	owners_find(owners, UINT32_MAX, &count);
	assert_int_equal(count, 0);
	owners_free(owners);
	close(hold[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(hold[0]);
	close(fd);
}

struct loner {
	int ready[2], done[2];
	uint32_t inode;
};

static void *alone(void *arg)
{
	struct loner *loner = arg;
	char byte = 0;
	int fd;

	if (!unshare(CLONE_FILES)) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		loner->inode = inode_of(fd);
	}
	if (write(loner->ready[1], &byte, 1) != 1 || read(loner->done[0], &byte, 1) != 1)
		loner->inode = 0;
	return NULL;
}

static void thread_with_a_table_of_its_own(void **state)
{
	struct loner loner = {.inode = 0};
	struct owners *owners;
	pthread_t thread;
	unsigned count;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(loner.ready) | pipe(loner.done), 0);
	assert_int_equal(pthread_create(&thread, NULL, alone, &loner), 0);
	assert_int_equal(read(loner.ready[0], &byte, 1), 1);
	owners = walked();
	assert_int_not_equal(loner.inode, 0);
	assert_int_equal(owners_find(owners, loner.inode, &count)->pid, getpid());
	assert_int_equal(count, 1);
	owners_free(owners);
	assert_int_equal(write(loner.done[1], &byte, 1), 1);
	pthread_join(thread, NULL);
	for (int i = 0; i < 2; i++)
		close(loner.ready[i]), close(loner.done[i]);
}

static void put(const char *root, const char *path, const char *target)
{
	char whole[256];

	snprintf(whole, sizeof whole, "%s/%s", root, path);
	if (target)
		assert_int_equal(symlink(target, whole), 0);
	else
		assert_int_equal(mkdir(whole, 0700), 0);
}

/* A /proc made of what no kernel writes. */
static void links_that_lie(void **state)
{
	static const char *const links[] = {
		"socket:[12", "socket:[]", "socket:[x]", "socket:[99999999999999999999]", "/dev/null",
		"socket:[7]", ""};
	char root[] = "/tmp/owners-XXXXXX", path[64], clear[64];
	struct owners *owners;
	unsigned count;

	(void)state;
	assert_non_null(mkdtemp(root));
	put(root, "1", NULL);
	put(root, "1/fd", NULL);
	put(root, "2", NULL); /* without fd: gone */
	for (unsigned i = 0; *links[i]; i++) {
		snprintf(path, sizeof path, "1/fd/%u", i);
		put(root, path, links[i]);
	}
	put(root, "1/fd/x", "socket:[8]");
	assert_int_equal(owners_read(&owners, root, NULL), 0);
	assert_int_equal(owners_find(owners, 7, &count)->fd, 5);
	assert_null(owners_find(owners, 8, &count));
	assert_int_equal(owners_count(owners), 1);
	assert_int_equal(owners_hidden(owners), 0);
	owners_free(owners);
	snprintf(clear, sizeof clear, "rm -r %s", root);
	assert_int_equal(system(clear), 0);
	assert_int_equal(owners_read(&owners, root, NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_and_a_child_that_shares),
		cmocka_unit_test(thread_with_a_table_of_its_own),
		cmocka_unit_test(links_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
