/* Connections accepted per second, and CPU time for each: libsockctl's server beside bare C and beside others, under
 * the same load, in turns. accept ROUNDS STRACE [NAME ROLE COMMAND]...; a role is base (what all are compared with),
 * ours, peer, or reference (shown, not judged). bench/accept calls it. */
#include "accept.h"
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "base/error.h"
#include "lab/contain.h"
#include "lab/stats.h"
#include "servers/by_hand.h"

enum {
	CONTENDERS_MAX = 16,
	TRIES = 3,
	ROUNDS_MIN = 12,
	RACE_S = 45,
	PORT = 7100,
	PORT_TRACED = 7200,
	PORT_HELD = 7300
};
static const double confidence = 0.95;
/* The same as bare C: the whole interval is this near to it. Not the same: the interval leaves out 1, and its middle is
 * further off than that. Between them the machine was too busy to tell. */
static const double same_within = 0.05, another_beyond = 0.02;

struct contender {
	const char *name, *role, *command;
	struct server server;
	bool out; /* failed, and was reported */
	bool audited, counted;
	char lacking[200];
	struct calls calls;
	double elapsed_us[ACCEPT_ROUNDS], cpu_us[ACCEPT_ROUNDS]; /* per connection */
};

struct contest {
	struct scene scene;
	const char *strace;
	struct contender contender[CONTENDERS_MAX];
	unsigned count, rounds, rounds_max;
};
static struct contest contest;

static bool has_role(const struct contender *contender, const char *role)
{
	return !strcmp(contender->role, role);
}

static void contender_drop(struct contender *contender)
{
	printf("left out: %s: %s\n", contender->name, contest.scene.error);
	contender->out = true;
}

/* --- before the race ---------------------------------------------------------------------------------------------- */

static void contender_audit(struct contender *contender, uint16_t port)
{
	struct server held;

	if (has_role(contender, "base"))
		return;
	if (server_start(&held, &contest.scene, contender->command, port, "hold", NULL, NULL)) {
		contender->audited = audit_run(&held, &contest.scene, contender->lacking, sizeof contender->lacking);
		server_end(&held);
	}
	if (!contender->audited)
		printf("%s: options unknown: %s\n", contender->name, contest.scene.error);
}

static void contender_prepare(struct contender *contender, unsigned index)
{
	struct burst warm;

	contender_audit(contender, (uint16_t)(PORT_HELD + index));
	if (*contest.strace) {
		contender->counted = calls_count(&contest.scene, contender->command, (uint16_t)(PORT_TRACED + index),
						 contest.strace, &contender->calls);
		if (!contender->counted)
			printf("%s: system calls unknown: %s\n", contender->name, contest.scene.error);
	}
	if (!server_start(&contender->server, &contest.scene, contender->command, (uint16_t)(PORT + index), "serve",
			  NULL, NULL) ||
	    !burst_run(&contender->server, &contest.scene, ACCEPT_BURST, &warm))
		contender_drop(contender);
}

/* --- the race: between its turns a server is held -------------------------------------------------------------- */

/* The best of some bursts: what else the machine does only adds. */
static void contender_turn(struct contender *contender, unsigned round)
{
	struct burst burst, best = {UINT64_MAX, UINT64_MAX};

	for (unsigned i = 0; i < TRIES; i++) {
		if (!burst_run(&contender->server, &contest.scene, ACCEPT_BURST, &burst)) {
			contender_drop(contender);
			return;
		}
		best.elapsed_ns = burst.elapsed_ns < best.elapsed_ns ? burst.elapsed_ns : best.elapsed_ns;
		best.cpu_ns = burst.cpu_ns < best.cpu_ns ? burst.cpu_ns : best.cpu_ns;
	}
	contender->elapsed_us[round] = (double)best.elapsed_ns / 1e3 / ACCEPT_BURST;
	contender->cpu_us[round] = (double)best.cpu_ns / 1e3 / ACCEPT_BURST;
}

static void round_run(unsigned round, struct stats_random *random)
{
	unsigned order[CONTENDERS_MAX];

	for (unsigned i = 0; i < contest.count; i++) {
		unsigned j = stats_below(random, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (unsigned i = 0; i < contest.count; i++)
		if (!contest.contender[order[i]].out)
			contender_turn(&contest.contender[order[i]], round);
}

/* A busy machine has to be content with fewer rounds. */
static void race_run(void)
{
	uint64_t limit_us = clock_us() + RACE_S * 1000000ull;
	struct stats_random random;

	stats_seed(&random, 1);
	while (contest.rounds < contest.rounds_max && (contest.rounds < ROUNDS_MIN || clock_us() < limit_us))
		round_run(contest.rounds++, &random);
}

/* --- what came of it ---------------------------------------------------------------------------------------------- */

/* a / b, each pair as measured in one round. */
static struct stats_effect compare(const double *a, const double *b)
{
	double log_ratio[ACCEPT_ROUNDS];
	struct stats_effect effect;

	for (unsigned i = 0; i < contest.rounds; i++)
		log_ratio[i] = log(a[i] / b[i]);
	stats_effect(log_ratio, contest.rounds, confidence, &effect);
	return (struct stats_effect){
		.estimate = exp(effect.estimate), .low = exp(effect.low), .high = exp(effect.high)};
}

/* Served per second: by what factor is a ahead? */
static struct stats_effect compare_rate(const struct contender *a, const struct contender *b)
{
	return compare(b->elapsed_us, a->elapsed_us);
}

static struct stats_effect compare_cpu(const struct contender *a, const struct contender *b)
{
	return compare(a->cpu_us, b->cpu_us);
}

static void row_print(const struct contender *contender, const struct contender *base)
{
	struct stats_effect rate = compare_rate(contender, base), cpu = compare_cpu(contender, base);
	char calls[32] = "?", set[32] = "?";

	if (contender->counted) {
		snprintf(calls, sizeof calls, "%.1f", contender->calls.total);
		snprintf(set, sizeof set, "%.1f", contender->calls.setsockopt);
	}
	printf("%-30s %.2f (%.2f to %.2f)  %.2f (%.2f to %.2f) %6s %11s  %s\n", contender->name, rate.estimate,
	       rate.low, rate.high, cpu.estimate, cpu.low, cpu.high, calls, set,
	       has_role(contender, "base") ? "none is asked for" :
	       !contender->audited         ? "?" :
	       *contender->lacking         ? contender->lacking :
					     "-");
}

static void calls_print(const struct contender *contender)
{
	if (!contender->counted)
		return;
	printf("  %-30s", contender->name);
	for (unsigned i = 0; i < contender->calls.count && contender->calls.call[i].per_connection >= 0.05; i++)
		printf(" %s %.1f", contender->calls.call[i].name, contender->calls.call[i].per_connection);
	printf("\n");
}

static void table_print(const struct contender *base)
{
	char placement[128];

	placement_text(&contest.scene.placement, placement, sizeof placement);
	printf("\nBursts of %d connections that wait in the queue when the server is let go; %u rounds, servers in\n"
	       "random order; %s. To be in effect on each connection:\n"
	       "%s\n"
	       "Connections served per second, and CPU time of the server's process for each: ratios to \"%s\",\n"
	       "with %.0f %% intervals. Time in which others had the server's CPU is left out.\n\n",
	       ACCEPT_BURST, contest.rounds, placement, CONNECTION_SPEC, base->name, confidence * 100);
	printf("%-30s %-20s %-19s %6s %11s  %s\n", "SERVER", "RATE", "CPU TIME", "CALLS", "SETSOCKOPT",
	       "NOT IN EFFECT");
	for (unsigned i = 0; i < contest.count; i++)
		if (!contest.contender[i].out)
			row_print(&contest.contender[i], base);
	printf("\nSystem calls per connection%s\n", *contest.strace ? ":" : ": unknown, there is no strace here");
	for (unsigned i = 0; i < contest.count; i++)
		if (!contest.contender[i].out)
			calls_print(&contest.contender[i]);
	printf("\n");
}

static bool same_judge(const struct contender *ours, const struct contender *base)
{
	struct stats_effect cpu = compare_cpu(ours, base);
	bool same = cpu.low > 1 - same_within && cpu.high < 1 + same_within;
	bool another = cpu.low > 1 && cpu.estimate > 1 + another_beyond;

	printf("%s, CPU time against %s: %.3f (%.3f to %.3f); wanted: the same: %s\n", ours->name, base->name,
	       cpu.estimate, cpu.low, cpu.high,
	       another ? "MISSED" :
	       same    ? "met" :
			 "not refuted; the interval is wide");
	return !another;
}

static bool ahead_judge(const struct contender *ours, const struct contender *peer)
{
	struct stats_effect rate = compare_rate(ours, peer), cpu = compare_cpu(peer, ours);
	bool met = cpu.low > 1 && rate.low > 1;

	printf("%s ahead of %s: rate x%.2f (%.2f to %.2f), its CPU time x%.2f (%.2f to %.2f): %s\n", ours->name,
	       peer->name, rate.estimate, rate.low, rate.high, cpu.estimate, cpu.low, cpu.high, met ? "met" : "MISSED");
	return met;
}

static const struct contender *contender_of(const char *role)
{
	for (unsigned i = 0; i < contest.count; i++)
		if (has_role(&contest.contender[i], role) && !contest.contender[i].out)
			return &contest.contender[i];
	return NULL;
}

static int results_judge(void)
{
	const struct contender *base = contender_of("base"), *ours = contender_of("ours");
	bool met;

	if (!base || !ours)
		return 1;
	table_print(base);
	met = same_judge(ours, base);
	if (!ours->audited || *ours->lacking) {
		printf("%s lacks options: MISSED\n", ours->name);
		met = false;
	}
	for (unsigned i = 0; i < contest.count; i++)
		if (has_role(&contest.contender[i], "peer") && !contest.contender[i].out)
			met &= ahead_judge(ours, &contest.contender[i]);
	return !met;
}

static int body(void *arg)
{
	struct sockctl_error *error = arg;

	if (world_open(&contest.scene.world, NULL, error) || world_enter(&contest.scene.world, HOST_CLIENT) ||
	    placement_make(&contest.scene.placement, false, PLACEMENT_PINNED)) {
		fprintf(stderr, "accept: %s %s: %s\n", error->op, error->subject, error->hint);
		return 1;
	}
	placement_enter(&contest.scene.placement, HOST_CLIENT);
	for (unsigned i = 0; i < contest.count; i++)
		contender_prepare(&contest.contender[i], i);
	race_run();
	return results_judge();
}

int main(int argc, char **argv)
{
	struct sockctl_error error = {0};
	struct rlimit files;
	int status;

	contest.rounds_max = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	if (argc % 3 || argc < 3 || argc / 3 > CONTENDERS_MAX || contest.rounds_max < 1 ||
	    contest.rounds_max > ACCEPT_ROUNDS) {
		fprintf(stderr, "usage: accept ROUNDS STRACE [NAME ROLE COMMAND]... (at most %d rounds, %d servers)\n",
			ACCEPT_ROUNDS, CONTENDERS_MAX - 1);
		return 2;
	}
	contest.strace = argv[2];
	for (int i = 3; i < argc; i += 3)
		contest.contender[contest.count++] = (struct contender){
			.name = argv[i], .role = argv[i + 1], .command = argv[i + 2]};
	/* Some servers accept a whole burst before they close the first. */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = contain_run(body, &error, &error);
	if (status < 0)
		fprintf(stderr, "accept: %s %s: %s\n", error.op, error.subject, error.hint);
	return status < 0 ? 77 : status;
}
