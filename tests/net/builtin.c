/* The built-in workloads over real links: known causes show, with their evidence. Bounds are loose, and what a busy machine
 * disturbed is run again: what holds must come to hold within a few rounds. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "lab/builtin.h"
#include "lab/cause.h"

struct subject {
	const char *workload, *path; /* path NULL: loopback */
	const char *spec[2];
	struct arm_sysctl sysctl; /* of the second arm; name "" for none */
	unsigned connections;
	uint64_t measure_us;
	int (*judge)(const struct builtin *, const struct trial trial[2]);
};

static int arm_make(struct arm *arm, const char *spec)
{
	memset(arm, 0, sizeof *arm);
	for (enum host host = 0; host < HOSTS; host++)
		if (sockctl_spec_parse(&arm->spec[host], spec, NULL))
			return -EINVAL;
	return 0;
}

/* A claim about time holds if one round shows it, the machine being what it is: of six where the lab itself says that it
 * was disturbed, of three where it does not. */
enum { ROUNDS = 6, ROUNDS_CALM = 3 };

static int arms_run_once(const struct subject *subject, struct builtin *builtin, bool *ret_disturbed)
{
	static struct trial trial[2];
	struct runner runner = builtin_runner(builtin);
	struct sockctl_error error = {0};

	for (int i = 0; i < 2; i++) {
		struct arm arm;

		EXPECT(!arm_make(&arm, subject->spec[i]), "%s", subject->spec[i]);
		if (i && *subject->sysctl.name)
			arm.sysctl[arm.sysctls++] = subject->sysctl;
		EXPECT(!runner.run(runner.context, &arm, &trial[i], &error), "%s %s: %s", error.op, error.subject,
		       error.hint);
		printf("%s: %g %s\n", subject->spec[i], trial[i].value, trial[i].why_invalid);
	}
	*ret_disturbed = !trial[0].valid || !trial[1].valid;
	return subject->judge(builtin, trial);
}

static int arms_run(const struct subject *subject, struct builtin *builtin)
{
	bool disturbed = false;
	int code = 1;

	for (int round = 0, calm = 0; code && round < ROUNDS && calm < ROUNDS_CALM; round++, calm += !disturbed)
		code = arms_run_once(subject, builtin, &disturbed);
	return code;
}

static int subject_run(void *arg)
{
	const struct subject *subject = arg;
	struct workload_plan plan;
	struct builtin builtin;
	struct path path = {0};
	struct world world;
	struct sockctl_error error = {0};
	int code;

	EXPECT(!subject->path || !path_parse(&path, subject->path, &error), "%s", error.hint);
	EXPECT(!world_open(&world, subject->path ? &path : NULL, &error), "%s", error.hint);
	plan = workload_plan_for(workload_find(subject->workload), path_rtt_us(&path));
	plan.connections = subject->connections ? subject->connections : 1;
	plan.measure_us = subject->measure_us ? subject->measure_us : plan.measure_us;
	EXPECT(!builtin_open(&builtin, &world, workload_find(subject->workload), &plan, &error), "%s", error.hint);
	builtin.retries = 0; /* arms_run repeats where it must */
	code = arms_run(subject, &builtin);
	builtin_close(&builtin);
	world_close(&world);
	return code;
}

static int nagle_judge(const struct builtin *builtin, const struct trial trial[2])
{
	const struct sockctl_report *report = &trial[1].report[HOST_CLIENT];

	(void)builtin;
	EXPECT(trial[0].value > 2 * trial[1].value, "nodelay should be at least twice as good");
	EXPECT(trial[1].value > 10000, "faster than the path");
	EXPECT(trial[0].evidence.nagle_stalls > 0.5, "%g", trial[0].evidence.nagle_stalls);
	EXPECT(trial[1].evidence.nagle_stalls < 0.2, "%g", trial[1].evidence.nagle_stalls);
	EXPECT(report->count == 1 && !strcmp(report->verdict[0].option, "nodelay"), "%u verdicts", report->count);
	EXPECT(report->verdict[0].outcome <= SOCKCTL_INHERITED, "%s", sockctl_outcome_name(report->verdict[0].outcome));
	EXPECT(trial[0].report[HOST_CLIENT].count == 0, "a report of nothing");
	return 0;
}

static void wwr_finds_nagle(void **state)
{
	struct subject subject = {"wwr", "rtt=10ms", {"", "nodelay"}, .judge = nagle_judge};

	(void)state;
	contained(subject_run, &subject);
}

/* 20 Mbit/s of wire carry 19.3 of payload; 8K of buffer is far below the 25 KB that the path holds. */
static int window_judge(const struct builtin *builtin, const struct trial trial[2])
{
	const struct evidence *evidence = &trial[1].evidence;

	EXPECT(trial[0].value > 15e6 && trial[0].value < 20.5e6, "goodput %g", trial[0].value);
	EXPECT(trial[1].value < 0.8 * trial[0].value, "goodput %g", trial[1].value);
	EXPECT(evidence->have_sender && evidence->sender == HOST_CLIENT, "who sent?");
	EXPECT(evidence->rwnd_limited_us > 0.5 * evidence->busy_us, "%g of %g us", evidence->rwnd_limited_us,
	       evidence->busy_us);
	EXPECT(evidence->busy_us < 2.0 * (double)builtin->plan.measure_us, "busy %g us", evidence->busy_us);
	EXPECT(evidence->min_rtt_us >= 9900, "%g us", evidence->min_rtt_us);
	return 0;
}

static void stream_fills_the_path(void **state)
{
	struct subject subject = {
		"stream", "rtt=10ms,rate=20mbit", {"cc=cubic", "cc=cubic,rcvbuf=8K"}, .judge = window_judge};

	(void)state;
	contained(subject_run, &subject);
}

/* The sysctl limits the sender, and is back at its old value afterwards. */
static int sysctl_judge(const struct builtin *builtin, const struct trial trial[2])
{
	char text[64];

	EXPECT(trial[1].value < 0.7 * trial[0].value, "%g, %g", trial[0].value, trial[1].value);
	EXPECT(cause_share(&trial[1].evidence, CAUSE_SNDBUF) > 0.3, "%g of the time",
	       cause_share(&trial[1].evidence, CAUSE_SNDBUF));
	for (enum host host = 0; host < HOSTS; host++) {
		EXPECT(!world_sysctl_read(builtin->world, host, "net/ipv4/tcp_wmem", text, sizeof text), "cannot read");
		EXPECT(strcmp(text, "4096\t16384\t65536") != 0, "tcp_wmem is still %s", text);
	}
	return 0;
}

static void sysctls_hold_for_their_arm(void **state)
{
	struct subject subject = {"stream",
				  "rtt=20ms,rate=50mbit",
				  {"cc=cubic", "cc=cubic"},
				  {"net/ipv4/tcp_wmem", "4096 16384 65536"},
				  .judge = sysctl_judge};

	(void)state;
	contained(subject_run, &subject);
}

static int connections_judge(const struct builtin *builtin, const struct trial trial[2])
{
	(void)builtin;
	for (int i = 0; i < 2; i++) {
		EXPECT(trial[i].value > 100, "%g requests per second", trial[i].value);
		EXPECT(trial[i].samples > 10, "%llu samples", (unsigned long long)trial[i].samples);
	}
	return 0;
}

static void many_connections_and_shards(void **state)
{
	struct subject subject = {"rr",
				  NULL,
				  {"", "shards=3,backlog=64"},
				  .connections = 20,
				  .measure_us = 200000,
				  .judge = connections_judge};

	(void)state;
	contained(subject_run, &subject);
}

/* A path that lets nothing through: the connection never comes about, and the trial ends with the reason. */
static int dead_path_run(void *arg)
{
	struct workload_plan plan = workload_plan_for(workload_find("rr"), 0);
	struct path path = {0};
	struct sockctl_error error = {0};
	struct builtin builtin;
	struct world world;
	struct runner runner;
	struct arm arm;
	static struct trial trial;

	(void)arg;
	EXPECT(!world_open(&world, &path, &error), "%s", error.hint);
	EXPECT(!builtin_open(&builtin, &world, workload_find("rr"), &plan, &error), "%s", error.hint);
	world_blackhole(&world, true);
	runner = builtin_runner(&builtin);
	/* Two SYNs, 1 s apart. */
	EXPECT(!arm_make(&arm, "syncnt=1"), "syncnt");
	EXPECT(runner.run(runner.context, &arm, &trial, &error) == -ETIMEDOUT, "%s", error.hint);
	EXPECT(*error.hint && *error.op, "no reason");
	printf("%s %s: %s\n", error.op, error.subject, error.hint);
	/* And the world still serves. */
	world_blackhole(&world, false);
	EXPECT(!runner.run(runner.context, &arm, &trial, &error), "%s", error.hint);
	builtin_close(&builtin);
	world_close(&world);
	return 0;
}

static void a_dead_path_is_an_error(void **state)
{
	(void)state;
	contained(dead_path_run, NULL);
}

static int no_sysctl_run(void *arg)
{
	struct builtin builtin;
	struct sockctl_error error = {0};
	struct world world;
	struct runner runner;
	static struct trial trial;
	struct arm arm;

	(void)arg;
	EXPECT(!world_open(&world, NULL, &error), "%s", error.hint);
	EXPECT(!builtin_open(&builtin, &world, workload_find("rr"), NULL, &error), "%s", error.hint);
	runner = builtin_runner(&builtin);
	EXPECT(!arm_make(&arm, ""), "empty");
	arm.sysctl[arm.sysctls++] = (struct arm_sysctl){"net/core/wmem_max", "8388608"};
	EXPECT(runner.run(runner.context, &arm, &trial, &error) < 0, "a namespace has no wmem_max");
	EXPECT(!strcmp(error.subject, "net/core/wmem_max"), "%s", error.subject);
	arm.sysctl[0] = (struct arm_sysctl){"net/ipv4/tcp_wmem", "nonsense"};
	EXPECT(runner.run(runner.context, &arm, &trial, &error) == -EINVAL, "%s", error.hint);
	builtin_close(&builtin);
	world_close(&world);
	return 0;
}

static void sysctls_out_of_reach_are_errors(void **state)
{
	(void)state;
	contained(no_sysctl_run, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wwr_finds_nagle),
		cmocka_unit_test(stream_fills_the_path),
		cmocka_unit_test(sysctls_hold_for_their_arm),
		cmocka_unit_test(many_connections_and_shards),
		cmocka_unit_test(a_dead_path_is_an_error),
		cmocka_unit_test(sysctls_out_of_reach_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
