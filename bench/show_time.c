/* show_time COMMAND...: runs it with its output to /dev/null and prints what it took: wall, user and system time in us, the peak of
 * its memory in KiB, its exit status. A small program, since what waits for a command is in the peak that the kernel reports. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"

static long us_of(struct timeval time)
{
	return (long)time.tv_sec * 1000000 + time.tv_usec;
}

static void command_run(char **command)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(127);
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	uint64_t start_us;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	start_us = clock_us();
	pid = fork();
	if (!pid)
		command_run(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 1;
	printf("%llu %ld %ld %ld %d\n", (unsigned long long)(clock_us() - start_us), us_of(usage.ru_utime),
	       us_of(usage.ru_stime), usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
