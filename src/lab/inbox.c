/* A TPACKET_V2 receive ring (kernel: Documentation/networking/packet_mmap.rst). V3 would pack frames more tightly, but shows a block
 * only when it is full or some milliseconds old. */
#include "lab/inbox.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include "base/clock.h"

enum {
	FRAME_BYTES = 66 << 10, /* a super-packet and the kernel's headers before it */
	BLOCK_BYTES = 1 << 20,
	FRAMES_PER_BLOCK = BLOCK_BYTES / FRAME_BYTES,
	BLOCKS = 32,
	FRAMES = BLOCKS * FRAMES_PER_BLOCK,
	OFFLOAD_BYTES = sizeof(struct virtio_net_hdr),
};
static const int64_t ns_per_s = 1000000000;

int inbox_prepare(int socket)
{
	struct tpacket_req ring = {
		.tp_block_size = BLOCK_BYTES,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = FRAME_BYTES,
		.tp_frame_nr = FRAMES,
	};
	int version = TPACKET_V2;

	if (setsockopt(socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
	    setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring))
		return -errno;
	return 0;
}

int inbox_open(struct inbox *inbox, int socket)
{
	*inbox = (struct inbox){0};
	inbox->memory = mmap(NULL, (size_t)BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, socket, 0);
	return inbox->memory == MAP_FAILED ? -errno : 0;
}

static struct tpacket2_hdr *frame_at(const struct inbox *inbox, unsigned index)
{
	size_t block = index / FRAMES_PER_BLOCK, frame = index % FRAMES_PER_BLOCK;

	return (struct tpacket2_hdr *)(inbox->memory + block * BLOCK_BYTES + frame * FRAME_BYTES);
}

/* The kernel's stamp is when the sender handed the packet over: what we come late to read must not arrive later for it. It is of the
 * wall clock; the offset is taken anew each time, since that clock may be set. */
static uint64_t stamp_to_monotonic(const struct tpacket2_hdr *frame)
{
	uint64_t now_ns = clock_ns();
	struct timespec wall;
	int64_t age_ns;

	clock_gettime(CLOCK_REALTIME, &wall);
	age_ns = (int64_t)(wall.tv_sec - (time_t)frame->tp_sec) * ns_per_s + wall.tv_nsec - (int64_t)frame->tp_nsec;
	return age_ns > 0 && age_ns < ns_per_s ? now_ns - (uint64_t)age_ns : now_ns;
}

const uint8_t *inbox_next(struct inbox *inbox, size_t *ret_length, uint64_t *ret_arrival_ns)
{
	const struct tpacket2_hdr *frame = frame_at(inbox, inbox->next);

	if (!(__atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return NULL;
	*ret_length = frame->tp_snaplen + OFFLOAD_BYTES;
	*ret_arrival_ns = stamp_to_monotonic(frame);
	return (const uint8_t *)frame + frame->tp_mac - OFFLOAD_BYTES;
}

void inbox_done(struct inbox *inbox)
{
	__atomic_store_n(&frame_at(inbox, inbox->next)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	inbox->next = (inbox->next + 1) % FRAMES;
}
