/* The part of the kernel's type information that a program gets says of its types what the whole says. */
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
#include <bpf/libbpf.h>
#include "observe/btf_file.h"
#include "observe/btf_subset.h"
/* Of the record's types: */
#include "bpf/socket_record.h"
#include "bpf/tcp.skel.h"

static const char *name_of(const struct btf *btf, uint32_t offset)
{
	return btf__name_by_offset(btf, offset);
}

/* By what it is called and how large it is, through names and properties. */
static void types_equal(const struct btf *a, uint32_t a_id, const struct btf *b, uint32_t b_id)
{
	const struct btf_type *left = btf__type_by_id(a, (uint32_t)btf__resolve_type(a, a_id));
	const struct btf_type *right = btf__type_by_id(b, (uint32_t)btf__resolve_type(b, b_id));

	assert_int_equal(btf_kind(left), btf_kind(right));
	assert_string_equal(name_of(a, left->name_off), name_of(b, right->name_off));
	assert_int_equal(btf__resolve_size(a, a_id), btf__resolve_size(b, b_id));
}

static unsigned members_equal(const struct btf *a, const struct btf_type *left, const struct btf *b,
			      const struct btf_type *right)
{
	const struct btf_member *mine = btf_members(left), *theirs = btf_members(right);

	assert_int_equal(btf_vlen(left), btf_vlen(right));
	for (uint32_t i = 0; i < btf_vlen(left); i++) {
		assert_string_equal(name_of(a, mine[i].name_off), name_of(b, theirs[i].name_off));
		assert_int_equal(btf_member_bit_offset(left, i), btf_member_bit_offset(right, i));
		assert_int_equal(btf_member_bitfield_size(left, i), btf_member_bitfield_size(right, i));
		types_equal(a, mine[i].type, b, theirs[i].type);
	}
	return btf_vlen(left);
}

static unsigned values_equal(const struct btf *a, const struct btf_type *left, const struct btf *b,
			     const struct btf_type *right)
{
	assert_int_equal(btf_vlen(left), btf_vlen(right));
	assert_int_equal(btf_kflag(left), btf_kflag(right));
	for (uint32_t i = 0; i < btf_vlen(left); i++) {
		assert_string_equal(name_of(a, btf_enum(left)[i].name_off), name_of(b, btf_enum(right)[i].name_off));
		assert_int_equal(btf_enum(left)[i].val, btf_enum(right)[i].val);
	}
	return btf_vlen(left);
}

/* Of the struct or enum of that name; 0 if the kernel has none. */
static unsigned named_equal(const struct btf *part, const struct btf *all, const char *name, uint32_t kind)
{
	int mine = btf__find_by_name_kind(part, name, kind), theirs = btf__find_by_name_kind(all, name, kind);
	const struct btf_type *left, *right;

	assert_int_equal(mine > 0, theirs > 0);
	if (theirs <= 0)
		return 0;
	left = btf__type_by_id(part, (uint32_t)mine);
	right = btf__type_by_id(all, (uint32_t)theirs);
	assert_int_equal(left->size, right->size);
	return btf_is_composite(left) ? members_equal(part, left, all, right) : values_equal(part, left, all, right);
}

/* As the file that libbpf is given, read back by libbpf. */
static struct btf *part_of_kernel(const struct btf *program)
{
	struct btf_file file;
	struct btf *part;
	int r;

	r = btf_file_open(&file);
	r = r ? r : btf_file_fill(&file, program);
	part = r ? NULL : btf__parse(file.path, NULL);
	btf_file_close(&file);
	if (part)
		return part;
	printf("skip: the kernel's type information cannot be read: %s\n", strerror(r ? -r : errno));
	fflush(stdout);
	skip();
	return NULL;
}

static void the_part_equals_the_whole(void **state)
{
	struct tcp *tcp = tcp__open();
	const struct btf *program = bpf_object__btf(tcp->obj);
	struct btf *part = part_of_kernel(program), *all = btf__load_vmlinux_btf();
	unsigned compared = 0;

	(void)state;
	assert_non_null(all);
	for (uint32_t id = 1; id < btf__type_cnt(program); id++) {
		const struct btf_type *type = btf__type_by_id(program, id);
		const char *name = name_of(program, type->name_off);

		if ((btf_is_composite(type) || btf_is_enum(type)) && *name)
			compared += named_equal(part, all, name, btf_kind(type));
	}
	assert_true(compared > 500); /* struct sock alone has a hundred */
	assert_true(btf__type_cnt(part) * 20 < btf__type_cnt(all));
	btf__free(part);
	btf__free(all);
	tcp__destroy(tcp);
}

static void functions_have_their_number(void **state)
{
	struct btf *all = btf__load_vmlinux_btf();
	struct btf_file file;
	int r = btf_file_open(&file);

	(void)state;
	if (r || !all) {
		printf("skip: the kernel's type information cannot be read: %s\n", strerror(r ? -r : errno));
		fflush(stdout);
		skip();
	}
	assert_int_equal(btf_file_function(&file, "bpf_iter_tcp"),
			 btf__find_by_name_kind(all, "bpf_iter_tcp", BTF_KIND_FUNC));
	assert_int_equal(btf_file_function(&file, "bpf_iter_of_nothing"), 0);
	btf_file_close(&file);
	btf__free(all);
}

/* outer: a bit field, an array of inner, a pointer; of other names nothing is wanted. */
static struct btf *sample_make(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), inner, array, pointer;

	inner = btf__add_struct(btf, "inner", 4);
	btf__add_field(btf, "value", number, 0, 0);
	array = btf__add_array(btf, number, inner, 3);
	pointer = btf__add_ptr(btf, btf__type_cnt(btf) + 2); /* to struct other */
	btf__add_typedef(btf, "inners", array);
	btf__add_struct(btf, "other", 8);
	btf__add_field(btf, "pointer", pointer, 0, 0);
	btf__add_struct(btf, "outer", 28);
	btf__add_field(btf, "low", number, 0, 3);
	btf__add_field(btf, "high", number, 3, 5);
	btf__add_field(btf, "inners", array + 2, 32, 0);
	btf__add_field(btf, "pointer", pointer, 128, 0);
	btf__add_enum(btf, "choice", 4);
	btf__add_enum_value(btf, "ONE", 1);
	return btf;
}

static struct btf *names_make(void)
{
	struct btf *btf = btf__new_empty();

	btf__add_struct(btf, "outer", 4);
	btf__add_enum(btf, "choice", 4);
	btf__add_struct(btf, "absent", 4);
	return btf;
}

static int subset_of(struct btf **ret, const void *bytes, size_t size, const struct btf *names)
{
	struct btf_source source = {NULL};
	int r = btf_source_read(&source, bytes, size);

	r = r ? r : btf_subset(ret, &source, names);
	btf_source_end(&source);
	return r;
}

static void what_is_not_named_is_left_out(void **state)
{
	struct btf *all = sample_make(), *names = names_make(), *part = NULL;
	uint32_t size;
	const void *bytes = btf__raw_data(all, &size);

	(void)state;
	assert_int_equal(subset_of(&part, bytes, size, names), 0);
	assert_int_equal(named_equal(part, all, "outer", BTF_KIND_STRUCT), 4);
	assert_int_equal(named_equal(part, all, "choice", BTF_KIND_ENUM), 1);
	assert_true(btf__find_by_name_kind(part, "inner", BTF_KIND_STRUCT) > 0);
	assert_true(btf__find_by_name_kind(part, "other", BTF_KIND_STRUCT) < 0);
	btf__free(part);
	btf__free(names);
	btf__free(all);
}

static void what_is_cut_or_has_no_end_is_refused(void **state)
{
	struct btf *all = sample_make(), *names = names_make(), *part = NULL;
	int self = btf__add_struct(all, "absent", 8);
	uint32_t size;
	const void *bytes;
	char *copy;

	(void)state;
	bytes = btf__raw_data(all, &size);
	assert_int_equal(subset_of(&part, bytes, size, names), 0);
	btf__free(part);
	for (uint32_t cut = 0; cut < size; cut++) {
		copy = malloc(cut + 1);
		memcpy(copy, bytes, cut);
		assert_true(subset_of(&part, copy, cut, names) < 0);
		free(copy);
	}
	btf__add_field(all, "itself", self, 0, 0);
	bytes = btf__raw_data(all, &size);
	assert_int_equal(subset_of(&part, bytes, size, names), -EINVAL);
	btf__free(names);
	btf__free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_part_equals_the_whole),
		cmocka_unit_test(functions_have_their_number),
		cmocka_unit_test(what_is_not_named_is_left_out),
		cmocka_unit_test(what_is_cut_or_has_no_end_is_refused),
	};

	return cmocka_run_group_tests_name("btf", tests, NULL, NULL);
}
