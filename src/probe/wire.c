/* A packet socket with a filter for one port: everybody else's traffic passes here too. */
#include "probe/wire.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "probe/stage.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, PATIENCE_MS = 1000 };

static int port_of(int fd)
{
	struct sockaddr_in6 address = {0};
	socklen_t length = sizeof address;

	/* sin_port and sin6_port lie at the same offset */
	return getsockname(fd, (struct sockaddr *)&address, &length) ? -errno : ntohs(address.sin6_port);
}

/* Neither IPv4 options nor IPv6 extension headers are expected. A mark of 0 is what every packet has. */
static int filter_attach(int fd, int port, const uint32_t *mark)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mark ? *mark : 0, mark ? 0 : 0, mark ? 7 : 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 0, 2),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, IPV4_HEADER),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, IPV6_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)port, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, IPV6_HEADER),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

/* The filter stands before the socket is bound to the device, so that nothing else gets in. */
static int wire_open(int port, const uint32_t *mark)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex("lo")};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return -errno;
	r = filter_attach(fd, port, mark);
	if (!r && bind(fd, (struct sockaddr *)&device, sizeof device))
		r = -errno;
	if (!r)
		return fd;
	close(fd);
	return r;
}

static void packet_parse(const uint8_t *header, struct wire_packet *ret)
{
	*ret = (struct wire_packet){0};
	if (header[0] >> 4 == 4) {
		ret->traffic_class = header[1];
		ret->hops = header[8];
		ret->dont_fragment = header[6] & 0x40;
	} else {
		ret->traffic_class = (uint8_t)(header[0] << 4 | header[1] >> 4);
		ret->flow_label = (uint32_t)(header[1] & 0xf) << 16 | (uint32_t)header[2] << 8 | header[3];
		ret->hops = header[7];
	}
}

int wire_look(int fd, const uint32_t *mark, struct wire_packet *ret)
{
	int port = port_of(fd), wire = port < 0 ? port : wire_open(port, mark), r;
	uint8_t header[IPV6_HEADER] = {0};

	if (wire < 0)
		return wire;
	r = send(fd, "w", 1, MSG_NOSIGNAL) == 1 ? stage_wait(wire, POLLIN, PATIENCE_MS) : -errno;
	if (!r && recv(wire, header, sizeof header, 0) < IPV4_HEADER)
		r = -errno;
	if (!r)
		packet_parse(header, ret);
	close(wire);
	return r;
}
