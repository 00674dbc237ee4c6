/* Loads bpf/tcp.bpf.c or bpf/udp.bpf.c and reads what it writes. */
#include "observe/iterator.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/clock.h"
#include "base/error.h"
#include "observe/bpf_obstacle.h"
#include "observe/bpf_records.h"
#include "observe/btf_file.h"
#include "observe/socket_decode.h"
/* Of the record's types: */
#include "bpf/tcp.skel.h"
#include "bpf/udp.skel.h"

_Static_assert(sizeof(struct socket_record) <= BPF_RECORD_MOST, "room for a record that is cut in two");

struct iterator {
	const char *name; /* "iter/tcp" */
	struct tcp *tcp;  /* one of the two */
	struct udp *udp;
	struct bpf_link *link;
	uint32_t *wanted_states, *wanted_family; /* the program's own */
	struct socket_decoder decoder;
};

static struct record_tick tick_of_kernel(void)
{
	int64_t tick_us = clock_tick_us();
	uint32_t hz = (uint32_t)((1000000 + tick_us / 2) / tick_us);

	return (struct record_tick){hz, 1000000 % hz ? 0 : 1000000 / hz, 1000 % hz ? 0 : 1000 / hz};
}

/* Of one of the two; part: of the kernel's types, or of all where it is NULL. */
struct loading {
	struct iterator *iterator;
	struct btf_file *part;
	bool by_hand;
};

/* "tcp" */
static const char *target_of(const char *section)
{
	return strchr(section, '/') + 1;
}

/* A program of the type that an iterator has would have libbpf look for its function. */
static int attachment_prepare(struct bpf_program *program, struct bpf_prog_load_opts *options, long function)
{
	options->attach_btf_id = (uint32_t)function;
	options->expected_attach_type = BPF_TRACE_ITER;
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

/* As libbpf does it by itself. */
static int attachment_find(struct bpf_program *program, const char *section)
{
	int r = bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);

	r = r ? r : bpf_program__set_expected_attach_type(program, BPF_TRACE_ITER);
	return r ? r : bpf_program__set_attach_target(program, 0, target_of(section));
}

/* Before it is loaded. */
static int program_prepare(const struct loading *loading, const struct bpf_object *object, struct bpf_program *program)
{
	return loading->part ? btf_file_fill(loading->part, bpf_object__btf(object)) :
			       attachment_find(program, loading->iterator->name);
}

static const struct bpf_object_open_opts *open_options(const struct loading *loading, struct bpf_object_open_opts *ret)
{
	*ret = (struct bpf_object_open_opts){.sz = sizeof *ret};
	ret->btf_custom_path = loading->part ? loading->part->path : NULL;
	return ret;
}

static int link_make(struct iterator *iterator, const struct bpf_program *program)
{
	iterator->link = bpf_program__attach_iter(program, NULL);
	return iterator->link ? 0 : -errno;
}

/* What the program cannot know: the table of options, the length of a clock tick. */
static int tcp_load(const struct loading *loading)
{
	struct iterator *iterator = loading->iterator;
	const struct socket_decoder *decoder = &iterator->decoder;
	struct bpf_object_open_opts options;
	struct tcp *program = iterator->tcp = tcp__open_opts(open_options(loading, &options));
	int r;

	if (!program)
		return -errno;
	for (unsigned i = 0; i < decoder->asked_count; i++)
		program->rodata->asked_rows[i] = decoder->asked[i].row;
	program->rodata->asked_rows_count = decoder->asked_count;
	program->rodata->tick = tick_of_kernel();
	program->rodata->by_hand = loading->by_hand;
	r = program_prepare(loading, program->obj, program->progs.tcp_sockets);
	r = r ? r : tcp__load(program);
	if (r)
		return r;
	iterator->wanted_states = &program->data->wanted_states;
	iterator->wanted_family = &program->bss->wanted_family;
	return link_make(iterator, program->progs.tcp_sockets);
}

static int udp_load(const struct loading *loading)
{
	struct iterator *iterator = loading->iterator;
	struct bpf_object_open_opts options;
	struct udp *program = iterator->udp = udp__open_opts(open_options(loading, &options));
	int r;

	if (!program)
		return -errno;
	program->rodata->tick = tick_of_kernel();
	r = program_prepare(loading, program->obj, program->progs.udp_sockets);
	r = r ? r : udp__load(program);
	if (r)
		return r;
	iterator->wanted_states = &program->data->wanted_states;
	iterator->wanted_family = &program->bss->wanted_family;
	return link_make(iterator, program->progs.udp_sockets);
}

static void unload(struct iterator *iterator)
{
	bpf_link__destroy(iterator->link);
	tcp__destroy(iterator->tcp);
	udp__destroy(iterator->udp);
	iterator->link = NULL;
	iterator->tcp = NULL;
	iterator->udp = NULL;
}

/* With libbpf, for our section; once, since libbpf 1.1 does not survive the way back. */
static void attachment_register(const struct btf_file *part, const char *section, bool *done)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = attachment_prepare);
	char function[32];

	snprintf(function, sizeof function, "bpf_iter_%s", target_of(section));
	options.cookie = *done ? 0 : btf_file_function(part, function);
	*done |= options.cookie && libbpf_register_prog_handler(section, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &options) > 0;
}

static int load_as(struct loading *loading, uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? udp_load(loading) : tcp_load(loading);
}

/* What went wrong with the part is of no interest: it may go with all of the kernel's types, as those of modules. */
static int load(struct loading *loading, uint8_t protocol)
{
	static bool registered[2];
	struct btf_file part;
	int r = btf_file_open(&part);

	if (!r) {
		loading->part = &part;
		attachment_register(&part, loading->iterator->name, &registered[protocol == IPPROTO_UDP]);
		r = load_as(loading, protocol);
	}
	btf_file_close(&part);
	if (!r || r == -EMFILE || r == -ENFILE)
		return r;
	unload(loading->iterator);
	loading->part = NULL;
	return load_as(loading, protocol);
}

static int open_as(struct iterator **ret, uint8_t protocol, bool by_hand, struct sockctl_error *error)
{
	const char *name = protocol == IPPROTO_UDP ? "iter/udp" : "iter/tcp";
	struct iterator *iterator = malloc(sizeof *iterator);
	int r;

	if (!iterator)
		return error_set(error, -ENOMEM, "bpf", name, NULL);
	iterator->name = name;
	iterator->tcp = NULL;
	iterator->udp = NULL;
	iterator->link = NULL;
	socket_decoder_init(&iterator->decoder, by_hand);
	bpf_quiet();
	r = load(&(struct loading){.iterator = iterator, .by_hand = by_hand}, protocol);
	if (r) {
		iterator_close(iterator);
		return bpf_obstacle(error, r, name);
	}
	*ret = iterator;
	return 0;
}

int iterator_open(struct iterator **ret, uint8_t protocol, struct sockctl_error *error)
{
	return open_as(ret, protocol, true, error);
}

int iterator_open_asking(struct iterator **ret, struct sockctl_error *error)
{
	return open_as(ret, IPPROTO_TCP, false, error);
}

void iterator_close(struct iterator *iterator)
{
	if (!iterator)
		return;
	unload(iterator);
	free(iterator);
}

struct pass {
	struct socket_decoder *decoder;
	diag_visit *visit;
	void *arg;
};

static int records_visit(void *arg, const void *data, size_t size, size_t *ret_used)
{
	const struct pass *pass = arg;
	size_t used = 0;
	int r = 0;

	while (!r) {
		int length = socket_decode(pass->decoder, (const char *)data + used, size - used);

		if (length <= 0) {
			r = length;
			break;
		}
		used += (size_t)length;
		r = pass->visit(pass->arg, &pass->decoder->socket);
	}
	*ret_used = used;
	return r;
}

int iterator_walk(struct iterator *iterator, const struct iterator_request *request, diag_visit *visit, void *arg,
		  struct sockctl_error *error)
{
	struct pass pass = {&iterator->decoder, visit, arg};
	int fd, r;

	*iterator->wanted_states = request->states;
	*iterator->wanted_family = request->family;
	socket_decoder_forget(&iterator->decoder);
	fd = bpf_iter_create(bpf_link__fd(iterator->link));
	if (fd < 0)
		return bpf_obstacle(error, -errno, iterator->name);
	r = bpf_records_read(fd, records_visit, &pass);
	close(fd);
	return r < 0 ? error_set(error, r, "read", iterator->name, NULL) : r;
}
