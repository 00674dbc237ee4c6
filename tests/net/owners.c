/* Owners of sockets: of this process, of a child that shares one, of a thread with a table of its own; never of a
 * file that only looks like a socket. */
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
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
	struct loner loner = {.inode = 0};
	struct sockctl_error error = {0};
	struct zoo zoo;
	uint32_t inode[MET];
	unsigned hidden;
	pthread_t thread;
	char byte = 0, why[300];
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
	assert_int_equal(pipe(loner.ready) | pipe(loner.done), 0);
	assert_int_equal(pthread_create(&thread, NULL, alone, &loner), 0);
	assert_int_equal(read(loner.ready[0], &byte, 1), 1);
	assert_int_equal(owners_from_bpf(&told, &error), 0);
	assert_int_equal(owners_from_proc(&walk, "/proc", SIZE_MAX, &hidden, &error), 0);
	assert_int_equal(owner_table_finish(&told) | owner_table_finish(&walk), 0);
	for (unsigned i = 0; i < MET; i++)
		owners_compare(&walk, &told, inode[i]);
	owners_compare(&walk, &told, loner.inode);
	owner_table_find(&told, inode[0], &hidden);
	assert_int_equal(hidden, 3); /* the first, its duplicate, and what came through the pair */
	owner_table_clear(&told);
	owner_table_clear(&walk);
	assert_int_equal(write(loner.done[1], &byte, 1), 1);
	pthread_join(thread, NULL);
	for (int i = 0; i < 2; i++)
		close(loner.ready[i]), close(loner.done[i]);
	zoo_close(&zoo);
}

/* Any order, the same inode many times, both ends of what an inode can be. */
static void a_table_finds_all_that_was_added(void **state)
{
	const char name[16] = "some";
	struct owner_table table = {0};
	unsigned seed = 7, count;

	(void)state;
	for (int process = 0; process < 50; process++) {
		assert_int_equal(owner_table_process(&table, 1000 - process, name), 0);
		for (int fd = 0; fd < 100; fd++)
			assert_int_equal(owner_table_add(&table, fd ? (uint32_t)rand_r(&seed) % 4000 + 1 : UINT32_MAX, fd), 0);
		assert_int_equal(owner_table_add(&table, 0, 7), 0);
		assert_int_equal(owner_table_add(&table, 0, 7), 0);
	}
	assert_int_equal(owner_table_finish(&table), 0);
	seed = 7;
	for (int process = 0; process < 50; process++)
		for (int fd = 1; fd < 100; fd++) {
			const struct owner_fact *found = owner_table_find(&table, (uint32_t)rand_r(&seed) % 4000 + 1, &count);
			bool met = false;

			for (unsigned i = 0; i < count; i++) {
				met |= found[i].pid == 1000 - process && found[i].fd == fd;
				assert_true(!i || found[i - 1].pid < found[i].pid ||
					    (found[i - 1].pid == found[i].pid && found[i - 1].fd < found[i].fd));
			}
			assert_true(met);
		}
	assert_int_equal(owner_table_find(&table, 0, &count)->pid, 951);
	assert_int_equal(count, 50);
	owner_table_find(&table, UINT32_MAX, &count);
	assert_int_equal(count, 50);
	assert_null(owner_table_find(&table, 5000, &count));
	owner_table_clear(&table);
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

/* --- what may not be seen is not taken for nothing ------------------------------------------------------------- */

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
		cmocka_unit_test(fds_that_may_not_be_read_are_hidden),
		cmocka_unit_test(hidepid_is_noticed),
		cmocka_unit_test(what_we_lack_ourselves_is_an_error),
		cmocka_unit_test(a_short_walk_tells_no_error),
		cmocka_unit_test(our_own_and_a_child_that_shares),
		cmocka_unit_test(thread_with_a_table_of_its_own),
		cmocka_unit_test(bpf_tells_what_the_walk_finds),
		cmocka_unit_test(a_table_finds_all_that_was_added),
		cmocka_unit_test(links_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
