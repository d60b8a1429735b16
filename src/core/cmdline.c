// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmdline.h"

#include <errno.h>
#include <string.h>

#include "bls.h"
#include "loadvar.h"

_Static_assert(sizeof(((struct cmdline *)0)->esp) == PARTUUID_SIZE, "esp holds a PARTUUID");

/* One word of the command line: the word as it stands, and its parts. */
struct word {
	struct slice all, key, value;
	bool has_value;
};

/* The kernel splits at all white space; a terminator at the end of a UKI's .cmdline is no text
 * either. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

struct slice cmdline_unquote(struct slice s)
{
	if (s.len == 0 || s.s[0] != '"')
		return s;
	s.s++;
	s.len--;
	if (s.len > 0 && s.s[s.len - 1] == '"')
		s.len--;
	return s;
}

bool cmdline_next_word(struct slice *rest, struct slice *ret)
{
	bool quoted = false;
	size_t i = 0;

	while (rest->len > 0 && is_space(rest->s[0])) {
		rest->s++;
		rest->len--;
	}
	for (; i < rest->len && (quoted || !is_space(rest->s[i])); i++)
		if (rest->s[i] == '"')
			quoted = !quoted;
	*ret = (struct slice){rest->s, i};
	rest->s += i;
	rest->len -= i;
	return i > 0;
}

/* Takes the next word off *rest: `key`, `key=value`, `key="a value"` or `"key=a value"`. */
static bool next_word(struct slice *rest, struct word *ret)
{
	struct slice all, bare;
	const char *equals;

	if (!cmdline_next_word(rest, &all))
		return false;
	bare = cmdline_unquote(all);
	equals = bare.len > 0 ? memchr(bare.s, '=', bare.len) : NULL;
	*ret = (struct word){.all = all, .key = bare, .has_value = equals};
	if (equals) {
		ret->key.len = (size_t)(equals - bare.s);
		ret->value = (struct slice){equals + 1, bare.len - ret->key.len - 1};
		ret->value = cmdline_unquote(ret->value);
	}
	return true;
}

/* The kernel takes `-` and `_` for the same in names of options, so users do. */
static bool is_key(struct slice s, const char *key)
{
	size_t i;

	for (i = 0; i < s.len && key[i]; i++)
		if (s.s[i] != key[i] && !(s.s[i] == '-' && key[i] == '_'))
			return false;
	return i == s.len && !key[i];
}

static bool is_one_of(struct slice s, const char *const *words)
{
	for (; *words; words++)
		if (slice_is(s, *words))
			return true;
	return false;
}

static bool is_no(struct slice s)
{
	static const char *const no[] = {"0", "no", "off", "false", "n", "f", NULL};

	return is_one_of(s, no);
}

/* A flag without a value is on. */
static int read_flag(const struct word *w, bool *ret)
{
	static const char *const yes[] = {"1", "yes", "on", "true", "y", "t", NULL};

	if (w->has_value && !is_no(w->value) && !is_one_of(w->value, yes))
		return -EINVAL;
	*ret = !is_no(w->value);
	return 0;
}

/* An entry's id. has_stem: it may be without its suffix. */
static int read_id(struct slice value, bool has_stem, char ret[NAME_SIZE])
{
	char id[NAME_SIZE], name[NAME_SIZE] = "";
	struct text t;

	if (slice_copy(value, id, sizeof(id)) < 0)
		return -EINVAL;
	text_init(&t, name, sizeof(name));
	text_str(&t, id);
	text_str(&t, has_stem ? ".conf" : "");
	if (!bls_valid_name(id, 1) && !bls_valid_name(id, 2) &&
	    (t.full || !bls_valid_name(name, 1)))
		return -EINVAL;
	memcpy(ret, id, sizeof(id));
	return 0;
}

static int read_txn(struct slice value, unsigned long *ret)
{
	unsigned long txn;
	int r;

	r = slice_uint(value, UINT32_MAX, &txn);
	if (r < 0 || txn == 0)
		return -EINVAL;
	*ret = txn;
	return 0;
}

static int read_deadline(struct slice value, struct cmdline *c)
{
	int r;

	r = slice_uint(value, 86400, &c->deadline_s);
	if (r < 0)
		return r;
	c->has_deadline = true;
	return 0;
}

/* The words by which a person makes systemd start something else than all of the system; the last
 * one counts. Source: systemd src/core/main.c parse_proc_cmdline_item(), kernel-command-line(7). */
static void read_target(const struct word *w, struct cmdline *c)
{
	static const char *const few[] = {"rescue", "emergency", "single", "s", "S",
					  "1",	    "-s",	 "-b",	   NULL};
	static const char *const all[] = {"2", "3", "4", "5", NULL};
	static const char *const few_units[] = {"rescue.target", "emergency.target", NULL};

	if (is_key(w->key, "systemd.unit") && w->has_value)
		c->rescue = is_one_of(w->value, few_units);
	else if (!w->has_value && is_one_of(w->key, few))
		c->rescue = true;
	else if (!w->has_value && is_one_of(w->key, all))
		c->rescue = false;
}

/* rd.shell=0 takes back rd.shell, but not rd.break: they are two wishes. */
struct wishes {
	bool breakpoint, shell;
};

/* 0, also for words that are none of ours; negative for a value that is no good. */
static int read_word(const struct word *w, struct cmdline *c, struct wishes *wishes)
{
	bool flag;
	int r;

	if (is_key(w->key, "bootassess")) {
		r = read_flag(w, &flag);
		if (r == 0)
			c->disabled = !flag;
		return r;
	}
	if (is_key(w->key, "bootassess.debug"))
		return read_flag(w, &c->debug);
	if (is_key(w->key, "rd.bootassess.dry_run"))
		return read_flag(w, &c->dry_run);
	if (is_key(w->key, "rd.bootassess.deadline"))
		return read_deadline(w->value, c);
	if (is_key(w->key, "bootassess.slot"))
		return read_id(w->value, true, c->slot);
	if (is_key(w->key, "bootassess.booted"))
		return read_id(w->value, false, c->booted);
	if (is_key(w->key, "bootassess.txn"))
		return read_txn(w->value, &c->txn);
	if (is_key(w->key, "rd.bootassess.esp"))
		return loadvar_partuuid(w->value, c->esp);
	read_target(w, c);
	if (is_key(w->key, "rd.break") || is_key(w->key, "break"))
		wishes->breakpoint = true;
	if (is_key(w->key, "rd.shell"))
		wishes->shell = !is_no(w->value);
	return 0;
}

void cmdline_parse(const char *text, size_t len, struct cmdline *ret, struct slice *invalid)
{
	struct slice rest = {text, len}, bad = {0};
	struct wishes wishes = {0};
	struct word word;

	*ret = (struct cmdline){0};
	while (next_word(&rest, &word))
		if (read_word(&word, ret, &wishes) < 0)
			bad = word.all;
	ret->person = wishes.breakpoint || wishes.shell;
	if (invalid)
		*invalid = bad;
}
