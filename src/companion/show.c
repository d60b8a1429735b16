// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "json.h"
#include "show.h"

#define MIB (1ull << 20)

/* Reasons that are none of enum against: they lie in the configuration and in the ladder. */
#define NOT_CONFIGURED "method"
#define ON_BOTH	       "ambiguous"

/* What each reason means, and what helps. Those of the image say it themselves. */
static const struct {
	enum against one;
	const char *sentence;
} sentences[] = {
	{AGAINST_SUPPORT, "this kernel has no kexec_file_load(2) for this machine; it needs "
			  "CONFIG_KEXEC_FILE, and /proc and /sys"},
	{AGAINST_HOPS, "this kernel was itself started by kexec, and one after the other is all "
		       "that is safe (or MaxHops=0 is set); restart through the firmware first"},
	{AGAINST_LOST,
	 "the last kexec from a kernel of this release never arrived, or two did "
	 "not, whatever their kernels; if the cause is gone: bootassess kexec-check --forget"},
	{AGAINST_DISABLED, "the sysctl kernel.kexec_load_disabled is 1, or "
			   "kernel.kexec_load_limit_reboot is below 3; only a restart undoes that"},
	{AGAINST_LOCKDOWN, "the kernel is locked down; with a kernel that is signed for it, "
			   "SecureBootKexec=yes allows it"},
	{AGAINST_SECURE_BOOT, "Secure Boot is on; with a kernel that is signed for it, and while "
			      "the running one is locked down, SecureBootKexec=yes allows it"},
	{AGAINST_WATCHDOG, "no running watchdog outlives the kexec; KexecWithoutWatchdog=yes does "
			   "without one"},
	{AGAINST_SIGNATURE, "its kernel is not signed, which a kernel that is locked asks for"},
	{AGAINST_MEMORY, "there is not enough of it"},
};

static const char *sentence_of(const struct show *s, enum against one)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].one == one)
			return sentences[i].sentence;
	return s->why;
}

/* A reason, and what to say about it. */
typedef void (*reason_fn)(const char *name, const char *sentence, struct text *t);

static void each_reason(const struct show *s, reason_fn fn, struct text *t)
{
	if (!s->is_configured)
		fn(NOT_CONFIGURED, "Method= in bootassess.conf has no kexec", t);
	for (unsigned int i = 0; i < AGAINST_BITS; i++)
		if (s->against & 1u << i)
			fn(against_name(1u << i), sentence_of(s, 1u << i), t);
	if (s->rung->ambiguous)
		fn(ON_BOTH, "the ESP and XBOOTLDR both hold the entry; remove one", t);
}

bool show_is_possible(const struct show *s)
{
	return s->is_configured && s->against == 0 && !s->rung->ambiguous;
}

/* The file that holds it, below the partition. */
static const char *file_of(const struct stage *g, const struct stage_part *p)
{
	return p->file[0] ? p->file : g->entry;
}

static const char *format_name(enum kernel_format format)
{
	static const char *const names[] = {"bzImage", "Image", "zboot"};

	return names[format];
}

/* Rounded so that what is enough looks so: needs up, what is there down. */
static void text_mib(struct text *t, uint64_t bytes, bool up)
{
	text_uint(t, (unsigned long)((bytes + (up ? MIB - 1 : 0)) / MIB), 0);
	text_str(t, " MiB");
}

static void text_part(struct text *t, const char *label, const struct stage *g,
		      const struct stage_part *p)
{
	text_str(t, label);
	text_printable(t, file_of(g, p));
	if (p->section) {
		text_char(t, ' ');
		text_str(t, p->section);
	}
	text_str(t, ", ");
	text_uint(t, (unsigned long)p->size, 0);
	text_str(t, " bytes");
}

static void text_image(const struct show *s, struct text *t)
{
	const struct stage *g = &s->stage;

	text_part(t, "  kernel:       ", g, &g->kernel);
	text_str(t, ", ");
	text_str(t, format_name(g->image.format));
	text_str(t, g->image.is_signed ? ", signed\n" : ", not signed\n");
	for (unsigned int i = 0; i < g->n_initrds; i++) {
		text_part(t, "  initrd:       ", g, &g->initrd[i]);
		text_char(t, '\n');
	}
	if (g->n_initrds == 0)
		text_str(t, "  initrd:       none; it gets an empty archive\n");
	text_str(t, "  total:        ");
	text_mib(t, g->kernel.size + g->initrd_size, true);
	text_str(t, "\n  memory:       ");
	text_mib(t, g->needed, true);
	text_str(t, " needed, ");
	text_mib(t, s->available, false);
	text_str(t, " available\n  command line: ");
	text_printable(t, g->cmdline);
	text_char(t, '\n');
}

static void text_reason(const char *name, const char *sentence, struct text *t)
{
	text_str(t, "  ");
	text_str(t, name);
	text_str(t, ": ");
	text_printable(t, sentence);
	text_char(t, '\n');
}

static void text_reason_name(const char *name, const char *sentence, struct text *t)
{
	(void)sentence;
	text_char(t, ' ');
	text_str(t, name);
}

void show_text(const struct show *s, struct text *t)
{
	char path[ENTRIES_PATH_SIZE];

	entries_path(s->rung->type, s->rung->name, path);
	text_printable(t, s->rung->id);
	text_str(t, ":\n  entry:        ");
	text_printable(t, path);
	text_str(t, " on ");
	text_str(t, place_name(s->rung->place));
	text_char(t, '\n');
	if (s->is_whole)
		text_image(s, t);
	text_str(t, "  locked:       ");
	text_str(t, s->locked ? "yes, nothing is added to the command line\n" : "no\n");
	text_str(t, "  watchdog:     ");
	text_str(t, s->outlives ? "outlives the kexec\n"
				: "none outlives the kexec: that takes one that runs, "
				  "watchdog.stop_on_reboot=0\n                on the command line "
				  "of the kernel that leaves, which is the one running\n"
				  "                now, and KExecWatchdogSec= in "
				  "systemd-system.conf(5)\n");
	if (!show_is_possible(s))
		text_str(t, "against it:\n");
	each_reason(s, text_reason, t);
	text_str(t, "kexec into ");
	text_printable(t, s->rung->id);
	text_str(t, show_is_possible(s) ? " is possible" : " is left out:");
	each_reason(s, text_reason_name, t);
	text_char(t, '\n');
}

static void json_part(struct text *t, const struct stage *g, const struct stage_part *p)
{
	json_string(t, "file", file_of(g, p));
	json_string(t, "section", p->section);
	json_number(t, "size", p->size);
}

static void json_image(const struct show *s, struct text *t)
{
	const struct stage *g = &s->stage;

	json_key(t, "kernel");
	text_char(t, '{');
	json_part(t, g, &g->kernel);
	json_string(t, "format", format_name(g->image.format));
	text_char(t, '}');
	json_key(t, "initrds");
	text_char(t, '[');
	for (unsigned int i = 0; i < g->n_initrds; i++) {
		text_str(t, i > 0 ? ",{" : "{");
		json_part(t, g, &g->initrd[i]);
		text_char(t, '}');
	}
	text_char(t, ']');
	json_key(t, "memory");
	text_char(t, '{');
	json_number(t, "needed", g->needed);
	json_number(t, "available", s->available);
	text_char(t, '}');
	json_bool(t, "signed", g->image.is_signed);
	json_string(t, "cmdline", g->cmdline);
}

static void json_reason(const char *name, const char *sentence, struct text *t)
{
	(void)sentence;
	json_element(t, name);
}

void show_json(const struct show *s, struct text *t)
{
	char path[ENTRIES_PATH_SIZE];

	entries_path(s->rung->type, s->rung->name, path);
	text_char(t, '{');
	json_string(t, "id", s->rung->id);
	json_bool(t, "possible", show_is_possible(s));
	json_key(t, "against");
	text_char(t, '[');
	each_reason(s, json_reason, t);
	text_char(t, ']');
	json_string(t, "entry", path);
	json_bool(t, "locked", s->locked);
	json_bool(t, "watchdog", s->outlives);
	if (s->is_whole)
		json_image(s, t);
	else
		json_string(t, "why", s->why);
	text_str(t, "}\n");
}

void show_refusal_json(const char *why, struct text *t)
{
	text_char(t, '{');
	json_string(t, "id", NULL);
	json_bool(t, "possible", false);
	json_key(t, "against");
	text_str(t, "[]");
	json_string(t, "why", why);
	text_str(t, "}\n");
}
