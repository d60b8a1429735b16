// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "bls-edit.h"

/* Parts of an entry that are replaced. */
enum part { PART_IMAGE, PART_INITRD, PART_OPTIONS, PARTS, PART_OTHER = PARTS, PART_GONE };

/* As the loader reads it: `Linux` is none of its keys. */
static bool is_key(struct slice s, const char *key)
{
	return s.len == strlen(key) && memcmp(s.s, key, s.len) == 0;
}

static enum part part_of(struct slice key, const struct bls_change *c)
{
	if (is_key(key, "linux") || is_key(key, "efi") || is_key(key, "uki"))
		return PART_IMAGE;
	if (is_key(key, "initrd"))
		return PART_INITRD;
	if (c->is_other && (is_key(key, "devicetree") || is_key(key, "devicetree-overlay") ||
			    is_key(key, "extra") || is_key(key, "profile")))
		return PART_GONE;
	return is_key(key, "options") && c->options ? PART_OPTIONS : PART_OTHER;
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
			write_part(t, part, (struct slice){keys[part], strlen(keys[part])}, c);
}
