/* Netlink messages of any bytes: the static program's own calls of libmnl stay inside them, and see what the real library sees. */
#include "../mnl_calls.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A running sum over what was visited, and how it ended. */
struct view {
	const struct mnl_calls *calls;
	const char *start;
	unsigned long sum;
	int code, error;
};

static void sum_add(struct view *view, unsigned long number)
{
	view->sum = view->sum * 1000003 + number;
}

static int message_visit(const struct nlmsghdr *message, void *data)
{
	struct view *view = data;
	const struct mnl_calls *calls = view->calls;
	const char *payload = calls->mnl_nlmsg_get_payload(message);
	size_t size = calls->mnl_nlmsg_get_payload_len(message);
	const struct nlattr *attr = (const void *)payload;

	sum_add(view, (unsigned long)(payload - view->start));
	sum_add(view, size);
	while (calls->mnl_attr_ok(attr, (int)(size - (size_t)((const char *)attr - payload)))) {
		sum_add(view, calls->mnl_attr_get_type(attr));
		sum_add(view, calls->mnl_attr_get_payload_len(attr));
		sum_add(view, (unsigned long)((const char *)calls->mnl_attr_get_payload(attr) - payload));
		attr = calls->mnl_attr_next(attr);
	}
	return message->nlmsg_flags & NLM_F_MULTI ? MNL_CB_OK : (int)(message->nlmsg_type % 3) - 1;
}

static struct view messages_view(const struct mnl_calls *calls, const void *messages, size_t size)
{
	struct view view = {.calls = calls, .start = messages};
	const struct nlmsghdr *message = messages;

	for (int left = (int)size; calls->mnl_nlmsg_ok(message, left); message = calls->mnl_nlmsg_next(message, &left))
		sum_add(&view, message->nlmsg_len);
	errno = 0;
	view.code = calls->mnl_cb_run(messages, size, 7, 9, message_visit, &view);
	view.error = errno;
	return view;
}

static int differ(const struct view *a, const struct view *b)
{
	return a->sum != b->sum || a->code != b->code || a->error != b->error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mnl_calls *real;
	char *messages = malloc(size ? size : 1);
	struct view ours, theirs;

	if (!messages)
		return 0;
	if (!real)
		real = mnl_real();
	if (!real)
		abort();
	memcpy(messages, data, size);
	messages_view(&mnl_own, messages, size);
	/* The real library takes a length of 2 GiB and more for a negative one, and reads on. */
	for (size_t last = 3; last < size; last += 4)
		messages[last] &= 0x7f;
	ours = messages_view(&mnl_own, messages, size);
	theirs = messages_view(real, messages, size);
	if (differ(&ours, &theirs))
		abort();
	free(messages);
	return 0;
}
