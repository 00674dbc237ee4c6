/* sockctl doctor: what is wrong with this namespace's sockets, on what evidence, and what would mend it. Changes
 * nothing. */
#include "cli/doctor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"
#include "cli/stopping.h"
#include "cli/view/finding.h"
#include "observe/counters.h"
#include "observe/limits.h"
#include "observe/sysctls.h"
#include "observe/use.h"

enum { FLAG_FOR, FLAG_IDLE, FLAG_RULE, FLAG_SEVERITY, FLAG_RULES, FLAG_ALL, FLAG_JSON, FLAG_PRETTY };
enum { DEFAULT_FOR_US = 5000000, LONGEST_FOR_US = 86400 * 1000000ll };
static const int64_t default_idle_us = 600 * 1000000ll;

static const struct flag flags[] = {
	[FLAG_FOR] = {0, "for", "TIME", "between the two looks; 5s unless said otherwise", NULL},
	[FLAG_IDLE] = {0, "idle", "TIME", "so long without traffic counts as long idle; 10m unless said otherwise",
		       NULL},
	[FLAG_RULE] = {'r', "rule", "NAME", "only this rule; may be given several times", NULL},
	[FLAG_SEVERITY] = {0, "severity", "LEAST", "leave out what is less: note, warning or fault", NULL},
	[FLAG_RULES] = {0, "rules", NULL, "list the rules and end; with --json all that is to be said of them", NULL},
	[FLAG_ALL] = {'a', "all", NULL, "also what was checked, rule by rule", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "one object with findings and checks", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

static int doctor_run(int argc, char **argv);

const struct command command_doctor = {
	.name = "doctor",
	.usage = "[--for TIME] [--idle TIME] [-r RULE] [--severity LEAST] [-aj] [FILTER]",
	.summary = "what is wrong with the sockets here, on what evidence, and which setting would mend it",
	.description =
		"Looks at all TCP and UDP sockets twice and judges what they are, and what changed in between, together with the limits and the "
		"counters of this network namespace; a few connections that send small segments slowly also in between. Each finding names the severity, the program, the socket (of several that are alike, the worst, "
		"and how many more there are), the numbers it rests on, why it matters and who says so, and what would mend it: a SPEC for "
		"`sockctl run` or the program's own code, the words of nginx, redis, haproxy or postgres where the program is one of these, a "
		"sysctl. Fixes name the limits that they depend on. Nothing is changed.\n\n"
		"fault: peers are failing, or data is lost. warning: it costs something now, or will. note: worth knowing.\n\n"
		"What is not known is not judged: a rule that lacks a fact of a socket counts it as unknown, with the reason. Options such as nodelay "
		"and keepalive are read as by `show -O`: of other users' programs as root only.\n\n"
		"FILTER, as in `show`, says which sockets are looked at; leave the listener in if its connections are to be judged with it. No filter "
		"divides what the namespace counts: rules about the namespace as a whole (syn-queue-full, tcp-out-of-memory, tcp-memory-pressure, "
		"receive-prunes) judge all of it.\n\n"
		"JSON: {schema, host, time, interval_us, sockets, undecided, hidden_processes, complete, why, findings: [...], less_severe, "
		"checks: [...]}; undecided counts sockets left out since the filter could not be decided for them, less_severe findings "
		"left out by --severity. A signal ends the waiting early: the second look comes at once.\n\n"
		"Exit status: 1 if there are findings, or if not everything could be seen; the rest as sockctl(1) says.",
	.flags = flags,
	.examples = "  sockctl doctor                               # everything here, five seconds\n"
		    "  sockctl doctor --for 8s sport = :443        # one service, longer\n"
		    "  sockctl doctor --rules                       # what is looked for\n",
	.run = doctor_run,
};

static int time_read(const char *flag, const char *value, int64_t most_us, int64_t *ret_us)
{
	if (!units_parse(MEASURE_TIME, value, strlen(value), ret_us) && *ret_us > 0 && *ret_us <= most_us)
		return EXIT_FINE;
	return fail_usage(&command_doctor, "--%s %s: expects %s, more than 0 and no more than a day", flag, value,
			  units_expects(MEASURE_TIME));
}

static int severity_read(struct visit *visit, const char *value)
{
	for (unsigned i = 0; i < SEVERITY_COUNT; i++)
		if (!strcmp(value, severity_names[i])) {
			visit->least = i;
			return EXIT_FINE;
		}
	return fail_usage(&command_doctor, "--severity %s: expects note, warning or fault", value);
}

static int rule_read(struct visit *visit, const char *value)
{
	const struct rule *rule = rule_find(value);

	if (!rule)
		return fail_usage(&command_doctor, "%s: no such rule; `sockctl doctor --rules` lists them", value);
	visit->only |= 1ull << (rule - rules);
	return EXIT_FINE;
}

static int flag_read(struct visit *visit, int flag, const char *value)
{
	switch (flag) {
	case FLAG_FOR:
		return time_read("for", value, LONGEST_FOR_US, &visit->for_us);
	case FLAG_IDLE:
		return time_read("idle", value, LONGEST_FOR_US, &visit->idle_us);
	case FLAG_RULE:
		return rule_read(visit, value);
	case FLAG_SEVERITY:
		return severity_read(visit, value);
	case FLAG_RULES:
		visit->rules_only = true;
		return EXIT_FINE;
	case FLAG_ALL:
		visit->all = true;
		return EXIT_FINE;
	default:
		visit->json = true;
		visit->pretty |= flag == FLAG_PRETTY;
		return EXIT_FINE;
	}
}

/* -1: all is said already. */
static int flags_read(struct visit *visit, int argc, char **argv)
{
	const char *value;
	int got, code;

	while ((got = flags_next(&command_doctor, argc, argv, &value)) >= 0) {
		code = flag_read(visit, got, value);
		if (code)
			return code;
	}
	return got == -1 ? EXIT_FINE : got == -3 ? -1 : EXIT_USAGE;
}

static int first_seen(void *arg, const struct socket_fact *socket)
{
	return doctor_first(((struct visit *)arg)->doctor, socket);
}

/* Owners are read before the second look's first socket, which takes long on a busy host: rates need the true interval. */
static int second_seen(void *arg, const struct socket_fact *socket)
{
	struct visit *visit = arg;

	visit->interval_us = clock_us() - visit->started_us;
	doctor_later(visit->doctor, visit->interval_us);
	return doctor_second(visit->doctor, socket);
}

static int counters_take(struct host_fact *ret, struct sockctl_error *error)
{
	int r = counters_read(ret);

	/* The file belongs to every kernel: what lacks is the file system. */
	return r ? error_set(error, r == -ENOENT ? -EACCES : r, "read", "/proc/net/netstat", "is /proc mounted here?") :
		   0;
}

/* What has been counted since `before`. */
static int counters_since(const struct host_fact *before, struct host_fact *ret, struct sockctl_error *error)
{
	int r = counters_take(ret, error);

	if (!r)
		host_fact_subtract(ret, before);
	return r;
}

/* Of two looks that were cut short, the first says why. */
static int look(struct visit *visit, int (*seen)(void *, const struct socket_fact *), struct sockctl_error *error)
{
	int r = sockets_walk(&visit->query, seen, visit, &visit->outcome, error);

	if (!r && !visit->outcome.complete && visit->complete)
		memcpy(visit->why, visit->outcome.why, sizeof visit->why);
	visit->complete &= visit->outcome.complete;
	return r;
}

/* The counters are read outside of the looks, so that they hold all that happened between these. */
static int examine(struct visit *visit, struct sockctl_error *error)
{
	struct host_fact before, after;
	struct host_use use = {0};
	int r = counters_take(&before, error);

	visit->started_us = clock_us();
	if (r)
		return r;
	visit->complete = true;
	r = look(visit, first_seen, error);
	if (r)
		return r;
	visit_wait(visit);
	visit->interval_us = clock_us() - visit->started_us;
	r = counters_since(&before, &after, error);
	if (r)
		return r;
	doctor_waited(visit->doctor, visit->interval_us, &after);
	visit->query.owners = visit->query.options = true;
	visit->query.processes = visit->query.process_files = doctor_wants_files(visit->doctor);
	r = look(visit, second_seen, error);
	if (r)
		return r;
	r = counters_since(&before, &after, error);
	if (r)
		return r;
	use_read(&use); /* what cannot be read is absent */
	r = doctor_finish(visit->doctor, &after, &use);
	return r ? error_set(error, r, "judge", "what was seen", NULL) : 0;
}

static int visit_pay(struct visit *visit)
{
	struct host host = {.idle_us = (uint64_t)visit->idle_us, .filtered = *visit->text};
	struct sockctl_error error = {0};
	int r;

	sysctls_read(&host.sysctls);
	if (limits_ports(&host.ports))
		host.ports.usable = 0;
	r = doctor_new(&visit->doctor, &host, visit->only);
	if (r)
		return fail_memory("what the doctor keeps in mind");
	stop_catch();
	origin_read(&visit->origin);
	r = examine(visit, &error);
	if (r)
		return fail(&error, exit_code_of(r));
	visit_print(visit);
	if (!visit->complete)
		fprintf(stderr, "sockctl doctor: not complete: %s\n", visit->why);
	return visit->shown || !visit->complete ? EXIT_FINDINGS : EXIT_FINE;
}

static int doctor_run(int argc, char **argv)
{
	struct visit *visit = calloc(1, sizeof *visit);
	int code;

	if (!visit)
		return fail_memory("what was asked for");
	visit->query = (struct sockets_query){.tcp = true, .udp = true, .states = UINT32_MAX};
	visit->for_us = DEFAULT_FOR_US;
	visit->idle_us = default_idle_us;
	code = flags_read(visit, argc, argv);
	if (code == EXIT_FINE)
		code = filter_operands(&command_doctor, argc, argv, visit->text, &visit->filter);
	if (code == EXIT_FINE) {
		visit->query.filter = visit->filter;
		code = visit->rules_only ? visit_rules_list(visit) : visit_pay(visit);
	}
	doctor_free(visit->doctor);
	free(visit->filter);
	free(visit);
	return code == -1 ? EXIT_FINE : code;
}
