/* Every system call of the library made to fail in turn, with each error that it can give. Whatever fails: no descriptor is
 * lost, nobody is left at the address, the error is the kernel's, the report names what it is about and is whole; and what is
 * not said in an error is said in a verdict. Speaks TAP, one line per scenario. Knows no option by name. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "catalog/spec.h"
#include "inject.h"
#include "../net/namespace.h"
#include "law.h"

enum { COMPLAINTS_MAX = 5 };
static void wrong(struct walk *walk, const struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void wrong(struct walk *walk, const struct fault *fault, const char *format, ...)
{
	const struct made made = inject_made(fault->at);
	va_list args;

	if (walk->wrong++ >= COMPLAINTS_MAX)
		return;
	printf("# %s: call %u, %s(%d, %d)%s %s: ", walk->text, fault->at, call_name(made.call), made.level, made.number,
	       fault->lasting ? " from then on" : "", probe_errno_name(fault->error));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* Nothing here comes near so many; and to read /proc/self/fd each time takes most of the walk. */
static unsigned fds_open(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- whether it was kept ------------------------------------------------------------------------------------------- */

/* It is not the verdict of the run without faults, and claims no success. */
static bool verdict_tells(const struct sockctl_verdict *verdict, const struct sockctl_verdict *clean, int error)
{
	if (!memcmp(verdict, clean, sizeof *verdict))
		return false;
	return verdict->error == error || verdict->outcome >= SOCKCTL_UNVERIFIABLE;
}

static bool report_tells(const struct walk *walk, const struct act *act, int error)
{
	for (unsigned i = 0; i < act->report.count; i++)
		if (verdict_tells(&act->report.verdict[i], &walk->clean.report.verdict[i], error))
			return true;
	return false;
}

static void check_failure(struct walk *walk, const struct fault *fault, const struct act *act, int r)
{
	const struct made made = inject_made(fault->at);
	const struct sockctl_error *error = &act->report.error;

	if (r != -law_error(&made, fault->error) && r != walk->clean_result && !act->scenario->races)
		wrong(walk, fault, "returns -%s", probe_errno_name(-r));
	if (!(law_of(walk, &made, fault->error) & LAW_FATAL) && !fault->lasting && r != walk->clean_result)
		wrong(walk, fault, "ends the call with -%s", probe_errno_name(-r));
	if (act->scenario->without_report)
		return;
	if (error->code != r || !*error->op || !*error->hint)
		wrong(walk, fault, "the report says %s, %s: %s", probe_errno_name(-error->code), error->op,
		      error->hint);
	if (r == -fault->error && !fault->lasting && !law_subject_fits(act, &made))
		wrong(walk, fault, "the error is about '%s'", error->subject);
}

static void check_success(struct walk *walk, const struct fault *fault, const struct act *act)
{
	const struct made made = inject_made(fault->at);
	unsigned law = law_of(walk, &made, fault->error);
	bool same = !memcmp(&act->report, &walk->clean.report, sizeof act->report);

	if (law == LAW_FATAL)
		wrong(walk, fault, "success is claimed all the same");
	else if (act->scenario->without_report)
		return;
	else if (!(law & LAW_SILENT) && !report_tells(walk, act, fault->error))
		wrong(walk, fault, "no verdict tells of it");
	else if (law == LAW_SILENT && !same)
		wrong(walk, fault, "the report differs");
}

/* What was returned is what would have been without the fault: a listener or a connection. */
static void check_socket(struct walk *walk, const struct fault *fault, int fd)
{
	int listening = -1, type = -1;
	socklen_t length = sizeof listening;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
	if (type < 0 || (type == SOCK_STREAM && listening != !walk->scenario->prepare))
		wrong(walk, fault, "what was returned is %s",
		      type < 0  ? "no socket" :
		      listening ? "a listener" :
				  "no listener");
}

/* Every descriptor that the library opened must be among those it returned. */
static void check_descriptors(struct walk *walk, const struct fault *fault, struct act *act, unsigned before, int r)
{
	unsigned now = fds_open();

	if (now != before + act->opened - act->closed)
		wrong(walk, fault, "%u descriptors where there were %u, %u returned, %u closed", now, before,
		      act->opened, act->closed);
	for (unsigned i = 0; i < act->opened; i++)
		check_socket(walk, fault, act->fd[i]);
	if (r < 0 && !act_address_is_free(act))
		wrong(walk, fault, "somebody is left at %s", act->scenario->address);
}

/* --- the walk ------------------------------------------------------------------------------------------------------ */

/* One run; prepared or not, all is closed again but `act` still tells. */
static int run(struct walk *walk, const struct fault *fault, unsigned char fill, struct act *act)
{
	int r = act_begin(act, walk->scenario, &walk->spec, fill);
	unsigned before = fds_open();

	if (r) {
		printf("# %s: cannot be prepared: %s\n", walk->text, probe_errno_name(-r));
		walk->wrong++;
		act_end(act);
		return r;
	}
	inject_start(fault);
	r = walk->scenario->call(act);
	walk->calls = inject_stop();
	if (fault)
		check_descriptors(walk, fault, act, before, r);
	act_end(act);
	return r;
}

static void fault_try(struct walk *walk, const struct fault *fault)
{
	static struct act act, again;
	int r = run(walk, fault, 0xa5, &act);

	walk->faults++;
	if (r < 0)
		check_failure(walk, fault, &act, r);
	else if (!fault->lasting)
		check_success(walk, fault, &act);
	/* Once for each call: with the other errors it goes the same way. */
	if (fault->lasting || walk->scenario->without_report ||
	    fault->error != call_error(inject_made(fault->at).call, 0))
		return;
	run(walk, fault, 0x5a, &again);
	if (memcmp(&act.report, &again.report, sizeof act.report))
		wrong(walk, fault, "the report keeps what was in the caller's memory");
}

static void walk_calls(struct walk *walk)
{
	static enum call made[CALLS_MAX];
	unsigned calls;

	walk->clean_result = run(walk, NULL, 0xa5, &walk->clean);
	calls = walk->calls;
	if (calls >= CALLS_MAX) {
		printf("# %s: more calls than are counted\n", walk->text);
		walk->wrong++;
	}
	for (unsigned at = 0; at < calls; at++)
		made[at] = inject_made(at).call;
	for (unsigned at = 0; at < calls; at++) {
		int error;

		for (unsigned i = 0; (error = call_error(made[at], i)); i++) {
			fault_try(walk, &(struct fault){at, false, error});
			/* One option alone sees a call fail for good by failing once; and what never ends is waited for. */
			if (walk->scenario->spec && error != EINTR && made[at] != CALL_poll)
				fault_try(walk, &(struct fault){at, true, error});
		}
	}
	walk->calls = calls;
}

static bool walk_spec(const struct scenario *scenario, const char *text, unsigned *calls, unsigned *faults)
{
	static struct walk walk;

	memset(&walk, 0, sizeof walk);
	walk.scenario = scenario;
	snprintf(walk.text, sizeof walk.text, "%s", text);
	if (sockctl_spec_parse(&walk.spec, text, NULL)) {
		printf("# %s: does not parse\n", text);
		return false;
	}
	walk_calls(&walk);
	*calls += walk.calls;
	*faults += walk.faults;
	return !walk.wrong;
}

static bool walk_rows(const struct scenario *scenario, unsigned *calls, unsigned *faults)
{
	static const char *const before[] = {"", "try:"};
	bool fine = true;

	for (unsigned id = 1; id < OPTION_COUNT; id++)
		for (unsigned i = 0; i < sizeof before / sizeof *before; i++) {
			const char *example = catalogue[id].example;
			char text[96];

			snprintf(text, sizeof text, "%s%s=%s", before[i], catalogue[id].name, example ? example : "on");
			fine &= walk_spec(scenario, text, calls, faults);
		}
	return fine;
}

int main(int argc, char **argv)
{
	bool fine = true;
	int r = namespace_enter();

	close_range(3, ~0U, 0); /* what the caller left open is in the way of what is counted, and passed */
	if (r) {
		printf("1..0 # SKIP no network namespace of our own: %s\n", strerror(-r));
		return 0;
	}
	printf("1..%u\n", scenario_count);
	for (unsigned i = 0; i < scenario_count; i++) {
		unsigned calls = 0, faults = 0;
		bool kept = true;

		if (argc < 2 || strstr(scenarios[i].name, argv[1]))
			kept = scenarios[i].spec ? walk_spec(&scenarios[i], scenarios[i].spec, &calls, &faults) :
						   walk_rows(&scenarios[i], &calls, &faults);
		printf("%sok %u - %s: %u calls, %u faults\n", kept ? "" : "not ", i + 1, scenarios[i].name, calls,
		       faults);
		fflush(stdout);
		fine &= kept;
	}
	return !fine;
}
