// SPDX-License-Identifier: LGPL-2.1-or-later
#include "request.h"

#include <errno.h>
#include <string.h>

#include "json.h"
#include "loadvar.h"

#define LIBRARY "libsystemd-shared-"

/* The keys of os-release(5), and what the object calls them. */
static const struct {
	const char *key, *name;
} ids[] = {
	{"ID", "osReleaseId"},
	{"VERSION_ID", "osReleaseVersionId"},
	{"IMAGE_ID", "osReleaseImageId"},
	{"IMAGE_VERSION", "osReleaseImageVersion"},
};

unsigned int request_version(const char *file)
{
	struct slice digits = {file + strlen(LIBRARY), 0};
	unsigned long version;

	if (strncmp(file, LIBRARY, strlen(LIBRARY)) != 0)
		return 0;
	while (char_is_digit(digits.s[digits.len]))
		digits.len++;
	return slice_uint(digits, 9999, &version) == 0 ? (unsigned int)version : 0;
}

const char *request_name(unsigned int version)
{
	return version < REQUEST_NEW_FROM ? "FactoryReset" : "FactoryResetRequest";
}

/* A value is as a shell takes it; the last line of a key counts. */
static bool find_value(const char *os_release, const char *key, char *ret, size_t size)
{
	struct slice rest = {os_release, strlen(os_release)}, line;
	size_t len = strlen(key);
	bool any = false;

	while (slice_line(&rest, &line)) {
		struct slice v;

		line = slice_trim(line);
		if (line.len <= len || strncmp(line.s, key, len) != 0 || line.s[len] != '=')
			continue;
		v = (struct slice){line.s + len + 1, line.len - len - 1};
		if (v.len >= 2 && (v.s[0] == '"' || v.s[0] == '\'') && v.s[v.len - 1] == v.s[0])
			v = (struct slice){v.s + 1, v.len - 2};
		any = v.len > 0 && slice_copy(v, ret, size) == 0;
	}
	return any;
}

static int describe(const char *os_release, const char *boot_id, struct text *t)
{
	char value[256], id[40] = "";
	struct text bare;

	if (!loadvar_is_uuid(boot_id))
		return -EINVAL;
	text_init(&bare, id, sizeof(id));
	for (const char *c = boot_id; *c; c++)
		if (*c != '-')
			text_char(&bare, char_lower(*c));
	text_char(t, '{');
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (find_value(os_release, ids[i].key, value, sizeof(value)))
			json_string(t, ids[i].name, value);
		else if (i == 0)
			return -ENODATA;
	}
	json_string(t, "bootId", id);
	text_char(t, '}');
	return t->full ? -ENAMETOOLONG : 0;
}

int request_content(unsigned int version, const char *os_release, const char *boot_id,
		    uint8_t data[REQUEST_SIZE])
{
	char buf[REQUEST_SIZE / 2] = "yes";
	struct text t;
	int r = 0;

	if (version >= REQUEST_NEW_FROM) {
		text_init(&t, buf, sizeof(buf));
		r = describe(os_release, boot_id, &t);
	}
	return r < 0 ? r : loadvar_from_string(buf, data, REQUEST_SIZE);
}
