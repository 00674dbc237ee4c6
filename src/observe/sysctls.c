/* One look at /proc/sys. */
#include "observe/sysctls.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/sysctl.h"

/* Numbers, or none if it holds anything else. */
static void numbers_read(struct sysctl_fact *fact)
{
	const char *at = fact->text;

	while (fact->count < SYSCTL_NUMBERS && *at) {
		char *end;

		errno = 0;
		fact->number[fact->count] = strtoll(at, &end, 10);
		if (end == at || errno || (*end && *end != ' ')) {
			fact->count = 0;
			return;
		}
		fact->count++;
		at = end + strspn(end, " ");
	}
}

static void sysctl_fact_read(const char *path, struct sysctl_fact *fact)
{
	fact->code = sysctl_read(path, fact->text, sizeof fact->text);
	fact->known = !fact->code;
	if (!fact->known) {
		*fact->text = 0;
		return;
	}
	for (char *tab = fact->text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	numbers_read(fact);
}

void sysctls_read(struct sysctl_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	for (unsigned id = 0; id < SYSCTL_COUNT; id++)
		sysctl_fact_read(sysctl_rows[id].path, &facts->fact[id]);
}
