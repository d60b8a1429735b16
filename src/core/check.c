// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "check.h"

const char *check_dir(enum check_kind kind, enum check_source source)
{
	static const char *const dirs[CHECK_KINDS][CHECK_SOURCES] = {
		[CHECK_REQUIRED] = {"usr/lib/bootassess/check/required.d",
				    "etc/bootassess/check/required.d",
				    "usr/lib/greenboot/check/required.d",
				    "etc/greenboot/check/required.d"},
		[CHECK_WANTED] = {"usr/lib/bootassess/check/wanted.d",
				  "etc/bootassess/check/wanted.d",
				  "usr/lib/greenboot/check/wanted.d",
				  "etc/greenboot/check/wanted.d"},
		[CHECK_GREEN] = {NULL, NULL, "usr/lib/greenboot/green.d", "etc/greenboot/green.d"},
		[CHECK_RED] = {NULL, NULL, "usr/lib/greenboot/red.d", "etc/greenboot/red.d"},
		[CHECK_RECOVERY] = {"usr/lib/bootassess/recovery.d", "etc/bootassess/recovery.d",
				    NULL, NULL},
	};

	return dirs[kind][source];
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len >= n && memcmp(name + len - n, end, n) == 0;
}

bool check_is_backup(const char *name)
{
	static const char *const ends[] = {"~", ".bak", ".old", ".new", ".orig", ".swp", NULL};
	const char *last = strrchr(name, '.');

	if (name[0] == '.' || name[0] == '\0')
		return true;
	for (int i = 0; ends[i]; i++)
		if (ends_in(name, ends[i]))
			return true;
	return last && (strncmp(last, ".rpm", 4) == 0 || strncmp(last, ".dpkg-", 6) == 0);
}

static bool is_greenboot(enum check_source source)
{
	return source >= CHECK_GREENBOOT_USR;
}

/* Our two directories are one folder; each of greenboot's is its own. */
static int folder(const struct check *c)
{
	return c->source == CHECK_ETC ? CHECK_USR : (int)c->source;
}

static int compare(const struct check *a, const struct check *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (folder(a) != folder(b))
		return folder(a) < folder(b) ? -1 : 1;
	return strcmp(a->name, b->name);
}

int check_offer(struct checks *l, enum check_kind kind, enum check_source source, const char *name,
		enum check_file file)
{
	struct check c = {.kind = kind, .source = source};
	unsigned int i = 0;

	if (check_is_backup(name) || strlen(name) >= sizeof(c.name))
		return 1;
	c.by_shell = is_greenboot(source) && ends_in(name, ".sh");
	if (file == CHECK_FILE_PLAIN && !c.by_shell)
		return 1;
	c.masked = file == CHECK_FILE_MASK;
	memcpy(c.name, name, strlen(name) + 1);
	while (i < l->n && compare(&l->check[i], &c) < 0)
		i++;
	if (i < l->n && compare(&l->check[i], &c) == 0) {
		if (source >= l->check[i].source)
			l->check[i] = c;
		return 0;
	}
	if (l->n == CHECKS_MAX) {
		l->dropped = true;
		return -ENOSPC;
	}
	memmove(&l->check[i + 1], &l->check[i], (l->n - i) * sizeof(c));
	l->check[i] = c;
	l->n++;
	return 0;
}

/* What stands between the brackets of the last assignment. */
static struct slice disabled_list(struct slice conf)
{
	static const char key[] = "DISABLED_HEALTHCHECKS=(";
	struct slice line, list = {NULL, 0};

	while (slice_line(&conf, &line)) {
		const char *end;

		line = slice_trim(line);
		if (line.len < sizeof(key) - 1 || memcmp(line.s, key, sizeof(key) - 1) != 0)
			continue;
		/* It may go on in the lines after this one. */
		list.s = line.s + sizeof(key) - 1;
		list.len = (size_t)(conf.s + conf.len - list.s);
		end = memchr(list.s, ')', list.len);
		if (end)
			list.len = (size_t)(end - list.s);
	}
	return list;
}

static struct slice without_quotes(struct slice word)
{
	bool is_quoted = word.len >= 2 && (word.s[0] == '"' || word.s[0] == '\'') &&
			 word.s[word.len - 1] == word.s[0];

	return is_quoted ? (struct slice){word.s + 1, word.len - 2} : word;
}

bool check_is_disabled(struct slice conf, const char *name)
{
	struct slice list = disabled_list(conf), line, word;

	while (slice_line(&list, &line))
		while (slice_word(&line, &word)) {
			word = without_quotes(slice_trim(word));
			if (word.len == strlen(name) && memcmp(word.s, name, word.len) == 0)
				return true;
		}
	return false;
}

void check_note_line(struct check *c, const char *line, size_t len)
{
	struct slice s = slice_trim((struct slice){line, len});
	struct text t;

	if (s.len == 0)
		return;
	text_init(&t, c->line, sizeof(c->line));
	for (size_t i = 0; i < s.len; i++) {
		bool is_control = (unsigned char)s.s[i] < ' ' || s.s[i] == 0x7f;

		text_char(&t, is_control ? '?' : s.s[i]);
	}
}

bool check_has_failed(const struct check *c)
{
	return c->result != CHECK_NOT_RUN && c->result != CHECK_PASSED &&
	       c->result != CHECK_REPAIRED;
}

const struct check *check_verdict(const struct checks *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->check[i].kind == CHECK_REQUIRED && check_has_failed(&l->check[i]))
			return &l->check[i];
	return NULL;
}

void check_text_result(const struct check *c, unsigned long timeout_s, struct text *t)
{
	unsigned long status = (unsigned long)(c->status < 0 ? -c->status : c->status);

	switch (c->result) {
	case CHECK_NOT_RUN:
		text_str(t, "not run");
		return;
	case CHECK_PASSED:
		text_str(t, "passed");
		return;
	case CHECK_REPAIRED:
		text_str(t, "it has repaired the device");
		return;
	case CHECK_FAILED:
		text_str(t, "exit status ");
		text_uint(t, status, 0);
		return;
	case CHECK_KILLED:
		text_str(t, "killed by signal ");
		text_uint(t, status, 0);
		return;
	case CHECK_TIMED_OUT:
		text_str(t, "no end within ");
		text_uint(t, timeout_s, 0);
		text_str(t, " s");
		return;
	case CHECK_NO_START:
		text_str(t, "it cannot be started");
		return;
	}
}

/* The rung that an entry of the history means, -1 = none. */
static int find_kept(const struct ladder *l, const char *kept)
{
	char id[HISTORY_ID];

	for (unsigned int i = 0; i < l->n; i++) {
		history_set_name(id, sizeof(id), l->rung[i].id);
		if (strcasecmp(id, kept) == 0)
			return (int)i;
	}
	return -1;
}

bool check_is_shared(const struct facts *f, const char *check, const struct history_entry *earlier)
{
	int rung = find_kept(&f->ladder, earlier->booted);
	char kept[HISTORY_CHECK];

	history_set_name(kept, sizeof(kept), check);
	if (!check[0] || strcmp(kept, earlier->check) != 0)
		return false;
	if (f->booted.rung < 0 || f->ladder.rung[f->booted.rung].role != ROLE_SYSTEM)
		return false;
	return rung >= 0 && rung != f->booted.rung && f->ladder.rung[rung].role == ROLE_SYSTEM;
}

unsigned int check_shared_rung(const struct facts *f, const char *check,
			       const struct history_entry *earlier)
{
	return check_is_shared(f, check, earlier) ? 1u << find_kept(&f->ladder, earlier->booted)
						  : 0;
}

bool check_is_fault_shared(const struct facts *f, unsigned int failed)
{
	for (unsigned int i = 0; i < f->ladder.n; i++) {
		const struct rung *r = &f->ladder.rung[i];

		if (r->role == ROLE_SYSTEM && (int)i != f->booted.rung && !(failed & 1u << i) &&
		    ladder_state(r, &r->counter) <= RUNG_ARMED)
			return false;
	}
	return failed != 0;
}

/* Of one kind, so many at the same time, each with so many attempts. */
static unsigned long kind_longest_s(const struct checks *l, const struct config *c,
				    enum check_kind kind)
{
	bool is_hook = kind > CHECK_WANTED;
	unsigned long parallel = is_hook ? 1 : c->parallel;
	unsigned long retries = is_hook ? 0 : c->check_retries;
	unsigned long grace_s =
		c->check_timeout_s < CHECK_GRACE_S ? c->check_timeout_s : CHECK_GRACE_S;
	unsigned long n = 0;

	for (unsigned int i = 0; i < l->n; i++)
		n += l->check[i].kind == kind && !l->check[i].masked;
	return (n + parallel - 1) / parallel *
	       ((retries + 1) * (c->check_timeout_s + grace_s) + retries * c->check_retry_delay_s);
}

unsigned long check_longest_s(const struct checks *l, const struct config *c)
{
	unsigned long required_s = kind_longest_s(l, c, CHECK_REQUIRED);
	unsigned long green_s = kind_longest_s(l, c, CHECK_GREEN);
	unsigned long red_s = kind_longest_s(l, c, CHECK_RED);

	if (c->settle_s > 0 && required_s > 0)
		required_s += c->settle_s + required_s;
	return required_s + kind_longest_s(l, c, CHECK_WANTED) +
	       (green_s > red_s ? green_s : red_s);
}

const char *check_kind_name(enum check_kind kind)
{
	static const char *const names[] = {"required", "wanted", "green", "red", "recovery"};

	return names[kind];
}

const char *check_result_name(enum check_result result)
{
	static const char *const names[] = {
		[CHECK_NOT_RUN] = "not-run",   [CHECK_PASSED] = "passed",
		[CHECK_FAILED] = "failed",     [CHECK_KILLED] = "killed",
		[CHECK_TIMED_OUT] = "timeout", [CHECK_NO_START] = "no-start",
		[CHECK_REPAIRED] = "repaired",
	};

	return names[result];
}
