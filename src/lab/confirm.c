/* Group-sequential confirmation: looking after every pair at p < 0.05 would find something in every fourth null. */
#include "lab/confirm.h"
#include <errno.h>
#include <math.h>

const unsigned confirm_look[CONFIRM_LOOKS] = {8, 12, 20, 30};
static const double look_alpha = 0.0125;

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

int confirm_run(struct course *course, struct contender *const arms[], unsigned count, unsigned *ret_pairs,
		struct sockctl_error *error)
{
	unsigned most = confirm_room(course, count);
	struct stats_effect effect;

	*ret_pairs = most;
	for (unsigned look = 0; look < CONFIRM_LOOKS; look++) {
		if (look && confirm_look[look] > most)
			return -ETIME;  /* but the first look is tried: runs may turn out shorter, and there is no better use for the time */
		while (arms[1]->pairs < confirm_look[look]) {
			int r = course_block(course, arms, count, error);

			if (r || arms[1]->failed)
				return r;
		}
		if (*ret_pairs < confirm_look[look])
			*ret_pairs = confirm_look[look];
		confirm_effect(arms[1], &effect);
		if (confirm_holds(course, &effect) || effect_hopeless(course, &effect))
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

double confirm_detectable(double spread, double least, unsigned screen_pairs, unsigned confirm_pairs)
{
	double low = 0, high = 10;

	if (!confirm_pairs || !(spread >= 0))
		return NAN;
	spread = fmax(spread, 1e-6);
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		double screened = stats_normal_cdf((middle - least) / (spread / sqrt(screen_pairs)) + 0.5);

		if (screened * confirm_power(middle, spread, least, confirm_pairs) < 0.8)
			low = middle;
		else
			high = middle;
	}
	return high;
}
