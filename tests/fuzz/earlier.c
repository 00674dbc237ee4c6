/* The reader of an earlier `show -j` on any bytes, and the comparison of what it made of them with a socket of today.
 * */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/earlier.h"
#include "cli/view/socket_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct earlier *earlier)
{
	static struct option_fact options[OPTION_COUNT];
	static struct changes changes;
	struct socket_fact socket = {
		.protocol = 6, .family = 2, .state = 1, .options = options, .skmem_count = SOCKET_SKMEM};
	char text[4096];

	for (unsigned id = 1; id < OPTION_COUNT; id++)
		options[id] = (struct option_fact){
			.value = {.form = catalogue[id].kind == KIND_NAME ? FORM_TEXT : FORM_NUMBER},
			.source = SOURCE_GETSOCKOPT};
	socket.tcp.have = UINT64_MAX;
	for (size_t i = 0; i < earlier->count; i++) {
		if (!earlier_find(earlier, earlier->socket[i].netns, earlier->socket[i].cookie))
			abort();
		if (!isfinite(earlier_socket_us(earlier, &earlier->socket[i])))
			abort();
		socket_changes(&earlier->socket[i], &socket, 0.5, &changes);
		socket_changes_text(&changes, true, text, sizeof text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	struct sockctl_error error = {0};
	struct earlier earlier;

	if (!file)
		return 0;
	if (earlier_read(&earlier, file, "input", &error) > 0)
		abort();
	compare(&earlier);
	earlier_release(&earlier);
	fclose(file);
	return 0;
}
