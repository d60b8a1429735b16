// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "module.h"
#include "root.h"

/* The functions of libkmod that we use, with the types of its header. */
struct kmod_api {
	__typeof__(kmod_new) *new;
	__typeof__(kmod_unref) *unref;
	__typeof__(kmod_set_log_priority) *set_log_priority;
	__typeof__(kmod_module_new_from_lookup) *lookup;
	__typeof__(kmod_module_get_module) *get_module;
	__typeof__(kmod_module_get_path) *get_path;
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
	{"kmod_module_get_path", offsetof(struct kmod_api, get_path)},
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

/* folder NULL: wherever it is. A module that is built in has no path. */
static bool is_in(const struct kmod_api *api, const struct kmod_module *module, const char *folder)
{
	const char *path;

	if (!folder)
		return true;
	path = api->get_path(module);
	return path && strstr(path, folder);
}

/* An alias may stand for several modules; one that is there is enough. */
static bool load_name(const struct kmod_api *api, struct kmod_ctx *ctx, const char *name,
		      const char *folder)
{
	struct kmod_list *list = NULL, *item;
	bool is_loaded = false;

	if (api->lookup(ctx, name, &list) < 0)
		return false;
	for (item = list; item; item = api->list_next(list, item)) {
		struct kmod_module *module = api->get_module(item);

		/* Positive: left out because of a blacklist. */
		if (is_in(api, module, folder) &&
		    api->insert(module, KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY, NULL, refuse_command,
				NULL, NULL) == 0)
			is_loaded = true;
		(void)api->module_unref(module);
	}
	(void)api->list_unref(list);
	return is_loaded;
}

static int load_all(const struct kmod_api *api, struct kmod_ctx *ctx, const void *data)
{
	int n_missing = 0;

	for (const char *const *names = data; *names; names++) {
		if (!load_name(api, ctx, *names, NULL))
			n_missing++;
	}
	return n_missing;
}

/* What load_devices() goes through. */
struct walk {
	int rootfd;
	const char *folder;
};

/* The devices of one bus. */
static int load_bus(const struct kmod_api *api, struct kmod_ctx *ctx, const struct walk *w,
		    const char *bus)
{
	char path[600], alias[1024];
	struct dirent *entry;
	int n_loaded = 0;
	DIR *devices;
	int fd;

	(void)snprintf(path, sizeof(path), "sys/bus/%s/devices", bus);
	fd = root_open_dir(w->rootfd, path);
	devices = fd < 0 ? NULL : fdopendir(fd);
	if (!devices) {
		closep(&fd);
		return 0;
	}
	while ((entry = readdir(devices))) {
		(void)snprintf(path, sizeof(path), "%s/modalias", entry->d_name);
		if (root_read_line(dirfd(devices), path, alias, sizeof(alias)) == 0 && alias[0] &&
		    load_name(api, ctx, alias, w->folder))
			n_loaded++;
	}
	(void)closedir(devices);
	return n_loaded;
}

static int load_devices(const struct kmod_api *api, struct kmod_ctx *ctx, const void *data)
{
	const struct walk *w = data;
	struct dirent *entry;
	int n_loaded = 0;
	DIR *buses;
	int fd = root_open_dir(w->rootfd, "sys/bus");

	if (fd < 0)
		return fd;
	buses = fdopendir(fd);
	if (!buses) {
		closep(&fd);
		return -ENOMEM;
	}
	while ((entry = readdir(buses)))
		if (entry->d_name[0] != '.')
			n_loaded += load_bus(api, ctx, w, entry->d_name);
	(void)closedir(buses);
	return n_loaded;
}

static int with_context(const struct kmod_api *api,
			int (*fn)(const struct kmod_api *, struct kmod_ctx *, const void *),
			const void *data)
{
	struct kmod_ctx *ctx = api->new (NULL, NULL);
	int r;

	if (!ctx)
		return -ENOMEM;
	/* Doors are silent; libkmod writes its errors to stderr otherwise. */
	api->set_log_priority(ctx, 0);
	r = fn(api, ctx, data);
	(void)api->unref(ctx);
	return r;
}

static int with_library(int (*fn)(const struct kmod_api *, struct kmod_ctx *, const void *),
			const void *data)
{
	struct kmod_api api = {0};
	void *library;
	int r;

	library = dlopen("libkmod.so.2", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return -ELIBACC;
	r = kmod_api_load(library, &api);
	if (r == 0)
		r = with_context(&api, fn, data);
	(void)dlclose(library);
	return r;
}

int module_load(const char *const *names)
{
	return with_library(load_all, names);
}

int module_load_for_devices(int rootfd, const char *folder)
{
	const struct walk w = {.rootfd = rootfd, .folder = folder};

	return with_library(load_devices, &w);
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
