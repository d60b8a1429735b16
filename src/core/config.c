// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "loadvar.h"

/* How a value is written, and what stands at the offset in struct config. */
enum type {
	TYPE_TEXT,     /* char[CONFIG_PATTERNS_SIZE] */
	TYPE_NUMBER,   /* unsigned long */
	TYPE_SPAN,     /* unsigned long, seconds */
	TYPE_BOOL,     /* bool */
	TYPE_WORD,     /* int, index of the word */
	TYPE_SET,      /* unsigned long, bit i for word i */
	TYPE_PARTUUID, /* char[40] */
};

static const char *const hold_words[] = {"retry", "stay", "poweroff", "halt", NULL};
static const char *const on_failure_words[] = {"retry", "next", NULL};
static const char *const shared_fault_words[] = {"hold", "continue", NULL};
static const char *const reset_method_words[] = {"entry", "wipe", "systemd", NULL};
static const char *const loader_words[] = {"auto", "systemd-boot", "firmware",
					   "grub", "none",	   NULL};
static const char *const method_words[] = {"kexec", "firmware", NULL};

_Static_assert(HOLD_RETRY == 0 && HOLD_STAY == 1 && HOLD_POWEROFF == 2 && HOLD_HALT == 3,
	       "hold_words stands in the order of enum hold");
_Static_assert(ON_FAILURE_RETRY == 0 && ON_FAILURE_NEXT == 1,
	       "on_failure_words stands in the order of enum on_failure");
_Static_assert(SHARED_FAULT_HOLD == 0 && SHARED_FAULT_CONTINUE == 1,
	       "shared_fault_words stands in the order of enum shared_fault");
_Static_assert(RESET_ENTRY == 0 && RESET_WIPE == 1 && RESET_SYSTEMD == 2,
	       "reset_method_words stands in the order of enum reset_method");
_Static_assert(LOADER_AUTO == 0 && LOADER_SDBOOT == 1 && LOADER_FIRMWARE == 2 && LOADER_GRUB == 3 &&
		       LOADER_NONE == 4,
	       "loader_words stands in the order of enum loader");
_Static_assert(METHOD_KEXEC == 1 << 0 && METHOD_FIRMWARE == 1 << 1,
	       "method_words stands in the order of the bits of enum method");
_Static_assert(sizeof(((struct config *)0)->esp) == PARTUUID_SIZE, "ESP= holds a PARTUUID");

struct key {
	const char *section, *name;
	enum type type;
	unsigned long min, max; /* numbers and spans */
	bool or_zero;		/* 0 is allowed below min too */
	const char *const *words;
	size_t offset;
	const char *value; /* default */
};

#define TEXT(field) .type = TYPE_TEXT, .offset = offsetof(struct config, field)
#define NUMBER(field, lo, hi) \
	.type = TYPE_NUMBER, .min = (lo), .max = (hi), .offset = offsetof(struct config, field)
#define SPAN(field, lo, hi) \
	.type = TYPE_SPAN, .min = (lo), .max = (hi), .offset = offsetof(struct config, field)
#define BOOL(field) .type = TYPE_BOOL, .offset = offsetof(struct config, field)
#define WORD(field, list) \
	.type = TYPE_WORD, .words = (list), .offset = offsetof(struct config, field)
#define SET(field, list) .type = TYPE_SET, .words = (list), .offset = offsetof(struct config, field)
#define PARTUUID(field)	 .type = TYPE_PARTUUID, .offset = offsetof(struct config, field)

static const struct key keys[] = {
	{"Ladder", "System", TEXT(system), .value = "active passive"},
	{"Ladder", "Recovery", TEXT(recovery), .value = "recovery"},
	{"Ladder", "Reset", TEXT(reset), .value = ""},
	{"Ladder", "MirrorESP", TEXT(mirrors), .value = ""},
	{"Ladder", "Tries", NUMBER(tries, 1, 8), .value = "3"},
	{"Ladder", "RecoveryTries", NUMBER(recovery_tries, 1, 8), .value = "3"},
	{"Ladder", "ResetTries", NUMBER(reset_tries, 1, 8), .value = "2"},
	{"Ladder", "RefundReboots", NUMBER(refund_reboots, 0, 9), .value = "3"},
	{"Ladder", "CountGood", BOOL(count_good), .value = "no"},
	{"Ladder", "Hold", WORD(hold, hold_words), .value = "retry"},
	{"Ladder", "HoldDelaySec", SPAN(hold_delay_s, 1, 86400), .value = "1h"},
	{"Switch", "Method", SET(methods, method_words), .value = "kexec firmware"},
	{"Switch", "MaxHops", NUMBER(max_hops, 0, 1), .value = "1"},
	{"Switch", "KexecAppend", TEXT(kexec_append), .value = ""},
	{"Switch", "SlotToken", TEXT(slot_token), .value = ""},
	{"Switch", "OnFailure", WORD(on_failure, on_failure_words), .value = "retry"},
	{"Switch", "SecureBootKexec", BOOL(secure_boot_kexec), .value = "no"},
	{"Switch", "KexecWithoutWatchdog", BOOL(kexec_without_watchdog), .value = "no"},
	{"Initrd", "EspTimeoutSec", SPAN(esp_timeout_s, 0, 600), .value = "20"},
	{"Initrd", "DeadlineSec", SPAN(deadline_s, 10, 86400), .or_zero = true, .value = "180"},
	{"Initrd", "ESP", PARTUUID(esp), .value = ""},
	{"Watchdog", "Watchdog", SPAN(watchdog_s, 5, 86400), .or_zero = true, .value = "off"},
	{"Watchdog", "WatchdogModule", TEXT(watchdog_module), .value = ""},
	{"Watchdog", "BootDeadlineSec", SPAN(boot_deadline_s, 60, 86400), .or_zero = true,
	 .value = "10min"},
	{"Watchdog", "RecoveryDeadlineSec", SPAN(recovery_deadline_s, 60, 86400), .or_zero = true,
	 .value = "1d"},
	{"Check", "CheckTimeoutSec", SPAN(check_timeout_s, 1, 3600), .value = "60"},
	{"Check", "CheckRetries", NUMBER(check_retries, 0, 10), .value = "2"},
	{"Check", "CheckRetryDelaySec", SPAN(check_retry_delay_s, 0, 3600), .value = "5"},
	{"Check", "SettleSec", SPAN(settle_s, 0, 3600), .value = "0"},
	{"Check", "Parallel", NUMBER(parallel, 1, 16), .value = "1"},
	{"Check", "SharedFault", WORD(shared_fault, shared_fault_words), .value = "hold"},
	{"Recovery", "RecoveryTimeoutSec", SPAN(recovery_timeout_s, 1, 86400), .value = "10min"},
	{"Recovery", "RecoveryRepeatSec", SPAN(recovery_repeat_s, 1, 86400), .or_zero = true,
	 .value = "15min"},
	{"Reset", "ResetMethod", WORD(reset_method, reset_method_words), .value = "entry"},
	{"Reset", "ResetWipe", TEXT(reset_wipe), .value = ""},
	{"Reset", "ResetHook", TEXT(reset_hook), .value = ""},
	{"Reset", "ResetTimeoutSec", SPAN(reset_timeout_s, 1, 86400), .value = "10min"},
	{"Loader", "Loader", WORD(loader, loader_words), .value = "auto"},
	{"Loader", "Boot", TEXT(boot), .value = ""},
	{"Loader", "GrubEnvironment", TEXT(grubenv), .value = ""},
	{"Loader", "FallbackPath", BOOL(fallback_path), .value = "no"},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* Sections and keys are case-sensitive: libeconf merges `Tries` and `tries` as two keys. */
static bool is_exactly(struct slice s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.s, word, s.len) == 0;
}

static int find_word(const char *const *words, struct slice word)
{
	for (int i = 0; words[i]; i++)
		if (slice_is(word, words[i]))
			return i;
	return -EINVAL;
}

static int parse_bool(struct slice s, bool *ret)
{
	static const char *const yes[] = {"yes", "true", "on", "1", "y", "t", NULL};
	static const char *const no[] = {"no", "false", "off", "0", "n", "f", NULL};

	if (find_word(yes, s) < 0 && find_word(no, s) < 0)
		return -EINVAL;
	*ret = find_word(yes, s) >= 0;
	return 0;
}

static int parse_set(const char *const *words, struct slice s, unsigned long *ret)
{
	unsigned long set = 0;
	struct slice word;

	while (slice_word(&s, &word)) {
		int i = find_word(words, word);

		if (i < 0)
			return i;
		set |= 1UL << i;
	}
	if (set == 0)
		return -EINVAL;
	*ret = set;
	return 0;
}

/* Seconds of a unit; 0 if it is none. No unit means seconds. */
static unsigned long unit_seconds(struct slice unit)
{
	static const struct {
		const char *name;
		unsigned long seconds;
	} units[] = {{"", 1},	  {"s", 1},    {"sec", 1},  {"m", 60},
		     {"min", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (is_exactly(unit, units[i].name))
			return units[i].seconds;
	return 0;
}

static void skip_blanks(struct slice *s)
{
	while (s->len > 0 && (s->s[0] == ' ' || s->s[0] == '\t')) {
		s->s++;
		s->len--;
	}
}

/* Takes what `belongs` off the front of *s. */
static struct slice take(struct slice *s, bool (*belongs)(char))
{
	struct slice run = {.s = s->s};

	while (s->len > 0 && belongs(s->s[0])) {
		s->s++;
		s->len--;
		run.len++;
	}
	return run;
}

/* Takes one `NUMBER [UNIT]` off *s and adds it to *total. -ERANGE keeps *s usable: what follows may
 * still be no time at all. */
static int take_span(struct slice *s, unsigned long *total)
{
	struct slice digits = take(s, char_is_digit), unit;
	unsigned long number, seconds;
	int r;

	skip_blanks(s);
	unit = take(s, char_is_alpha);
	skip_blanks(s);
	seconds = unit_seconds(unit);
	r = slice_uint(digits, ULONG_MAX, &number);
	if (r == -EINVAL || seconds == 0)
		return -EINVAL;
	if (r < 0 || number > (ULONG_MAX - *total) / seconds)
		return -ERANGE;
	*total += number * seconds;
	return 0;
}

static int parse_span(struct slice s, unsigned long *ret)
{
	unsigned long total = 0;
	bool above = false;

	if (s.len == 0)
		return -EINVAL;
	while (s.len > 0) {
		int r = take_span(&s, &total);

		if (r == -EINVAL)
			return r;
		above |= r < 0;
	}
	if (above)
		return -ERANGE;
	*ret = total;
	return 0;
}

static int parse_number(const struct key *key, struct slice s, unsigned long *ret)
{
	unsigned long value;
	int r;

	if (key->type == TYPE_SPAN && key->or_zero && is_exactly(s, "off")) {
		*ret = 0;
		return 0;
	}
	r = key->type == TYPE_SPAN ? parse_span(s, &value) : slice_uint(s, ULONG_MAX, &value);
	if (r < 0)
		return r;
	if (value > key->max || (value < key->min && !(key->or_zero && value == 0)))
		return -ERANGE;
	*ret = value;
	return 0;
}

static int parse_partuuid(struct slice s, char ret[PARTUUID_SIZE])
{
	if (s.len > 0)
		return loadvar_partuuid(s, ret);
	ret[0] = '\0';
	return 0;
}

/* Reads a value into its field. 0, -EINVAL, -ERANGE or -ENAMETOOLONG; the field is written only on
 * 0. */
static int set_value(struct config *c, const struct key *key, struct slice value)
{
	void *field = (char *)c + key->offset;
	int i;

	switch (key->type) {
	case TYPE_TEXT:
		return slice_copy(value, field, CONFIG_PATTERNS_SIZE);
	case TYPE_NUMBER:
	case TYPE_SPAN:
		return parse_number(key, value, field);
	case TYPE_BOOL:
		return parse_bool(value, field);
	case TYPE_SET:
		return parse_set(key->words, value, field);
	case TYPE_PARTUUID:
		return parse_partuuid(value, field);
	case TYPE_WORD:
		i = find_word(key->words, value);
		if (i >= 0)
			*(int *)field = i;
		return i < 0 ? i : 0;
	}
	return -EINVAL;
}

void config_defaults(struct config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < N_KEYS; i++)
		(void)set_value(c, &keys[i], (struct slice){keys[i].value, strlen(keys[i].value)});
}

bool config_describe(unsigned int i, const char **section, const char **key, const char **value)
{
	if (i >= N_KEYS)
		return false;
	*section = keys[i].section;
	*key = keys[i].name;
	*value = keys[i].value;
	return true;
}

/* A walk through the lines of a text. */
struct parser {
	struct config *config;
	config_warn_fn warn;
	void *data;
	unsigned int line;
	const char *section; /* NULL: before any section, or in an unknown one */
	bool skipping;	     /* in an unknown section, which was told already */
	char phrase[256];
};

static struct text phrase_start(struct parser *p)
{
	struct text t;

	text_init(&t, p->phrase, sizeof(p->phrase));
	return t;
}

static void phrase_end(struct parser *p, struct text *t)
{
	text_str(t, ", ignoring");
	if (p->warn)
		p->warn(p->data, p->line, t->buf);
}

/* Quotes what stands in the file, short enough to leave room for the rest of the phrase. It may go
 * to a console: no control characters. */
static void add_quoted(struct text *t, struct slice s)
{
	const size_t max = 60;

	text_char(t, '"');
	for (size_t i = 0; i < s.len && i < max; i++)
		text_char(t, char_is_printable(s.s[i]) ? s.s[i] : '?');
	text_str(t, s.len > max ? "...\"" : "\"");
}

static void warn_quoted(struct parser *p, const char *before, struct slice s, const char *after)
{
	struct text t = phrase_start(p);

	text_str(&t, before);
	add_quoted(&t, s);
	text_str(&t, after);
	phrase_end(p, &t);
}

static void add_range(struct text *t, const struct key *key)
{
	if (key->or_zero)
		text_str(t, "0 or ");
	text_uint(t, key->min, 0);
	text_str(t, " to ");
	text_uint(t, key->max, 0);
	if (key->type == TYPE_SPAN)
		text_str(t, " seconds");
}

static void add_allowed(struct text *t, const struct key *key)
{
	switch (key->type) {
	case TYPE_TEXT:
		text_str(t, "text without NUL bytes");
		break;
	case TYPE_NUMBER:
		add_range(t, key);
		break;
	case TYPE_SPAN:
		add_range(t, key);
		text_str(t, ", or with units like \"1h 30min\"");
		break;
	case TYPE_BOOL:
		text_str(t, "yes or no");
		break;
	case TYPE_PARTUUID:
		text_str(t, "a PARTUUID like c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
		break;
	case TYPE_WORD:
	case TYPE_SET:
		text_str(t, key->type == TYPE_SET ? "one or more of " : "one of ");
		for (int i = 0; key->words[i]; i++) {
			text_str(t, i > 0 ? ", " : "");
			text_str(t, key->words[i]);
		}
		break;
	}
}

static void warn_value(struct parser *p, const struct key *key, struct slice value, int error)
{
	struct text t = phrase_start(p);

	text_str(&t, key->name);
	text_char(&t, '=');
	if (error == -ENAMETOOLONG) {
		text_str(&t, " is too long, at most ");
		text_uint(&t, CONFIG_PATTERNS_SIZE - 1, 0);
		text_str(&t, " bytes are allowed");
	} else if (error == -ERANGE) {
		add_quoted(&t, value);
		text_str(&t, " is out of range, allowed is ");
		add_range(&t, key);
	} else {
		add_quoted(&t, value);
		text_str(&t, " is not understood, allowed is ");
		add_allowed(&t, key);
	}
	phrase_end(p, &t);
}

/* A key of the table by its name: in this section, or anywhere (section NULL). */
static const struct key *find_key(const char *section, struct slice name)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (is_exactly(name, keys[i].name) &&
		    (!section || strcmp(section, keys[i].section) == 0))
			return &keys[i];
	return NULL;
}

static void warn_unknown_key(struct parser *p, struct slice name)
{
	const struct key *elsewhere = find_key(NULL, name);
	struct text t = phrase_start(p);

	text_str(&t, "unknown key ");
	add_quoted(&t, name);
	text_str(&t, " in section [");
	text_str(&t, p->section);
	text_char(&t, ']');
	if (elsewhere) {
		text_str(&t, " (it belongs to [");
		text_str(&t, elsewhere->section);
		text_str(&t, "])");
	}
	phrase_end(p, &t);
}

static void parse_section(struct parser *p, struct slice line)
{
	struct slice name = {line.s + 1, line.len - 1};

	p->section = NULL;
	p->skipping = true;
	if (name.len == 0 || name.s[name.len - 1] != ']') {
		warn_quoted(p, "section line ", line, " does not end with \"]\"");
		return;
	}
	name.len--;
	for (size_t i = 0; i < N_KEYS && p->skipping; i++)
		if (is_exactly(name, keys[i].section)) {
			p->section = keys[i].section;
			p->skipping = false;
		}
	if (p->skipping)
		warn_quoted(p, "unknown section ", name, " and its keys");
}

static void parse_assignment(struct parser *p, struct slice line)
{
	const char *equals = memchr(line.s, '=', line.len);
	struct slice name, value;
	const struct key *key;
	int r;

	if (!equals) {
		warn_quoted(p, "line without \"=\": ", line, "");
		return;
	}
	name = slice_trim((struct slice){line.s, (size_t)(equals - line.s)});
	value = slice_trim((struct slice){equals + 1, line.len - (size_t)(equals + 1 - line.s)});
	if (!p->section) {
		warn_quoted(p, "key ", name, " before any section");
		return;
	}
	key = find_key(p->section, name);
	if (!key) {
		warn_unknown_key(p, name);
		return;
	}
	r = set_value(p->config, key, value);
	if (r < 0)
		warn_value(p, key, value, r);
}

void config_parse(struct config *c, const char *text, size_t len, config_warn_fn warn, void *data)
{
	struct parser p = {.config = c, .warn = warn, .data = data};
	struct slice rest = {text, len}, line;

	while (slice_line(&rest, &line)) {
		p.line++;
		line = slice_trim(line);
		if (line.len == 0 || line.s[0] == '#' || line.s[0] == ';')
			continue;
		if (line.s[0] == '[')
			parse_section(&p, line);
		else if (!p.skipping)
			parse_assignment(&p, line);
	}
}

static bool is_same_value(const struct config *a, const struct config *b, const struct key *key)
{
	const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;

	switch (key->type) {
	case TYPE_TEXT:
	case TYPE_PARTUUID:
		return strcmp(x, y) == 0;
	case TYPE_BOOL:
		return *x == *y;
	case TYPE_WORD:
		return memcmp(x, y, sizeof(int)) == 0;
	default:
		return memcmp(x, y, sizeof(unsigned long)) == 0;
	}
}

const char *config_difference(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (strcmp(keys[i].section, "Check") != 0 &&
		    strcmp(keys[i].section, "Recovery") != 0 && !is_same_value(a, b, &keys[i]))
			return keys[i].name;
	return NULL;
}
