/* What rules write into a finding. */
#include "doctor/finding.h"
#include <assert.h>
#include <stdio.h>

void finding_number(struct finding *finding, const char *key, uint64_t value)
{
	unsigned i = 0;

	while (i < FINDING_NUMBERS && finding->number[i].key)
		i++;
	assert(i < FINDING_NUMBERS);
	finding->number[i] = (struct finding_number){key, value};
}

void fix_by_spec(struct fix *fix, const char *spec, const char *advice)
{
	snprintf(fix->spec, sizeof fix->spec, "%s", spec);
	snprintf(fix->advice, sizeof fix->advice, "%s", advice);
}

void fix_by_sysctl(struct fix *fix, const char *sysctl, const char *advice)
{
	snprintf(fix->sysctl, sizeof fix->sysctl, "%s", sysctl);
	snprintf(fix->advice, sizeof fix->advice, "%s", advice);
}
