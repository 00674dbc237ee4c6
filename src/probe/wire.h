/* What a connection's packets look like on the loopback device. */
#ifndef PROBE_WIRE_H
#define PROBE_WIRE_H
#include <stdbool.h>
#include <stdint.h>

struct wire_packet {                 /* of the IP header */
	uint8_t traffic_class, hops;
	bool dont_fragment;          /* of IPv4; IPv6 never fragments on the way */
	uint32_t flow_label;         /* of IPv6, else 0 */
};

/* Sends a byte through the connected socket and looks at the packet that leaves. mark: only packets with it count;
 * NULL: all. 0, -ETIMEDOUT: no such packet, or -errno. */
int wire_look(int fd, const uint32_t *mark, struct wire_packet *ret);
#endif
