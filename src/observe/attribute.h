/* The attributes of a netlink message, of any content. In the header, since it runs a dozen times for each of a
 * million sockets: libmnl's calls for this cost half of the parser. */
#ifndef OBSERVE_ATTRIBUTE_H
#define OBSERVE_ATTRIBUTE_H
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct attribute {
	uint16_t type;
	size_t size;                 /* of the payload, which may be shorter than it should be */
	const void *payload;         /* aligned to 4 bytes */
};

/* The next one between *at and end; false: there is none that fits. */
static inline bool attribute_next(const char **at, const char *end, struct attribute *ret)
{
	size_t left = (size_t)(end - *at), step;
	const struct nlattr *header = (const void *)*at;

	if (left < sizeof *header || header->nla_len < sizeof *header || header->nla_len > left)
		return false;
	ret->type = header->nla_type & NLA_TYPE_MASK;
	ret->size = header->nla_len - sizeof *header;
	ret->payload = header + 1;
	step = NLA_ALIGN(header->nla_len);
	*at += step < left ? step : left;
	return true;
}

/* false: it is shorter than that, and *ret is untouched. */
static inline bool attribute_copy(const struct attribute *attribute, void *ret, size_t size)
{
	if (attribute->size < size)
		return false;
	memcpy(ret, attribute->payload, size);
	return true;
}

/* Returns how many numbers it had, `most` at most. */
static inline unsigned attribute_numbers(const struct attribute *attribute, uint32_t ret[], unsigned most)
{
	size_t count = attribute->size / sizeof *ret;

	count = count < most ? count : most;
	memcpy(ret, attribute->payload, count * sizeof *ret);
	return (unsigned)count;
}
#endif
