/* Lines of libbpf's log, at its most talkative: see relocated.h. */
#include "relocated.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct relocation relocations[RELOCATIONS];
unsigned relocations_count;
static struct relocation now; /* of which the next lines speak */
static char last_warning[512];

static enum kind kind_of(const char *text)
{
	static const char *const names[] = {"<byte_off>",   "<byte_sz>",    "<signed>",
					    "<lshift_u64>", "<rshift_u64>", "<field_exists>"};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (!strncmp(text, names[i], strlen(names[i])))
			return (enum kind)i;
	return OTHER;
}

/* "<byte_off> [36] struct tcp_sock.nonagle (0:57 @ offset 707.3)" */
static void relocation_begin(const char *text)
{
	memset(&now, 0, sizeof now);
	now.kind = kind_of(text);
	if (sscanf(text, "<%*[a-z_0-9]> [%*u] struct %31[^. ].%63[^ ]", now.structure, now.path) != 2)
		now.kind = OTHER;
}

static void relocation_end(const char *text, const char *number, bool is_load)
{
	const char *arrow = strstr(text, " -> ");

	if (now.kind == OTHER || !arrow || !*number)
		return;
	assert_true(relocations_count < RELOCATIONS);
	now.is_load = is_load;
	now.value = strtoll(arrow + 4, NULL, 10);
	relocations[relocations_count++] = now;
}

__attribute__((format(printf, 2, 0))) static int line_read(enum libbpf_print_level level, const char *format,
							   va_list arguments)
{
	char line[1024], *text;

	vsnprintf(line, sizeof line, format, arguments);
	if (level == LIBBPF_WARN)
		snprintf(last_warning, sizeof last_warning, "%s", line);
	text = strstr(line, "relo #");
	text = text ? strstr(text, ": ") : NULL;
	if (!text)
		return 0;
	text += 2;
	if (*text == '<')
		relocation_begin(text);
	else if (!strncmp(text, "patched insn", 12))
		relocation_end(text, strstr(text, "#"), strstr(text, "(LDX") != NULL);
	return 0;
}

/* --- relocating ----------------------------------------------------------------------------------------------------- */

struct bpf_object *object_open(const char *path, const char *btf)
{
	const struct bpf_object_open_opts options = {.sz = sizeof options, .btf_custom_path = btf};
	struct bpf_object *object = bpf_object__open_file(path, btf ? &options : NULL);

	if (!object)
		fail_msg("%s: %s", path, strerror(errno));
	return object;
}

static void btf_write(const struct btf *btf, char path[])
{
	unsigned size;
	const void *data = btf__raw_data(btf, &size);
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0 && data);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

struct bpf_object *object_relocate(const char *path, const struct btf *btf)
{
	char file[] = "/tmp/relocation-XXXXXX";
	struct bpf_object *object;
	int r;

	btf_write(btf, file);
	relocations_count = 0;
	*last_warning = 0;
	libbpf_set_print(line_read);
	object = object_open(path, file);
	r = bpf_object__load(object);
	libbpf_set_print(NULL);
	unlink(file);
	if (!relocations_count)
		fail_msg("%s: nothing was relocated: %s %s", path, strerror(-r), last_warning);
	return object;
}

int object_try(const char *path)
{
	struct bpf_object *object;
	int r;

	libbpf_set_print(line_read);
	object = object_open(path, NULL);
	r = bpf_object__load(object);
	bpf_object__close(object);
	libbpf_set_print(NULL);
	return r;
}
