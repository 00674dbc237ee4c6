/* What may be varied: an option of one host or of both, or a sysctl of the namespaces, and the rungs of its ladder. */
#ifndef LAB_FACTOR_H
#define LAB_FACTOR_H
#include "catalog/option.h"
#include "lab/cause.h"
#include "lab/trial.h"

enum { TUNE_FACTORS = 16, TUNE_RUNGS = 16 };

struct factor {
	uint16_t option;                     /* enum option_id; OPTION_NONE: a sysctl */
	uint8_t hosts;                       /* bit 1 << HOST_CLIENT, 1 << HOST_SERVER */
	char sysctl[48];                     /* "net/ipv4/tcp_wmem" */
	char name[48];                       /* as the list has it: "sndbuf", "server:backlog", "sysctl:tcp_wmem" */
	unsigned rungs;
	char rung[TUNE_RUNGS][64];           /* values as a spec or a sysctl file has them, ascending */
	bool ordered;                        /* more is more: the ladder may stop where it levels off */
	enum tune_cause remedy;              /* what it can remove; CAUSE_UNKNOWN: only a trial tells */
	const char *cost;                    /* what it costs, static; NULL: nothing known */
};

/* What the load is, as far as the default list cares: what its metric measures. */
enum factor_load { LOAD_BULK, LOAD_REQUESTS, LOAD_ANY };
enum factor_load factor_load_of(const struct metric *);

/* `sndbuf=256K..16M,nodelay,server:backlog,cc=cubic|bbr,sysctl:tcp_wmem=4M..64M`. NULL or "": what is worth trying for this load,
 * without what the base sets. A range doubles. A ladder without values starts at BDP / 1.25, of the faster way. Values that are the
 * base's own are left out. -EINVAL, -ENOENT (no such option or sysctl), -ERANGE, -E2BIG. error.subject is the token. */
int factors_parse(struct factor factors[TUNE_FACTORS], unsigned *count, const char *list, enum factor_load,
		  const struct path *, const struct arm *base, struct sockctl_error *);
/* Puts one rung into an arm. 0 or -errno of the spec. */
int factor_apply(const struct factor *, unsigned rung, struct arm *, struct sockctl_error *);
/* "sndbuf=4M", "net.ipv4.tcp_wmem=4096 16384 16777216"; as snprintf. */
int factor_format(const struct factor *, unsigned rung, char *text, size_t size);
/* Does it fix a size that the kernel would tune by itself? */
bool factor_freezes(const struct factor *);
int64_t path_bdp_bytes(const struct path *);                          /* of the faster way; 0 where rate or delay is not limited */
#endif
