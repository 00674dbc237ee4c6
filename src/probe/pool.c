/* All results of a run: workers, one for each row, place and family, in a containment that dies with us. */
#include "probe/probe.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "base/sysctl.h"
#include "lab/contain.h"
#include "lab/device.h"
#include "lab/host_sysctls.h"
#include "lab/netns.h"
#include "probe/effect.h"
#include "probe/measure.h"

/* Most workers wait most of the time: for timers of the kernel that count in seconds. */
enum { BODY_UNREACHABLE = 1, BODY_CRASHED };
enum { WORKERS = 160, WORKER_PATIENCE_S = 30, RESULTS = OPTION_COUNT * PROBE_PLACES * PROBE_FAMILIES };

#define FAMILY_NAME(ID, id) [PROBE_##ID] = #id,
const char *const probe_family_names[PROBE_FAMILIES] = {PROBE_FAMILY_LIST(FAMILY_NAME)};
const char *const probe_phase_names[PROBE_PHASES] = {PROBE_PHASE_LIST(FAMILY_NAME)};
const char *const probe_moment_names[PROBE_MOMENTS] = {PROBE_MOMENT_LIST(FAMILY_NAME)};

const char *probe_errno_name(int error)
{
	const char *name = error ? strerrorname_np(error) : "success";

	return name ? name : "an unknown error";
}

bool probe_can(const struct option *option)
{
	return option->via == VIA_SOCKOPT || option->via == VIA_LISTEN;
}

static bool place_governs(const struct place *place, enum probe_family family)
{
	static const uint8_t traffic[PROBE_FAMILIES] = {
		[PROBE_TCP4] = TRAFFIC_V4,
		[PROBE_TCP6] = TRAFFIC_V6,
		[PROBE_UDP4] = TRAFFIC_V4,
		[PROBE_UDP6] = TRAFFIC_V6,
		[PROBE_DUAL] = TRAFFIC_V6 | TRAFFIC_MAPPED,
	};

	return (place->traffic ? place->traffic : TRAFFIC_ALL) & traffic[family];
}

static bool place_is_there(const struct option *option, unsigned place)
{
	return option->place[place].symbol || (!place && option_is_pseudo(option));
}

bool probe_has(const struct option *option, unsigned place, enum probe_family family)
{
	uint8_t protocol = stage_is_udp(family) ? PROTOCOL_UDP : PROTOCOL_TCP;

	return place_is_there(option, place) && option_protocols(option) & protocol &&
	       place_governs(&option->place[place], family);
}

/* Options of one transport are tried on the other, which must refuse them. SOL_SOCKET takes everything everywhere,
 * whether it means something there or not. */
static bool is_measured(const struct option *option, unsigned place, enum probe_family family)
{
	int level = option->place[place].level;

	if (probe_has(option, place, family))
		return true;
	return place_is_there(option, place) && !option_is_pseudo(option) &&
	       (level == IPPROTO_TCP || level == IPPROTO_UDP) && place_governs(&option->place[place], family) &&
	       family != PROBE_DUAL;
}

/* --- inside the containment ------------------------------------------------------------------------------------ */

typedef struct probe_finding effect_findings[PROBE_PHASES + 1];

struct run {
	struct probe *probe;
	const struct option *const *options;
	int64_t limit[OPTION_COUNT]; /* -1: none, or out of sight */
	unsigned running;
	bool crashed;
	effect_findings *effects; /* shared, as the results are, and in their order */
};

/* Some limits belong to the whole host and cannot be seen from inside a namespace: they are read before and after. */
static void limits_read(struct run *run)
{
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		int64_t value;

		if (!option_limit_read(&catalogue[id], &value))
			run->limit[id] = value;
	}
}

static struct probe_result *result_of(const struct run *run, const struct subject *s)
{
	return &run->probe->result[option_id(s->option)][s->place][s->family];
}

/* Everything but the effects, which are others' work at the same time: each worker writes what is its own. */
static void row_work(const struct run *run, const struct subject *s, enum probe_phase phase)
{
	struct probe_result measured;

	(void)phase;
	measure(s, &measured);
	measured.limit = run->limit[option_id(s->option)];
	*result_of(run, s) = measured;
}

static void effect_work(const struct run *run, const struct subject *s, enum probe_phase phase)
{
	run->effects[result_of(run, s) - **run->probe->result][phase] = effect_measure(s, phase);
}

/* Out of patience, or killed from outside: its answer stays unknown. Any other end but its own is a fault of ours, and
 * must not pass for an unknown. */
static bool worker_crashed(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status) != SIGALRM && WTERMSIG(status) != SIGKILL;
}

static void worker_reap(struct run *run)
{
	int status;

	if (waitpid(-1, &status, 0) > 0) {
		run->running--;
		run->crashed |= worker_crashed(status);
	} else if (errno == ECHILD) {
		run->running = 0;
	}
}

static void worker_fork(struct run *run, void (*work)(const struct run *, const struct subject *, enum probe_phase),
			const struct subject *s, enum probe_phase phase)
{
	pid_t pid;

	while (run->running >= WORKERS)
		worker_reap(run);
	while ((pid = fork()) < 0 && run->running) /* no room for so many processes: then fewer at a time */
		worker_reap(run);
	if (!pid) {
		alarm(WORKER_PATIENCE_S);
		work(run, s, phase);
		_exit(0);
	}
	run->running += pid > 0;
}

/* Calls start for each place and family of each option that has something to measure. */
static void subjects_walk(struct run *run, void (*start)(struct run *, const struct subject *))
{
	for (const struct option *const *o = run->options; *o; o++)
		for (unsigned place = 0; place < PROBE_PLACES && probe_can(*o); place++)
			for (enum probe_family family = 0; family < PROBE_FAMILIES; family++)
				if (is_measured(*o, place, family))
					start(run, &(struct subject){*o, place, family});
}

static void row_start(struct run *run, const struct subject *s)
{
	result_of(run, s)->why = "its measurement did not come to an end";
	worker_fork(run, row_work, s, 0);
}

static void effects_start(struct run *run, const struct subject *s)
{
	if (!probe_has(s->option, s->place, s->family))
		return;
	for (enum probe_phase phase = 0; phase <= PROBE_PHASES; phase++) {
		bool has = phase == PROBE_PHASES || stage_point_of(s->family, phase) != STAGE_POINTS;
		struct probe_finding *finding = &run->effects[result_of(run, s) - **run->probe->result][phase];

		*finding = EFFECT_UNKNOWN(has ? "its measurement did not come to an end" :
						"the family has no such phase");
		if (has && effect_is_quick(s, phase))
			*finding = effect_measure(s, phase);
		else if (has)
			worker_fork(run, effect_work, s, phase);
	}
}

/* What is seen without the value as well shows nothing. */
static void effects_finish(struct run *run, const struct subject *s)
{
	struct probe_finding *findings = run->effects[result_of(run, s) - **run->probe->result];
	struct probe_result *result = result_of(run, s);

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++) {
		result->effective[phase] = findings[phase];
		if (findings[phase].answer == PROBE_YES && findings[PROBE_PHASES].answer != PROBE_NO)
			result->effective[phase] = EFFECT_UNKNOWN("the same is seen when it is not set");
		if (result->there && result->accepted[phase] > 0)
			result->effective[phase] = EFFECT_FINDING(false);
	}
}

/* Without the second device its effect is unknown; without the sysctl's bits, that of data in SYNs. */
static int namespace_set_up(void)
{
	static const uint8_t mac[DEVICE_MAC] = {2, 0, 0, 0, 0, 3};
	int own = netns_current();

	host_sysctls_apply();
	sysctl_write("net/ipv4/tcp_fastopen", "519"); /* client and server; 0x4 and 0x200: both without a cookie */
	if (own >= 0) {
		device_add_veth(SCENE_DEVICE, "probe1", own, mac);
		close(own);
	}
	device_up(SCENE_DEVICE);
	device_up("probe1");
	return device_up("lo");
}

static int body(void *arg)
{
	struct run *run = arg;

	if (namespace_set_up())
		return BODY_UNREACHABLE;
	limits_read(run);
	subjects_walk(run, effects_start); /* first, since they last longest */
	subjects_walk(run, row_start);
	while (run->running)
		worker_reap(run);
	subjects_walk(run, effects_finish);
	return run->crashed ? BODY_CRASHED : 0;
}

/* --- outside --------------------------------------------------------------------------------------------------- */

static void *shared_allocate(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int run_contained(struct run *run, struct sockctl_error *error)
{
	int code = contain_run(body, run, error);

	if (code > 128)
		return error_set(error, -EINTR, "probe", NULL, "interrupted");
	if (code > 0)
		return error_set(error, -EIO, "probe", NULL,
				 code == BODY_UNREACHABLE ? "the loopback device cannot be set up" :
							    "a measurement crashed: this is a fault of sockctl");
	return code;
}

int probe_run(struct probe *probe, const struct option *const options[], struct sockctl_error *error)
{
	struct run run = {.probe = probe, .options = options};
	int code = -ENOMEM;

	for (unsigned id = 0; id < OPTION_COUNT; id++)
		run.limit[id] = -1;
	limits_read(&run);
	probe->result = shared_allocate(OPTION_COUNT * sizeof *probe->result);
	run.effects = shared_allocate(RESULTS * sizeof *run.effects);
	if (probe->result && run.effects)
		code = run_contained(&run, error);
	else
		error_set(error, code, "allocate memory", NULL, NULL);
	if (run.effects)
		munmap(run.effects, RESULTS * sizeof *run.effects);
	if (code)
		probe_release(probe);
	return code;
}

const struct probe_result *probe_find(const struct probe *probe, const struct option *option, enum probe_family family)
{
	for (unsigned place = 0; place < PROBE_PLACES && probe_can(option); place++)
		if (probe_has(option, place, family))
			return &probe->result[option_id(option)][place][family];
	return NULL;
}

const struct probe_finding *probe_inherited(const struct probe_result *r, enum probe_moment moment)
{
	bool earlier = moment == PROBE_BEFORE_LISTEN && r->accepted[PROBE_BOUND];

	return &r->inherited[earlier ? PROBE_BEFORE_BIND : moment];
}

void probe_release(struct probe *probe)
{
	if (probe->result)
		munmap(probe->result, OPTION_COUNT * sizeof *probe->result);
	probe->result = NULL;
}
