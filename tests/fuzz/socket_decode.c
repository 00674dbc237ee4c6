/* The decoder of the BPF programs' records on any bytes: as they are, and again with lengths that are right, so that
 * the rest is looked at too whatever the layout of the day. */
#include <stdlib.h>
#include <string.h>
#include "observe/socket_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode_all(struct socket_decoder *decoder, const void *data, size_t size)
{
	/* of exactly this size, so that a look beyond it is seen */
	unsigned char *bytes = malloc(size ? size : 1);
	int length = 1;

	if (!bytes)
		return;
	memcpy(bytes, data, size);
	for (size_t at = 0; length > 0; at += (size_t)length) {
		length = socket_decode(decoder, bytes + at, size - at);
		if (length > 0 && (size_t)length > size - at)
			abort();
		if (length > 0 && decoder->socket.skmem_count > SOCKET_SKMEM)
			abort();
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct socket_decoder decoder;
	static struct socket_record record;
	const bool by_hand = size % 2;

	socket_decoder_init(&decoder, by_hand);
	decode_all(&decoder, data, size);
	for (unsigned part = 0; part < 2; part++) {
		const uint8_t *from = part ? data + size / 2 : data;
		size_t most = part ? size - size / 2 : size / 2;

		memset(&record, 0, sizeof record);
		memcpy(&record, from, most < sizeof record ? most : sizeof record);
		record.asked_count %= RECORD_ASKED + 1;
		record.length = (uint16_t)(offsetof(struct socket_record, asked) +
					   record.asked_count * sizeof *record.asked);
		decode_all(&decoder, &record, record.length);
	}
	return 0;
}
