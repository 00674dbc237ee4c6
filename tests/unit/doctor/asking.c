/* One rule asked about one scene. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "asking.h"

const struct finding *ask(const struct scene *scene, enum rule_id id)
{
	const struct finding *finding;
	struct tally tally;
	unsigned count;

	finding = scene_ask(scene, id, &count, &tally);
	assert_in_range(count, 0, 1);
	return count ? finding : NULL;
}

void assert_says(const struct finding *finding, const char *words)
{
	assert_non_null(finding);
	if (!strstr(finding->evidence, words))
		fail_msg("not in the evidence: %s: %s", words, finding->evidence);
}
