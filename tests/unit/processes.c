/* Cgroup paths to systemd's units, and the cache of processes over a /proc made for the purpose. */
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
#include "observe/cgroup_unit.h"
#include "observe/processes.h"

static void units_of_paths(void **state)
{
	static const struct {
		const char *path, *unit;
	} cases[] = {
		{"/system.slice/nginx.service", "nginx.service"},
		{"/system.slice/nginx.service/worker/1", "nginx.service"},
		{"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"},
		{"/user.slice/user-1000.slice/session-2.scope", "session-2.scope"},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-foo.scope", "user@1000.service"},
		{"/machine.slice/machine-fedora\\x2dtree.scope/payload", "machine-fedora\\x2dtree.scope"},
		{"/system.slice/_cpu.service", "cpu.service"}, /* escaped */
		{"/system.slice/__odd.service", "_odd.service"},
		{"/init.scope", "init.scope"},
		{"/a.socket", "a.socket"},
		{"//system.slice///x.service", "x.service"},
		{"/", NULL},
		{"", NULL},
		{"/system.slice", NULL},
		{"/system.slice/a@b.slice/x.service", NULL},
		{"/docker/0123456789abcdef", NULL},
		{"/../../system.slice/nginx.service", NULL}, /* outside of our cgroup namespace */
		{"/system.slice/getty@.service", NULL},      /* a template runs nothing */
		{"/system.slice/@x.service", NULL},
		{"/system.slice/.service", NULL},
		{"/system.slice/x.unknown", NULL},
		{"/system.slice/x.servicex", NULL},
		{"/system.slice/bad name.service", NULL},
		{"/system.slice/\033[31m.service", NULL},
		{"/system.slice/x@y.z.service", "x@y.z.service"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char unit[UNIT_NAME] = "";
		bool found = cgroup_unit(cases[i].path, unit);

		if (found != (cases[i].unit != NULL) || (found && strcmp(unit, cases[i].unit)))
			fail_msg("%s: \"%s\"", cases[i].path, unit);
	}
}

static void names_as_long_as_they_may_be(void **state)
{
	char path[400], unit[UNIT_NAME];

	(void)state;
	memset(path, 'a', sizeof path);
	*path = '/';
	strcpy(path + UNIT_NAME - 8, ".service"); /* 255 characters */
	assert_true(cgroup_unit(path, unit));
	assert_int_equal(strlen(unit), UNIT_NAME - 1);
	memset(path + UNIT_NAME - 8, 'a', 1);
	strcpy(path + UNIT_NAME - 7, ".service");
	assert_false(cgroup_unit(path, unit));
}

static void paths_of_texts(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{"0::/system.slice/a.service\n", "/system.slice/a.service"},
		{"9:name=systemd:/a.scope\n4:memory:/x\n0::/b.scope\n", "/a.scope"},
		{"4:memory:/x\n1:cpu:/y\n", ""},
		{"0::/gone.service (deleted)\n", "/gone.service"},
		{"0::/a:b.service", "/a:b.service"},
		{"0::/", "/"},
		{"0::", ""},
		{"4:memory:/0::/x\n", ""},
		{"name=systemd:/x\n", ""},
		{"", ""},
		{"\n\n:::\n", ""},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *path = "";
		size_t length = cgroup_path(cases[i].text, &path);

		if (length != strlen(cases[i].path) || memcmp(path, cases[i].path, length))
			fail_msg("\"%s\": \"%.*s\"", cases[i].text, (int)length, path);
	}
}

static void process_make(const char *root, int pid, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/%d", root, pid);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/%d/cgroup", root, pid);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void each_is_read_once(void **state)
{
	char root[] = "/tmp/processes-XXXXXX", text[64];
	const struct process_fact *fact;
	struct processes *processes;

	(void)state;
	assert_non_null(mkdtemp(root));
	for (int pid = 1; pid <= 200; pid++) { /* more than the hash begins with */
		snprintf(text, sizeof text, pid == 7 ? "4:memory:/x\n" : "0::/system.slice/p%d.service\n", pid);
		process_make(root, pid, text);
	}
	processes = processes_new(root, true);
	assert_non_null(processes);
	fact = processes_find(processes, 100);
	assert_string_equal(fact->unit, "p100.service");
	for (int pid = 1; pid <= 200; pid++)
		assert_int_equal(processes_find(processes, pid)->pid, pid);
	assert_ptr_equal(processes_find(processes, 100), fact);
	assert_null(processes_find(processes, 7)->cgroup);
	assert_null(processes_find(processes, 7)->unit);
	assert_null(processes_find(processes, 201));
	assert_null(processes_find(processes, -1));
	processes_free(processes);
	snprintf(text, sizeof text, "rm -r %s", root);
	assert_int_equal(system(text), 0);
}

static void this_process(void **state)
{
	struct processes *processes = processes_new("/proc", true);
	const struct process_fact *fact = processes_find(processes, getpid());

	(void)state;
	assert_non_null(fact);
	if (fact->cgroup)
		assert_int_equal(*fact->cgroup, '/');
	processes_free(processes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_of_paths),    cmocka_unit_test(names_as_long_as_they_may_be),
		cmocka_unit_test(paths_of_texts),    cmocka_unit_test(each_is_read_once),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
