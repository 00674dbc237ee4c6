/* See btf_subset.h. */
#include "observe/btf_subset.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Types within types: the kernel's go down a dozen. */
enum { DEPTH = 64 };
enum { UNDER_WAY = -1 }; /* an id: what it consists of comes first, and cannot be itself */

struct subset {
	const struct btf_source *all;
	struct btf *part;
	int *ids;           /* in `part`, by those in `all`; 0: not there yet */
	const char **names; /* sorted */
	unsigned names_count;
};

static bool is_named_kind(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type);
}

static int names_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int names_collect(struct subset *subset, const struct btf *program)
{
	unsigned count = btf__type_cnt(program);

	subset->names = calloc(count, sizeof *subset->names);
	if (!subset->names)
		return -ENOMEM;
	for (unsigned id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(program, id);
		const char *name = btf__name_by_offset(program, type->name_off);

		if (is_named_kind(type) && name && *name)
			subset->names[subset->names_count++] = name;
	}
	qsort(subset->names, subset->names_count, sizeof *subset->names, names_compare);
	return 0;
}

static int type_add(struct subset *subset, uint32_t id, unsigned depth);

static int members_add(struct subset *subset, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);
	int r = 0;

	for (uint32_t i = 0; i < btf_vlen(type) && !r; i++)
		r = btf__add_field(subset->part, btf_source_name(subset->all, members[i].name_off),
				   subset->ids[members[i].type], btf_member_bit_offset(type, i),
				   btf_member_bitfield_size(type, i));
	return r;
}

/* What it consists of comes first: members belong to the type that was added last. */
static int composite_add(struct subset *subset, const struct btf_type *type, const char *name, unsigned depth)
{
	const struct btf_member *members = btf_members(type);
	int id, r = 0;

	for (uint32_t i = 0; i < btf_vlen(type) && r >= 0; i++)
		r = type_add(subset, members[i].type, depth);
	if (r < 0)
		return r;
	id = btf_is_struct(type) ? btf__add_struct(subset->part, name, type->size) :
				   btf__add_union(subset->part, name, type->size);
	if (id < 0)
		return id;
	r = members_add(subset, type);
	return r ? r : id;
}

static int enum_add(struct subset *subset, const struct btf_type *type, const char *name)
{
	const struct btf_enum *values = btf_enum(type);
	const struct btf_enum64 *wide = btf_enum64(type);
	bool is_wide = btf_is_enum64(type);
	int r = 0, id = is_wide ? btf__add_enum64(subset->part, name, type->size, btf_kflag(type)) :
				  btf__add_enum(subset->part, name, type->size);

	if (id < 0)
		return id;
	for (uint32_t i = 0; i < btf_vlen(type) && !r; i++)
		r = is_wide ? btf__add_enum64_value(subset->part, btf_source_name(subset->all, wide[i].name_off),
						    btf_enum64_value(&wide[i])) :
			      btf__add_enum_value(subset->part, btf_source_name(subset->all, values[i].name_off),
						  btf_kflag(type) ? values[i].val : (int64_t)(uint32_t)values[i].val);
	return r ? r : id;
}

static int array_add(struct subset *subset, const struct btf_type *type, unsigned depth)
{
	const struct btf_array *array = btf_array(type);
	int index = type_add(subset, array->index_type, depth), element = type_add(subset, array->type, depth);

	if (index < 0 || element < 0)
		return index < 0 ? index : element;
	return btf__add_array(subset->part, index, element, array->nelems);
}

/* A name for another type, or a property of it. */
static int wrapper_add(struct subset *subset, const struct btf_type *type, const char *name, unsigned depth)
{
	int of = type_add(subset, type->type, depth);

	if (of < 0)
		return of;
	switch (btf_kind(type)) {
	case BTF_KIND_TYPEDEF:
		return btf__add_typedef(subset->part, name, of);
	case BTF_KIND_CONST:
		return btf__add_const(subset->part, of);
	case BTF_KIND_VOLATILE:
		return btf__add_volatile(subset->part, of);
	case BTF_KIND_RESTRICT:
		return btf__add_restrict(subset->part, of);
	default: /* a tag says nothing of the layout */
		return of;
	}
}

static int kind_add(struct subset *subset, const struct btf_type *type, unsigned depth)
{
	const char *name = btf_source_name(subset->all, type->name_off);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return btf__add_int(subset->part, name, type->size, btf_int_encoding(type));
	case BTF_KIND_FLOAT:
		return btf__add_float(subset->part, name, type->size);
	case BTF_KIND_PTR:
		return btf__add_ptr(subset->part, 0);
	case BTF_KIND_ARRAY:
		return array_add(subset, type, depth);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return composite_add(subset, type, name, depth);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return enum_add(subset, type, name);
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return wrapper_add(subset, type, name, depth);
	default: /* nothing can consist of it */
		return -EINVAL;
	}
}

/* Its id in the part, or -errno. */
static int type_add(struct subset *subset, uint32_t id, unsigned depth)
{
	const struct btf_type *type = btf_source_type(subset->all, id);
	int added;

	if (!id)
		return 0;
	if (!type || depth == DEPTH || subset->ids[id] == UNDER_WAY)
		return -EINVAL;
	if (!subset->ids[id]) {
		subset->ids[id] = UNDER_WAY;
		added = kind_add(subset, type, depth + 1);
		if (added < 0)
			return added;
		subset->ids[id] = added;
	}
	return subset->ids[id];
}

static int named_add(struct subset *subset)
{
	int r = 0;

	for (uint32_t id = 1; id < subset->all->count && r >= 0; id++) {
		const struct btf_type *type = btf_source_type(subset->all, id);
		const char *name;

		if (!is_named_kind(type))
			continue;
		name = btf_source_name(subset->all, type->name_off);
		if (bsearch(&name, subset->names, subset->names_count, sizeof *subset->names, names_compare))
			r = type_add(subset, id, 0);
	}
	return r < 0 ? r : 0;
}

static int part_make(struct subset *subset, const struct btf *program)
{
	int r = names_collect(subset, program);

	subset->ids = calloc(subset->all->count, sizeof *subset->ids);
	r = r ? r : subset->ids ? 0 : -ENOMEM;
	r = r ? r : named_add(subset);
	free(subset->ids);
	free(subset->names);
	return r;
}

int btf_subset(struct btf **ret, const struct btf_source *all, const struct btf *program)
{
	struct subset subset = {.all = all, .part = btf__new_empty()};
	int r = subset.part ? part_make(&subset, program) : -errno;

	if (r)
		btf__free(subset.part);
	else
		*ret = subset.part;
	return r;
}
