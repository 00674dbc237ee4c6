/* Models of hosts, and the runner that makes noisy trials of them. */
#include "simulation.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "catalog/spec.h"

void simulation_start(struct simulation *sim, double (*model)(struct simulation *, const struct arm *, struct trial *), uint64_t seed)
{
	memset(sim, 0, sizeof *sim);
	sim->model = model;
	sim->drift_sd = 0.18;
	sim->drift_keep = 0.98;
	sim->noise_sd = 0.02;
	sim->run_us = 1000000;
	sim->wmem_max = 4 << 20;
	sim->tcp_rmem = 32 << 20;
	stats_seed(&sim->random, seed);
}

static void drift_on(struct simulation *sim)
{
	double fresh = sim->drift_sd * sqrt(1 - sim->drift_keep * sim->drift_keep);

	sim->drift = sim->runs ? sim->drift_keep * sim->drift + fresh * stats_normal(&sim->random) :
		sim->drift_sd * stats_normal(&sim->random);
	sim->runs++;
	sim->now_us += sim->run_us;
	sim->stop = sim->stop_after && sim->runs >= sim->stop_after;
}

static void trial_empty(struct trial *trial)
{
	memset(trial, 0, sizeof *trial);
	trial->evidence = (struct evidence){.busy_us = NAN, .rwnd_limited_us = NAN, .sndbuf_limited_us = NAN, .sndbuf_full_share = NAN, .retransmits = NAN,
		.rtt_us = NAN, .min_rtt_us = NAN, .cwnd_segs = NAN, .link_drops = NAN, .link_losses = NAN, .lateness_p99_us = NAN,
		.nagle_stalls = NAN};
	trial->valid = true;
}

static int simulation_run(void *context, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	struct simulation *sim = context;
	const struct setting *cc = spec_find(spec_view(&arm->spec[HOST_CLIENT]), OPTION_cc);

	drift_on(sim);
	trial_empty(trial);
	if (cc && !strcmp(cc->value.text, "missing"))
		return error_set(error, -ENOENT, "cc", "missing", "this kernel does not have it");
	if (sim->fail_base && !arm->sysctls && !spec_view(&arm->spec[HOST_CLIENT])->count)
		return error_set(error, -sim->fail_base, "run", "server", NULL);
	trial->value = sim->model(sim, arm, trial) *
		exp(sim->drift + sim->noise_sd * stats_normal(&sim->random) + sim->trend * sim->runs);
	if (stats_uniform(&sim->random) < sim->invalid_share) {
		trial->valid = false;
		snprintf(trial->why_invalid, sizeof trial->why_invalid, "the link was late");
	}
	if (sim->gross_share > 0 && stats_uniform(&sim->random) < sim->gross_share) {
		trial->valid = false;
		snprintf(trial->why_invalid, sizeof trial->why_invalid, "the link was far too late");
		trial->evidence.rwnd_limited_us = trial->evidence.busy_us;
		trial->evidence.sndbuf_limited_us = 0;
		trial->evidence.min_rtt_us = 40000;
		trial->evidence.lateness_p99_us = 300000;
		trial->value *= 0.15;
	}
	if (stats_uniform(&sim->random) < sim->stuck_share)
		trial->value *= 0.3;
	return 0;
}

struct runner simulation_runner(struct simulation *sim, bool lower_is_better)
{
	return (struct runner){
		.metric = {lower_is_better ? "latency_p50_us" : "goodput_bps", lower_is_better},
		.run = simulation_run,
		.context = sim,
	};
}

static uint64_t simulation_clock(void *arg)
{
	return ((struct simulation *)arg)->now_us;
}

void simulation_plan(struct simulation *sim, struct tune_plan *plan, const char *list, uint64_t seed)
{
	static const struct path path = {{20000, 1000000000, 0, 0}, {20000, 1000000000, 0, 0}};
	static int64_t limits[OPTION_COUNT];
	struct sockctl_error error = {0};

	memset(plan, 0, sizeof *plan);
	plan->seed = seed;
	plan->stop = &sim->stop;
	plan->clock_us = simulation_clock;
	plan->arg = sim;
	for (int i = 0; i < OPTION_COUNT; i++)
		limits[i] = -1;
	limits[OPTION_sndbuf] = sim->wmem_max;
	plan->limits = limits;
	if (factors_parse(plan->factor, &plan->factors, list, LOAD_BULK, &path, &plan->base, &error)) {
		fprintf(stderr, "%s: %s\n", error.subject, error.hint);
		abort();
	}
}

int64_t arm_number(const struct arm *arm, enum option_id id, int64_t missing)
{
	const struct setting *set = spec_find(spec_view(&arm->spec[HOST_CLIENT]), id);

	return set ? set->value.number : missing;
}

int64_t arm_maximum(const struct arm *arm, const char *sysctl, int64_t missing)
{
	for (unsigned i = 0; i < arm->sysctls; i++)
		if (!strcmp(arm->sysctl[i].name, sysctl))
			return atoll(strrchr(arm->sysctl[i].value, ' ') ? strrchr(arm->sysctl[i].value, ' ') : arm->sysctl[i].value);
	return missing;
}

double model_flat(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	(void)sim, (void)arm;
	trial->evidence.retransmits = 0;
	return 100;
}

double model_nodelay(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	bool on = arm_number(arm, OPTION_nodelay, 0);

	trial->evidence.nagle_stalls = on ? 0 : 0.9;
	return 100 * exp(on ? sim->effect : 0);
}

double model_window(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	trial->evidence.busy_us = 1e6;
	trial->evidence.rwnd_limited_us = trial->evidence.sndbuf_limited_us = 0;
	trial->evidence.retransmits = 0;
	return 100 * exp(arm_number(arm, OPTION_rcvbuf, 0) ? sim->effect : 0);
}

static void clamp_report(struct simulation *sim, struct trial *trial, int64_t asked)
{
	trial->report[HOST_CLIENT].count = 1;
	trial->report[HOST_CLIENT].verdict[0] = (struct sockctl_verdict){
		.option = "sndbuf", .outcome = asked > sim->wmem_max ? SOCKCTL_CLAMPED : SOCKCTL_GRANTED,
		.limit = "net/core/wmem_max", .limit_value = sim->wmem_max,
	};
}

/* About 0.65 of the kernel's buffer is payload; setsockopt's number is doubled, the sysctl's is not. */
double model_bulk(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	double rate = 965e6, share = 0.65 * 8 / 0.040;
	int64_t sndbuf = arm_number(arm, OPTION_sndbuf, 0), rcvbuf = arm_number(arm, OPTION_rcvbuf, 0);
	double sender = share * (double)arm_maximum(arm, "net/ipv4/tcp_wmem", 4 << 20);
	double receiver = share * (double)arm_maximum(arm, "net/ipv4/tcp_rmem", sim->tcp_rmem), goodput;

	if (sndbuf) {
		clamp_report(sim, trial, sndbuf);
		sender = share * 2 * (double)(sndbuf > sim->wmem_max ? sim->wmem_max : sndbuf);
	}
	receiver = rcvbuf ? share * 2 * (double)rcvbuf : receiver;
	goodput = fmin(rate, fmin(sender, receiver));
	trial->evidence.busy_us = 1e6;
	trial->evidence.sndbuf_limited_us = sender < fmin(rate, receiver) ? 1e6 * (1 - sender / rate) : 0;
	trial->evidence.rwnd_limited_us = receiver < fmin(rate, sender) ? 1e6 * (1 - receiver / rate) : 0;
	trial->evidence.retransmits = 0;
	return goodput;
}
