/* The first process of a kernel under test (user-mode Linux on the host's files): mounts, loads modules, runs one shell script,
 * powers off. Knows nothing of what the script does. init MODULES RESULTS SCRIPT [MODULE...]: RESULTS, a folder of the host, is
 * /tmp/results there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_mount(const char *type, const char *at, const char *data)
{
	if (mount(type, at, type, 0, data) && errno != EBUSY)
		printf("init: mount %s at %s: %s\n", type, at, strerror(errno));
}

/* path: below the folder of the modules, as modules.dep has it. */
static void module_load(const char *modules, const char *path)
{
	char file[600];
	int fd;

	snprintf(file, sizeof file, "%s/%s", modules, path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		printf("init: module %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A line of modules.dep: the module, a colon, what it needs; of those the last has to be there first. */
static void line_load(const char *modules, char *line)
{
	char *colon = strchr(line, ':'), *space;

	line[strcspn(line, "\n")] = 0;
	*colon = 0;
	while ((space = strrchr(colon + 1, ' '))) {
		module_load(modules, space + 1);
		*space = 0;
	}
	module_load(modules, line);
}

static void module_find(const char *modules, const char *name)
{
	char index[600], line[4096], wanted[100];
	FILE *file;

	snprintf(index, sizeof index, "%s/modules.dep", modules);
	snprintf(wanted, sizeof wanted, "/%s.ko:", name);
	file = fopen(index, "re");
	while (file && fgets(line, sizeof line, file))
		if (strstr(line, wanted))
			line_load(modules, line);
	if (file)
		fclose(file);
}

static void script_run(const char *script)
{
	int status = 0, child = fork();

	if (!child) {
		execl("/bin/sh", "sh", script, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(-1, &status, 0) != child)
		;
	printf("init: the script ended with %d\n", child < 0 ? 127 : WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	if (argc < 4 || getpid() != 1) {
		fprintf(stderr, "init: for the first process of a kernel\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	try_mount("proc", "/proc", NULL);
	try_mount("sysfs", "/sys", NULL);
	try_mount("tmpfs", "/tmp", "mode=1777");
	mkdir("/tmp/results", 0755);
	try_mount("hostfs", "/tmp/results", argv[2]);
	for (int i = 4; i < argc; i++)
		module_find(argv[1], argv[i]);
	script_run(argv[3]);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
