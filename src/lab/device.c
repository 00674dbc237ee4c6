/* Network devices by rtnetlink. Knows neither what they are for nor in which namespace it is. */
#include "lab/device.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <libmnl/libmnl.h>

enum { REQUEST_BYTES = 1024 };

struct request {
	char buffer[REQUEST_BYTES];
	struct nlmsghdr *header;
};

static void *request_start(struct request *r, uint16_t type, uint16_t flags, size_t body_bytes)
{
	r->header = mnl_nlmsg_put_header(r->buffer);
	r->header->nlmsg_type = type;
	r->header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	r->header->nlmsg_seq = 1;
	return mnl_nlmsg_put_extra_header(r->header, body_bytes);
}

static int answer_read(struct mnl_socket *socket)
{
	char answer[8192];
	ssize_t n = mnl_socket_recvfrom(socket, answer, sizeof answer);

	if (n < 0)
		return -errno;
	return mnl_cb_run(answer, (size_t)n, 1, mnl_socket_get_portid(socket), NULL, NULL) < 0 ? -errno : 0;
}

static int request_send(struct request *r)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int code;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_sendto(socket, r->header, r->header->nlmsg_len) < 0)
		code = -errno;
	else
		code = answer_read(socket);
	mnl_socket_close(socket);
	return code;
}

int device_add_veth(const char *name, const char *peer, int peer_netns, const uint8_t peer_mac[DEVICE_MAC])
{
	struct nlattr *info, *data, *other;
	struct request r;

	request_start(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(r.header, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(r.header, IFLA_LINKINFO);
	mnl_attr_put_strz(r.header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(r.header, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(r.header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(r.header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(r.header, IFLA_IFNAME, peer);
	mnl_attr_put(r.header, IFLA_ADDRESS, DEVICE_MAC, peer_mac);
	mnl_attr_put_u32(r.header, IFLA_NET_NS_FD, (uint32_t)peer_netns);
	mnl_attr_nest_end(r.header, other);
	mnl_attr_nest_end(r.header, data);
	mnl_attr_nest_end(r.header, info);
	return request_send(&r);
}

/* Nobody here needs link-local addresses, and their discovery would be traffic on the link. To be said before the
 * device is up; a kernel without IPv6 does not know the attribute, and needs it not. */
static void link_local_forgo(int index)
{
	struct nlattr *families, *ipv6;
	struct ifinfomsg *link;
	struct request r;

	link = request_start(&r, RTM_NEWLINK, 0, sizeof *link);
	link->ifi_index = index;
	families = mnl_attr_nest_start(r.header, IFLA_AF_SPEC);
	ipv6 = mnl_attr_nest_start(r.header, AF_INET6);
	mnl_attr_put_u8(r.header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(r.header, ipv6);
	mnl_attr_nest_end(r.header, families);
	request_send(&r);
}

int device_set_mac(const char *name, const uint8_t mac[DEVICE_MAC])
{
	struct ifinfomsg *link;
	struct request r;

	link = request_start(&r, RTM_NEWLINK, 0, sizeof *link);
	link->ifi_index = (int)if_nametoindex(name);
	mnl_attr_put(r.header, IFLA_ADDRESS, DEVICE_MAC, mac);
	return request_send(&r);
}

int device_up(const char *name)
{
	int index = (int)if_nametoindex(name);
	struct ifinfomsg *link;
	struct request r;

	if (!index)
		return -errno;
	link_local_forgo(index);
	link = request_start(&r, RTM_NEWLINK, 0, sizeof *link);
	link->ifi_index = index;
	link->ifi_change = link->ifi_flags = IFF_UP;
	return request_send(&r);
}

static size_t address_bytes(int family)
{
	return family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

int device_add_address(const char *name, int family, const void *address, unsigned prefix_bits)
{
	struct ifaddrmsg *body;
	struct request r;

	body = request_start(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
	body->ifa_family = (uint8_t)family;
	body->ifa_prefixlen = (uint8_t)prefix_bits;
	body->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	body->ifa_index = if_nametoindex(name);
	mnl_attr_put(r.header, IFA_LOCAL, address_bytes(family), address);
	mnl_attr_put(r.header, IFA_ADDRESS, address_bytes(family), address);
	return request_send(&r);
}

int device_add_neighbour(const char *name, int family, const void *address, const uint8_t mac[DEVICE_MAC])
{
	struct ndmsg *body;
	struct request r;

	body = request_start(&r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof *body);
	body->ndm_family = (uint8_t)family;
	body->ndm_ifindex = (int)if_nametoindex(name);
	body->ndm_state = NUD_PERMANENT;
	mnl_attr_put(r.header, NDA_DST, address_bytes(family), address);
	mnl_attr_put(r.header, NDA_LLADDR, DEVICE_MAC, mac);
	return request_send(&r);
}
