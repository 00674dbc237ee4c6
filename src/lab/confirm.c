/* Group-sequential confirmation: looking after every pair at p < 0.05 would find something in every fourth null. */
#include "lab/confirm.h"
#include <errno.h>
#include <math.h>

const unsigned confirm_look[CONFIRM_LOOKS] = {8, 12, 20, 30};
static const double look_alpha = 0.0125;
static const double target_power = 0.86; /* way_power() is too sure by so much: simulated, 80 of 100 are found */

void confirm_effect(const struct contender *contender, struct stats_effect *ret)
{
	stats_effect(contender->log_ratio, contender->pairs, 1 - look_alpha, ret);
}

bool confirm_holds(const struct course *course, const struct stats_effect *effect)
{
	return effect->p < look_alpha && effect->estimate >= course->least;
}

unsigned confirm_room(const struct course *course, unsigned arms)
{
	unsigned pairs = course_room(course) / arms, most = 0;

	for (unsigned i = 0; i < CONFIRM_LOOKS; i++)
		if (confirm_look[i] <= pairs)
			most = confirm_look[i];
	return most;
}

/* Not better so far, or surely by less than what counts. */
static bool effect_hopeless(const struct course *course, const struct stats_effect *effect)
{
	return !(effect->estimate > 0) || effect->high < course->least;
}

enum verdict { VERDICT_OPEN, VERDICT_HOLDS, VERDICT_HOPELESS };

static enum verdict contender_verdict(const struct course *course, const struct contender *contender)
{
	struct stats_effect effect;

	if (contender->failed)
		return VERDICT_HOPELESS;
	confirm_effect(contender, &effect);
	if (confirm_holds(course, &effect))
		return VERDICT_HOLDS;
	return effect_hopeless(course, &effect) ? VERDICT_HOPELESS : VERDICT_OPEN;
}

/* The first arm decides; the others, remedies of the same cause, only once it is hopeless. */
static bool arms_decided(const struct course *course, struct contender *const arms[], unsigned count)
{
	bool open = false;

	for (unsigned i = 1; i < count; i++) {
		enum verdict verdict = contender_verdict(course, arms[i]);

		if (verdict == VERDICT_HOLDS)
			return true;
		if (verdict == VERDICT_OPEN && i == 1)
			return false;
		open |= verdict == VERDICT_OPEN;
	}
	return !open;
}

/* Pairs so far; a contender that failed has fewer than the others. */
static unsigned arms_pairs(struct contender *const arms[], unsigned count)
{
	unsigned most = 0;

	for (unsigned i = 1; i < count; i++)
		most = arms[i]->pairs > most ? arms[i]->pairs : most;
	return most;
}

static bool arms_failed(struct contender *const arms[], unsigned count)
{
	unsigned failed = 0;

	for (unsigned i = 1; i < count; i++)
		failed += arms[i]->failed;
	return failed == count - 1;
}

/* Back to the last look: between the looks nobody looks. */
static void arms_truncate(struct contender *const arms[], unsigned count, unsigned pairs)
{
	for (unsigned i = 1; i < count; i++)
		arms[i]->pairs = arms[i]->pairs > pairs ? pairs : arms[i]->pairs;
}

int confirm_run(struct course *course, struct contender *const arms[], unsigned count, unsigned *ret_pairs,
		struct sockctl_error *error)
{
	*ret_pairs = confirm_room(course, count);
	for (unsigned look = 0; look < CONFIRM_LOOKS; look++) {
		while (arms_pairs(arms, count) < confirm_look[look]) {
			int r = course_block(course, arms, count, error);

			if (r == -ETIME || r == -ECANCELED) {
				*ret_pairs = look ? confirm_look[look - 1] : 0;
				arms_truncate(arms, count, *ret_pairs);
			}
			if (r || arms_failed(arms, count))
				return r;
		}
		if (*ret_pairs < confirm_look[look])
			*ret_pairs = confirm_look[look];
		if (arms_decided(course, arms, count))
			return 0;
	}
	return 0;
}

/* Chance that the confirmation's last look holds. Eight pairs reach p < 0.0125 only if all agree in sign. */
static double confirm_power(double effect, double spread, double least, unsigned pairs)
{
	double error = spread / sqrt(pairs), t = stats_normal_quantile(1 - look_alpha / 2) * (1 + 2.0 / pairs);

	if (pairs <= confirm_look[0])
		return pow(stats_normal_cdf(effect / spread), pairs) * stats_normal_cdf((effect - least) / error);
	return stats_normal_cdf((effect - fmax(least, t * error)) / error);
}

static double way_power(const struct confirm_way *way, double effect)
{
	double flat = way->flat_pairs ? (effect - way->flat) / (way->spread / sqrt(way->flat_pairs)) : INFINITY;
	double screened = (effect - way->least) / (way->spread / sqrt(way->screen_pairs)) + 0.5;

	return stats_normal_cdf(flat) * stats_normal_cdf(screened) *
	       confirm_power(effect, way->spread, way->least, way->confirm_pairs);
}

double confirm_detectable(const struct confirm_way *given)
{
	struct confirm_way way = *given;
	double low = 0, high = 10;

	if (!way.confirm_pairs || !(way.spread >= 0))
		return NAN;
	way.spread = fmax(way.spread, 1e-6);
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (way_power(&way, middle) < target_power)
			low = middle;
		else
			high = middle;
	}
	return high;
}
