/* /proc/thread-self/net/netstat and snmp to host facts. The parser takes any text; reading is apart from it. */
#include "observe/counters.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *group, *name;
	size_t offset;
} rows[HOST_FACT_COUNT] = {
#define COUNTER(name, group, kernel_name, help) {group, kernel_name, offsetof(struct host_fact, name)},
#include "fact/host_fact.def"
#undef COUNTER
};

struct word {
	const char *start;
	size_t length;
};

/* The next word before the end of the line; length 0 if there is none. */
static struct word word_next(const char **at)
{
	struct word word;

	*at += strspn(*at, " ");
	word.start = *at;
	word.length = strcspn(*at, " \n");
	*at += word.length;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) && !memcmp(word.start, text, word.length);
}

static void counter_store(struct word group, struct word name, struct word value, struct host_fact *fact)
{
	if (!value.length || value.length > 20 || !isdigit((unsigned char)*value.start))
		return;
	for (unsigned i = 0; i < HOST_FACT_COUNT; i++) {
		uint64_t number = strtoull(value.start, NULL, 10);

		if (!word_is(name, rows[i].name) || group.length != strlen(rows[i].group) + 1 ||
		    memcmp(group.start, rows[i].group, group.length - 1))
			continue;
		memcpy((char *)fact + rows[i].offset, &number, sizeof number);
		fact->have |= 1ull << i;
		return;
	}
}

static void pair_parse(const char *names, const char *values, struct host_fact *fact)
{
	struct word group = word_next(&names), same = word_next(&values);

	if (group.length < 2 || group.length != same.length || memcmp(group.start, same.start, group.length))
		return;
	for (;;) {
		struct word name = word_next(&names), value = word_next(&values);

		if (!name.length || !value.length)
			return;
		counter_store(group, name, value, fact);
	}
}

static const char *line_after(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

void counters_parse(const char *text, struct host_fact *fact)
{
	const char *names = text, *values;

	while (names && (values = line_after(names))) {
		pair_parse(names, values, fact);
		names = line_after(values);
	}
}

int counters_open(struct counters *counters)
{
	int code;

	counters->snmp = -1;
	counters->netstat = open("/proc/thread-self/net/netstat", O_RDONLY | O_CLOEXEC);
	if (counters->netstat >= 0)
		counters->snmp = open("/proc/thread-self/net/snmp", O_RDONLY | O_CLOEXEC);
	if (counters->snmp >= 0)
		return 0;
	code = -errno;
	counters_close(counters);
	return code;
}

void counters_close(struct counters *counters)
{
	if (counters->netstat >= 0)
		close(counters->netstat);
	if (counters->snmp >= 0)
		close(counters->snmp);
	counters->netstat = counters->snmp = -1;
}

/* pread: the offset is shared with forked processes that sample at the same time. */
static int file_parse(int fd, struct host_fact *fact)
{
	char text[32768];
	size_t length = 0;
	ssize_t n;

	while ((n = pread(fd, text + length, sizeof text - 1 - length, (off_t)length)) > 0)
		length += (size_t)n;
	if (n < 0)
		return -errno;
	if (length == sizeof text - 1)
		return -EOVERFLOW;
	text[length] = 0;
	counters_parse(text, fact);
	return 0;
}

int counters_sample(const struct counters *counters, struct host_fact *fact)
{
	int code;

	memset(fact, 0, sizeof *fact);
	code = file_parse(counters->netstat, fact);
	return code ? code : file_parse(counters->snmp, fact);
}

int counters_read(struct host_fact *fact)
{
	struct counters counters;
	int code = counters_open(&counters);

	if (code)
		return code;
	code = counters_sample(&counters, fact);
	counters_close(&counters);
	return code;
}
