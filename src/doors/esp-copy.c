// SPDX-License-Identifier: LGPL-2.1-or-later
#include "esp-copy.h"

#include <errno.h>

int esp_copy_new(int dirfd, const char *dir, const char *name, const struct esp_source *src)
{
	(void)dirfd, (void)dir, (void)name, (void)src;
	return -ENOSYS;
}

int esp_copy_over(int dirfd, const char *dir, const char *name, const struct esp_source *src,
		  char *temporary)
{
	(void)dirfd, (void)dir, (void)name, (void)src, (void)temporary;
	return -ENOSYS;
}

int esp_unlink(int dirfd, const char *dir, const char *name)
{
	(void)dirfd, (void)dir, (void)name;
	return -ENOSYS;
}

int esp_remove_dir(int dirfd, const char *dir)
{
	(void)dirfd, (void)dir;
	return -ENOSYS;
}
