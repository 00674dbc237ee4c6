/* replay [CORPUS]: runs a fuzz harness without a fuzzer: on every file of a folder, and on some thousand mutations of them
 * that are the same in every run. Speaks TAP. An input on which the harness dies or hangs is printed. Knows no harness. */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MAX = 256, SIZE_MAX_BYTES = 16384, MUTATIONS = 5000, STACKED = 4, PATIENCE_S = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	size_t size;
	uint8_t data[SIZE_MAX_BYTES];
};

static struct input *corpus;
static unsigned corpus_count;
static const struct input *current; /* what the signal handler prints */
static uint64_t seed = 0x50c6c71;   /* fixed, so that a failure comes back */

static uint32_t random_below(uint32_t bound)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % bound;
}

/* --- running ------------------------------------------------------------------------------------------------------- */

static void print_byte(uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2] = {digits[byte >> 4], digits[byte & 15]};

	if (write(STDOUT_FILENO, hex, sizeof hex) < 0)
		_exit(1);
}

static void died(int number)
{
	static const char lead[] = "\n# the harness died or hung on this input, in hex:\n# ";

	if (write(STDOUT_FILENO, lead, sizeof lead - 1) < 0)
		_exit(1);
	for (size_t i = 0; current && i < current->size; i++)
		print_byte(current->data[i]);
	signal(number, SIG_DFL);
	raise(number);
	_exit(1);
}

/* In memory of exactly its size, so that a sanitizer sees a read too far. */
static void input_run(const struct input *input)
{
	uint8_t *exact = malloc(input->size ? input->size : 1);

	if (!exact)
		abort();
	memcpy(exact, input->data, input->size);
	current = input;
	alarm(PATIENCE_S);
	LLVMFuzzerTestOneInput(exact, input->size);
	alarm(0);
	free(exact);
}

/* --- the corpus ---------------------------------------------------------------------------------------------------- */

static bool input_read(const char *folder, const char *name, struct input *ret)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		return false;
	ret->size = fread(ret->data, 1, sizeof ret->data, file);
	fclose(file);
	return true;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Sorted by name: the order decides the mutations. A folder that is not there is an empty corpus. */
static void corpus_read(const char *folder)
{
	struct dirent **entries = NULL;
	int count = folder ? scandir(folder, &entries, is_file, alphasort) : 0;

	for (int i = 0; i < count; i++) {
		if (corpus_count < FILES_MAX && input_read(folder, entries[i]->d_name, &corpus[corpus_count]))
			corpus_count++;
		free(entries[i]);
	}
	free(entries);
}

/* --- mutations ----------------------------------------------------------------------------------------------------- */

static void mutate_flip(struct input *input)
{
	if (input->size)
		input->data[random_below((uint32_t)input->size)] ^= (uint8_t)(1u << random_below(8));
}

static void mutate_replace(struct input *input)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, ' ', '\n', '-', '=', ',', '0', '9'};

	if (input->size)
		input->data[random_below((uint32_t)input->size)] = odd[random_below(sizeof odd)];
}

static void mutate_delete(struct input *input)
{
	size_t from, count;

	if (!input->size)
		return;
	from = random_below((uint32_t)input->size);
	count = 1 + random_below((uint32_t)(input->size - from));
	memmove(input->data + from, input->data + from + count, input->size - from - count);
	input->size -= count;
}

/* Puts a piece of some file of the corpus in: copies, splices, and tokens in the wrong place. */
static void mutate_insert(struct input *input)
{
	const struct input *other = &corpus[random_below(corpus_count)];
	size_t to = random_below((uint32_t)input->size + 1), from, count;

	if (!other->size)
		return;
	from = random_below((uint32_t)other->size);
	count = 1 + random_below((uint32_t)(other->size - from));
	if (count > sizeof input->data - input->size)
		return;
	memmove(input->data + to + count, input->data + to, input->size - to);
	memcpy(input->data + to, other->data + from, count);
	input->size += count;
}

static void mutate_noise(struct input *input)
{
	size_t count = 1 + random_below(8);

	if (count > sizeof input->data - input->size)
		return;
	for (size_t i = 0; i < count; i++)
		input->data[input->size++] = (uint8_t)random_below(256);
}

static void mutate(struct input *input)
{
	static void (*const ways[])(struct input *) = {
		mutate_flip, mutate_replace, mutate_delete, mutate_insert, mutate_noise,
	};

	for (unsigned i = 0, n = 1 + random_below(STACKED); i < n; i++)
		ways[random_below(sizeof ways / sizeof *ways)](input);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static struct input work;
	const char *folder = argc > 1 ? argv[1] : NULL;

	corpus = calloc(FILES_MAX + 1, sizeof *corpus);
	if (!corpus)
		return 1;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], died);
	corpus_read(folder);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..2\n");
	for (unsigned i = 0; i < corpus_count; i++)
		input_run(&corpus[i]);
	printf("ok 1 - %u files of the corpus\n", corpus_count);
	corpus_count++; /* one more, which is empty */
	for (unsigned i = 0; i < MUTATIONS; i++) {
		work = corpus[random_below(corpus_count)];
		mutate(&work);
		input_run(&work);
	}
	printf("ok 2 - %d mutations\n", MUTATIONS);
	free(corpus);
	return 0;
}
