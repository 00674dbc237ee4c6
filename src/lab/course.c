/* Runs in blocks: a machine that drifts slows all arms of a block alike, and the order is not always the same. */
#include "lab/course.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/error.h"

enum { TRIALS_REMEMBERED = 8, BLOCK_REPEATS = 2 };
static const double room_margin = 1.05; /* runs that are disturbed take longer */

static uint64_t course_now_us(const struct course *course)
{
	return course->plan->clock_us ? course->plan->clock_us(course->plan->arg) : clock_us();
}

void course_start(struct course *course, const struct tune_plan *plan, const struct runner *runner)
{
	memset(course, 0, sizeof *course);
	course->plan = plan;
	course->runner = runner;
	course->stage = "preflight";
	course->least = log(1.02);
	course->started_us = course_now_us(course);
	stats_seed(&course->random, plan->seed);
}

void contender_start(struct contender *contender, const struct arm *arm)
{
	memset(contender, 0, sizeof *contender);
	contender->arm = *arm;
	contender->evidence = evidence_none;
}

static double left_us(const struct course *course)
{
	uint64_t spent = course_now_us(course) - course->started_us;

	return spent < course->plan->budget_us ? (double)(course->plan->budget_us - spent) : 0;
}

unsigned course_room_whole(const struct course *course)
{
	if (!course->plan->budget_us || !course->run_us)
		return UINT_MAX;
	return (unsigned)fmin(floor(left_us(course) / (room_margin * (double)course->run_us)), UINT_MAX);
}

unsigned course_room(const struct course *course)
{
	unsigned whole = course_room_whole(course);

	if (whole == UINT_MAX)
		return whole;
	return whole > course->ahead ? whole - course->ahead : 0;
}

static void course_report(const struct course *course, unsigned runs_here)
{
	struct tune_progress progress = {.stage = course->stage, .runs = course->runs};
	double need_us = (double)(runs_here + course->ahead) * (double)course->run_us;

	if (!course->plan->progress)
		return;
	progress.left_s = (course->plan->budget_us ? fmin(left_us(course), need_us) : need_us) / 1e6;
	course->plan->progress(course->plan->arg, &progress);
}

static int course_may_run(const struct course *course)
{
	if (course->plan->stop && *course->plan->stop)
		return -ECANCELED;
	return course->plan->budget_us && left_us(course) <= 0 ? -ETIME : 0;
}

/* Repeating may waste a tenth of the runs, and a few to begin with. On a machine that disturbs more, it would only
 * eat the budget: pairs are fair all the same. */
static void retries_ration(const struct course *course)
{
	if (course->runner->retries)
		*course->runner->retries = course->invalid_runs < 3 + course->runs / 10 ? 1 : 0;
}

static int run_once(struct course *course, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	int r;

	retries_ration(course);
	r = course->runner->run(course->runner->context, arm, trial, error);

	if (course->plan->stop && *course->plan->stop)
		return -ECANCELED; /* the same signal may have ended the programs: what the run says is worth nothing */
	if (r)
		return r;
	course->runs++;
	course->invalid_runs += trial->retries + !trial->valid;
	return 0;
}

static bool trial_usable(const struct trial *trial)
{
	return isfinite(trial->value) && trial->value > 0;
}

/* Not a little late, but so late that it was another path. */
static bool trial_gross(const struct trial *trial)
{
	return !trial->valid && trial->evidence.lateness_p99_us > 20000 + trial->evidence.min_rtt_us;
}

/* 0 also for a trial of which every attempt was disturbed: it counts all the same, since its neighbours in the block
 * suffered alike. */
static int run_valid(struct course *course, const struct arm *arm, struct trial *trial, struct sockctl_error *error)
{
	for (unsigned tries = 0; tries < COURSE_TRIES; tries++) {
		int r = course_may_run(course);

		course->wasted_runs += tries > 0;
		r = r ? r : run_once(course, arm, trial, error);
		if (r || (trial->valid && trial_usable(trial)))
			return r;
		if (course->runner->retries && trial_usable(trial))
			break; /* the runner repeated it itself */
	}
	if (!trial_usable(trial))
		return error_set(error, -EIO, "run", course->runner->metric.name, "it is %g, run after run",
				 trial->value);
	return 0;
}

/* A random order, then the same backwards. */
static void order_next(struct course *course, unsigned count)
{
	unsigned *order = course->order;

	course->way_back = !course->way_back && course->order_count == count;
	if (course->way_back) {
		for (unsigned i = 0; i < count / 2; i++) {
			unsigned kept = order[i];

			order[i] = order[count - 1 - i];
			order[count - 1 - i] = kept;
		}
		return;
	}
	course->order_count = count;
	for (unsigned i = 0; i < count; i++) {
		unsigned j = stats_below(&course->random, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

static void contender_keep(struct contender *contender, const struct trial *trial)
{
	evidence_add(&contender->evidence, contender->runs, &trial->evidence);
	contender->value[contender->runs % COURSE_VALUES] = trial->value;
	contender->runs++;
	memcpy(contender->report, trial->report, sizeof contender->report);
}

static bool interrupted(int r)
{
	return r == -ECANCELED || r == -ETIME;
}

/* What a trial takes, its repetitions included: the average of all or of late, whichever is less, for bad times pass. */
static void run_us_learn(struct course *course, uint64_t took_us)
{
	int64_t weight = ++course->trials < TRIALS_REMEMBERED ? course->trials : TRIALS_REMEMBERED;

	course->late_us += ((int64_t)took_us - course->late_us) / weight;
	course->all_us += took_us;
	course->run_us = course->all_us / course->trials;
	if (course->late_us < (int64_t)course->run_us)
		course->run_us = (uint64_t)course->late_us;
}

/* Runs one arm of a block; 0 also when it cannot run and the block can do without it. */
static int arm_try(struct course *course, struct contender *contender, unsigned index, struct sockctl_error *error)
{
	struct sockctl_error why = {0};
	uint64_t start_us = course_now_us(course);
	struct trial *trial = &course->trial[index];
	int r;

	memset(trial, 0, sizeof *trial);
	r = run_valid(course, &contender->arm, trial, &why);
	run_us_learn(course, course_now_us(course) - start_us);
	course->ran[index] = !r;
	if (!r || interrupted(r))
		return r;
	contender->failed = true;
	error_text(&why, contender->why, sizeof contender->why);
	if (index)
		return 0;
	if (error)
		*error = why;
	return r;
}

static int block_run(struct course *course, struct contender *const arms[], unsigned count, struct sockctl_error *error)
{
	order_next(course, count);
	memset(course->ran, 0, sizeof course->ran);
	for (unsigned i = 0; i < count; i++) {
		unsigned arm = course->order[i];
		int r;

		course_report(course, count - i);
		r = arms[arm]->failed && arm ? 0 : arm_try(course, arms[arm], arm, error);
		if (r)
			return r;
	}
	return 0;
}

/* The machine took part so heavily that the block says nothing of the arms. */
static bool block_gross(const struct course *course, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (course->ran[i] && trial_gross(&course->trial[i]))
			return true;
	return false;
}

void course_void(struct course *course, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		course->wasted_runs += course->ran[i];
		course->invalid_runs += course->ran[i] && course->trial[i].valid; /* the others are counted already */
	}
}

/* A grossly late block is run again, whichever arm was late, so that nobody is favoured; but not for ever. */
int course_try(struct course *course, struct contender *const arms[], unsigned count, struct sockctl_error *error)
{
	for (int repeats = 0;; repeats++) {
		int r = block_run(course, arms, count, error);

		if (r || repeats == BLOCK_REPEATS || !block_gross(course, count))
			return r;
		course_void(course, count);
	}
}

double course_lead(const struct course *course, double value, double other)
{
	return course->runner->metric.lower_is_better ? log(other / value) : log(value / other);
}

void course_keep(struct course *course, struct contender *const arms[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct trial *trial = &course->trial[i];

		if (!course->ran[i])
			continue;
		contender_keep(arms[i], trial);
		if (i && arms[i]->pairs < STATS_PAIRS)
			arms[i]->log_ratio[arms[i]->pairs++] = course_lead(course, trial->value,
									   course->trial[0].value);
		if (trial->valid)
			continue;
		course->disturbed_runs++;
		memcpy(course->disturbed_why, trial->why_invalid, sizeof course->disturbed_why);
	}
}

int course_block(struct course *course, struct contender *const arms[], unsigned count, struct sockctl_error *error)
{
	int r = course_try(course, arms, count, error);

	if (!r)
		course_keep(course, arms, count);
	return r;
}

void course_pool(struct course *course, const struct contender *contender)
{
	double mean = 0, shrinkage;

	if (contender->pairs < 2)
		return;
	shrinkage = sqrt(contender->pairs /
			 (contender->pairs - 1.0)); /* of deviations from a mean that they made themselves */
	for (unsigned i = 0; i < contender->pairs; i++)
		mean += contender->log_ratio[i] / contender->pairs;
	for (unsigned i = 0; i < contender->pairs; i++) {
		double deviation = contender->log_ratio[i] - mean;

		course->squares += deviation * deviation;
		course->deviation[course->deviations++ % COURSE_VALUES] = fabs(deviation) * shrinkage;
	}
	course->degrees += contender->pairs - 1;
}

double course_usual_spread(const struct course *course)
{
	double copy[COURSE_VALUES];
	unsigned count = course->deviations < COURSE_VALUES ? course->deviations : COURSE_VALUES;

	memcpy(copy, course->deviation, count * sizeof *copy);
	return 1.4826 *
	       stats_median(copy, count); /* the median deviation of a normal distribution is so much smaller */
}

double course_chance(const struct course *course, unsigned pairs, double deviations)
{
	double spread = course_usual_spread(course);

	return isnan(spread) || !pairs ? 0 : deviations * spread / sqrt(pairs);
}

double course_spread(const struct course *course)
{
	return course->degrees ? sqrt(course->squares / course->degrees) : NAN;
}

static unsigned values_copy(const struct contender *contender, double *copy)
{
	unsigned count = contender->runs < COURSE_VALUES ? contender->runs : COURSE_VALUES;

	memcpy(copy, contender->value, count * sizeof *copy);
	return count;
}

double contender_median(const struct contender *contender)
{
	double copy[COURSE_VALUES];

	return stats_median(copy, values_copy(contender, copy));
}

double contender_spread(const struct contender *contender)
{
	double copy[COURSE_VALUES];
	unsigned count = values_copy(contender, copy);
	double median = stats_median(copy, count); /* sorts */

	return count > 1 ? (copy[count * 3 / 4] - copy[count / 4]) / (2 * median) : NAN; /* one run has no spread */
}
