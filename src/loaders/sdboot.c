// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "doors/efivar.h"
#include "loadvar.h"
#include "sdboot.h"
#include "spell.h"

#define STRING_SIZE 1024 /* payload of one string variable */

static void note_garbage(struct sdboot *s, const char *variable)
{
	if (s->n_garbage < sizeof(s->garbage) / sizeof(s->garbage[0]))
		s->garbage[s->n_garbage++] = variable;
}

/* True if the variable is there and a string. */
static bool read_string(int efivars, struct sdboot *s, const char *variable, char *buf, size_t size)
{
	uint8_t data[STRING_SIZE];
	size_t len;
	int r;

	r = efivar_read(efivars, variable, EFIVAR_LOADER, data, sizeof(data), &len);
	if (r > 0)
		return false;
	s->unread |= efivar_is_unread(r);
	if (r == 0)
		r = loadvar_string(data, len, buf, size);
	if (r < 0) {
		note_garbage(s, variable);
		buf[0] = '\0';
	}
	return r == 0;
}

static void read_selected(int efivars, struct sdboot *s)
{
	char text[NAME_SIZE], *profile;

	if (!read_string(efivars, s, "LoaderEntrySelected", text, sizeof(text)))
		return;
	/* A profile of a multi-profile UKI is the same file: foo.efi@2. */
	profile = strstr(text, ".efi@");
	if (profile)
		profile[4] = '\0';
	if (counter_strip(text, s->selected) < 0)
		note_garbage(s, "LoaderEntrySelected");
}

static void read_count_path(int efivars, struct sdboot *s)
{
	char path[SDBOOT_PATH_SIZE];
	unsigned int n_garbage = s->n_garbage;
	int type;

	if (!read_string(efivars, s, "LoaderBootCountPath", path, sizeof(path))) {
		s->counted_unclean = s->n_garbage > n_garbage;
		return;
	}
	type = loadvar_entry_path(path, s->counted_name);
	if (type > 0 && counter_parse(s->counted_name, NULL) == 0) {
		s->counted_type = (unsigned int)type;
		return;
	}
	s->counted_name[0] = '\0';
	s->counted_unclean = true;
	note_garbage(s, "LoaderBootCountPath");
}

static void read_features(int efivars, struct sdboot *s)
{
	uint8_t data[64];
	size_t len;
	int r;

	r = efivar_read(efivars, "LoaderFeatures", EFIVAR_LOADER, data, sizeof(data), &len);
	if (r > 0)
		return;
	s->unread |= efivar_is_unread(r);
	if (r == 0)
		r = loadvar_features(data, len, &s->features);
	s->has_features = r == 0;
	if (r < 0)
		note_garbage(s, "LoaderFeatures");
}

static void read_partuuid(int efivars, struct sdboot *s)
{
	if (!read_string(efivars, s, "LoaderDevicePartUUID", s->partuuid, sizeof(s->partuuid)))
		return;
	if (loadvar_is_uuid(s->partuuid))
		return;
	note_garbage(s, "LoaderDevicePartUUID");
	s->partuuid[0] = '\0';
}

/* "257.13-1~deb13u1" is 257. */
static unsigned int read_version(const char *s)
{
	unsigned long version = 0;
	size_t len = 0;

	while (char_is_digit(s[len]))
		len++;
	(void)slice_uint((struct slice){s, len}, 9999, &version);
	return (unsigned int)version;
}

void sdboot_read(int efivars, struct sdboot *ret)
{
	static const char sdboot_info[] = "systemd-boot ";
	char info[STRING_SIZE] = "", oneshot[NAME_SIZE] = "";

	memset(ret, 0, sizeof(*ret));
	if (efivars < 0)
		return;
	read_selected(efivars, ret);
	read_count_path(efivars, ret);
	read_features(efivars, ret);
	read_partuuid(efivars, ret);
	(void)read_string(efivars, ret, "LoaderImageIdentifier", ret->image, sizeof(ret->image));
	(void)read_string(efivars, ret, "StubImageIdentifier", ret->stub_image,
			  sizeof(ret->stub_image));
	(void)read_string(efivars, ret, "LoaderInfo", info, sizeof(info));
	ret->oneshot = read_string(efivars, ret, "LoaderEntryOneShot", oneshot, sizeof(oneshot));
	ret->stale_oneshot = strcmp(oneshot, "kexec reboot") == 0;
	ret->present = ret->selected[0] || ret->counted_name[0] || info[0];
	ret->is_sdboot = strncmp(info, sdboot_info, sizeof(sdboot_info) - 1) == 0;
	if (ret->is_sdboot)
		ret->version = read_version(info + sizeof(sdboot_info) - 1);
}

bool sdboot_has_oneshot(const struct sdboot *s)
{
	return s->has_features ? (s->features & LOADVAR_FEATURE_ONESHOT) : s->is_sdboot;
}

int sdboot_delete_oneshot(int efivars)
{
	int r = efivar_delete(efivars, "LoaderEntryOneShot", EFIVAR_LOADER);

	return r < 0 ? r : 0;
}

int sdboot_set_oneshot(int efivars, const char *id, const char *name)
{
	uint8_t data[2 * NAME_SIZE];
	char spelt[NAME_SIZE];
	int r, len;

	r = spell_find_id(efivars, id, spelt);
	if (r < 0)
		return r;
	len = loadvar_from_string(counter_parse(spelt, NULL) == 0 ? name : spelt, data,
				  sizeof(data));
	if (len < 0)
		return len;
	r = efivar_write(efivars, "LoaderEntryOneShot", EFIVAR_LOADER, data, (size_t)len);
	return r < 0 ? r : 0;
}
