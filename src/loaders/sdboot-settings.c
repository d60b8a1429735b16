// SPDX-License-Identifier: LGPL-2.1-or-later
/* What systemd-boot's variables and loader.conf select: boot.c config_select_default_entry(),
 * loader.conf(5). */
#include <errno.h>
#include <string.h>

#include "bls.h"
#include "doors/dir.h"
#include "doors/efivar.h"
#include "doors/esp.h"
#include "doors/log.h"
#include "doors/root.h"
#include "loadvar.h"
#include "sdboot.h"
#include "spell.h"

#define CONF_DIR  "loader"
#define CONF_FILE "loader.conf"
/* The last release but those whose ids may be without counters. */
#define VERSION_WITH_COUNTERS 256

/* The file as it is, and room for one more byte that tells that it is too long. */
struct conf {
	char text[ESP_FILE_MAX + 1];
	size_t len;
};

static const char *const variables[SETTINGS] = {
	[SETTING_PREFERRED_VARIABLE] = "LoaderEntryPreferred",
	[SETTING_DEFAULT_VARIABLE] = "LoaderEntryDefault",
};

static const char *const keys[SETTINGS] = {
	[SETTING_PREFERRED_FILE] = "preferred",
	[SETTING_DEFAULT_FILE] = "default",
};

static int read_conf(int esp, struct conf *ret)
{
	return esp < 0 ? -ENOENT
		       : dir_read(esp, CONF_DIR "/" CONF_FILE, ret->text, sizeof(ret->text),
				  &ret->len);
}

/* It is not there, or what is there will not become a file that can be read: too long, a device, a
 * link, a folder. */
static bool is_no_file(int r)
{
	return r == -ENOENT || r == -E2BIG || r == -EINVAL || r == -ELOOP || r == -ENOTDIR ||
	       r == -EISDIR;
}

static int write_conf(int esp, const char *text, size_t len)
{
	return esp_write_file(esp, CONF_DIR, CONF_FILE, text, len);
}

static void read_variable(int efivars, const char *variable, char value[NAME_SIZE],
			  struct settings *ret)
{
	uint8_t data[2 * NAME_SIZE];
	size_t len;
	int r = 1;

	if (efivars >= 0)
		r = efivar_read(efivars, variable, EFIVAR_LOADER, data, sizeof(data), &len);
	ret->unread |= efivar_is_unread(r);
	if (r < 0)
		log_warning("cannot read the EFI variable %s: %s, ignoring what it selects",
			    variable, strerror(-r));
	if (r != 0 || loadvar_string(data, len, value, NAME_SIZE) < 0)
		value[0] = '\0';
}

static void read_key(const struct conf *c, const char *key, char value[NAME_SIZE])
{
	if (slice_copy(bls_loader_conf_get(c->text, c->len, key), value, NAME_SIZE) < 0)
		value[0] = '\0';
}

/* An old release, unless this boot shows that it was corrected: it counted the entry, and yet no id
 * of its list holds a counter. */
static bool ids_have_counters(int efivars, const struct sdboot *s)
{
	if (spell_has_counters(efivars))
		return true;
	return s->version > 0 && s->version <= VERSION_WITH_COUNTERS && !s->counted_name[0];
}

void sdboot_read_settings(int efivars, int esp, const struct sdboot *s, struct settings *ret)
{
	struct conf c;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->loader = LOADER_SDBOOT;
	ret->known = s->is_sdboot;
	ret->unread = s->unread;
	if (!ret->known)
		return;
	ret->has_preferred = s->has_features && (s->features & LOADVAR_FEATURE_PREFERRED);
	ret->ids_have_counters = ids_have_counters(efivars, s);
	for (int i = 0; i < SETTINGS; i++)
		if (variables[i])
			read_variable(efivars, variables[i], ret->value[i], ret);
	read_variable(efivars, "LoaderEntryLastBooted", ret->saved, ret);
	r = read_conf(esp, &c);
	if (r < 0 && r != -ENOENT)
		log_warning("cannot read \"" CONF_DIR "/" CONF_FILE
			    "\" on the ESP: %s, ignoring what it selects",
			    strerror(-r));
	ret->unread |= r < 0 && !is_no_file(r);
	if (r < 0)
		return;
	for (int i = 0; i < SETTINGS; i++)
		if (keys[i])
			read_key(&c, keys[i], ret->value[i]);
}

/* What the loader compares its ids with. */
static int make_value(int efivars, const struct settings *s, const char *id, char value[NAME_SIZE])
{
	char spelt[NAME_SIZE], plain[NAME_SIZE];
	int r;

	r = spell_find_id(efivars, id, spelt);
	if (r < 0)
		return r;
	if (!s->ids_have_counters) {
		memcpy(value, spelt, sizeof(spelt));
		return 0;
	}
	r = counter_strip(spelt, plain);
	return r < 0 ? r : spell_pattern(plain, value);
}

static int write_variable(int efivars, const char *variable, const char *value)
{
	uint8_t data[2 * NAME_SIZE];
	int len;

	if (efivars < 0)
		return -ENOENT;
	len = loadvar_from_string(value, data, sizeof(data));
	if (len < 0)
		return len;
	return efivar_write(efivars, variable, EFIVAR_LOADER, data, (size_t)len);
}

/* A variable overrules the file. */
static bool is_variable_in_force(int efivars, const char *variable)
{
	uint8_t data[2 * NAME_SIZE];
	size_t len;

	return efivars >= 0 &&
	       efivar_read(efivars, variable, EFIVAR_LOADER, data, sizeof(data), &len) != 1;
}

static bool is_file_in_force(int efivars, const struct settings *s)
{
	return !is_variable_in_force(efivars, variables[SETTING_DEFAULT_VARIABLE]) &&
	       !(s->has_preferred &&
		 is_variable_in_force(efivars, variables[SETTING_PREFERRED_VARIABLE]));
}

static void put_line(struct text *t, const char *key, const char *value)
{
	text_str(t, key);
	text_char(t, ' ');
	text_str(t, value);
	text_char(t, '\n');
}

/* Gives the key one line: where it has one, else at the end. A text that becomes no longer keeps
 * its length, so that it can be written in place. */
static int set_key(struct conf *c, const char *key, const char *value)
{
	struct slice rest = {c->text, c->len}, line;
	char buf[ESP_FILE_MAX + 1];
	bool is_set = false;
	struct text t;

	while (rest.len > 0 && rest.s[rest.len - 1] == '\n')
		rest.len--;
	text_init(&t, buf, sizeof(buf));
	while (slice_line(&rest, &line)) {
		struct slice words = line, word = {0};

		(void)slice_word(&words, &word);
		if (word.len != strlen(key) || memcmp(word.s, key, word.len) != 0) {
			text_slice(&t, line);
			text_char(&t, '\n');
		} else if (!is_set) {
			put_line(&t, key, value);
			is_set = true;
		}
	}
	if (!is_set)
		put_line(&t, key, value);
	while (t.len < c->len)
		text_char(&t, '\n');
	if (t.full)
		return -EFBIG;
	memcpy(c->text, buf, t.len);
	c->len = t.len;
	return 0;
}

/* 0; 1 if it has that value; negative errno. */
static int change_key(struct conf *c, const char *key, const char *value)
{
	struct slice there = bls_loader_conf_get(c->text, c->len, key);

	return slice_is(there, value) ? 1 : set_key(c, key, value);
}

/* `preferred` comes before `default`: one that is there has to agree. */
static int select_in_file(int esp, const struct settings *s, const char *value)
{
	struct conf c = {.len = 0};
	int r, changed;

	r = read_conf(esp, &c);
	if (r < 0 && r != -ENOENT)
		return r;
	changed = change_key(&c, keys[SETTING_DEFAULT_FILE], value);
	if (changed < 0)
		return changed;
	if (s->has_preferred &&
	    bls_loader_conf_get(c.text, c.len, keys[SETTING_PREFERRED_FILE]).len > 0) {
		r = change_key(&c, keys[SETTING_PREFERRED_FILE], value);
		if (r < 0)
			return r;
		changed = changed && r;
	}
	return changed ? 1 : write_conf(esp, c.text, c.len);
}

/* Sets one or both variables, or the file. */
static int select_entry(int efivars, int esp, const struct settings *s, const char *id,
			bool with_preferred, bool with_default)
{
	char value[NAME_SIZE];
	int r, r_preferred = 1, r_default = 1;

	r = make_value(efivars, s, id, value);
	if (r < 0)
		return r;
	/* Default first: were the power cut between the two, Preferred alone would pass over an
	 * entry without tries left. */
	if (with_default)
		r_default = write_variable(efivars, variables[SETTING_DEFAULT_VARIABLE], value);
	if (with_preferred && r_default >= 0)
		r_preferred = write_variable(efivars, variables[SETTING_PREFERRED_VARIABLE], value);
	r = r_default < 0 ? r_default : r_preferred;
	if (r >= 0)
		return r_default && r_preferred;
	if (esp < 0 || !is_file_in_force(efivars, s))
		return r;
	return select_in_file(esp, s, value);
}

int sdboot_prefer(int efivars, int esp, const struct settings *s, const char *id)
{
	return select_entry(efivars, esp, s, id, s->has_preferred, !s->has_preferred);
}

int sdboot_pin(int efivars, int esp, const struct settings *s, const char *id)
{
	return select_entry(efivars, esp, s, id, s->has_preferred, true);
}

/* By its name, that is, not by a pattern of the operator's that takes others too. */
static bool selects_by_name(const char *value, const char *id)
{
	char pattern[NAME_SIZE];

	return value[0] && (counter_same_id(value, id) ||
			    (spell_pattern(id, pattern) == 0 &&
			     slice_is((struct slice){pattern, strlen(pattern)}, value)));
}

int sdboot_release(int efivars, const struct settings *s, const char *id)
{
	int result = 1;

	for (int i = 0; i < SETTINGS; i++) {
		int r;

		if (!variables[i] || !selects_by_name(s->value[i], id))
			continue;
		r = efivar_delete(efivars, variables[i], EFIVAR_LOADER);
		if (r < 0)
			return r;
		result = result && r;
	}
	return result;
}

static unsigned int count_lines(const char *from, const char *to)
{
	unsigned int n = 1;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

bool sdboot_find_line(int efivars, int esp, const struct settings *s, const char *id,
		      struct sdboot_line *ret)
{
	struct conf c;

	if (!is_file_in_force(efivars, s) || read_conf(esp, &c) < 0)
		return false;
	for (int i = 0; i < SETTINGS; i++) {
		struct slice value;

		if (!keys[i] || (i == SETTING_PREFERRED_FILE && !s->has_preferred))
			continue;
		value = bls_loader_conf_get(c.text, c.len, keys[i]);
		if (slice_copy(value, ret->value, sizeof(ret->value)) < 0 ||
		    !selects_by_name(ret->value, id))
			continue;
		ret->key = keys[i];
		ret->number = count_lines(c.text, value.s);
		return true;
	}
	return false;
}

int sdboot_correct(int esp, const char *id)
{
	struct conf c;
	int r;

	r = read_conf(esp, &c);
	if (r < 0)
		return r == -ENOENT ? 1 : r;
	if (bls_loader_conf_correct(c.text, c.len, id) == 0)
		return 1;
	return write_conf(esp, c.text, c.len);
}

/* A `default` in loader.conf is made `*` without changing the file's length. */
static int unpin_conf(int esp)
{
	struct conf c;
	int r;

	r = read_conf(esp, &c);
	if (r == -ENOENT)
		return 0; /* nothing overrules the loader's order */
	if (r < 0)
		return r;
	if (bls_loader_conf_unpin(c.text, c.len) == 0)
		return 0;
	return write_conf(esp, c.text, c.len);
}

int sdboot_unpin(int efivars, int esp)
{
	int r = write_variable(efivars, variables[SETTING_DEFAULT_VARIABLE], "*");

	if (r >= 0)
		return 0;
	/* The variable overrules the file: only where there is none does the file matter. */
	if (esp >= 0 && !is_variable_in_force(efivars, variables[SETTING_DEFAULT_VARIABLE]))
		return unpin_conf(esp);
	return r;
}
