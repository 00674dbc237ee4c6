/* run_program: prepares, starts the supervisor, and is the front until the program has ended. */
#include "run/run.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "run/channel.h"
#include "run/check.h"
#include "run/inherit.h"
#include "run/reach.h"
#include "run/supervise.h"

struct run {
	struct trap_set traps;
	struct filter filter;
	struct spawn spawn;
	struct shared *shared;
	struct watch watch;
};

static int run_prepare(struct run *run, const struct run_request *request, struct sockctl_error *error)
{
	int r = 0;

	trap_derive(&run->traps, request->spec, request->pinned);
	check_settings(request, &run->traps);
	if (!trap_any(&run->traps))
		return 0;
	r = reach_check(error);
	if (r)
		return r;
	check_pins(request, &run->traps);
	return filter_make(&run->filter, &run->traps, error);
}

static int shared_map(struct run *run, struct sockctl_error *error)
{
	/* Populated, so that the kernel cannot be interrupted while it writes a notification there. */
	void *memory = mmap(NULL, sizeof *run->shared, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return error_set(error, -errno, "mmap", NULL, NULL);
	run->shared = memory;
	return 0;
}

/* All signals are blocked and read from signal_fd: those of the terminal, of the user, and of our children. */
static int signals_capture(struct run *run, struct sockctl_error *error)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &run->spawn.mask);
	sigaction(SIGCHLD, &by_default, &run->spawn.on_child); /* ignored, it would cost us exit statuses */
	run->watch.signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->watch.signal_fd < 0 ? error_set(error, -errno, "signalfd", NULL, NULL) : 0;
}

static void signals_restore(const struct run *run)
{
	if (run->watch.signal_fd >= 0)
		close(run->watch.signal_fd);
	sigaction(SIGCHLD, &run->spawn.on_child, NULL);
	sigprocmask(SIG_SETMASK, &run->spawn.mask, NULL);
}

static void run_init(struct run *run, const struct run_request *request)
{
	memset(run, 0, sizeof *run);
	run->spawn.argv = request->argv;
	run->spawn.filter = &run->filter;
	run->spawn.front = getpid();
	run->watch = (struct watch){
		.role = ROLE_FRONT, .partner_fd = -1, .signal_fd = -1, .program_fd = -1, .status = -1};
	run->watch.service = (struct service){.request = request, .traps = &run->traps, .notify_fd = -1};
}

/* Nothing to intercept: the program is our own child. */
static int program_start(struct run *run, struct sockctl_error *error)
{
	inherited_adopt(run->watch.service.request);
	run->watch.program = spawn_program(&run->spawn, &run->shared->note, &run->watch.service.notify_fd, error);
	run->watch.serving = true;
	return run->watch.program < 0 ? run->watch.program : 0;
}

/* The supervisor ended before it could say that the program runs. */
static int start_failed(struct run *run, struct sockctl_error *error)
{
	pid_t program = run->shared->note.pid;

	waitpid(run->watch.partner, NULL, 0);
	if (run->shared->failure.code) {
		if (error)
			*error = run->shared->failure;
		return run->shared->failure.code;
	}
	if (program > 0 && !kill(program, SIGKILL))
		waitpid(program, NULL, 0);
	return error_set(error, -EOWNERDEAD, "run", "supervisor", "it died while it started the program");
}

static int supervisor_start(struct run *run, struct sockctl_error *error)
{
	struct message message;
	int ends[2], r = channel_open(ends);

	if (r)
		return error_set(error, r, "socketpair", NULL, NULL);
	run->watch.partner = fork();
	if (run->watch.partner < 0) {
		close(ends[0]);
		close(ends[1]);
		return error_set(error, -errno, "fork", NULL, NULL);
	}
	if (!run->watch.partner) {
		close(ends[0]);
		supervise(&run->watch, &run->spawn, run->shared, ends[1]);
	}
	close(ends[1]);
	run->watch.partner_fd = ends[0];
	if (!channel_receive(ends[0], &message, &run->watch.service.notify_fd))
		return start_failed(run, error);
	run->watch.program = message.value;
	return 0;
}

static int run_watch(struct run *run, struct sockctl_error *error)
{
	struct watch *watch = &run->watch;

	watch->program_fd = (int)syscall(SYS_pidfd_open, watch->program, 0);
	if (watch->service.request->owns_fds)
		inherited_leave();
	watch_loop(watch);
	if (watch->gone && watch->partner > 0)
		waitpid(watch->partner, NULL, 0); /* leaves nothing behind, not even a zombie */
	if (watch->status < 0)
		return error_set(error, -ECHILD, "wait", run->spawn.argv[0],
				 "the supervisor was killed as the program ended: its exit status is lost");
	return watch->status;
}

static void run_close(struct run *run)
{
	const int fds[] = {run->watch.program_fd, run->watch.service.notify_fd, run->watch.partner_fd};

	for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (run->shared)
		munmap(run->shared, sizeof *run->shared);
}

int run_program(const struct run_request *request, struct sockctl_error *error)
{
	struct run run;
	int r, was_subreaper = 0;

	inherited_reserve();
	run_init(&run, request);
	prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
	r = signals_capture(&run, error);
	if (!r)
		r = run_prepare(&run, request, error);
	if (!r)
		r = shared_map(&run, error);
	if (!r) {
		run.watch.service.in_flight = &run.shared->in_flight;
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		r = run.filter.count ? supervisor_start(&run, error) : program_start(&run, error);
	}
	if (!r)
		r = run_watch(&run, error);
	prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
	run_close(&run);
	signals_restore(&run);
	return r;
}
