/* Names and units of what a filter compares: the socket's own numbers, then every field of tcp_fact.def. */
#include "observe/filter_field.h"
#include <string.h>
#include <strings.h>

enum { SKMEM_DROPS = 8 }; /* SK_MEMINFO_DROPS of linux/sock_diag.h */

static bool uid_read(const struct socket_fact *socket, uint64_t *ret)
{
	*ret = socket->uid;
	return socket->known & KNOWN_UID;
}

static bool inode_read(const struct socket_fact *socket, uint64_t *ret)
{
	*ret = socket->inode;
	return true;
}

static bool rqueue_read(const struct socket_fact *socket, uint64_t *ret)
{
	*ret = socket->rqueue_bytes;
	return true;
}

static bool wqueue_read(const struct socket_fact *socket, uint64_t *ret)
{
	*ret = socket->wqueue_bytes;
	return true;
}

static bool drops_read(const struct socket_fact *socket, uint64_t *ret)
{
	if (socket->skmem_count <= SKMEM_DROPS)
		return false;
	*ret = socket->skmem[SKMEM_DROPS];
	return true;
}

static const struct {
	const char *name;
	enum measure measure;
	bool (*read)(const struct socket_fact *, uint64_t *ret);
} own[] = {
	{"uid", MEASURE_COUNT, uid_read},
	{"inode", MEASURE_COUNT, inode_read},
	{"rqueue_bytes", MEASURE_SIZE, rqueue_read},
	{"wqueue_bytes", MEASURE_SIZE, wqueue_read},
	{"drops", MEASURE_COUNT, drops_read},
};
enum { OWN = sizeof own / sizeof *own };

static const struct {
	const char *suffix;
	enum measure measure;
	unsigned scale; /* of the field, to what a filter is parsed to: times to microseconds */
} units[] = {
	{"_bytes_per_s", MEASURE_RATE, 1}, {"_bytes", MEASURE_SIZE, 1}, {"_us", MEASURE_TIME, 1},
	{"_ms", MEASURE_TIME, 1000},       {"_segs", MEASURE_COUNT, 1},
};

const char *filter_field_name(unsigned field)
{
	return field < OWN ? own[field].name : tcp_fact_fields[field - OWN].name;
}

/* The length of the name without its unit; *ret_unit: which one, or none. */
static size_t stem_length(const char *name, int *ret_unit)
{
	size_t length = strlen(name);

	*ret_unit = -1;
	for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
		size_t suffix = strlen(units[i].suffix);

		if (length <= suffix || strcmp(name + length - suffix, units[i].suffix))
			continue;
		*ret_unit = (int)i;
		return length - suffix;
	}
	return length;
}

int filter_field_find(const char *name, size_t length)
{
	for (unsigned field = 0; field < OWN + TCP_FACT_COUNT; field++) {
		const char *known = filter_field_name(field);
		int unit;

		if ((length == strlen(known) || length == stem_length(known, &unit)) &&
		    !strncasecmp(known, name, length))
			return (int)field;
	}
	return -1;
}

enum measure filter_field_measure(unsigned field)
{
	const char *name = filter_field_name(field);
	int unit;

	if (field < OWN)
		return own[field].measure;
	stem_length(name, &unit);
	if (unit < 0) /* bytes_sent, bytes_acked... */
		return strncmp(name, "bytes_", 6) ? MEASURE_COUNT : MEASURE_SIZE;
	return units[unit].measure;
}

bool filter_field_read(unsigned field, const struct socket_fact *socket, uint64_t *ret)
{
	int unit;

	if (field < OWN)
		return own[field].read(socket, ret);
	if (!tcp_fact_has(&socket->tcp, field - OWN))
		return false;
	memcpy(ret, (const char *)&socket->tcp + tcp_fact_fields[field - OWN].offset, sizeof *ret);
	stem_length(tcp_fact_fields[field - OWN].name, &unit);
	*ret *= unit < 0 ? 1 : units[unit].scale;
	return true;
}
