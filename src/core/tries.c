// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bls.h"
#include "text.h"
#include "tries.h"

struct line {
	char on_disk[NAME_SIZE];
	char meant[NAME_SIZE];
};

static bool is_entry_name(const char *name)
{
	return bls_valid_name(name, 1) || bls_valid_name(name, 2);
}

static bool take_name(struct slice *rest, char name[NAME_SIZE])
{
	struct slice word;

	return slice_word(rest, &word) && slice_copy(word, name, NAME_SIZE) == 0 &&
	       is_entry_name(name);
}

/* Takes the next valid line off *rest. False at the end. */
static bool next_line(struct slice *rest, struct line *ret)
{
	struct slice line, word;

	while (slice_line(rest, &line)) {
		line = slice_trim(line);
		if (take_name(&line, ret->on_disk) && take_name(&line, ret->meant) &&
		    !slice_word(&line, &word) && counter_same_id(ret->on_disk, ret->meant))
			return true;
	}
	return false;
}

int tries_get(const char *text, size_t len, const char *name, struct counter *ret)
{
	struct slice rest = {text, len};
	struct line line;

	while (next_line(&rest, &line)) {
		if (strcasecmp(line.on_disk, name) != 0)
			continue;
		(void)counter_parse(line.meant, ret);
		return 0;
	}
	return 1;
}

static void add_line(struct text *t, const char *on_disk, const char *meant)
{
	text_str(t, on_disk);
	text_char(t, ' ');
	text_str(t, meant);
	text_char(t, '\n');
}

int tries_set(const char *in, size_t len, const char *name, const struct counter *c, char *out,
	      size_t size)
{
	char id[NAME_SIZE], meant[NAME_SIZE];
	struct slice rest = {in, len};
	struct line line;
	struct text t;
	int r;

	if (size == 0)
		return -ENOSPC;
	if (!is_entry_name(name))
		return -EINVAL;
	r = counter_strip(name, id);
	if (r == 0 && c)
		r = counter_format(id, c, meant);
	if (r < 0)
		return r;
	text_init(&t, out, size);
	while (next_line(&rest, &line))
		if (!counter_same_id(line.on_disk, name))
			add_line(&t, line.on_disk, line.meant);
	if (c)
		add_line(&t, name, meant);
	return t.full ? -ENOSPC : (int)t.len;
}
