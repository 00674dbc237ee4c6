/* Constants in registers and in the stack's words, merged where ways meet: see bpf_reach.h. */
#include "bpf_reach.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTERS = 11, FRAME = 10, SLOTS = 64, SLOT = 8 };

struct known {
	bool is;
	int64_t value;
};
struct state {
	bool seen;
	struct known reg[REGISTERS];
	struct known slot[SLOTS]; /* of the frame, from its top down */
};

struct reach {
	const struct bpf_insn *insns;
	size_t count;
	struct state *state; /* before each */
	size_t *todo;
	size_t todo_count;
	bool *waits;
};

static bool known_merge(struct known *into, const struct known *from)
{
	if (!into->is || (from->is && from->value == into->value))
		return false;
	into->is = false;
	return true;
}

static void go(struct reach *reach, size_t to, const struct state *with)
{
	struct state *state;
	bool changed;

	if (to >= reach->count)
		return;
	state = &reach->state[to];
	changed = !state->seen;
	if (changed)
		*state = *with;
	state->seen = true;
	for (unsigned i = 0; i < REGISTERS; i++)
		changed |= known_merge(&state->reg[i], &with->reg[i]);
	for (unsigned i = 0; i < SLOTS; i++)
		changed |= known_merge(&state->slot[i], &with->slot[i]);
	if (changed && !reach->waits[to]) {
		reach->waits[to] = true;
		reach->todo[reach->todo_count++] = to;
	}
}

/* Anything may be in the registers of a function that is called. */
static void function_enter(struct reach *reach, size_t at)
{
	const struct state unknown = {.seen = true};

	go(reach, at, &unknown);
}

static struct known operand(const struct bpf_insn *insn, const struct state *state)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return state->reg[insn->src_reg];
	return (struct known){true, insn->imm};
}

/* Of constants. */
static struct known computed(uint8_t op, int64_t left, int64_t right, unsigned bits)
{
	unsigned shift = (unsigned)right & (bits - 1);

	switch (op) {
	case BPF_ADD:
		return (struct known){true, (int64_t)((uint64_t)left + (uint64_t)right)};
	case BPF_SUB:
		return (struct known){true, (int64_t)((uint64_t)left - (uint64_t)right)};
	case BPF_AND:
		return (struct known){true, left & right};
	case BPF_OR:
		return (struct known){true, left | right};
	case BPF_XOR:
		return (struct known){true, left ^ right};
	case BPF_LSH:
		return (struct known){true, (int64_t)((uint64_t)left << shift)};
	case BPF_RSH:
		return (struct known){true, (int64_t)((bits == 32 ? (uint32_t)left : (uint64_t)left) >> shift)};
	default:
		return (struct known){false, 0};
	}
}

static void alu(const struct bpf_insn *insn, struct state *state)
{
	struct known *to = &state->reg[insn->dst_reg], from = operand(insn, state);
	bool is_short = BPF_CLASS(insn->code) == BPF_ALU;

	if (BPF_OP(insn->code) == BPF_MOV)
		*to = insn->off ? (struct known){false, 0} : from; /* off: with its sign */
	else if (BPF_OP(insn->code) == BPF_AND && ((to->is && !to->value) || (from.is && !from.value)))
		*to = (struct known){true, 0};
	else if (to->is && from.is)
		*to = computed(BPF_OP(insn->code), to->value, from.value, is_short ? 32 : 64);
	else
		to->is = false;
	if (is_short)
		to->value = (uint32_t)to->value;
}

static struct known *slot_of(struct state *state, int offset)
{
	return offset < 0 && offset % SLOT == 0 && -offset / SLOT <= SLOTS ? &state->slot[-offset / SLOT - 1] : NULL;
}

/* A store that is not to one whole word of the frame may be to any. */
static void store(const struct bpf_insn *insn, struct state *state)
{
	struct known *slot = insn->dst_reg == FRAME ? slot_of(state, insn->off) : NULL;

	if (slot && insn->code == (BPF_STX | BPF_MEM | BPF_DW))
		*slot = state->reg[insn->src_reg];
	else
		memset(state->slot, 0, sizeof state->slot);
}

static void load(const struct bpf_insn *insn, struct state *state)
{
	const struct known *slot = insn->src_reg == FRAME ? slot_of(state, insn->off) : NULL;

	state->reg[insn->dst_reg] = slot && insn->code == (BPF_LDX | BPF_MEM | BPF_DW) ? *slot :
											 (struct known){false, 0};
}

/* 1 jumps, 0 does not, -1: either. */
static int decide(const struct bpf_insn *insn, const struct state *state)
{
	struct known left = state->reg[insn->dst_reg], right = operand(insn, state);

	if (!left.is || !right.is)
		return -1;
	if (BPF_CLASS(insn->code) == BPF_JMP32) {
		left.value = (uint32_t)left.value;
		right.value = (uint32_t)right.value;
	}
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return left.value == right.value;
	case BPF_JNE:
		return left.value != right.value;
	case BPF_JSET:
		return (left.value & right.value) != 0;
	case BPF_JGT:
		return (uint64_t)left.value > (uint64_t)right.value;
	case BPF_JGE:
		return (uint64_t)left.value >= (uint64_t)right.value;
	case BPF_JLT:
		return (uint64_t)left.value < (uint64_t)right.value;
	case BPF_JLE:
		return (uint64_t)left.value <= (uint64_t)right.value;
	default: /* with signs */
		return -1;
	}
}

static void call(struct reach *reach, size_t at, struct state *state)
{
	const struct bpf_insn *insn = &reach->insns[at];

	if (insn->src_reg == BPF_PSEUDO_CALL)
		function_enter(reach, at + 1 + (size_t)(int64_t)insn->imm);
	for (unsigned i = 0; i <= 5; i++)
		state->reg[i].is = false;
	memset(state->slot, 0, sizeof state->slot);
	go(reach, at + 1, state);
}

static void jump(struct reach *reach, size_t at, struct state *state)
{
	const struct bpf_insn *insn = &reach->insns[at];
	int jumps = BPF_OP(insn->code) == BPF_JA ? 1 : decide(insn, state);

	if (BPF_OP(insn->code) == BPF_EXIT)
		return;
	if (BPF_OP(insn->code) == BPF_CALL) {
		call(reach, at, state);
		return;
	}
	if (jumps)
		go(reach, at + 1 + (size_t)(int64_t)insn->off, state);
	if (jumps != 1)
		go(reach, at + 1, state);
}

static void step(struct reach *reach, size_t at)
{
	const struct bpf_insn *insn = &reach->insns[at];
	struct state state = reach->state[at];

	switch (BPF_CLASS(insn->code)) {
	case BPF_JMP:
	case BPF_JMP32:
		jump(reach, at, &state);
		return;
	case BPF_LD: /* of two places */
		if (insn->src_reg == BPF_PSEUDO_FUNC)
			function_enter(reach, at + 1 + (size_t)(int64_t)insn->imm);
		state.reg[insn->dst_reg] = (struct known){
			!insn->src_reg, (int64_t)((uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm)};
		go(reach, at + 2, &state);
		return;
	case BPF_LDX:
		load(insn, &state);
		break;
	case BPF_ST:
	case BPF_STX:
		store(insn, &state);
		break;
	default:
		alu(insn, &state);
	}
	go(reach, at + 1, &state);
}

void bpf_reach(const struct bpf_insn *insns, size_t count, bool reached[])
{
	struct reach reach = {.insns = insns, .count = count};

	reach.state = calloc(count + 1, sizeof *reach.state);
	reach.todo = calloc(count + 1, sizeof *reach.todo);
	reach.waits = calloc(count + 1, sizeof *reach.waits);
	if (!reach.state || !reach.todo || !reach.waits)
		abort();
	function_enter(&reach, 0);
	while (reach.todo_count) {
		size_t at = reach.todo[--reach.todo_count];

		reach.waits[at] = false;
		step(&reach, at);
	}
	for (size_t i = 0; i < count; i++)
		reached[i] = reach.state[i].seen;
	free(reach.state), free(reach.todo), free(reach.waits);
}
