// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bls.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "counter.h"
#include "version.h"

static bool is_key(struct slice s, const char *key)
{
	return s.len == strlen(key) && memcmp(s.s, key, s.len) == 0;
}

/* Splits `key value`. False for comments, empty lines and keys without a value. */
static bool split_line(struct slice line, struct slice *ret_key, struct slice *ret_value)
{
	struct slice key, value = slice_trim(line);

	if (value.len == 0 || value.s[0] == '#')
		return false;
	if (!slice_word(&value, &key))
		return false;
	value = slice_trim(value);
	if (value.len == 0)
		return false;
	*ret_key = key;
	*ret_value = value;
	return true;
}

/* systemd-boot takes one pair of quotes off a value (line_get_key_value()). */
static struct slice unquote(struct slice s)
{
	if (s.len >= 2 && (s.s[0] == '"' || s.s[0] == '\'') && s.s[s.len - 1] == s.s[0])
		return (struct slice){s.s + 1, s.len - 2};
	return s;
}

static const struct {
	const char *key;
	size_t offset;
} entry_keys[] = {
	{"title", offsetof(struct bls_entry, title)},
	{"sort-key", offsetof(struct bls_entry, sort_key)},
	{"machine-id", offsetof(struct bls_entry, machine_id)},
	{"version", offsetof(struct bls_entry, version)},
	{"linux", offsetof(struct bls_entry, linux_path)},
	{"efi", offsetof(struct bls_entry, efi)},
	{"uki", offsetof(struct bls_entry, uki)},
	{"uki-url", offsetof(struct bls_entry, uki_url)},
	{"devicetree", offsetof(struct bls_entry, devicetree)},
	{"devicetree-overlay", offsetof(struct bls_entry, devicetree)},
	{"profile", offsetof(struct bls_entry, profile)},
	{"architecture", offsetof(struct bls_entry, architecture)},
	{"extra", offsetof(struct bls_entry, extra)},
};

static int add_value(struct slice *list, unsigned int *n, unsigned int max, struct slice value)
{
	if (*n >= max)
		return -E2BIG;
	list[(*n)++] = value;
	return 0;
}

static int set_key(struct bls_entry *entry, struct slice key, struct slice value)
{
	if (is_key(key, "initrd"))
		return add_value(entry->initrd, &entry->n_initrd, BLS_INITRDS_MAX, value);
	if (is_key(key, "options"))
		return add_value(entry->options, &entry->n_options, BLS_OPTIONS_MAX, value);
	for (size_t i = 0; i < sizeof(entry_keys) / sizeof(entry_keys[0]); i++)
		if (is_key(key, entry_keys[i].key))
			memcpy((char *)entry + entry_keys[i].offset, &value, sizeof(value));
	return 0;
}

int bls_parse_entry(const char *text, size_t len, struct bls_entry *ret)
{
	struct slice rest = {text, len}, line, key, value;
	struct bls_entry entry = {0};

	if (len > 0 && memchr(text, '\0', len))
		return -EINVAL;

	while (slice_line(&rest, &line)) {
		int r;

		if (!split_line(line, &key, &value))
			continue;
		r = set_key(&entry, key, unquote(value));
		if (r < 0)
			return r;
	}
	*ret = entry;
	return 0;
}

struct slice bls_loader_conf_get(const char *text, size_t len, const char *wanted)
{
	struct slice rest = {text, len}, found = {0}, line, key, value;

	while (slice_line(&rest, &line))
		if (split_line(line, &key, &value) && is_key(key, wanted))
			found = unquote(value);
	return found;
}

/* Tells whether the value of a `default` is to be replaced. */
typedef bool (*is_wrong_fn)(struct slice value, const char *with);

/* Replaces the value of each `default` that is wrong, in place; the end is filled with newlines. No
 * value that is wrong may be shorter than what replaces it. Returns how many lines were changed. */
static unsigned int replace_defaults(char *text, size_t len, const char *with, is_wrong_fn is_wrong)
{
	struct slice rest = {text, len}, line, key, value;
	size_t read = 0, written = 0, with_len = strlen(with);
	unsigned int changed = 0;

	/* The copy never overtakes the reader: a value only becomes shorter. */
	while (slice_line(&rest, &line)) {
		size_t from, kept;

		if (!split_line(line, &key, &value) || !is_key(key, "default") ||
		    !is_wrong(unquote(value), with))
			continue;
		from = (size_t)(value.s - text);
		kept = from - read;
		memmove(text + written, text + read, kept);
		memcpy(text + written + kept, with, with_len);
		written += kept + with_len;
		read = from + value.len;
		changed++;
	}
	if (changed > 0) {
		memmove(text + written, text + read, len - read);
		memset(text + written + (len - read), '\n', read - written);
	}
	return changed;
}

static bool is_not(struct slice value, const char *with)
{
	return !slice_is(value, with);
}

unsigned int bls_loader_conf_unpin(char *text, size_t len)
{
	return replace_defaults(text, len, "*", is_not);
}

/* The id is compared as it is: what looks like a counter in it is a part of it. */
static bool is_counted(struct slice value, const char *id)
{
	char name[NAME_SIZE], stripped[NAME_SIZE];

	if (slice_copy(value, name, sizeof(name)) < 0 || counter_parse(name, NULL) != 0)
		return false;
	return counter_strip(name, stripped) == 0 &&
	       slice_is((struct slice){stripped, strlen(stripped)}, id);
}

unsigned int bls_loader_conf_correct(char *text, size_t len, const char *id)
{
	return replace_defaults(text, len, id, is_counted);
}

/* Byte order, as strcmp(3) has it. */
static int compare_bytes(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int r = common > 0 ? memcmp(a.s, b.s, common) : 0;

	return r != 0 ? r : (a.len > b.len) - (a.len < b.len);
}

int bls_compare(const struct bls_order *a, const struct bls_order *b)
{
	int r = (b->sort_key.len > 0) - (a->sort_key.len > 0);

	if (r == 0 && a->sort_key.len > 0) {
		r = compare_bytes(a->sort_key, b->sort_key);
		if (r == 0)
			r = compare_bytes(a->machine_id, b->machine_id);
		if (r == 0)
			r = version_compare(b->version, a->version);
	}
	return r != 0 ? r : version_compare(b->id, a->id);
}

bool bls_valid_name(const char *name, unsigned int type)
{
	size_t len = strlen(name);
	const char *suffix = type == 1 ? ".conf" : type == 2 ? ".efi" : NULL;

	if (!suffix || len >= NAME_SIZE || name[0] == '.')
		return false;
	if (slice_is((struct slice){name, len < 5 ? len : 5}, "auto-"))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!char_is_alpha(name[i]) && !char_is_digit(name[i]) &&
		    !strchr("+-_.@~^", name[i]))
			return false;
	return len > strlen(suffix) &&
	       slice_is((struct slice){name + len - strlen(suffix), strlen(suffix)}, suffix);
}
