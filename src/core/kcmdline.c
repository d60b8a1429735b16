// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kcmdline.h"

#include <errno.h>
#include <string.h>

#include "cmdline.h"

/* What one text of options holds. */
struct options {
	bool has_panic, has_ours;
	bool has_end; /* a word `--` */
	size_t end;   /* where it is; without one the length */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trim_end(struct slice s)
{
	while (s.len > 0 && (is_blank(s.s[s.len - 1]) || s.s[s.len - 1] == '\r' ||
			     s.s[s.len - 1] == '\n' || s.s[s.len - 1] == '\0'))
		s.len--;
	return s;
}

static bool starts_with(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.s, prefix, len) == 0;
}

static struct options read_options(struct slice text)
{
	struct options o = {.end = text.len};
	struct slice rest = text, word;

	while (cmdline_next_word(&rest, &word)) {
		struct slice bare = cmdline_unquote(word);

		/* Ours are read from the whole line, also behind `--`. */
		if (starts_with(bare, "bootassess.booted=") || starts_with(bare, "bootassess.txn="))
			o.has_ours = true;
		if (o.has_end)
			continue;
		if (starts_with(bare, "panic="))
			o.has_panic = true;
		if (slice_is(bare, "--")) {
			o.has_end = true;
			o.end = (size_t)(word.s - text.s);
		}
	}
	return o;
}

/* One phrase, or NULL if the text is sound. */
static const char *check_text(struct slice text)
{
	unsigned int quotes = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return "control character in the command line";
		quotes += c == '"';
	}
	return quotes % 2 == 0 ? NULL : "odd number of quotes in the command line";
}

/* How often the token comes, at most 2; *ret_at: where first. */
static unsigned int count_token(struct slice text, const char *token, size_t *ret_at)
{
	size_t len = strlen(token);
	unsigned int n = 0;

	if (len == 0)
		return 0;
	for (size_t i = 0; i + len <= text.len && n < 2; i++) {
		if (memcmp(text.s + i, token, len) != 0)
			continue;
		if (n == 0)
			*ret_at = i;
		n++;
	}
	return n;
}

static void append_stem(struct text *t, const char *id)
{
	const char *suffix = strrchr(id, '.');

	text_slice(t, (struct slice){id, suffix ? (size_t)(suffix - id) : strlen(id)});
}

/* Writes the base with the token replaced. One phrase, or NULL. */
static const char *write_base(const struct kcmdline *k, struct text *t)
{
	struct slice base = trim_end(k->base);
	size_t at = 0;
	unsigned int tokens = count_token(base, k->token, &at);

	if (tokens > 1)
		return "SlotToken= comes more than once in the command line";
	if (tokens > 0 && k->is_verbatim)
		return "SlotToken= in a command line that must not be changed";
	if (tokens > 0) {
		text_slice(t, (struct slice){base.s, at});
		append_stem(t, k->id);
		at += strlen(k->token);
		base = (struct slice){base.s + at, base.len - at};
	}
	text_slice(t, base);
	return NULL;
}

static void append_word(struct text *t, const char *word)
{
	if (t->len > 0 && word[0])
		text_char(t, ' ');
	text_str(t, word);
}

static void append_ours(const struct kcmdline *k, bool has_panic, struct text *t)
{
	if (!has_panic)
		append_word(t, "panic=30");
	append_word(t, k->append);
	append_word(t, "bootassess.booted=");
	text_str(t, k->id);
	append_word(t, "bootassess.txn=");
	text_uint(t, k->txn, 0);
	append_word(t, "systemd.mask=systemd-bless-boot.service");
}

/* One phrase, or NULL. The base is the one with the token replaced, as that may make quotes odd, or
 * a word of ours. */
static const char *check(struct slice base, struct slice append)
{
	const struct options in_base = read_options(base), in_append = read_options(append);
	const char *what = check_text(base);

	if (!what)
		what = check_text(append);
	if (!what && (in_base.has_ours || in_append.has_ours))
		what = "bootassess.booted= or bootassess.txn= in the command line";
	if (!what && in_append.has_end)
		what = "-- in KexecAppend=";
	return what;
}

static void write_line(const struct kcmdline *k, struct slice base, struct text *t)
{
	const struct options options = read_options(base);

	if (k->is_verbatim) {
		text_slice(t, base);
		return;
	}
	text_slice(t, trim_end((struct slice){base.s, options.end}));
	append_ours(k, options.has_panic, t);
	append_word(t, base.s + options.end);
}

int kcmdline_compose(const struct kcmdline *k, char buf[KCMDLINE_SIZE], const char **ret_what)
{
	char base[KCMDLINE_SIZE], line[KCMDLINE_SIZE];
	struct text t, out;
	const char *what;

	text_init(&t, base, sizeof(base));
	text_init(&out, line, sizeof(line));
	what = write_base(k, &t);
	if (!what && !t.full)
		what = check((struct slice){base, t.len},
			     (struct slice){k->append, strlen(k->append)});
	if (what) {
		*ret_what = what;
		return -EINVAL;
	}
	if (!t.full)
		write_line(k, (struct slice){base, t.len}, &out);
	if (t.full || out.full || out.len > k->max) {
		*ret_what = "command line too long";
		return -E2BIG;
	}
	memcpy(buf, line, out.len + 1);
	return 0;
}
