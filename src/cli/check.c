/* sockctl check: what of sockctl works here, for this user. Each row is tried for real, and leaves nothing behind. */
#include "cli/command.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "base/text.h"
#include "cli/origin.h"
#include "lab/contain.h"
#include "lab/world.h"
#include "observe/iterator.h"
#include "observe/owners_source.h"
#include "observe/sockets.h"
#include "record/sink.h"
#include "record/table.h"
#include "run/reach.h"
#include "run/run.h"

enum { FLAG_JSON, FLAG_PRETTY };

static const struct flag flags[] = {
	[FLAG_JSON] = {'j', "json", NULL, "one object with all of it", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

static int check_run(int argc, char **argv);

const struct command command_check = {
	.name = "check",
	.usage = "[-j] [--pretty]",
	.summary = "what of sockctl works here, for this user, and what stands in the way of the rest",
	.description =
		"Every row was tried just now, by doing what the commands do. Where something is refused, the last column says by what and what an "
		"administrator can change.\n\n"
		"JSON: {schema, host: {name, kernel, boot_id, netns}, time, uid, checks: [{name, works, for, why}]}; uid is the effective one, why is "
		"null where it works.\n\n"
		"Exit status: 0 if everything works, 1 if anything does not; the rest as sockctl(1) says.",
	.flags = flags,
	.examples = "  sockctl check      # as this user; again as root, to see what that changes\n",
	.run = check_run,
};

/* One thing to try. 0, or -errno with the reason in the error. */
struct check {
	const char *name, *needed_by;
	int (*try)(struct sockctl_error *);
};

static int one_shown(void *arg, const struct socket_fact *socket)
{
	(void)arg;
	(void)socket;
	return 1;
}

static int dump_try(bool udp, struct sockctl_error *error)
{
	const struct sockets_query query = {.tcp = !udp, .udp = udp, .states = UINT32_MAX};
	struct sockets_outcome outcome;
	int r = sockets_walk(&query, one_shown, NULL, &outcome, error);

	return r < 0 ? r : 0;
}

static int tcp_try(struct sockctl_error *error)
{
	return dump_try(false, error);
}

static int udp_try(struct sockctl_error *error)
{
	return dump_try(true, error);
}

static int one_iterated(void *arg, struct socket_fact *socket)
{
	return one_shown(arg, socket);
}

static int iterator_try_as(uint8_t protocol, struct sockctl_error *error)
{
	const struct iterator_request request = {.states = UINT32_MAX};
	struct iterator *iterator;
	int r = iterator_open(&iterator, protocol, error);

	if (r)
		return r;
	r = iterator_walk(iterator, &request, one_iterated, NULL, error);
	iterator_close(iterator);
	return r < 0 ? r : 0;
}

static int iterator_try(struct sockctl_error *error)
{
	int r = iterator_try_as(IPPROTO_TCP, error);

	return r ? r : iterator_try_as(IPPROTO_UDP, error);
}

static int owners_bpf_try(struct sockctl_error *error)
{
	struct owner_table table = {0};
	int r = owners_from_bpf(&table, error);

	owner_table_clear(&table);
	return r;
}

static int owners_try(struct sockctl_error *error)
{
	struct owners *owners;
	int r = owners_read(&owners, "/proc", error);

	if (r)
		return r;
	if (!owners_whole(owners))
		r = error_set(error, -EACCES, "read", "/proc/*/fd", "%s", owners_why(owners));
	owners_free(owners);
	return r;
}

/* This very program under supervision: the filter, the notification, a call answered, a socket taken over. Its child is as good
 * as any program, and its output is nobody's. */
static int supervised_child(void *arg)
{
	static char program[] = "/proc/self/exe", flag[] = "--version", *argv[] = {program, flag, NULL};
	struct sockctl_error *error = arg;
	struct sockctl_spec spec;
	struct run_request request = {.argv = argv, .spec = &spec, .pinned = true};
	int nobody[2], r;

	/* Not /dev/null, which an empty root lacks; a pipe holds the line that is printed, and nobody reads it. */
	if (pipe2(nobody, O_CLOEXEC) || dup2(nobody[1], STDOUT_FILENO) < 0 || dup2(nobody[1], STDERR_FILENO) < 0)
		return error_set(error, -errno, "pipe", "", NULL) != 0;
	r = sockctl_spec_parse(&spec, "nodelay", error);
	r = r ? r : run_program(&request, error);
	if (r >= 0 && !(WIFEXITED(r) && WEXITSTATUS(r) == 0))
		error_set(error, -EIO, "run", "a supervised program", "it did not end as it should");
	return r != 0;
}

/* The child's memory is its own: its error comes back through a pipe. */
static int child_try(int (*body)(void *), struct sockctl_error *error)
{
	struct sockctl_error theirs = {0};
	int tube[2], status = 0;
	pid_t pid;

	if (pipe2(tube, O_CLOEXEC))
		return error_set(error, -errno, "pipe", "", NULL);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int failed = body(&theirs);

		_exit(failed && write(tube[1], &theirs, sizeof theirs) != (ssize_t)sizeof theirs ? 2 : failed != 0);
	}
	close(tube[1]);
	if (pid > 0) {
		bool told = read(tube[0], &theirs, sizeof theirs) == (ssize_t)sizeof theirs;

		waitpid(pid, &status, 0);
		if (!told && status)
			error_set(&theirs, -EIO, "run", "a child", "it ended with wait status 0x%x", (unsigned)status);
	} else {
		error_set(&theirs, -errno, "fork", "", NULL);
	}
	close(tube[0]);
	if (theirs.code)
		*error = theirs;
	return theirs.code;
}

static int supervise_try(struct sockctl_error *error)
{
	return child_try(supervised_child, error);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int namespaces_try(struct sockctl_error *error)
{
	int r = contain_run(nothing, NULL, error);

	return r < 0 ? r : 0;
}

static int link_opened(void *arg)
{
	struct sockctl_error error = {0};
	struct world world;
	struct path path;
	int tube = *(int *)arg;

	if (path_parse(&path, "rtt=1ms", &error) || world_open(&world, &path, &error))
		return write(tube, &error, sizeof error) != (ssize_t)sizeof error ? 2 : 1;
	world_close(&world);
	return 0;
}

static int link_try(struct sockctl_error *error)
{
	struct sockctl_error theirs = {0};
	int tube[2], r;

	if (pipe2(tube, O_CLOEXEC))
		return error_set(error, -errno, "pipe", "", NULL);
	r = contain_run(link_opened, &tube[1], error);
	close(tube[1]);
	if (r > 0 && read(tube[0], &theirs, sizeof theirs) == (ssize_t)sizeof theirs)
		*error = theirs;
	else if (r > 0)
		error_set(error, -EIO, "link", "rtt=1ms", "it ended with status %d", r);
	close(tube[0]);
	return r > 0 ? error->code : r;
}

static const struct check checks[] = {
	{"TCP sockets", "show, tune", tcp_try},
	{"UDP sockets", "show", udp_try},
	{"owners of sockets", "show -p", owners_try},
	{"other processes' sockets", "run, show -O", reach_check},
	{"options by BPF", "show -O, for everybody's sockets", iterator_try},
	{"owners by BPF", "show -p, quickly where there are many", owners_bpf_try},
	{"supervision", "run", supervise_try},
	{"namespaces", "path, bench, tune, options --probe", namespaces_try},
	{"emulated link", "path, bench, tune", link_try},
};
enum { CHECKS = sizeof checks / sizeof *checks, ROOM_FOR_WHY = 120 };

static void print_records(const struct origin *origin, const struct sockctl_error errors[], bool pretty)
{
	struct sink sink;

	sink_init(&sink, &sink_json, stdout, pretty);
	sink_object(&sink, NULL);
	origin_emit(&sink, origin, "sockctl.check/1");
	sink_integer(&sink, "uid", geteuid());
	sink_array(&sink, "checks");
	for (unsigned i = 0; i < CHECKS; i++) {
		char why[512];

		error_text(&errors[i], why, sizeof why);
		sink_object(&sink, NULL);
		sink_string(&sink, "name", checks[i].name);
		sink_bool(&sink, "works", !errors[i].code);
		sink_string(&sink, "for", checks[i].needed_by);
		sink_string(&sink, "why", errors[i].code ? why : NULL);
		sink_close(&sink);
	}
	sink_close(&sink);
	sink_close(&sink);
}

/* Where the last column has no room the reasons stand below. */
static void print_reasons(const struct sockctl_error errors[], unsigned width)
{
	enum { INDENT = 2 };

	for (unsigned i = 0; i < CHECKS; i++) {
		char why[512];

		if (!errors[i].code)
			continue;
		error_text(&errors[i], why, sizeof why);
		printf("\n%s: no\n%*s", checks[i].name, INDENT, "");
		table_wrap(stdout, text_harmless(why), INDENT, width > INDENT ? width - INDENT : width);
	}
}

static void print_table(const struct sockctl_error errors[])
{
	static const char *const headings[] = {"WHAT", "WORKS", "FOR", "WHY NOT", NULL};
	static const char *const three[] = {"WHAT", "WORKS", "FOR", NULL};
	unsigned width = terminal_width(stdout);
	bool narrow = width && width < ROOM_FOR_WHY;
	struct table table;

	table_init(&table, narrow ? three : headings);
	for (unsigned i = 0; i < CHECKS; i++) {
		char why[512];

		error_text(&errors[i], why, sizeof why);
		table_row(&table, checks[i].name, errors[i].code ? "no" : "yes", checks[i].needed_by,
			  errors[i].code ? why : "");
	}
	table_print(&table, stdout, width);
	table_release(&table);
	if (narrow)
		print_reasons(errors, width);
}

static int check_run(int argc, char **argv)
{
	struct sockctl_error errors[CHECKS] = {0};
	struct origin origin;
	bool json = false, pretty = false, all = true;
	const char *value;
	int got;

	while ((got = flags_next(&command_check, argc, argv, &value)) >= 0) {
		json = true; /* --pretty is a way to print JSON */
		pretty |= got == FLAG_PRETTY;
	}
	if (got != -1)
		return got == -3 ? EXIT_FINE : EXIT_USAGE;
	if (optind < argc)
		return fail_usage(&command_check, "%s: no operand is expected", argv[optind]);
	origin_read(&origin);
	for (unsigned i = 0; i < CHECKS; i++) {
		int r = checks[i].try(&errors[i]);

		errors[i].code = r ? r : 0; /* an attempt may have failed that was not needed */
		all &= !r;
	}
	if (json)
		print_records(&origin, errors, pretty);
	else
		print_table(errors);
	return all ? EXIT_FINE : EXIT_FINDINGS;
}
