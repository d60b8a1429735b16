// SPDX-License-Identifier: LGPL-2.1-or-later
#include "factory.h"

#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "doors/efivar.h"
#include "doors/log.h"
#include "request.h"

/* Where systemd keeps its own library: merged or not, with the folders of Debian. */
static const char *const folders[] = {
	"usr/lib/systemd",
	"usr/lib64/systemd",
	"lib/systemd",
	"lib64/systemd",
	"usr/lib/x86_64-linux-gnu/systemd",
	"usr/lib/aarch64-linux-gnu/systemd",
	"usr/lib/arm-linux-gnueabihf/systemd",
	"usr/lib/riscv64-linux-gnu/systemd",
	"usr/lib/i386-linux-gnu/systemd",
};

/* In an initramfs the first ones are often links to the last, which are not followed. */
static const char *const releases[] = {
	"etc/os-release",
	"usr/lib/os-release",
	"usr/lib/initrd-release",
	"etc/initrd-release",
};

#define OS_RELEASE_SIZE 4096

static int note_version(void *data, const char *name)
{
	unsigned int *version = data, found = request_version(name);

	if (found > 0)
		*version = found;
	return 0;
}

static unsigned int find_version(const struct machine *m)
{
	unsigned int version = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && version == 0; i++)
		(void)dir_each_file(m->root.fd, folders[i], note_version, &version);
	return version;
}

static int read_os_release(const struct machine *m, char text[OS_RELEASE_SIZE])
{
	int r = -ENOENT;

	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]) && r < 0; i++)
		r = root_read(m->root.fd, releases[i], text, OS_RELEASE_SIZE, NULL);
	return r;
}

static int refuse(struct text *why, int r, const char *what)
{
	text_str(why, "systemd cannot be asked for a factory reset: ");
	text_str(why, what);
	return r;
}

int factory_request(struct machine *m, struct text *why)
{
	char os_release[OS_RELEASE_SIZE] = "";
	unsigned int version = find_version(m);
	uint8_t data[REQUEST_SIZE];
	int r;

	if (m->efivars < 0)
		return refuse(why, -ENOENT, "there are no EFI variables");
	if (version == 0)
		return refuse(why, -ENOENT, "which systemd is in this initramfs cannot be told");
	if (version >= REQUEST_NEW_FROM && read_os_release(m, os_release) < 0)
		return refuse(why, -ENOENT, "this initramfs has no os-release");
	r = request_content(version, os_release, m->boot_id, data);
	if (r == -ENODATA)
		return refuse(why, r, "there is no ID= in the os-release of this initramfs");
	if (r > 0)
		r = efivar_write(m->efivars, request_name(version), EFIVAR_SYSTEMD, data,
				 (size_t)r);
	if (r < 0)
		return refuse(why, r, strerror(-r));
	log_notice("asked systemd %u for a factory reset (%s)", version, request_name(version));
	return 0;
}

void factory_withdraw(const struct machine *m)
{
	const char *const names[] = {request_name(0), request_name(REQUEST_NEW_FROM)};

	for (size_t i = 0; m->efivars >= 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		int r = efivar_delete(m->efivars, names[i], EFIVAR_SYSTEMD);

		if (r == 0)
			log_notice("the request for a factory reset (%s) was never taken, and is "
				   "withdrawn",
				   names[i]);
		else if (r < 0)
			log_err("cannot delete the EFI variable \"%s\": %s: it may reset this "
				"device in a later boot",
				names[i], strerror(-r));
	}
}
