/* The three forms in which /proc/net lists numbers, into records of uint64_t. Reads text, opens nothing; never
 * fails: what does not fit the form is skipped. */
#ifndef OBSERVE_PROCNET_H
#define OBSERVE_PROCNET_H
#include <stddef.h>
#include <stdint.h>

struct procnet_row {
	const char *group, *name;
	size_t offset;               /* of a uint64_t in the record */
};
/* A record begins with a uint64_t of which bit i is set when rows[i] was found. */
struct procnet_table {
	const struct procnet_row *rows;
	unsigned count;              /* at most 64 */
};

/* Pairs of lines, names and values, with the group in front: netstat, snmp. */
void procnet_pairs(const struct procnet_table *, const char *text, void *record);
/* "GROUP: name value name value...": sockstat. */
void procnet_lists(const struct procnet_table *, const char *text, void *record);
/* "GroupName value": snmp6. */
void procnet_lines(const struct procnet_table *, const char *text, void *record);
/* "value value...", where a row of the empty group has its place as name: file-nr. */
void procnet_numbers(const struct procnet_table *, const char *text, void *record);
#endif
