/* The parser of sock_diag messages on any bytes. */
#include <stdlib.h>
#include <string.h>
#include "observe/diag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *message = malloc(size ? size : 1);
	struct socket_fact socket;

	if (!message)
		return 0;
	memcpy(message, data, size);
	if (!diag_parse(message, size, &socket) && socket.skmem_count > SOCKET_SKMEM)
		abort();
	free(message);
	return 0;
}
