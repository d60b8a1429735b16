// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "cmdline.h"
#include "elf.h"
#include "initrd.h"

#define PROGRAM		"usr/lib/bootassess/bootassess-initrd"
#define CONFIG		"etc/bootassess/bootassess.conf"
#define TEXT_SIZE	700
#define LIBRARIES_MAX	64
#define LIBRARY_FOLDERS 2

struct judge {
	const struct initrd *initrd;
	const struct initrd_needs *needs;
	initrd_finding_fn fn;
	void *data;
	char buf[TEXT_SIZE];
	struct text t;
};

static struct text *say(struct judge *j, const char *words)
{
	text_init(&j->t, j->buf, sizeof(j->buf));
	text_str(&j->t, words);
	return &j->t;
}

static void tell(struct judge *j, const char *what, enum initrd_mark mark)
{
	j->fn(j->data, what, mark, j->buf);
}

/* A word of a list. */
static void add(struct text *t, const char *word)
{
	text_str(t, t->len > 0 && t->buf[t->len - 1] != ' ' ? ", " : "");
	text_str(t, word);
}

static bool is_name_in(struct slice list, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len <= list.len; i++)
		if (memcmp(list.s + i, name, len) == 0)
			return true;
	return false;
}

/* --- the program and its libraries --- */

static bool judge_program(struct judge *j, struct cpio_entry *ret)
{
	bool is_there = initrd_find(j->initrd, PROGRAM, ret);

	if (!is_there)
		say(j, "/" PROGRAM " is not in it: nothing assesses this boot");
	else if (!cpio_is_executable(ret))
		say(j, "/" PROGRAM " cannot be executed");
	else
		say(j, "/" PROGRAM);
	is_there = is_there && cpio_is_executable(ret);
	tell(j, "program", is_there ? INITRD_OK : INITRD_BAD);
	return is_there;
}

/* The libraries that are still to be looked at, each once. The names lead into the image. */
struct libraries {
	struct slice name[LIBRARIES_MAX];
	unsigned int n;
	bool is_full;
};

static void want(struct libraries *l, struct slice name)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->name[i].len == name.len && memcmp(l->name[i].s, name.s, name.len) == 0)
			return;
	l->is_full |= l->n == LIBRARIES_MAX;
	if (!l->is_full)
		l->name[l->n++] = name;
}

static struct slice last_part(struct slice path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.s[i - 1] == '/')
			return (struct slice){path.s + i, path.len - i};
	return path;
}

/* A file in a folder of libraries, whichever it is: they differ between distributions, and are in
 * the cache of the loader. */
struct library {
	struct slice name;
	struct slice path;
};

static bool match_library(void *data, const struct cpio_entry *e)
{
	static const char *const folders[LIBRARY_FOLDERS] = {"lib", "usr/lib"};
	struct slice name = last_part(e->name);
	struct library *l = data;

	if (name.len != l->name.len || memcmp(name.s, l->name.s, name.len) != 0)
		return true;
	for (int i = 0; i < LIBRARY_FOLDERS; i++)
		if (e->name.len > strlen(folders[i]) &&
		    memcmp(e->name.s, folders[i], strlen(folders[i])) == 0)
			l->path = e->name;
	return true;
}

static bool find_library(const struct initrd *i, struct slice name, struct cpio_entry *ret)
{
	struct library l = {.name = last_part(name)};
	char path[TEXT_SIZE];

	initrd_each(i, match_library, &l);
	return l.path.s && slice_copy(l.path, path, sizeof(path)) == 0 && initrd_find(i, path, ret);
}

/* What a program or library needs. False if it is no such file. */
static bool want_needs(struct libraries *l, const struct cpio_entry *e)
{
	struct slice name;
	int r = 0;

	for (unsigned int n = 0; r == 0; n++) {
		r = elf_needs((const uint8_t *)e->content.s, e->content.len, n, &name);
		if (r == 0)
			want(l, last_part(name));
	}
	return r > 0;
}

/* What is opened only when a module is to be loaded. */
static void judge_kmod(struct judge *j)
{
	static const char name[] = "libkmod.so.2";
	struct cpio_entry e;
	bool is_there = find_library(j->initrd, (struct slice){name, strlen(name)}, &e);

	say(j, is_there ? "libkmod.so.2" : "libkmod.so.2 is missing: no module can be loaded");
	tell(j, "libkmod", is_there ? INITRD_OK : INITRD_BAD);
}

static void judge_libraries(struct judge *j, const struct cpio_entry *program)
{
	struct libraries l = {.n = 0};
	struct text *t = say(j, "missing, or damaged: ");
	size_t none = t->len;
	struct cpio_entry e;

	if (!want_needs(&l, program)) {
		say(j, "/" PROGRAM " is no program for a 64-bit machine, or is damaged");
		tell(j, "libraries", INITRD_BAD);
		return;
	}
	for (unsigned int i = 0; i < l.n; i++) {
		char name[128];

		if (find_library(j->initrd, l.name[i], &e) && want_needs(&l, &e))
			continue;
		(void)(slice_copy(l.name[i], name, sizeof(name)) == 0);
		add(t, l.name[i].len < sizeof(name) ? name : "a long name");
	}
	if (t->len > none) {
		tell(j, "libraries", INITRD_BAD);
		return;
	}
	text_uint(say(j, "all "), l.n, 0);
	text_str(&j->t, " are there");
	tell(j, "libraries", l.is_full ? INITRD_UNSURE : INITRD_OK);
}

/* --- modules --- */

struct module {
	const char *name; /* with `_` */
	bool found, is_builtin_known;
	bool has_modules; /* there is any */
};

/* In a file name `-` and `_` are the same. */
static bool is_module_name(struct slice s, const char *name)
{
	size_t len = strlen(name);

	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((s.s[i] == '-' ? '_' : s.s[i]) != name[i])
			return false;
	return s.len - len >= 3 && memcmp(s.s + len, ".ko", 3) == 0;
}

/* modules.builtin lists paths, one a line. */
static bool is_in_list(struct slice list, const char *name)
{
	struct slice line;

	while (slice_line(&list, &line))
		if (is_module_name(last_part(line), name))
			return true;
	return false;
}

static bool match_module(void *data, const struct cpio_entry *e)
{
	struct slice name = last_part(e->name);
	struct module *m = data;

	if (slice_is(name, "modules.builtin")) {
		m->is_builtin_known = true;
		m->found |= is_in_list(e->content, m->name);
	} else if (is_module_name(name, m->name)) {
		m->found = true;
	}
	m->has_modules |= cpio_is_file(e) && is_name_in(name, ".ko");
	return true;
}

static enum initrd_mark look_for(const struct judge *j, const char *name)
{
	struct module m = {.name = name};

	initrd_each(j->initrd, match_module, &m);
	if (m.found)
		return INITRD_OK;
	/* A kernel without modules has all built in, or lacks it: the image does not say. */
	return m.is_builtin_known || m.has_modules ? INITRD_BAD : INITRD_UNSURE;
}

struct shortage {
	enum initrd_mark mark;
	struct text t;
	char buf[TEXT_SIZE / 2];
};

static void need(const struct judge *j, const char *name, struct shortage *s)
{
	enum initrd_mark mark = look_for(j, name);

	if (mark == INITRD_OK)
		return;
	s->mark = mark > s->mark ? mark : s->mark;
	add(&s->t, name);
}

/* Any of these will do: the kernel's configuration says which one it is. */
static void need_charset(const struct judge *j, struct shortage *s)
{
	static const char *const names[] = {"nls_ascii", "nls_iso8859_1", "nls_utf8"};
	enum initrd_mark mark = INITRD_BAD;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum initrd_mark one = look_for(j, names[i]);

		mark = one < mark ? one : mark;
	}
	if (mark == INITRD_OK)
		return;
	s->mark = mark > s->mark ? mark : s->mark;
	add(&s->t, "nls_ascii or nls_iso8859-1");
}

static void judge_modules(struct judge *j)
{
	struct shortage s = {.mark = INITRD_OK};
	const struct initrd_needs *n = j->needs;

	text_init(&s.t, s.buf, sizeof(s.buf));
	if (n->has_vfat) {
		need(j, "vfat", &s);
		need(j, "nls_cp437", &s);
		need_charset(j, &s);
	}
	if (n->has_efi)
		need(j, "efivarfs", &s);
	if (n->boot_type[0])
		need(j, n->boot_type, &s);
	if (s.mark == INITRD_OK) {
		say(j, "all that the boot entries take");
	} else if (s.mark == INITRD_UNSURE) {
		text_str(say(j,
			     "no modules, and no list of what is built in; the kernel must have: "),
			 s.buf);
	} else {
		text_str(say(j, "neither there nor built in: "), s.buf);
	}
	tell(j, "modules", s.mark);
}

/* --- what starts the program --- */

struct start {
	const char *folder, *name; /* the end of the folder; the end of the name */
	bool found;
};

static bool ends_with(struct slice s, const char *end)
{
	size_t len = strlen(end);

	return s.len >= len && memcmp(s.s + s.len - len, end, len) == 0;
}

static bool match_start(void *data, const struct cpio_entry *e)
{
	struct slice name = last_part(e->name), folder = e->name;
	struct start *s = data;

	folder.len -= name.len + (name.len < folder.len);
	s->found |= ends_with(name, s->name) && ends_with(folder, s->folder);
	return true;
}

static void need_start(const struct judge *j, const char *folder, const char *name,
		       struct shortage *s)
{
	struct start start = {.folder = folder, .name = name};

	initrd_each(j->initrd, match_start, &start);
	if (start.found)
		return;
	s->mark = INITRD_BAD;
	add(&s->t, folder);
	text_char(&s->t, '/');
	text_str(&s->t, name);
}

/* The hooks of the scripts of initramfs-tools are run in the order of a list. */
static void need_script(const struct judge *j, const char *stage, struct shortage *s)
{
	char order[64];
	struct cpio_entry e;
	struct slice line;
	struct text t;

	need_start(j, stage, "bootassess", s);
	text_init(&t, order, sizeof(order));
	text_str(&t, stage);
	text_str(&t, "/ORDER");
	if (!initrd_find(j->initrd, order, &e))
		return;
	while (slice_line(&e.content, &line))
		if (is_name_in(line, "/bootassess"))
			return;
	s->mark = INITRD_BAD;
	add(&s->t, "a line in ");
	text_str(&s->t, order);
}

/* /config of mkinitcpio: HOOKS=" ... bootassess ..." */
static void need_hook(const struct judge *j, const char *variable, struct shortage *s)
{
	struct cpio_entry e;
	struct slice line;

	if (initrd_find(j->initrd, "config", &e))
		while (slice_line(&e.content, &line))
			if (line.len > strlen(variable) &&
			    memcmp(line.s, variable, strlen(variable)) == 0 &&
			    is_name_in(line, "bootassess"))
				return;
	s->mark = INITRD_BAD;
	add(&s->t, "bootassess in ");
	text_str(&s->t, variable);
	text_str(&s->t, " of /config");
}

static void need_units(const struct judge *j, struct shortage *s)
{
	need_start(j, "initrd.target.wants", "bootassess-assess.service", s);
	need_start(j, "initrd.target.wants", "bootassess-deadline.service", s);
	need_start(j, "emergency.target.wants", "bootassess-emergency.service", s);
	need_start(j, "systemd/system", "bootassess-assess.service", s);
	need_start(j, "systemd/system", "bootassess-deadline.service", s);
	need_start(j, "systemd/system", "bootassess-emergency.service", s);
}

static void need_scripts(const struct judge *j, enum initrd_maker maker, struct shortage *s)
{
	switch (maker) {
	case INITRD_DRACUT:
		need_start(j, "hooks/pre-udev", "bootassess-deadline-start.sh", s);
		need_start(j, "hooks/pre-mount", "bootassess-assess.sh", s);
		need_start(j, "hooks/cleanup", "bootassess-deadline-stop.sh", s);
		return;
	case INITRD_INITRAMFS_TOOLS:
		need_script(j, "scripts/init-top", s);
		need_script(j, "scripts/init-premount", s);
		need_script(j, "scripts/init-bottom", s);
		need_script(j, "scripts/panic", s);
		return;
	case INITRD_MKINITCPIO:
		need_start(j, "hooks", "bootassess", s);
		need_hook(j, "EARLYHOOKS=", s);
		need_hook(j, "HOOKS=", s);
		need_hook(j, "CLEANUPHOOKS=", s);
		need_hook(j, "EMERGENCYHOOKS=", s);
		return;
	case INITRD_UNKNOWN:
		return;
	}
}

static void judge_start(struct judge *j)
{
	enum initrd_maker maker = initrd_maker(j->initrd);
	bool has_systemd = initrd_has_systemd(j->initrd);
	struct shortage s = {.mark = INITRD_OK};

	text_init(&s.t, s.buf, sizeof(s.buf));
	if (has_systemd)
		need_units(j, &s);
	else
		need_scripts(j, maker, &s);
	if (maker == INITRD_DRACUT) {
		need_start(j, "hooks/emergency", "bootassess-emergency.sh", &s);
		need_start(j, "hooks/shutdown-emergency", "bootassess-emergency.sh", &s);
	}
	if (s.mark == INITRD_BAD) {
		text_str(say(j, "nothing starts the program where it must: missing "), s.buf);
	} else if (!has_systemd && maker == INITRD_UNKNOWN) {
		say(j, "what starts the program is not known: no systemd, and no generator that is "
		       "known");
		s.mark = INITRD_UNSURE;
	} else {
		say(j, has_systemd ? "units of systemd" : "hooks of ");
		text_str(&j->t, has_systemd ? "" : initrd_maker_name(maker));
	}
	tell(j, "start", s.mark);
}

/* --- the configuration --- */

static void count_line(void *data, unsigned int line, const char *what)
{
	unsigned int *first = data;

	(void)what;
	if (*first == 0)
		*first = line;
}

static void judge_config(struct judge *j)
{
	struct cpio_entry e = {.content = {"", 0}};
	unsigned int line = 0;
	const char *key;
	struct config c;

	config_defaults(&c);
	if (initrd_find(j->initrd, CONFIG, &e))
		config_parse(&c, e.content.s, e.content.len, count_line, &line);
	key = config_difference(&c, j->needs->config);
	if (key) {
		text_str(say(j, "it is not that of this system ("), key);
		text_str(&j->t, "= differs): build the image anew");
	} else if (line > 0) {
		text_uint(say(j, "/" CONFIG " has a line that is not understood: "), line, 0);
	} else {
		say(j, e.content.len > 0 ? "/" CONFIG ", as on this system"
					 : "none, and this system has the defaults");
	}
	tell(j, "configuration", key ? INITRD_BAD : line > 0 ? INITRD_UNSURE : INITRD_OK);
}

void initrd_judge(const struct initrd *i, const struct initrd_needs *needs, initrd_finding_fn fn,
		  void *data)
{
	struct judge j = {.initrd = i, .needs = needs, .fn = fn, .data = data};
	struct cpio_entry program;

	if (!judge_program(&j, &program))
		return;
	judge_libraries(&j, &program);
	judge_kmod(&j);
	judge_modules(&j);
	judge_start(&j);
	judge_config(&j);
}
