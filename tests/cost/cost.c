/* What the library costs in system calls, counted on the real ones: accepting is accept4 and nothing else, and opening a
 * listener costs at most two calls for each kernel option, six for each shard, and three for each sysctl that a verdict
 * names. Speaks TAP. Knows no option by name: what it opens are the catalogue's rows and profiles. Argument: the echo server
 * of the examples. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../net/namespace.h"
#include "catalog/profile.h"
#include "catalog/spec.h"
#include "trace.h"

/* The settings that the article is about, with all that they take. */
#define SERVER "nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=64K,sndbuf=64K,backlog=64"
/* More than any host's limits: each verdict names a sysctl. */
#define CLAMPED "rcvbuf=512M,sndbuf=512M,backlog=1000000,try:fastopen=1000000"

enum { CONNECTIONS = 20, SHARDS = 3 };

/* What a traced child does and tells; shared with it. */
static struct job {
	const char *address;
	struct sockctl_spec spec;
	struct sockctl_report report;
	int result;                  /* of the call that is counted */
	unsigned inherited, missing; /* settings on the accepted sockets: in effect without a call, or not */
} * job;

static struct trace trace;
static unsigned number;
static bool fine = true;

static void result(bool good, const char *what, const char *name)
{
	char calls[2000];

	printf("%sok %u - %s: %s\n", good ? "" : "not ", ++number, what, name);
	if (!good) {
		trace_text(&trace, calls, sizeof calls);
		printf("# %u calls: %s\n", trace.count, calls);
	}
	fflush(stdout);
	fine &= good;
}

static void job_start(const char *address, const struct sockctl_spec *spec)
{
	*job = (struct job){.address = address, .spec = *spec, .report = SOCKCTL_REPORT};
}

/* --- opening ------------------------------------------------------------------------------------------------------- */

static int open_one(void *arg)
{
	int fd[SHARDS];

	(void)arg;
	trace_mark();
	job->result = sockctl_listen(job->address, &job->spec, NULL, fd, SHARDS, &job->report);
	trace_mark();
	return 0;
}

/* A setting's options in the kernel, for a socket on the job's address. Autotuning is asked of a second one, SO_BUF_LOCK. */
static unsigned kernel_options(const struct setting *setting)
{
	const struct option *option = &catalogue[setting->option];
	unsigned traffic = *job->address == '[' ? TRAFFIC_V6 | TRAFFIC_MAPPED : TRAFFIC_V4,
		 n = option_is_pseudo(option);

	for (unsigned i = 0; i < sizeof option->place / sizeof *option->place; i++) {
		const struct place *place = &option->place[i];

		n += place->symbol && (!place->traffic || place->traffic & traffic);
	}
	return setting->value.form == FORM_AUTO ? 2 * n : n;
}

static unsigned allowed(void)
{
	const struct spec *spec = spec_view(&job->spec);
	unsigned options = 0, sysctls = 0, shards = sockctl_spec_shards(&job->spec);

	for (unsigned i = 0; i < spec->count; i++)
		options += kernel_options(&spec->setting[i]);
	for (unsigned i = 0; i < job->report.count; i++)
		sysctls += job->report.verdict[i].limit && strchr(job->report.verdict[i].limit, '/');
	return shards * (2 * options + 6) + 3 * sysctls;
}

/* Opens by the text; worst: what is left of the allowance, at the least, over all that were opened. */
static bool open_counted(const char *address, const char *text, unsigned *opened, int *least)
{
	struct sockctl_spec spec;
	struct sockctl_error error;
	char calls[2000];

	if (sockctl_spec_parse(&spec, text, &error)) {
		printf("# %s: %s\n", text, error.hint);
		return false;
	}
	job_start(address, &spec);
	if (trace_work(open_one, NULL, &trace) || trace.status) {
		printf("# %s: cannot be traced\n", text);
		return false;
	}
	if ((int)(allowed() - trace.count) < *least)
		*least = (int)(allowed() - trace.count);
	*opened += job->result > 0;
	if (trace.count <= allowed())
		return true;
	trace_text(&trace, calls, sizeof calls);
	printf("# %s on %s: %u calls, %u allowed: %s\n", text, address, trace.count, allowed(), calls);
	return false;
}

static const char *const addresses[] = {"127.0.0.1:0", "[::]:0"};
static const char *const suffixes[] = {"", ",shards=3"};

/* Alone and sharded, for one family and for both. */
static bool open_everywhere(const char *text, unsigned *opened, int *least)
{
	bool kept = true;

	for (unsigned a = 0; a < sizeof addresses / sizeof *addresses; a++)
		for (unsigned s = 0; s < sizeof suffixes / sizeof *suffixes; s++) {
			char whole[300];

			snprintf(whole, sizeof whole, "%s%s", text, suffixes[s]);
			kept &= open_counted(addresses[a], whole, opened, least);
		}
	return kept;
}

static const char allowance[] = "2 calls per kernel option, 6 per shard, 3 per sysctl";

static void opening_text_check(const char *text)
{
	unsigned opened = 0;
	int least = INT_MAX;
	bool kept = open_everywhere(text, &opened, &least);

	printf("# %u opened; nearest to the allowance: %d calls\n", opened, least);
	result(kept && opened == 4, allowance, text);
}

static void opening_check(void)
{
	unsigned opened = 0;
	int least = INT_MAX;
	bool kept = true;
	char text[120];

	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		const struct option *option = &catalogue[id];

		snprintf(text, sizeof text, "try:%s=%s", option->name, option->example ? option->example : "on");
		kept &= open_everywhere(text, &opened, &least);
	}
	printf("# %u opened with one option each; nearest to the allowance: %d calls\n", opened, least);
	result(kept && opened > OPTION_COUNT, allowance, "every row");
	for (const struct profile *p = profiles; p->name; p++) {
		snprintf(text, sizeof text, "@%s", p->name);
		opening_text_check(text);
	}
	opening_text_check(SERVER);
	opening_text_check(CLAMPED);
	opening_text_check("steer=incoming-cpu");
	opening_text_check("steer=hash");
}

/* --- accepting ----------------------------------------------------------------------------------------------------- */

/* Connections that wait in the queue before the first is accepted. */
static int clients_connect(int listener)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	if (getsockname(listener, (struct sockaddr *)&address, &length))
		return -1;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&address, length))
			return -1;
	}
	return 0;
}

/* What another option decides instead of is there all the same. */
static void inherited_count(int fd)
{
	struct sockctl_report report = SOCKCTL_REPORT;

	sockctl_apply(fd, SOCKCTL_ACCEPTED, &job->spec, &report);
	for (unsigned i = 0; i < report.count; i++) {
		const struct sockctl_verdict *v = &report.verdict[i];

		if (v->outcome == SOCKCTL_INHERITED || (v->outcome == SOCKCTL_OVERRULED && v->granted == v->asked))
			job->inherited++;
		else if (v->outcome != SOCKCTL_DEFERRED)
			job->missing++;
	}
}

static int accept_all(void *arg)
{
	int listener, fd[CONNECTIONS];

	(void)arg;
	job->result = sockctl_listen("127.0.0.1:0", &job->spec, NULL, &listener, 1, &job->report);
	if (job->result != 1 || clients_connect(listener))
		return 1;
	trace_mark();
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		fd[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		sockctl_apply(fd[i], SOCKCTL_ACCEPTED, &job->spec, NULL);
	}
	trace_mark();
	for (unsigned i = 0; i < CONNECTIONS; i++)
		inherited_count(fd[i]);
	return 0;
}

/* per_connection: the calls beside accept4. */
static void accepting_check(const char *text, unsigned per_connection)
{
	struct sockctl_spec spec;
	unsigned costly = 0;
	int r;

	sockctl_spec_parse(&spec, text, NULL);
	job_start("127.0.0.1:0", &spec);
	r = trace_work(accept_all, NULL, &trace);
	for (unsigned i = 0; i < job->report.count; i++)
		costly += (unsigned)job->report.verdict[i].per_connection;
	printf("# %u settings inherited by %u connections, %u not\n", job->inherited, CONNECTIONS, job->missing);
	result(!r && !trace.status && trace_count(&trace, SYS_accept4) == CONNECTIONS &&
		       job->inherited >= CONNECTIONS && job->missing == per_connection * CONNECTIONS &&
		       costly == per_connection && trace.count == (1 + per_connection) * CONNECTIONS,
	       per_connection ? "accepting takes accept4 and the call that the report foretold" :
				"accepting takes accept4 alone",
	       text);
}

/* --- the example's server ------------------------------------------------------------------------------------------ */

static bool echo_once(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 'x';
	bool came = fd >= 0 && !connect(fd, (const struct sockaddr *)address, sizeof *address) &&
		    send(fd, &byte, 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1;

	close(fd);
	return came;
}

/* In a process of its own: waits for the port, has its connections echoed, ends the server. The exit code counts them. */
static void echo_drive(void *arg, int server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int *out = arg;
	unsigned port = 0, came = 0;
	FILE *said;

	if (fork())
		return;
	said = fdopen(*out, "r");
	if (said && fscanf(said, "port %u", &port) == 1) {
		address.sin_port = htons((uint16_t)port);
		for (unsigned i = 0; i < CONNECTIONS; i++)
			came += echo_once(&address);
	}
	kill(server, SIGTERM);
	job->inherited = came;
	_exit(0);
}

/* Calls on sockets' options and names after the first connection. */
static unsigned calls_for_options(unsigned *accepted)
{
	static const long numbers[] = {SYS_setsockopt,  SYS_getsockopt, SYS_getsockname,
				       SYS_getpeername, SYS_fcntl,      SYS_ioctl};
	unsigned n = 0;

	*accepted = 0;
	for (unsigned i = 0; i < trace.count && i < TRACE_CALLS_MAX; i++) {
		*accepted += trace.call[i].number == SYS_accept4 && trace.call[i].result >= 0;
		for (unsigned k = 0; *accepted && k < sizeof numbers / sizeof *numbers; k++)
			n += trace.call[i].number == numbers[k];
	}
	return n;
}

static void echo_check(const char *echo, const char *text)
{
	char program[400], address[] = "127.0.0.1:0", spec[200], *argv[] = {program, address, spec, NULL};
	unsigned accepted, others;
	int out[2], r = pipe(out) ? -errno : 0;

	snprintf(program, sizeof program, "%s", echo);
	snprintf(spec, sizeof spec, "%s", text);
	memset(job, 0, sizeof *job);
	r = r ? r : trace_program(argv, out[1], echo_drive, &out[0], &trace);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(out[0]), close(out[1]);
	others = calls_for_options(&accepted);
	printf("# %u connections echoed, %u accepted, %u calls for options beside\n", job->inherited, accepted, others);
	result(!r && job->inherited == CONNECTIONS && accepted == CONNECTIONS && !others,
	       "the echo server accepts by accept4, and calls nothing for options", text);
}

static bool tracing_works(void)
{
	const struct sockctl_spec nothing = {0};
	int r;

	job_start("127.0.0.1:0", &nothing);
	r = trace_work(open_one, NULL, &trace);
	if (r || !trace_count(&trace, SYS_listen))
		printf("1..0 # SKIP no process may be traced here: %s\n", r ? strerror(-r) : "its calls are not seen");
	return !r && trace_count(&trace, SYS_listen);
}

int main(int argc, char **argv)
{
	int r = namespace_enter();

	if (argc < 2)
		return 2;
	/* The leak checker traces as well, and there can be only one. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (r) {
		printf("1..0 # SKIP no network namespace of our own: %s\n", strerror(-r));
		return 0;
	}
	job = mmap(NULL, sizeof *job, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED || !tracing_works())
		return job == MAP_FAILED;
	opening_check();
	accepting_check(SERVER, 0);
	accepting_check(SERVER ",priority=3", 1);
	echo_check(argv[1], SERVER);
	echo_check(argv[1], SERVER ",shards=3");
	printf("1..%u\n", number);
	return !fine;
}
