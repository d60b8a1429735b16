// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/block.h"
#include "doors/dir.h"
#include "doors/log.h"
#include "doors/source.h"
#include "initrd-open.h"
#include "json.h"
#include "observe.h"
#include "pe.h"
#include "settings.h"
#include "slots.h"
#include "stage.h"
#include "verb.h"

#define WHY_SIZE     (3 * NAME_SIZE)
#define CMDLINE_SIZE 16384 /* the longest that is read; a kernel takes 4096 */
#define NAME_WIDTH   14

/* One run of the verb. */
struct checking {
	struct machine *m;
	const struct request *q;
	struct text *out;
	struct machine host; /* the same, with the configuration as it is now */
	struct initrd_needs needs;
	struct facts facts;
	enum initrd_maker maker; /* of the last image that could be read */
	bool is_bad;
	/* the command line that slots_each_cmdline() is telling */
	char cmdline[CMDLINE_SIZE];
	struct text line;
};

/* --- output --- */

static const char *mark_name(enum initrd_mark mark)
{
	static const char *const names[] = {"ok", "unsure", "problem"};

	return names[mark];
}

static void pad(struct text *t, const char *word, size_t width)
{
	text_str(t, word);
	for (size_t n = strlen(word); n < width; n++)
		text_char(t, ' ');
}

static void tell(void *data, const char *what, enum initrd_mark mark, const char *text)
{
	struct checking *c = data;

	c->is_bad |= mark == INITRD_BAD;
	if (c->q->json) {
		json_open(c->out, NULL, '{');
		json_string(c->out, "what", what);
		json_string(c->out, "result", mark_name(mark));
		json_string(c->out, "text", text);
		text_char(c->out, '}');
		return;
	}
	text_str(c->out, "  ");
	pad(c->out, mark_name(mark), strlen("problem") + 2);
	pad(c->out, what, NAME_WIDTH);
	text_printable(c->out, text);
	text_char(c->out, '\n');
}

/* What the next lines are about: kind is "image" or "entry". */
static void begin(struct checking *c, const char *kind, const char *name)
{
	if (c->q->json) {
		json_open(c->out, NULL, '{');
		json_string(c->out, kind, name);
		json_open(c->out, "findings", '[');
		return;
	}
	text_printable(c->out, name);
	text_str(c->out, ":\n");
}

static void end(struct checking *c, const struct image *i)
{
	if (!c->q->json)
		return;
	text_char(c->out, ']');
	if (i) {
		json_string(c->out, "generator", initrd_maker_name(initrd_maker(&i->initrd)));
		json_string(c->out, "compression", i->packed);
	}
	text_char(c->out, '}');
}

/* --- images --- */

static void judge(struct checking *c, const struct image *i)
{
	char line[128];
	struct text t;

	c->maker = initrd_maker(&i->initrd);
	text_init(&t, line, sizeof(line));
	text_str(&t, "made by ");
	text_str(&t, initrd_maker_name(c->maker));
	text_str(&t, initrd_has_systemd(&i->initrd) ? ", with systemd" : ", without systemd");
	if (i->packed) {
		text_str(&t, ", packed by ");
		text_str(&t, i->packed);
	}
	tell(c, "image", c->maker == INITRD_UNKNOWN ? INITRD_UNSURE : INITRD_OK, line);
	initrd_judge(&i->initrd, &c->needs, tell, c);
}

/* A UKI has it in a section; any other file is one. 0, or negative errno with why. */
static int find_section(const struct source *s, struct pe_section *initrd,
			struct pe_section *cmdline, struct text *why)
{
	uint8_t head[PE_HEAD_SIZE];
	ssize_t n = dir_read_at(s->fd, 0, head, sizeof(head));
	struct fault fault;
	struct pe_uki uki;

	*initrd = (struct pe_section){0, s->size};
	*cmdline = (struct pe_section){0};
	if (n < 0) {
		text_str(why, strerror((int)-n));
		return (int)n;
	}
	if (n < 2 || memcmp(head, "MZ", 2) != 0)
		return 0;
	if (pe_parse_uki(head, (size_t)n, s->size, &uki, &fault) < 0) {
		text_str(why, "no UKI, or a damaged one");
		return -EINVAL;
	}
	*initrd = uki.part[PE_INITRD];
	*cmdline = uki.part[PE_CMDLINE];
	return 0;
}

static void judge_cmdline(struct checking *c, const char *name, struct slice cmdline)
{
	begin(c, "entry", name);
	initrd_judge_cmdline(c->maker, cmdline, tell, c);
	end(c, NULL);
}

/* A command line that is longer is no command line of a kernel. */
static void read_cmdline(struct checking *c, const struct source *s, const struct pe_section *p)
{
	ssize_t n = p->size < sizeof(c->cmdline)
			    ? dir_read_at(s->fd, p->offset, c->cmdline, (size_t)p->size)
			    : 0;

	text_init(&c->line, c->cmdline, sizeof(c->cmdline));
	c->line.len = n > 0 ? strnlen(c->cmdline, (size_t)n) : 0;
}

/* A UKI brings its command line; *has_cmdline is then set. */
static enum status check_file(struct checking *c, const char *path, bool *has_cmdline)
{
	struct pe_section initrd, cmdline;
	struct image image = {0};
	char why[WHY_SIZE];
	struct source s;
	struct text t;
	int r = source_open(path, &s);

	if (r < 0) {
		log_err("cannot open \"%s\": %s", path,
			r == -EINVAL ? "no regular file" : strerror(-r));
		return STATUS_REFUSED;
	}
	begin(c, "image", path);
	text_init(&t, why, sizeof(why));
	r = find_section(&s, &initrd, &cmdline, &t);
	if (r == 0)
		r = image_add(&image, s.fd, initrd.offset, initrd.size, &t);
	if (r < 0)
		tell(c, "image", INITRD_BAD, why);
	else
		judge(c, &image);
	end(c, &image);
	*has_cmdline = r == 0 && cmdline.size > 0;
	if (*has_cmdline)
		read_cmdline(c, &s, &cmdline);
	image_close(&image);
	source_close(&s);
	return STATUS_DONE;
}

static int add_parts(const struct stage *s, struct image *i, struct text *why)
{
	int r = 0;

	for (unsigned int k = 0; k < s->n_initrds && r == 0; k++) {
		const struct stage_part *p = &s->initrd[k];

		text_init(why, why->buf, why->size);
		text_printable(why, p->file[0] ? p->file : s->entry);
		text_str(why, ": ");
		r = image_add(i, p->fd, p->offset, p->size, why);
	}
	return r;
}

static void check_rung(struct checking *c, const struct rung *rung)
{
	struct stage s = STAGE_INIT;
	struct image image = {0};
	char why[WHY_SIZE];
	struct text t;
	int r;

	text_init(&t, why, sizeof(why));
	begin(c, "image", rung->id);
	r = stage_check(c->m, rung, 1, true, &s, why, sizeof(why));
	if (r == 0)
		r = add_parts(&s, &image, &t);
	if (r < 0)
		tell(c, "image", INITRD_BAD, why);
	else
		judge(c, &image);
	end(c, &image);
	image_close(&image);
	stage_close(&s);
}

/* --- command lines --- */

static void take_cmdline(void *data, int rung, struct slice piece)
{
	struct checking *c = data;

	if (piece.s) {
		text_slice(&c->line, piece);
		text_char(&c->line, ' ');
		return;
	}
	if (rung >= 0) /* that of the running kernel is past */
		judge_cmdline(c, c->facts.ladder.rung[rung].id,
			      (struct slice){c->line.buf, c->line.len});
	text_init(&c->line, c->cmdline, sizeof(c->cmdline));
}

static void check_cmdlines(struct checking *c)
{
	char why[WHY_SIZE];
	struct text t;

	text_init(&t, why, sizeof(why));
	text_init(&c->line, c->cmdline, sizeof(c->cmdline));
	if (slots_each_cmdline(c->m, &c->facts.ladder, take_cmdline, c, &t) == 0)
		return;
	begin(c, "entry", "command lines");
	tell(c, "options", INITRD_UNSURE, why);
	end(c, NULL);
}

/* --- the verb --- */

/* The type of the file system of Boot=, where it is here now. */
static void find_boot_type(const struct machine *m, struct block_partition *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!m->root.is_test && m->config.boot[0])
		(void)block_find_filesystem(m->config.boot, ret);
}

static void read_machine(struct checking *c, struct block_partition *boot)
{
	struct machine *m = c->m;

	m->config.esp_timeout_s = 0;
	machine_reach(m);
	observe(m, EVENT_SWITCH, &c->facts);
	c->host = *m;
	settings_read(&c->host);
	find_boot_type(m, boot);
	c->needs = (struct initrd_needs){
		.config = &c->host.config,
		.has_efi = m->efivars >= 0,
		.has_vfat = m->store[PLACE_ESP].fd >= 0 || !c->host.config.boot[0],
		.boot_type = boot->type,
	};
}

static enum status check_images(struct checking *c, bool *has_cmdline)
{
	const struct ladder *l = &c->facts.ladder;
	unsigned int n = 0;

	if (c->q->id)
		return check_file(c, c->q->id, has_cmdline);
	for (unsigned int i = 0; i < l->n; i++) {
		if (l->rung[i].missing)
			continue;
		check_rung(c, &l->rung[i]);
		n++;
	}
	if (n > 0)
		return STATUS_DONE;
	log_err("no boot entry can be read: name an image");
	return STATUS_REFUSED;
}

static void check_options(struct checking *c, bool has_cmdline)
{
	const char *text = c->q->cmdline;

	if (c->q->json) {
		text_char(c->out, ']');
		json_open(c->out, "commandLines", '[');
	}
	if (text)
		judge_cmdline(c, "--cmdline=", (struct slice){text, strlen(text)});
	else if (has_cmdline)
		judge_cmdline(c, "its own command line", (struct slice){c->line.buf, c->line.len});
	else
		check_cmdlines(c);
}

enum status check_initrd_run(struct machine *m, const struct request *q, struct text *out)
{
	static struct checking c;
	struct block_partition boot;
	bool has_cmdline = false;
	enum status status;

	memset(&c, 0, sizeof(c));
	c.m = m;
	c.q = q;
	c.out = out;
	read_machine(&c, &boot);
	if (q->json) {
		text_char(out, '{');
		json_open(out, "images", '[');
	}
	status = check_images(&c, &has_cmdline);
	if (status != STATUS_DONE) {
		text_init(out, out->buf, out->size);
		return status;
	}
	check_options(&c, has_cmdline);
	if (q->json) {
		text_char(out, ']');
		json_bool(out, "isFit", !c.is_bad);
		text_str(out, "}\n");
	} else {
		text_str(out, c.is_bad ? "not fit for a device that nobody sits at\n" : "fit\n");
	}
	return c.is_bad ? STATUS_REFUSED : STATUS_DONE;
}
