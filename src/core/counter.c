// SPDX-License-Identifier: LGPL-2.1-or-later
#include "counter.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "text.h"

/* Where the tag of a name lies: name[at] is its `+`, name[end] the dot of the suffix. */
struct tag {
	size_t at, end;
	struct counter counter;
};

/* Reads digits at *pos, up to INT_MAX. False if there are none or they are too many. */
static bool read_number(const char *name, size_t *pos, int *ret, unsigned int *ret_width)
{
	size_t i = *pos;
	long long value = 0;

	for (; char_is_digit(name[i]); i++) {
		value = value * 10 + (name[i] - '0');
		if (value > INT_MAX)
			return false;
	}
	if (i == *pos)
		return false;

	*ret = (int)value;
	*ret_width = (unsigned int)(i - *pos);
	*pos = i;
	return true;
}

static bool find_tag(const char *name, struct tag *ret)
{
	const char *plus = strrchr(name, '+');
	struct tag tag = {.counter.present = true};
	size_t pos;

	if (!plus)
		return false;

	tag.at = (size_t)(plus - name);
	pos = tag.at + 1;
	if (!read_number(name, &pos, &tag.counter.left, &tag.counter.left_width))
		return false;
	if (name[pos] == '-') {
		pos++;
		if (!read_number(name, &pos, &tag.counter.done, &tag.counter.done_width))
			return false;
	}
	/* `a+1-2..`: the tag must touch the last dot, else the dots belong to the id. */
	if (name[pos] != '.' || strchr(name + pos + 1, '.'))
		return false;

	tag.end = pos;
	*ret = tag;
	return true;
}

int counter_parse(const char *name, struct counter *ret)
{
	struct tag tag = {0};
	bool found = find_tag(name, &tag);

	if (ret)
		*ret = tag.counter;
	return found ? 0 : COUNTER_NONE;
}

int counter_strip(const char *name, char id[NAME_SIZE])
{
	struct tag tag;
	struct text t;

	text_init(&t, id, NAME_SIZE);
	if (find_tag(name, &tag)) {
		text_slice(&t, (struct slice){name, tag.at});
		text_str(&t, name + tag.end);
	} else {
		text_str(&t, name);
	}
	if (t.full) {
		id[0] = '\0';
		return -ENAMETOOLONG;
	}
	return 0;
}

static unsigned long not_negative(int value)
{
	return value < 0 ? 0 : (unsigned long)value;
}

int counter_format(const char *id, const struct counter *c, char name[NAME_SIZE])
{
	const char *suffix = strrchr(id, '.');
	struct text t;

	text_init(&t, name, NAME_SIZE);
	if (!suffix)
		return -EINVAL;

	text_slice(&t, (struct slice){id, (size_t)(suffix - id)});
	if (c->present) {
		text_char(&t, '+');
		text_uint(&t, not_negative(c->left), c->left_width);
	}
	if (c->present && c->done_width > 0) {
		text_char(&t, '-');
		text_uint(&t, not_negative(c->done), c->done_width);
	}
	text_str(&t, suffix);
	if (t.full) {
		name[0] = '\0';
		return -ENAMETOOLONG;
	}
	return 0;
}

static int largest_of_width(unsigned int width)
{
	int largest = 0;

	/* INT_MAX has ten digits, and nothing larger can be read back. */
	if (width >= 10)
		return INT_MAX;
	for (; width > 0; width--)
		largest = largest * 10 + 9;
	return largest;
}

struct counter counter_next(const struct counter *c, unsigned int tries)
{
	struct counter next = *c;
	int largest;

	if (!next.present)
		return next;
	if (next.done_width == 0)
		next.done_width = 1;
	largest = largest_of_width(next.done_width);

	next.left = tries < not_negative(next.left) ? next.left - (int)tries : 0;
	if (next.done < largest)
		next.done = tries < (unsigned int)(largest - next.done) ? next.done + (int)tries
									: largest;
	return next;
}

int counter_previous(const struct counter *c, struct counter *ret)
{
	struct counter before = *c;

	if (!c->present || c->done_width == 0 || c->done <= 0 ||
	    c->done >= largest_of_width(c->done_width) ||
	    c->left >= largest_of_width(c->left_width))
		return COUNTER_NONE;
	before.left++;
	before.done--;
	*ret = before;
	return 0;
}

bool counter_is_same(const struct counter *a, const struct counter *b)
{
	return a->present == b->present && a->left == b->left && a->done == b->done;
}

bool counter_is_next(const struct counter *a, unsigned int tries, const struct counter *b)
{
	struct counter next = counter_next(a, tries);

	return next.present && counter_is_same(&next, b);
}

static unsigned int width_of(int value)
{
	unsigned int width = 1;

	for (; value >= 10; value /= 10)
		width++;
	return width;
}

struct counter counter_make(int left, int done)
{
	return (struct counter){
		.present = true,
		.left = left,
		.done = done,
		.left_width = width_of(left),
		.done_width = width_of(done),
	};
}

struct counter counter_bad(void)
{
	return counter_make(0, COUNTER_BAD_DONE);
}

struct counter counter_return(void)
{
	return counter_make(1, COUNTER_RETURN_DONE);
}

bool counter_is_return(const struct counter *c)
{
	return c->present && c->left == 1 && c->done == COUNTER_RETURN_DONE;
}

bool counter_same_id(const char *a, const char *b)
{
	char id_a[NAME_SIZE], id_b[NAME_SIZE];

	/* A name that is too long cannot be an entry, so it is the same as none. */
	if (counter_strip(a, id_a) < 0 || counter_strip(b, id_b) < 0)
		return false;
	return slice_is((struct slice){id_a, strlen(id_a)}, id_b);
}
