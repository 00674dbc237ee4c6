/* The system calls that a process really makes, seen through ptrace. */
#include "trace.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* glibc before 2.28 has no PTRACE_GET_SYSCALL_INFO; musl has another struct for it. include/uapi/linux/ptrace.h */
enum { GET_SYSCALL_INFO = 0x420e, AT_ENTRY = 1, AT_EXIT = 2, THREADS_MAX = 64 };
struct syscall_info {
	unsigned char op, reserved[3];
	unsigned arch;
	unsigned long long instruction_pointer, stack_pointer;
	union {
		struct {
			unsigned long long number, args[6];
		} entry;
		struct {
			long long result;
			unsigned char is_error;
		} exit;
	};
};

/* A call that no library makes. */
static const long mark = SYS_getppid;

struct tracing {
	struct trace *trace;
	bool on, marked; /* noting; only between marks */
	struct {
		int pid;
		long number; /* of the call that it is in */
	} thread[THREADS_MAX];
};

void trace_mark(void)
{
	syscall(mark);
}

static void exit_note(struct tracing *t, long number, long result)
{
	if (t->marked && number == mark)
		t->on = !t->on;
	else if (t->on && t->trace->count++ < TRACE_CALLS_MAX)
		t->trace->call[t->trace->count - 1] = (struct trace_call){number, result};
}

static void stop_note(struct tracing *t, int pid)
{
	struct syscall_info info = {0};
	unsigned i = 0;

	if (ptrace((enum __ptrace_request)GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0)
		return;
	while (i < THREADS_MAX - 1 && t->thread[i].pid && t->thread[i].pid != pid)
		i++;
	t->thread[i].pid = pid;
	if (info.op == AT_ENTRY)
		t->thread[i].number = (long)info.entry.number;
	else if (info.op == AT_EXIT)
		exit_note(t, t->thread[i].number, (long)info.exit.result);
}

/* Until the first child has ended. Signals are passed on, but for the stops that tracing itself makes. */
static void follow(struct tracing *t, int child)
{
	int status, pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (!WIFSTOPPED(status)) {
			if (pid != child)
				continue;
			t->trace->status = status;
			return;
		}
		if (signal == (SIGTRAP | 0x80))
			stop_note(t, pid);
		if (signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP)
			signal = 0;
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
	}
}

/* The child stops itself: from there on it is followed. */
static int attach(int child)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE;
	struct syscall_info info;
	int status;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return -EPERM;
	if (ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options) ||
	    ptrace((enum __ptrace_request)GET_SYSCALL_INFO, child, (void *)sizeof info, &info) < 0) {
		int r = -errno;

		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		return r;
	}
	return ptrace(PTRACE_SYSCALL, child, NULL, NULL) ? -errno : 0;
}

static void child_offer(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(125);
	raise(SIGSTOP);
}

int trace_work(int (*work)(void *), void *arg, struct trace *ret)
{
	struct tracing t = {.trace = ret, .marked = true};
	int child = fork(), r;

	memset(ret, 0, sizeof *ret);
	if (child < 0)
		return -errno;
	if (!child) {
		child_offer();
		_exit(work(arg));
	}
	r = attach(child);
	if (!r)
		follow(&t, child);
	return r;
}

int trace_program(char *const argv[], int out_fd, void (*started)(void *, int), void *arg, struct trace *ret)
{
	struct tracing t = {.trace = ret, .on = true};
	int child = fork(), r;

	memset(ret, 0, sizeof *ret);
	if (child < 0)
		return -errno;
	if (!child) {
		dup2(out_fd, STDOUT_FILENO);
		child_offer();
		execv(argv[0], argv);
		_exit(127);
	}
	r = attach(child);
	if (r)
		return r;
	started(arg, child);
	follow(&t, child);
	return 0;
}

unsigned trace_count(const struct trace *trace, long number)
{
	unsigned n = 0;

	for (unsigned i = 0; i < trace->count && i < TRACE_CALLS_MAX; i++)
		n += trace->call[i].number == number;
	return n;
}

static const char *name_of(long number)
{
	static const struct {
		long number;
		const char *name;
	} names[] = {
		{SYS_socket, "socket"},
		{SYS_bind, "bind"},
		{SYS_listen, "listen"},
		{SYS_connect, "connect"},
		{SYS_accept4, "accept4"},
		{SYS_setsockopt, "setsockopt"},
		{SYS_getsockopt, "getsockopt"},
		{SYS_getsockname, "getsockname"},
		{SYS_getpeername, "getpeername"},
		{SYS_openat, "openat"},
		{SYS_read, "read"},
		{SYS_close, "close"},
		{SYS_fcntl, "fcntl"},
		{SYS_ioctl, "ioctl"},
	};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

void trace_text(const struct trace *trace, char *text, unsigned size)
{
	unsigned used = 0, run;

	*text = 0;
	for (unsigned i = 0; i < trace->count && i < TRACE_CALLS_MAX && used < size; i += run) {
		const char *name = name_of(trace->call[i].number);
		char number[24];

		for (run = 1; i + run < trace->count && trace->call[i + run].number == trace->call[i].number;)
			run++;
		snprintf(number, sizeof number, "%ld", trace->call[i].number);
		used += (unsigned)snprintf(text + used, size - used, run > 1 ? "%s%s x%u" : "%s%s", used ? ", " : "",
					   name ? name : number, run);
	}
}
