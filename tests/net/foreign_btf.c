/* Types keep their numbers, so that only structures are written anew: see foreign_btf.h. */
#include "foreign_btf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct btf_type *resolved(const struct btf *btf, unsigned id, unsigned *ret_id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)) {
		id = type->type;
		type = btf__type_by_id(btf, id);
	}
	if (ret_id)
		*ret_id = id;
	return type;
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

/* `name` up to its dot; also in unions and structures without a name. */
static bool member_find(const struct btf *btf, unsigned id, const char *name, size_t length,
			struct foreign_field *field)
{
	const struct btf_type *type = resolved(btf, id, &id);

	if (!btf_is_composite(type))
		return false;
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *own = btf__name_by_offset(btf, member->name_off);
		struct foreign_field inner = *field;

		inner.bit += btf_member_bit_offset(type, i);
		if (!*own && member_find(btf, member->type, name, length, &inner)) {
			*field = inner;
			return true;
		}
		if (strlen(own) != length || strncmp(own, name, length))
			continue;
		inner.type = id;
		inner.member = i;
		inner.bits = btf_member_bitfield_size(type, i);
		inner.is_bits = inner.bits != 0;
		*field = inner;
		return true;
	}
	return false;
}

static void field_finish(const struct btf *btf, struct foreign_field *field)
{
	unsigned id = btf_members(btf__type_by_id(btf, field->type))[field->member].type;
	const struct btf_type *type = resolved(btf, id, NULL);

	if (!field->is_bits)
		field->bits = 8 * (unsigned)btf__resolve_size(btf, id);
	field->is_signed = btf_is_int(type) && btf_int_encoding(type) & BTF_INT_SIGNED;
}

bool foreign_find(const struct btf *btf, const char *structure, const char *path, struct foreign_field *ret)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	struct foreign_field field = {.type = (unsigned)id};

	for (unsigned in = (unsigned)id; id > 0;) {
		size_t length = strcspn(path, ".[");

		if (!member_find(btf, in, path, length, &field))
			return false;
		path += length;
		if (*path == '[') /* of an array its first */
			path += strcspn(path, "]") + 1;
		if (!*path) {
			field_finish(btf, &field);
			*ret = field;
			return true;
		}
		in = btf_members(btf__type_by_id(btf, field.type))[field.member].type;
		if (btf_is_array(resolved(btf, in, NULL)))
			in = btf_array(resolved(btf, in, NULL))->type;
		path++;
	}
	return false;
}

/* --- layout ------------------------------------------------------------------------------------------------------- */

static bool is_noted(const struct foreign *foreign, unsigned type, unsigned member)
{
	for (unsigned i = 0; i < foreign->noted_count; i++)
		if (foreign->noted[i].type == type && foreign->noted[i].member == member)
			return true;
	return false;
}

/* 0: whole. */
static unsigned bits_of(const struct foreign *foreign, unsigned id, const struct btf_type *type, unsigned member)
{
	unsigned own = btf_member_bitfield_size(type, member);
	const struct btf_type *of = resolved(foreign->btf, btf_members(type)[member].type, NULL);

	if (foreign->style == FOREIGN_WHOLE)
		return 0;
	if (foreign->style == FOREIGN_BITS && !own && btf_is_int(of) && is_noted(foreign, id, member))
		return 6 * of->size; /* of 8 */
	return own;
}

static void struct_lay_out(struct foreign *foreign, unsigned id);

static unsigned size_of(struct foreign *foreign, unsigned id)
{
	unsigned of;
	const struct btf_type *type = resolved(foreign->btf, id, &of);

	if (btf_is_composite(type))
		struct_lay_out(foreign, of);
	if (btf_is_array(type))
		return btf_array(type)->nelems * size_of(foreign, btf_array(type)->type);
	return btf_is_ptr(type) ? sizeof(void *) : type->size;
}

static unsigned rounded(unsigned number, unsigned to)
{
	return (number + to - 1) / to * to;
}

/* The last first. A bit field stays within a word of its type, as compilers have it. */
static void struct_lay_out(struct foreign *foreign, unsigned id)
{
	struct btf_type *type = (struct btf_type *)btf__type_by_id(foreign->btf, id);
	struct btf_member *members = btf_members(type);
	unsigned count = btf_vlen(type), bits[256], end = btf_is_union(type) ? 0 : 64 + 3, most = 0, any = 0;

	if (foreign->done[id])
		return;
	foreign->done[id] = true;
	assert_true(count <= 256);
	for (unsigned i = 0; i < count; i++)
		any |= bits[i] = bits_of(foreign, id, type, i);
	for (unsigned i = count; i-- > 0;) {
		unsigned size = size_of(foreign, members[i].type), unit = size < 8 ? 8 * size : 64;

		if (btf_is_union(type))
			end = 0;
		if (!bits[i] || end / unit != (end + bits[i] - 1) / unit)
			end = rounded(end, size && unit % 8 == 0 && !(unit & (unit - 1)) ? unit : 64);
		members[i].offset = bits[i] << 24 | end;
		end += bits[i] ? bits[i] : 8 * size;
		most = end > most ? end : most;
	}
	type->info = (type->info & ~(1u << 31)) | (any ? 1u << 31 : 0);
	type->size = rounded(most, 64) / 8;
}

void foreign_build(struct foreign *foreign, const struct btf *own)
{
	unsigned count = btf__type_cnt(own);

	assert_true(count <= sizeof foreign->done);
	memset(foreign->done, 0, sizeof foreign->done);
	foreign->btf = btf__new_empty();
	assert_non_null(foreign->btf);
	for (unsigned id = 1; id < count; id++)
		assert_int_equal(btf__add_type(foreign->btf, own, btf__type_by_id(own, id)), id);
	for (unsigned id = 1; id < count; id++)
		if (btf_is_composite(btf__type_by_id(foreign->btf, id)))
			struct_lay_out(foreign, id);
}

void foreign_free(struct foreign *foreign)
{
	btf__free(foreign->btf);
}

void foreign_drop(struct foreign *foreign, const struct foreign_field *field)
{
	int name = btf__add_str(foreign->btf, "gone");

	assert_true(name > 0);
	btf_members((struct btf_type *)btf__type_by_id(foreign->btf, field->type))[field->member].name_off =
		(unsigned)name;
}
