/* sockctl run: a program with its sockets tuned. */
#include "cli/command.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/view/run_report.h"
#include "run/run.h"

enum { FLAG_REPORT, FLAG_JSON, FLAG_PROGRAM_WINS, FLAG_STRICT };

static const struct flag run_flags[] = {
	[FLAG_REPORT] = {0, "report", "[FILE]", "tell what was set on which socket: on stderr, or in FILE", "files"},
	[FLAG_JSON] = {'j', "json", NULL, "report as JSON, one object per line", NULL},
	[FLAG_PROGRAM_WINS] = {0, "program-wins", NULL, "let the program's own later setsockopt calls through", NULL},
	[FLAG_STRICT] = {0, "strict", NULL, "a refused setting makes the program's bind, listen or connect fail", NULL},
	{0},
};

struct run_options {
	int report_fd; /* -1: no report */
	void (*layout)(FILE *, const struct run_event *);
};

/* One write per event: the supervisor and its stand-by, and other runs, append to the same file. */
static void report_event(void *arg, const struct run_event *event)
{
	const struct run_options *options = arg;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	options->layout(memory, event);
	if (!fclose(memory) && write(options->report_fd, text, size) < 0)
		errno = 0; /* nobody reads: the program goes on */
	free(text);
}

static void warning_print(void *arg, const struct sockctl_error *error)
{
	(void)arg;
	fail(error, EXIT_FINE);
}

static int report_open(const struct command *command, const char *path, int *ret)
{
	*ret = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) :
		      fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (*ret < 0)
		return fail_usage(command, "cannot write %s: %s", path ? path : "to stderr", strerror(errno));
	return EXIT_FINE;
}

/* The program's own failures to start are told apart as env(1) does; what forbids supervision is a privilege's
 * matter. */
static int failure_code(int code, const struct sockctl_error *error)
{
	if (!strcmp(error->op, "exec"))
		return code == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	switch (code) {
	case -EPERM:
	case -EACCES:
	case -ENOSYS:
	case -EBUSY:
		return EXIT_PRIVILEGE;
	default:
		return EXIT_RUN_FAILED;
	}
}

/* Ends as the program did, so that a shell sees the same; without a core of our own. As pid 1 we outlive it. */
static int status_repeat(int status)
{
	struct rlimit none = {0};
	int number = WTERMSIG(status);
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &none);
	fflush(NULL);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), number);
	return 128 + number;
}

static int run_run(int argc, char **argv);

const struct command command_run = {
	.name = "run",
	.usage = "[FLAGS] SPEC -- PROGRAM [ARGUMENTS]",
	.summary = "start a program with its TCP sockets tuned",
	.description =
		"Intercepts the program's bind, listen and connect calls, as far as SPEC needs it, and makes the\n"
		"settings of SPEC at the moment at which the kernel honours them: on a listener before listen(), so\n"
		"that accepted connections inherit them; on an outgoing connection before connect(). Works for\n"
		"static and Go programs, threads, children and daemons. accept() is not intercepted. Sockets that\n"
		"the program inherits are tuned before it starts.\n"
		"\n"
		"SPEC wins: where the program sets the same option itself, it is told that it succeeded, and the\n"
		"value of SPEC stays. (At TCP's own options and SO_KEEPALIVE this is so on every descriptor, even\n"
		"one that is no TCP socket.) With --program-wins, what it sets after listen() or connect() stays. A\n"
		"setting that is refused is reported on stderr and the program goes on; with --strict its call\n"
		"fails. try:NAME may be refused. What accepted connections do not inherit is set on the listener\n"
		"alone, and reported as such.\n"
		"\n"
		"Only TCP sockets are touched. Out of reach: what io_uring binds, connects or listens on, TCP Fast\n"
		"Open by sendto(), sockets received from programs outside, and tasks that an ordinary user may not\n"
		"trace. Two processes of ours stay as long as any descendant of the program; either may be killed.\n"
		"After the program itself has ended, only --report=FILE goes on. Under systemd use\n"
		"NotifyAccess=all.\n"
		"\n"
		"An ordinary user's program gets no_new_privs: set-user-ID programs gain nothing in it. Exit: the\n"
		"program's own status; 127 if it is not found, 126 if it cannot be executed, 125 if sockctl fails,\n"
		"3 if supervision is forbidden here or there is one already, 2 for usage errors.",
	.flags = run_flags,
	.examples =
		"sockctl run nodelay,keepalive=30s/10s/3,backlog=4096 -- nginx  # a server, its children and reloads\n"
		"sockctl run --report @reliable -- redis-server  # a profile, with a report of each socket\n"
		"sockctl run --strict cc=bbr,sndbuf=4M -- iperf3 -c host  # fails rather than run without\n",
	.operands = "commands",
	.program = true,
	.run = run_run,
};

/* Flags, then SPEC and `--`. Returns an exit code, or -1 to go on. */
static int arguments_read(int argc, char **argv, struct run_request *request, struct run_options *options)
{
	const struct command *command = &command_run;
	const char *value = NULL, *path = NULL;
	bool report = false;
	int flag;

	while ((flag = flags_next(command, argc, argv, &value)) >= 0) {
		switch (flag) {
		case FLAG_REPORT:
			report = true;
			path = value;
			break;
		case FLAG_JSON:
			report = true;
			options->layout = run_report_json;
			break;
		case FLAG_PROGRAM_WINS:
			request->pinned = false;
			break;
		case FLAG_STRICT:
			request->strict = true;
			break;
		}
	}
	if (flag != -1)
		return flag == -3 ? EXIT_FINE : EXIT_USAGE;
	if (argc - optind < 1)
		return fail_usage(command, "SPEC is missing: what to set, such as nodelay,backlog=4096");
	if (argc - optind < 2 || strcmp(argv[optind + 1], "--"))
		return fail_usage(command, "-- is missing after SPEC, which is one argument: nodelay,backlog=4096");
	if (argc - optind < 3)
		return fail_usage(command, "PROGRAM is missing after --");
	request->argv = argv + optind + 2;
	if (report && report_open(command, path, &options->report_fd))
		return EXIT_USAGE;
	return -1;
}

static int run_run(int argc, char **argv)
{
	struct run_options options = {.report_fd = -1, .layout = run_report_text};
	struct run_request request = {.pinned = true, .owns_fds = true, .warn = warning_print, .arg = &options};
	struct sockctl_error error = {0};
	struct sockctl_spec spec = {0};
	int r = arguments_read(argc, argv, &request, &options);

	if (r >= 0)
		return r;
	if (sockctl_spec_parse(&spec, argv[optind], &error))
		return fail(&error, EXIT_USAGE);
	request.spec = &spec;
	request.event = options.report_fd >= 0 ? report_event : NULL;
	r = run_program(&request, &error);
	if (options.report_fd >= 0)
		close(options.report_fd);
	return r < 0 ? fail(&error, failure_code(r, &error)) : status_repeat(r);
}
