/* Ids of cgroups to their paths, over a tree made for the purpose, and over that of this host. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/cgroup_names.h"

static const char *const tree[] = {"a.slice", "a.slice/b.service", "a.slice/b.service/\033[31m", "z"};
enum { TREE = sizeof tree / sizeof *tree };

static uint64_t id_of(const char *root, const char *below)
{
	char path[512];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", root, below);
	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

static void paths_are_below_the_root(void **state)
{
	char root[] = "/tmp/sockctl-cgroups-XXXXXX", path[512];
	struct cgroup_names *names;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(root));
	for (unsigned i = 0; i < TREE; i++) {
		snprintf(path, sizeof path, "%s/%s", root, tree[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	snprintf(path, sizeof path, "%s/cgroup.procs", root); /* a file is none */
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	names = cgroup_names_new(root);
	assert_non_null(names);
	assert_string_equal(cgroup_names_find(names, id_of(root, "")), "/");
	assert_null(cgroup_names_find(names, id_of(root, "cgroup.procs")));
	assert_null(cgroup_names_find(names, 0));
	unlink(path);
	for (unsigned i = TREE; i--;) {
		snprintf(path, sizeof path, "/%s", tree[i]);
		assert_string_equal(cgroup_names_find(names, id_of(root, tree[i])), path);
		snprintf(path, sizeof path, "%s/%s", root, tree[i]);
		assert_int_equal(rmdir(path), 0);
	}
	cgroup_names_free(names);
	assert_int_equal(rmdir(root), 0);
}

static void a_tree_that_there_is_not(void **state)
{
	struct cgroup_names *names = cgroup_names_new("/nonexistent");

	(void)state;
	assert_non_null(names);
	assert_null(cgroup_names_find(names, 1));
	cgroup_names_free(names);
	names = cgroup_names_new(NULL);
	assert_non_null(names);
	assert_null(cgroup_names_find(names, 1));
	cgroup_names_free(names);
	cgroup_names_free(NULL);
}

/* Of each directory inode numbers are ids: that of the root is known. */
static void the_root_of_this_host(void **state)
{
	const char *root = cgroup_root();
	struct cgroup_names *names;

	(void)state;
	if (!root) {
		printf("skip: no cgroups of version 2 are mounted here\n");
		skip();
	}
	names = cgroup_names_new(root);
	assert_non_null(names);
	assert_string_equal(cgroup_names_find(names, id_of(root, "")), "/");
	cgroup_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_below_the_root),
		cmocka_unit_test(a_tree_that_there_is_not),
		cmocka_unit_test(the_root_of_this_host),
	};

	return cmocka_run_group_tests_name("cgroup_names", tests, NULL, NULL);
}
