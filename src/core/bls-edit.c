// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bls-edit.h"

/* Parts of an entry that are replaced. */
enum part { PART_IMAGE, PART_INITRD, PART_OPTIONS, PARTS, PART_OTHER = PARTS, PART_GONE };

static enum part part_of(struct slice key, const struct bls_change *c)
{
	if (slice_is(key, "linux") || slice_is(key, "efi") || slice_is(key, "uki"))
		return PART_IMAGE;
	if (slice_is(key, "initrd"))
		return PART_INITRD;
	if (c->is_other && (slice_is(key, "devicetree") || slice_is(key, "devicetree-overlay") ||
			    slice_is(key, "extra") || slice_is(key, "profile")))
		return PART_GONE;
	return slice_is(key, "options") && c->options ? PART_OPTIONS : PART_OTHER;
}

static void add_line(struct text *t, struct slice key, const char *value)
{
	text_slice(t, key);
	text_char(t, ' ');
	text_str(t, value);
	text_char(t, '\n');
}

static void write_part(struct text *t, enum part part, struct slice key, const struct bls_change *c)
{
	if (part == PART_IMAGE)
		add_line(t, key, c->image);
	else if (part == PART_OPTIONS && c->options && c->options[0])
		add_line(t, key, c->options);
	for (unsigned int i = 0; part == PART_INITRD && i < c->n_initrd; i++)
		add_line(t, key, c->initrd[i]);
}

static struct slice word(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return (struct slice){s, len};
}

void bls_rewrite_entry(const char *old, size_t len, const struct bls_change *c, struct text *t)
{
	const char *const keys[PARTS] = {c->image_key, "initrd", "options"};
	struct slice rest = {old, len}, line, words, key;
	bool is_written[PARTS] = {false};
	enum part part;

	while (slice_line(&rest, &line)) {
		words = slice_trim(line);
		part = slice_word(&words, &key) ? part_of(key, c) : PART_OTHER;
		if (part == PART_OTHER) {
			text_slice(t, line);
			text_char(t, '\n');
		} else if (part != PART_GONE && !is_written[part]) {
			write_part(t, part, key, c);
			is_written[part] = true;
		}
	}
	for (part = PART_IMAGE; part < PARTS; part++)
		if (!is_written[part])
			write_part(t, part, word(keys[part]), c);
}
