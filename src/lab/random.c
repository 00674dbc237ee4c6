/* Random numbers that a seed repeats: xoshiro256** of Blackman and Vigna. Not for secrets. */
#include <math.h>
#include "lab/stats.h"

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint64_t rotate_left(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

void stats_seed(struct stats_random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		random->state[i] = splitmix(&seed);
}

uint64_t stats_next(struct stats_random *random)
{
	uint64_t *s = random->state, result = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return result;
}

double stats_uniform(struct stats_random *random)
{
	return ldexp((double)(stats_next(random) >> 11), -53);
}

double stats_normal(struct stats_random *random)
{
	double radius = sqrt(-2 * log(1 - stats_uniform(random)));

	return radius * cos(2 * M_PI * stats_uniform(random));
}

unsigned stats_below(struct stats_random *random, unsigned limit)
{
	uint64_t most = UINT64_MAX - UINT64_MAX % limit, drawn;

	do
		drawn = stats_next(random);
	while (drawn >= most);
	return (unsigned)(drawn % limit);
}
