/* Which ports an outgoing connection may get. Plain data: reads nothing. */
#ifndef FACT_PORT_RANGE_H
#define FACT_PORT_RANGE_H
#include <stdint.h>

struct port_range {
	uint16_t low, high;          /* net.ipv4.ip_local_port_range */
	uint32_t reserved;           /* ports between them that are never chosen */
	uint32_t usable;             /* the others */
};

/* reserved: the text of ip_local_reserved_ports, "8080,9148-9150"; what is no list of ports in it is skipped. */
void port_range_count(struct port_range *, uint16_t low, uint16_t high, const char *reserved);
#endif
