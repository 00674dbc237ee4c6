/* TPACKET_V2 receive rings (kernel: Documentation/networking/packet_mmap.rst). V3 would pack frames more tightly, but shows a block
 * only when it is full or some milliseconds old. */
#include "lab/inbox.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"

enum { SMALL, LARGE };
enum {
	BLOCK_BYTES = 1 << 20,
	SMALL_MOST_BYTES = 1900, /* of a frame; the kernel's headers take less than 100 more */
	OFFLOAD_BYTES = sizeof(struct virtio_net_hdr),
};
static const unsigned place_bytes[INBOX_SOCKETS] = {[SMALL] = 2 << 10, [LARGE] = 66 << 10};
static const unsigned blocks[INBOX_SOCKETS] = {[SMALL] = 8, [LARGE] = 32}; /* 4096 frames, 480 super-packets */
static const int64_t ns_per_s = 1000000000;

static unsigned places_per_block(int which)
{
	return BLOCK_BYTES / place_bytes[which];
}

/* --- opening --------------------------------------------------------------------------------------------------- */

static int filter_attach(int fd, int which)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SMALL_MOST_BYTES, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, which == LARGE ? UINT32_MAX : 0),
		BPF_STMT(BPF_RET | BPF_K, which == LARGE ? 0 : UINT32_MAX),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

static int ring_attach(int fd, int which)
{
	struct tpacket_req ring = {
		.tp_block_size = BLOCK_BYTES,
		.tp_block_nr = blocks[which],
		.tp_frame_size = place_bytes[which],
		.tp_frame_nr = blocks[which] * places_per_block(which),
	};
	int version = TPACKET_V2;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring))
		return -errno;
	return 0;
}

static int socket_prepare(int fd, int which)
{
	int on = 1, code;

	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on))
		return -errno;
	code = filter_attach(fd, which);
	return code ? code : ring_attach(fd, which);
}

static int socket_open(struct inbox *inbox, int which, unsigned device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)device,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), code;
	void *memory;

	if (fd < 0)
		return -errno;
	inbox->socket[which] = fd;
	code = socket_prepare(fd, which);
	if (code)
		return code;
	memory = mmap(NULL, (size_t)blocks[which] * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	inbox->memory[which] = memory;
	return bind(fd, (struct sockaddr *)&address, sizeof address) ? -errno : 0;
}

int inbox_open(struct inbox *inbox, const char *device)
{
	unsigned index = if_nametoindex(device);
	int code = index ? 0 : -errno;

	*inbox = (struct inbox)INBOX_NONE;
	for (int which = 0; !code && which < INBOX_SOCKETS; which++)
		code = socket_open(inbox, which, index);
	if (code)
		inbox_close(inbox);
	return code;
}

void inbox_close(struct inbox *inbox)
{
	for (int which = 0; which < INBOX_SOCKETS; which++) {
		if (inbox->memory[which])
			munmap(inbox->memory[which], (size_t)blocks[which] * BLOCK_BYTES);
		if (inbox->socket[which] >= 0)
			close(inbox->socket[which]);
	}
	*inbox = (struct inbox)INBOX_NONE;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static struct tpacket2_hdr *place_next(const struct inbox *inbox, int which)
{
	unsigned block = inbox->next[which] / places_per_block(which),
		 place = inbox->next[which] % places_per_block(which);

	return (struct tpacket2_hdr *)(inbox->memory[which] + (size_t)block * BLOCK_BYTES + place * place_bytes[which]);
}

/* The frame in the next place, if the kernel has filled it. */
static const struct tpacket2_hdr *place_look(const struct inbox *inbox, int which)
{
	const struct tpacket2_hdr *place = place_next(inbox, which);

	return __atomic_load_n(&place->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER ? place : NULL;
}

static int is_before(const struct tpacket2_hdr *a, const struct tpacket2_hdr *b)
{
	return a->tp_sec != b->tp_sec ? a->tp_sec < b->tp_sec : a->tp_nsec < b->tp_nsec;
}

/* The kernel's stamp is when the sender handed the packet over: what we come late to read must not arrive later for it. It is of
 * the wall clock; the offset is taken anew each time, since that clock may be set. */
static uint64_t stamp_to_monotonic(const struct tpacket2_hdr *frame)
{
	uint64_t now_ns = clock_ns();
	struct timespec wall;
	int64_t age_ns;

	clock_gettime(CLOCK_REALTIME, &wall);
	age_ns = (int64_t)(wall.tv_sec - (time_t)frame->tp_sec) * ns_per_s + wall.tv_nsec - (int64_t)frame->tp_nsec;
	return age_ns > 0 && age_ns < ns_per_s ? now_ns - (uint64_t)age_ns : now_ns;
}

/* The order between the rings is that of the stamps. Where only a large frame is seen, small is looked at
 * again: what is older than that is visible by then. */
const uint8_t *inbox_next(struct inbox *inbox, size_t *ret_length, uint64_t *ret_arrival_ns)
{
	const struct tpacket2_hdr *small = place_look(inbox, SMALL), *large = place_look(inbox, LARGE), *frame;

	if (large && !small)
		small = place_look(inbox, SMALL);
	inbox->shown = large && (!small || is_before(large, small)) ? LARGE : SMALL;
	frame = inbox->shown == LARGE ? large : small;
	if (!frame)
		return NULL;
	*ret_length = frame->tp_snaplen + OFFLOAD_BYTES;
	*ret_arrival_ns = stamp_to_monotonic(frame);
	return (const uint8_t *)frame + frame->tp_mac - OFFLOAD_BYTES;
}

void inbox_done(struct inbox *inbox)
{
	int which = (int)inbox->shown;

	__atomic_store_n(&place_next(inbox, which)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	inbox->next[which] = (inbox->next[which] + 1) % (blocks[which] * places_per_block(which));
}

/* Reading clears the kernel's count. */
uint64_t inbox_drops(const struct inbox *inbox)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof stats;
	uint64_t drops = 0;

	for (int which = 0; which < INBOX_SOCKETS; which++)
		if (!getsockopt(inbox->socket[which], SOL_PACKET, PACKET_STATISTICS, &stats, &size))
			drops += stats.tp_drops;
	return drops;
}
