/* Owners of sockets: of this process, of a child that shares one; never of a file that only looks like a socket. Both
 * ways to them give the same. */
#include <errno.h>
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
#include "base/error.h"
#include "observe/owners.h"
#include "observe/owners_source.h"

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

/* --- both ways give the same ------------------------------------------------------------------------------------ */

enum { CHILDREN = 12, SOCKETS_EACH = 20, MET = CHILDREN * SOCKETS_EACH };

struct zoo {
	pid_t child[CHILDREN];
	int ready[2], hold[2];
};

static void send_fd(int through, int fd)
{
	char room[CMSG_SPACE(sizeof fd)] = {0}, byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(head), &fd, sizeof fd);
	if (sendmsg(through, &message, 0) != 1)
		_exit(1);
}

/* Sockets of its own, inherited ones, one that it has sent itself, one twice; then it waits. */
static void child_live(const struct zoo *zoo, unsigned number)
{
	char room[CMSG_SPACE(sizeof(int))], byte, name[16];
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
	uint32_t inode[SOCKETS_EACH];
	int pair[2];

	snprintf(name, sizeof name, "child %u", number);
	prctl(PR_SET_NAME, name);
	close(zoo->hold[1]);
	for (unsigned i = 0; i < SOCKETS_EACH; i++) {
		int fd = socket(i % 2 ? AF_INET : AF_INET6, i % 3 ? SOCK_STREAM : SOCK_DGRAM, 0);

		inode[i] = inode_of(fd);
		if (i == 0 && (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || dup(fd) < 0))
			_exit(1);
		if (i == 0)
			send_fd(pair[0], fd);
		if (i == 1)
			send_fd(pair[0], fd); /* stays on the way */
	}
	if (recvmsg(pair[1], &message, 0) != 1 ||
	    write(zoo->ready[1], inode, sizeof inode) != (ssize_t)sizeof inode)
		_exit(1);
	_exit(read(zoo->hold[0], &byte, 1) != 0);
}

static void zoo_open(struct zoo *zoo, uint32_t inode[MET])
{
	assert_int_equal(pipe(zoo->ready) | pipe(zoo->hold), 0);
	for (unsigned i = 0; i < CHILDREN; i++) {
		zoo->child[i] = fork();
		if (!zoo->child[i])
			child_live(zoo, i);
	}
	for (unsigned i = 0; i < CHILDREN; i++) /* shorter than PIPE_BUF: whole pieces */
		assert_int_equal(read(zoo->ready[0], inode + i * SOCKETS_EACH, SOCKETS_EACH * sizeof *inode),
				 SOCKETS_EACH * sizeof *inode);
}

static void zoo_close(struct zoo *zoo)
{
	close(zoo->hold[1]);
	for (unsigned i = 0; i < CHILDREN; i++) {
		int status;

		assert_int_equal(waitpid(zoo->child[i], &status, 0), zoo->child[i]);
		assert_int_equal(status, 0);
	}
	close(zoo->ready[0]), close(zoo->ready[1]), close(zoo->hold[0]);
}

static void owners_compare(struct owner_table *walked_table, struct owner_table *told_table, uint32_t inode)
{
	unsigned walked_count, told_count;
	const struct owner_fact *one = owner_table_find(walked_table, inode, &walked_count);
	const struct owner_fact *other = owner_table_find(told_table, inode, &told_count);

	assert_int_equal(walked_count, told_count);
	assert_true(walked_count >= 1);
	for (unsigned i = 0; i < walked_count; i++) {
		assert_int_equal(one[i].pid, other[i].pid);
		assert_int_equal(one[i].fd, other[i].fd);
		assert_string_equal(one[i].command, other[i].command);
	}
}

static void bpf_tells_what_the_walk_finds(void **state)
{
	struct owner_table walk = {0}, told = {0};
	struct sockctl_error error = {0};
	struct zoo zoo;
	uint32_t inode[MET];
	unsigned hidden;
	char why[300];
	int r = owners_from_bpf(&told, &error);

	(void)state;
	if (r == -EPERM || r == -EOPNOTSUPP) {
		error_text(&error, why, sizeof why);
		printf("skip: %s\n", why);
		skip();
	}
	assert_int_equal(r, 0);
	owner_table_clear(&told);
	zoo_open(&zoo, inode);
	assert_int_equal(owners_from_bpf(&told, &error), 0);
	assert_int_equal(owners_from_proc(&walk, "/proc", SIZE_MAX, &hidden, &error), 0);
	assert_int_equal(owner_table_finish(&told) | owner_table_finish(&walk), 0);
	for (unsigned i = 0; i < MET; i++)
		owners_compare(&walk, &told, inode[i]);
	owner_table_find(&told, inode[0], &hidden);
	assert_int_equal(hidden, 3); /* the first, its duplicate, and what came through the pair */
	owner_table_clear(&told);
	owner_table_clear(&walk);
	zoo_close(&zoo);
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

/* The walk that stops where BPF is quicker has failed at nothing. */
static void a_short_walk_tells_no_error(void **state)
{
	int fds[2] = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	struct sockctl_error error = {0};
	struct owner_table table = {0};
	unsigned hidden;

	(void)state;
	assert_int_equal(owners_from_proc(&table, "/proc", 1, &hidden, &error), -E2BIG);
	assert_int_equal(error.code, 0);
	owner_table_clear(&table);
	close(fds[0]), close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_walk_tells_no_error),
		cmocka_unit_test(our_own_and_a_child_that_shares),
		cmocka_unit_test(bpf_tells_what_the_walk_finds),
		cmocka_unit_test(links_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
