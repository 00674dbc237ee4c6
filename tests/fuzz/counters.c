/* The parsers of /proc/net/netstat, snmp6 and sockstat, of /proc/PID/limits and of lists of ports, on any text. */
#include <stdlib.h>
#include <string.h>
#include "observe/counters.h"
#include "observe/limits.h"
#include "observe/use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct host_fact fact = {0};
	struct host_use use = {0};
	struct process_files files;
	struct port_range range;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	counters_parse(text, &fact);
	counters_parse6(text, &fact);
	use_parse(text, &use);
	limits_parse(text, &files);
	port_range_count(&range, 1000, 60000, text);
	if (fact.have & ~(UINT64_MAX >> (64 - HOST_FACT_COUNT)) || use.have >> HOST_USE_COUNT ||
	    range.usable + range.reserved != 59001)
		abort();
	free(text);
	return 0;
}
