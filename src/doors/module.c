// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stddef.h>
#include <string.h>

#include "module.h"
#include "root.h"

/* The functions of libkmod that we use, with the types of its header. */
struct kmod_api {
	__typeof__(kmod_new) *new;
	__typeof__(kmod_unref) *unref;
	__typeof__(kmod_set_log_priority) *set_log_priority;
	__typeof__(kmod_module_new_from_lookup) *lookup;
	__typeof__(kmod_module_get_module) *get_module;
	__typeof__(kmod_module_probe_insert_module) *insert;
	__typeof__(kmod_module_unref) *module_unref;
	__typeof__(kmod_module_unref_list) *list_unref;
	__typeof__(kmod_list_next) *list_next;
};

static const struct {
	const char *symbol;
	size_t offset;
} kmod_symbols[] = {
	{"kmod_new", offsetof(struct kmod_api, new)},
	{"kmod_unref", offsetof(struct kmod_api, unref)},
	{"kmod_set_log_priority", offsetof(struct kmod_api, set_log_priority)},
	{"kmod_module_new_from_lookup", offsetof(struct kmod_api, lookup)},
	{"kmod_module_get_module", offsetof(struct kmod_api, get_module)},
	{"kmod_module_probe_insert_module", offsetof(struct kmod_api, insert)},
	{"kmod_module_unref", offsetof(struct kmod_api, module_unref)},
	{"kmod_module_unref_list", offsetof(struct kmod_api, list_unref)},
	{"kmod_list_next", offsetof(struct kmod_api, list_next)},
};

static int kmod_api_load(void *library, struct kmod_api *ret)
{
	for (size_t i = 0; i < sizeof(kmod_symbols) / sizeof(kmod_symbols[0]); i++) {
		void *function = dlsym(library, kmod_symbols[i].symbol);

		if (!function)
			return -ELIBBAD;
		memcpy((char *)ret + kmod_symbols[i].offset, &function, sizeof(function));
	}
	return 0;
}

/* An "install" line of modprobe.d would start a shell. Such a line usually forbids the module
 * ("install vfat /bin/false"), and that is respected: the module counts as not loaded. */
static int refuse_command(struct kmod_module *module, const char *command, void *data)
{
	(void)module;
	(void)command;
	(void)data;
	return -EPERM;
}

/* An alias may stand for several modules; one that is there is enough. */
static bool load_name(const struct kmod_api *api, struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *item;
	bool is_loaded = false;

	if (api->lookup(ctx, name, &list) < 0)
		return false;
	for (item = list; item; item = api->list_next(list, item)) {
		struct kmod_module *module = api->get_module(item);

		/* Positive: left out because of a blacklist. */
		if (api->insert(module, KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY, NULL, refuse_command,
				NULL, NULL) == 0)
			is_loaded = true;
		(void)api->module_unref(module);
	}
	(void)api->list_unref(list);
	return is_loaded;
}

static int load_all(const struct kmod_api *api, const char *const *names)
{
	struct kmod_ctx *ctx = api->new (NULL, NULL);
	int n_missing = 0;

	if (!ctx)
		return -ENOMEM;
	/* Doors are silent; libkmod writes its errors to stderr otherwise. */
	api->set_log_priority(ctx, 0);
	for (; *names; names++) {
		if (!load_name(api, ctx, *names))
			n_missing++;
	}
	(void)api->unref(ctx);
	return n_missing;
}

int module_load(const char *const *names)
{
	struct kmod_api api = {0};
	void *library;
	int r;

	library = dlopen("libkmod.so.2", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return -ELIBACC;
	r = kmod_api_load(library, &api);
	if (r == 0)
		r = load_all(&api, names);
	(void)dlclose(library);
	return r;
}

bool module_has_filesystem(const char *type)
{
	char buf[8192], *line, *rest;

	if (root_read(AT_FDCWD, "/proc/filesystems", buf, sizeof(buf), NULL) < 0)
		return false;
	/* "nodev\tproc\n" or "\tvfat\n" */
	for (line = strtok_r(buf, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *name = strchr(line, '\t');

		if (name && strcmp(name + 1, type) == 0)
			return true;
	}
	return false;
}
