// SPDX-License-Identifier: LGPL-2.1-or-later
#include "volume.h"

#include <errno.h>

#include "root.h"

int volume_open(const char *node, bool alone, struct volume *ret)
{
	(void)node, (void)alone, (void)ret;
	return -ENOSYS;
}

void volume_close(struct volume *v)
{
	closep(&v->fd);
}

bool volume_is_dirty(const struct volume *v)
{
	(void)v;
	return false;
}

int volume_rename(struct volume *v, const char *dir, const char *old_name, const char *new_name)
{
	(void)v, (void)dir, (void)old_name, (void)new_name;
	return -ENOSYS;
}

int volume_forget(struct volume *v, const char *dir, const char *name)
{
	(void)v, (void)dir, (void)name;
	return -ENOSYS;
}

int volume_each(struct volume *v, const char *dir, volume_entry_fn fn, void *data)
{
	(void)v, (void)dir, (void)fn, (void)data;
	return -ENOSYS;
}

int volume_check_chain(struct volume *v, const struct volume_entry *e)
{
	(void)v, (void)e;
	return -ENOSYS;
}
