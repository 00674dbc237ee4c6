/* See btf_source.h. */
#include "observe/btf_source.h"
#include <errno.h>
#include <stdlib.h>

/* What follows the head of a type (Documentation/bpf/btf.rst). */
static size_t rest_size(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_vlen(type) * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return btf_vlen(type) * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return btf_vlen(type) * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return btf_vlen(type) * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return btf_vlen(type) * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return 0;
	}
}

const struct btf_type *btf_source_type(const struct btf_source *source, uint32_t id)
{
	return id && id < source->count ? (const void *)(source->bytes + source->offsets[id]) : NULL;
}

const char *btf_source_name(const struct btf_source *source, uint32_t offset)
{
	return offset < source->strings_size ? source->strings + offset : "";
}

static int types_index(struct btf_source *source, size_t from, size_t end)
{
	uint32_t most = (uint32_t)((end - from) / sizeof(struct btf_type)) + 1;

	source->offsets = malloc(most * sizeof *source->offsets);
	if (!source->offsets)
		return -ENOMEM;
	for (source->count = 1; from < end; source->count++) {
		const struct btf_type *type = (const void *)(source->bytes + from);

		if (end - from < sizeof *type || end - from - sizeof *type < rest_size(type))
			return -EINVAL;
		source->offsets[source->count] = (uint32_t)from;
		from += sizeof *type + rest_size(type);
	}
	return 0;
}

/* A section's end, or 0 if it is not all there. */
static uint64_t section_end(const struct btf_header *header, size_t size, uint32_t offset, uint32_t length)
{
	uint64_t end = (uint64_t)header->hdr_len + offset + length;

	return end <= size ? end : 0;
}

int btf_source_read(struct btf_source *source, const void *bytes, size_t size)
{
	const struct btf_header *header = bytes;
	uint64_t types_end, strings_end;

	if (size < sizeof *header || header->magic != BTF_MAGIC || header->hdr_len < sizeof *header ||
	    header->hdr_len % 4 || header->type_off % 4)
		return -EINVAL;
	types_end = section_end(header, size, header->type_off, header->type_len);
	strings_end = section_end(header, size, header->str_off, header->str_len);
	source->bytes = bytes;
	source->strings = source->bytes + header->hdr_len + header->str_off;
	source->strings_size = header->str_len;
	if (!types_end || !strings_end || !header->str_len || source->bytes[strings_end - 1])
		return -EINVAL;
	return types_index(source, header->hdr_len + (size_t)header->type_off, (size_t)types_end);
}

void btf_source_end(struct btf_source *source)
{
	free(source->offsets);
	source->offsets = NULL;
}
