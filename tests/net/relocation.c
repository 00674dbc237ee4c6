/* The BPF programs on kernels that we do not have: relocated by libbpf against BTF whose structures lie otherwise. Where
 * a program looks is then where the field is, whether it is a bit field there or not; and of a field that is not there
 * nothing is left that could be come to. No such kernel can run them; what libbpf has written is read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "bpf_reach.h"
#include "foreign_btf.h"
#include "relocated.h"

enum { POISON = 195896080 }; /* bpf_core_poison_insn() of libbpf: a call that there is not */

static char **objects; /* paths of the programs */
static unsigned objects_count;

static void bpf_or_skip(void)
{
	int r = object_try(objects[0]);

	if (!r)
		return;
	if (r != -EPERM && r != -ENOSYS && !access("/sys/kernel/btf/vmlinux", R_OK))
		fail_msg("%s: %s", objects[0], strerror(-r));
	printf("skip: no BPF for this user, or in this kernel: %s\n", strerror(-r));
	skip();
}

/* --- where it looks --------------------------------------------------------------------------------------------------- */

/* Of a field that is read in several places all say the same. */
static const struct relocation *companion(unsigned at, enum kind kind)
{
	for (unsigned i = 0; i < relocations_count; i++)
		if (relocations[i].kind == kind && !strcmp(relocations[i].structure, relocations[at].structure) &&
		    !strcmp(relocations[i].path, relocations[at].path))
			return &relocations[i];
	return NULL;
}

static void bits_put(unsigned char image[], const struct foreign_field *field, uint64_t value)
{
	for (unsigned i = 0; i < field->bits; i++) {
		unsigned bit = field->bit + i;

		image[bit / 8] = (unsigned char)((image[bit / 8] & ~(1u << bit % 8)) | (value >> i & 1) << bit % 8);
	}
}

/* BPF_CORE_READ_BITFIELD() with these numbers. */
static uint64_t bits_read(const unsigned char image[], unsigned at)
{
	uint64_t value = 0;
	const struct relocation *left = companion(at, LSHIFT), *right = companion(at, RSHIFT);

	memcpy(&value, image + relocations[at].value, (size_t)companion(at, BYTE_SZ)->value);
	value <<= left->value;
	if (companion(at, IS_SIGNED)->value)
		return (uint64_t)((int64_t)value >> right->value);
	return value >> right->value;
}

static uint64_t extended(uint64_t value, const struct foreign_field *field)
{
	unsigned above = 64 - field->bits;

	return field->is_signed ? (uint64_t)((int64_t)(value << above) >> above) : value << above >> above;
}

/* Whatever its neighbours are. */
static void bits_check(const struct foreign_field *field, unsigned at)
{
	static const uint64_t values[] = {0, 1, UINT64_MAX, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa};
	static unsigned char image[8192 + 8];

	for (unsigned i = 0; i < 2 * sizeof values / sizeof *values; i++) {
		uint64_t value = values[i / 2], got;

		memset(image, i % 2 ? 0xff : 0, sizeof image);
		bits_put(image, field, value);
		got = bits_read(image, at);
		if (got != extended(value, field))
			fail_msg("%s.%s: %#llx of %u bits at %u is read as %#llx", relocations[at].structure,
				 relocations[at].path, (unsigned long long)extended(value, field), field->bits,
				 field->bit, (unsigned long long)got);
	}
}

struct tally {
	unsigned loads, bits, as_bits; /* as_bits: that are bit fields there */
};

static void places_check(const struct btf *btf, struct tally *tally)
{
	struct foreign_field field;

	for (unsigned i = 0; i < relocations_count; i++) {
		const struct relocation *relocation = &relocations[i];

		if (relocation->kind != BYTE_OFF)
			continue;
		if (!foreign_find(btf, relocation->structure, relocation->path, &field))
			fail_msg("%s.%s is not there", relocation->structure, relocation->path);
		assert_true(field.bit / 8 < 8192);
		if (!relocation->is_load && companion(i, LSHIFT) && companion(i, BYTE_SZ)) {
			bits_check(&field, i);
			tally->bits++;
			tally->as_bits += field.is_bits;
		} else {
			if (relocation->value != field.bit / 8 || field.is_bits)
				fail_msg("%s.%s: looked for at %lld, and is at bit %u", relocation->structure,
					 relocation->path, relocation->value, field.bit);
			tally->loads++;
		}
	}
}

/* What the program reads as bits, by its own BTF. */
static void fields_note(struct foreign *foreign, const struct btf *own)
{
	foreign->noted_count = 0;
	for (unsigned i = 0; i < relocations_count; i++) {
		struct foreign_field field;

		if (relocations[i].kind != LSHIFT ||
		    !foreign_find(own, relocations[i].structure, relocations[i].path, &field))
			continue;
		assert_true(foreign->noted_count < FOREIGN_NOTED);
		foreign->noted[foreign->noted_count++] = field;
	}
}

static void each_field_is_found_where_it_is(void **state)
{
	static struct foreign foreign;
	struct tally tally[3] = {{0}};

	(void)state;
	bpf_or_skip();
	for (unsigned i = 0; i < objects_count; i++) {
		struct bpf_object *original = object_open(objects[i], NULL);
		const struct btf *own = bpf_object__btf(original);

		bpf_object__close(object_relocate(objects[i], own));
		fields_note(&foreign, own);
		for (unsigned style = 0; style < 3; style++) {
			foreign.style = (enum foreign_style)style;
			foreign_build(&foreign, own);
			bpf_object__close(object_relocate(objects[i], foreign.btf));
			places_check(foreign.btf, &tally[style]);
			foreign_free(&foreign);
		}
		bpf_object__close(original);
	}
	for (unsigned style = 0; style < 3; style++)
		print_message("layout %u: %u plain reads, %u of bits, which are a bit field in %u\n", style,
			      tally[style].loads, tally[style].bits, tally[style].as_bits);
	assert_true(tally[FOREIGN_MOVED].as_bits > 20);
	assert_int_equal(tally[FOREIGN_WHOLE].as_bits, 0);
	assert_true(tally[FOREIGN_BITS].as_bits > tally[FOREIGN_MOVED].as_bits);
}

/* --- what is not there -------------------------------------------------------------------------------------------------- */

static unsigned poison_reached(const struct bpf_object *object)
{
	const struct bpf_program *program = bpf_object__next_program(object, NULL);
	size_t count = bpf_program__insn_cnt(program);
	const struct bpf_insn *insns = bpf_program__insns(program);
	bool *reached = calloc(count, sizeof *reached);
	unsigned poisoned = 0;

	assert_non_null(reached);
	bpf_reach(insns, count, reached);
	for (size_t i = 0; i < count; i++)
		poisoned += reached[i] && insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
			    insns[i].imm == POISON;
	free(reached);
	return poisoned;
}

enum { ASKED = 128 };
struct asked {
	char structure[32], path[64];
};

/* Of each number of tcp_fact.def it is asked whether there is such a field. These are read elsewhere too, unasked: they
 * are older than bpf_getsockopt() in iter/tcp (Linux 5.15). */
static bool is_needed(const char *path)
{
	static const char *const needed[] = {
		"snd_cwnd",
		"mss_cache",
		"reordering",
		"inet_conn.icsk_probes_out",
		"inet_conn.icsk_retransmits",
		"inet_conn.icsk_inet.sk.sk_pacing_rate",
		"inet_conn.icsk_inet.sk.sk_max_pacing_rate",
		"inet_conn.icsk_delack_max",
	};

	for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!strcmp(path, needed[i]))
			return true;
	return false;
}

/* The fields of which the program asks whether they are there. */
static unsigned asked_collect(struct asked asked[ASKED])
{
	unsigned count = 0;

	for (unsigned i = 0; i < relocations_count; i++) {
		unsigned at = 0;

		while (at < count && (strcmp(asked[at].structure, relocations[i].structure) ||
				      strcmp(asked[at].path, relocations[i].path)))
			at++;
		if (relocations[i].kind != EXISTS || at < count || is_needed(relocations[i].path))
			continue;
		assert_true(count < ASKED);
		memcpy(asked[count].structure, relocations[i].structure, sizeof asked->structure);
		memcpy(asked[count].path, relocations[i].path, sizeof asked->path);
		count++;
	}
	return count;
}

/* A kernel without field `which`, or without all of them. */
static void drop_and_check(const char *path, const struct btf *own, const struct asked asked[], unsigned count,
			   unsigned which)
{
	static struct foreign foreign;
	struct bpf_object *object;
	struct foreign_field field;

	foreign.style = FOREIGN_MOVED;
	foreign_build(&foreign, own);
	for (unsigned i = 0; i < count; i++)
		if ((which == i || which == count) &&
		    foreign_find(foreign.btf, asked[i].structure, asked[i].path, &field))
			foreign_drop(&foreign, &field);
	object = object_relocate(path, foreign.btf);
	if (poison_reached(object))
		fail_msg("%s: without %s.%s it cannot be loaded", path, which < count ? asked[which].structure : "",
			 which < count ? asked[which].path : "all that it asks for");
	bpf_object__close(object);
	foreign_free(&foreign);
}

static void what_is_not_there_is_not_come_to(void **state)
{
	static struct asked asked[ASKED];
	unsigned all = 0;

	(void)state;
	bpf_or_skip();
	for (unsigned i = 0; i < objects_count; i++) {
		struct bpf_object *original = object_open(objects[i], NULL);
		const struct btf *own = bpf_object__btf(original);
		unsigned count;

		bpf_object__close(object_relocate(objects[i], own));
		count = asked_collect(asked);
		for (unsigned which = 0; which <= count; which++)
			drop_and_check(objects[i], own, asked, count, which);
		all += count;
		bpf_object__close(original);
	}
	print_message("%u fields that a kernel may lack\n", all);
	assert_true(all > 20);
}

/* Or the test above would find nothing whatever the programs are: a field that they need without asking. */
static void what_is_needed_is_missed(void **state)
{
	static struct foreign foreign;
	struct bpf_object *original, *object;
	struct foreign_field field;

	(void)state;
	bpf_or_skip();
	original = object_open(objects[1], NULL);
	foreign_build(&foreign, bpf_object__btf(original));
	assert_true(foreign_find(foreign.btf, "sock", "sk_rcvbuf", &field));
	foreign_drop(&foreign, &field);
	object = object_relocate(objects[1], foreign.btf);
	assert_true(poison_reached(object) > 0);
	bpf_object__close(object);
	bpf_object__close(original);
	foreign_free(&foreign);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_is_found_where_it_is),
		cmocka_unit_test(what_is_not_there_is_not_come_to),
		cmocka_unit_test(what_is_needed_is_missed),
	};

	if (argc < 3) {
		fprintf(stderr, "usage: %s owner.bpf.o tcp.bpf.o udp.bpf.o\n", *argv);
		return 2;
	}
	objects = argv + 1;
	objects_count = (unsigned)argc - 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
