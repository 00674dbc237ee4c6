/* Where and when it was looked: what every object of JSON begins with. */
#ifndef CLI_ORIGIN_H
#define CLI_ORIGIN_H
#include "record/sink.h"

struct origin {
	char name[65], kernel[65];
	char boot_id[40];            /* "" if it cannot be read */
	uint64_t netns;              /* inode of our own; 0 if it cannot be read */
	int64_t unix_us, boot_us;    /* since 1970, and since the boot: that one is not set */
};
void origin_read(struct origin *);
int64_t origin_now_us(void);                         /* since the boot */
/* As members of the object that is open: schema, host, time. */
void origin_emit(struct sink *, const struct origin *, const char *schema);
#endif
