// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stage.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "doors/kexec.h"
#include "doors/unpack.h"

#define KEXEC_LOADED  "sys/kernel/kexec_loaded"
#define SPARE_MEMORY  (32ull << 20)
#define INITRD_ALIGN  4 /* the kernel looks for the next archive there */
#define ARGUMENT_SIZE (2 * KCMDLINE_SIZE)

/* A cpio archive (newc, cpio(5)) that holds nothing: its last record. Inode, mode, user, group, 1
 * link, time, size, 2 device numbers, 2 more, length of the name, checksum. */
static const char empty_archive[] = "070701"
				    "00000000000000000000000000000000"
				    "000000010000000000000000"
				    "00000000000000000000000000000000"
				    "0000000b00000000"
				    "TRAILER!!!";

/* The words of the key architecture (UAPI.1), as the EFI specification has them. */
static const char *const arch_words[] = {
	[ARCH_NONE] = "", [ARCH_X86_64] = "x64", [ARCH_ARM64] = "aa64"};

/* Where an errno means something special. */
struct error_phrase {
	int error;
	const char *phrase;
};

static const struct error_phrase file_errors[] = {
	{ESTALE, "changed since it was checked"},
	{EBADMSG, "its compressed kernel is broken"},
	{EOPNOTSUPP, "its compression is not known here"},
	{0, NULL},
};

static const struct error_phrase load_errors[] = {
	{ENOEXEC, "the kernel says that this is no kernel image"},
	{ENODATA, "unsigned, and the kernel wants a signature"},
	{ENOKEY, "no key for its signature"},
	{EKEYREJECTED, "its signature does not match"},
	{EPERM, "not permitted (lockdown, kexec_load_disabled, its limit, or a security module)"},
	{ENOMEM, "not enough memory"},
	{EADDRNOTAVAIL, "no room in memory for it"},
	{EBUSY, "another load is under way"},
	{ENOSYS, "the kernel has no kexec_file_load"},
	{0, NULL},
};

/* One phrase about what is wrong: "ENTRY: FILE: offset N: ...". */
struct reason {
	const char *entry;
	struct slice file; /* that the entry names, or what of it; empty = the entry itself */
	char *buf;
	size_t size;
};

static void begin_reason(const struct reason *w, struct text *t)
{
	text_init(t, w->buf, w->size);
	text_str(t, w->entry);
	text_str(t, ": ");
	if (w->file.len > 0) {
		text_slice(t, w->file);
		text_str(t, ": ");
	}
}

/* Returns r. */
static int refuse(const struct reason *w, int r, const char *what)
{
	struct text t;

	begin_reason(w, &t);
	text_str(&t, what);
	return r;
}

static int refuse_as(const struct reason *w, int r, const struct error_phrase *e)
{
	while (e->phrase && e->error != -r)
		e++;
	return refuse(w, r, e->phrase ? e->phrase : strerror(-r));
}

static int refuse_errno(const struct reason *w, int r)
{
	return refuse_as(w, r, file_errors);
}

static int refuse_at(const struct reason *w, uint64_t offset, const char *what)
{
	struct text t;

	begin_reason(w, &t);
	text_str(&t, "offset ");
	text_uint(&t, (unsigned long)offset, 0);
	text_str(&t, ": ");
	text_str(&t, what);
	return -EINVAL;
}

/* One stage_check(). */
struct check {
	const struct machine *m;
	int dirfd;
	struct stage *s;
	struct reason why;
	bool is_verbatim;
	struct slice cmdline; /* the entry's own, in: */
	char argument[ARGUMENT_SIZE];
};

static int open_file(const struct check *c, struct slice path, struct stage_part *ret)
{
	struct stage_part part = {.fd = -1};
	char buf[PATH_MAX];
	int r;

	r = slice_copy(path, buf, sizeof(buf));
	if (r == 0)
		r = part.fd = dir_open_file(c->dirfd, buf);
	if (r >= 0)
		r = dir_file_mark(part.fd, &part.mark);
	if (r < 0) {
		closep(&part.fd);
		return refuse_errno(&c->why, r);
	}
	part.size = part.mark.size;
	*ret = part;
	return 0;
}

/* Reads the start of a part, less where it is shorter. Their number, or negative errno. */
static int read_head(const struct reason *why, const struct stage_part *p, uint8_t *buf,
		     size_t size)
{
	size_t len = p->size < size ? (size_t)p->size : size;
	ssize_t n = dir_read_at(p->fd, p->offset, buf, len);

	return n < 0 ? refuse_errno(why, (int)n) : (int)n;
}

static int check_kernel(struct check *c)
{
	const struct stage_part *p = &c->s->kernel;
	uint8_t head[KERNEL_HEAD_SIZE];
	struct fault fault;
	int n;

	n = read_head(&c->why, p, head, sizeof(head));
	if (n < 0)
		return n;
	if (kernel_parse(ARCH_NATIVE, head, (size_t)n, p->size, &c->s->image, &fault) < 0)
		return refuse_at(&c->why, p->offset + fault.where, fault.what);
	return 0;
}

static uint64_t padded(uint64_t size)
{
	return (size + INITRD_ALIGN - 1) / INITRD_ALIGN * INITRD_ALIGN;
}

/* Takes the file over. */
static int add_initrd(struct check *c, const struct stage_part *p)
{
	struct stage *s = c->s;
	uint8_t head[INITRD_HEAD_SIZE];
	int n;

	s->initrd[s->n_initrds++] = *p;
	s->initrd_size += padded(p->size);
	n = read_head(&c->why, p, head, sizeof(head));
	if (n < 0)
		return n;
	if (!initrd_is_known(head, (size_t)n))
		return refuse_at(&c->why, p->offset, "no initrd");
	return 0;
}

static struct stage_part section_of(const struct stage_part *file, const struct pe_section *section)
{
	struct stage_part part = *file;

	part.offset = section->offset;
	part.size = section->size;
	return part;
}

static int read_cmdline(struct check *c, const struct stage_part *p)
{
	int n;

	if (p->size > sizeof(c->argument))
		return refuse_at(&c->why, p->offset, "the command line is too long");
	n = read_head(&c->why, p, (uint8_t *)c->argument, sizeof(c->argument));
	if (n < 0)
		return n;
	c->cmdline = (struct slice){c->argument, (size_t)n};
	return 0;
}

/* The file is open as the kernel. Early microcode must come first: the kernel looks for it only at
 * the beginning. */
static int check_uki(struct check *c)
{
	static const enum pe_part initrds[] = {PE_UCODE, PE_INITRD};
	const struct stage_part file = c->s->kernel;
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault;
	struct pe_uki uki;
	int r;

	r = read_head(&c->why, &file, head, sizeof(head));
	if (r < 0)
		return r;
	r = pe_parse_uki(head, (size_t)r, file.size, &uki, &fault);
	if (r == -ENOENT)
		return refuse(&c->why, -EINVAL, "no UKI");
	if (r < 0)
		return refuse_at(&c->why, fault.where, fault.what);
	if (uki.machine != kernel_machine(ARCH_NATIVE))
		return refuse(&c->why, -EINVAL, "built for another machine");
	c->s->is_uki = true;
	c->s->kernel = section_of(&file, &uki.part[PE_LINUX]);
	r = check_kernel(c);
	for (unsigned int i = 0; i < 2 && r == 0; i++) {
		struct stage_part part = section_of(&file, &uki.part[initrds[i]]);

		if (part.size > 0)
			r = add_initrd(c, &part);
	}
	/* What an entry says wins, where the stub would let it. */
	if (r == 0 && uki.part[PE_CMDLINE].size > 0 && (c->cmdline.len == 0 || c->is_verbatim)) {
		struct stage_part part = section_of(&file, &uki.part[PE_CMDLINE]);

		r = read_cmdline(c, &part);
	}
	return r;
}

/* Several lines options are one, with blanks between. */
static int join_options(struct check *c, const struct bls_entry *e)
{
	struct text t;

	text_init(&t, c->argument, sizeof(c->argument));
	for (unsigned int i = 0; i < e->n_options; i++) {
		if (i > 0)
			text_char(&t, ' ');
		text_slice(&t, e->options[i]);
	}
	if (t.full)
		return refuse(&c->why, -E2BIG, "the command line is too long");
	c->cmdline = (struct slice){t.buf, t.len};
	return 0;
}

/* What makes the loader start something that a kexec would not; NULL = nothing. */
static const char *unfit_key(const struct bls_entry *e)
{
	unsigned int images = (e->linux_path.len > 0) + (e->efi.len > 0) + (e->uki.len > 0);

	if (e->uki_url.len > 0)
		return "uki-url: its image is not on this disk";
	if (images != 1)
		return images ? "more than one of the keys linux, efi and uki"
			      : "no key linux, efi or uki";
	if (e->devicetree.len > 0)
		return "devicetree: a kexec keeps the one that runs";
	if (e->profile.len > 0 && !slice_is(e->profile, "0"))
		return "profile: a kexec starts the base profile only";
	if (e->architecture.len > 0 && !slice_is(e->architecture, arch_words[ARCH_NATIVE]))
		return "architecture: built for another machine";
	return NULL;
}

/* A kernel with EFI stub is a PE file too, but has no section .linux. One that is broken may be
 * either, and is found to be no kernel then. */
static bool has_linux_section(const struct stage_part *file)
{
	uint8_t head[PE_HEAD_SIZE];
	struct pe_section section;
	ssize_t n = dir_read_at(file->fd, 0, head, sizeof(head));

	return n > 0 && pe_find_section(head, (size_t)n, file->size, ".linux", &section, NULL) == 0;
}

static int check_initrd_lines(struct check *c, const struct bls_entry *e)
{
	for (unsigned int i = 0; i < e->n_initrd; i++) {
		struct stage_part part;
		int r;

		c->why.file = e->initrd[i];
		r = open_file(c, e->initrd[i], &part);
		if (r == 0)
			r = add_initrd(c, &part);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_type1(struct check *c, const struct rung *rung)
{
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;
	const char *unfit;
	bool is_kernel;
	int r;

	r = entries_read_type1(c->m, rung->place, rung->name, text, &e);
	if (r < 0)
		return refuse_errno(&c->why, r);
	unfit = unfit_key(&e);
	if (unfit)
		return refuse(&c->why, -EINVAL, unfit);
	r = join_options(c, &e);
	if (r < 0)
		return r;
	c->why.file = e.linux_path.len > 0 ? e.linux_path : e.efi.len > 0 ? e.efi : e.uki;
	r = open_file(c, c->why.file, &c->s->kernel);
	if (r < 0)
		return r;
	is_kernel = e.linux_path.len > 0 && !has_linux_section(&c->s->kernel);
	if (!is_kernel && e.n_initrd > 0)
		return refuse(&c->why, -EINVAL, "a UKI together with initrd lines");
	r = is_kernel ? check_kernel(c) : check_uki(c);
	return r < 0 ? r : check_initrd_lines(c, &e);
}

static int check_type2(struct check *c)
{
	int r = open_file(c, (struct slice){c->s->entry, strlen(c->s->entry)}, &c->s->kernel);

	return r < 0 ? r : check_uki(c);
}

/* On another machine that is a constant, and no unpacking is linked in. */
static bool is_zboot(const struct stage *s)
{
	return ARCH_NATIVE == ARCH_ARM64 && s->image.format == KERNEL_ZBOOT;
}

/* S, I and K as in the header. */
static void set_needed(struct stage *s, uint64_t kernel_size, uint64_t init_size)
{
	s->needed = 2 * (kernel_size + s->initrd_size) + s->initrd_size + init_size + SPARE_MEMORY;
}

/* A zboot image says how much memory it unpacks to: in the last 4 bytes of a gzip stream (RFC 1952
 * section 2.3.1), or behind any other (kernel drivers/firmware/efi/libstub/Makefile.zboot). */
static int estimate_needed(struct check *c)
{
	struct stage *s = c->s;
	const struct pe_section *payload = &s->image.payload;
	struct stage_part part = s->kernel;
	uint8_t head[4];
	uint64_t size;
	int n;

	if (!is_zboot(s)) {
		set_needed(s, s->kernel.size, s->image.init_size);
		return 0;
	}
	part.offset += payload->offset + payload->size;
	part.offset -= strcmp(s->image.compression, "gzip") == 0 ? sizeof(head) : 0;
	n = read_head(&c->why, &part, head, sizeof(head));
	if (n < 0)
		return n;
	if ((size_t)n < sizeof(head))
		return refuse_at(&c->why, part.offset, "no size of the unpacked kernel");
	size = head[0] | head[1] << 8 | head[2] << 16 | (uint64_t)head[3] << 24;
	set_needed(s, size, size);
	return 0;
}

int stage_check(const struct machine *m, const struct rung *r, uint32_t txn, bool is_verbatim,
		struct stage *s, char *why, size_t size)
{
	struct check c = {.m = m,
			  .dirfd = m->store[r->place].fd,
			  .s = s,
			  .why = {.entry = s->entry, .buf = why, .size = size},
			  .is_verbatim = is_verbatim};
	struct kcmdline k = {.append = m->config.kexec_append,
			     .token = m->config.slot_token,
			     .id = r->id,
			     .txn = txn,
			     .is_verbatim = is_verbatim};
	const char *what;
	int e;

	entries_path(r->type, r->name, s->entry);
	e = r->type == 1 ? check_type1(&c, r) : check_type2(&c);
	if (s->n_initrds == 0)
		s->initrd_size = padded(sizeof(empty_archive));
	if (e == 0)
		e = estimate_needed(&c);
	if (e < 0)
		return e;
	k.base = c.cmdline;
	k.max = s->image.cmdline_max;
	c.why.file = (struct slice){"command line", strlen("command line")};
	e = kcmdline_compose(&k, s->cmdline, &what);
	return e < 0 ? refuse(&c.why, e, what) : 0;
}

/* What is wrong counts less than that the file is another one now. */
static int check_mark(const struct stage_part *p, int r)
{
	struct dir_mark now;
	int e = dir_file_mark(p->fd, &now);

	if (e < 0)
		return e;
	return now.size != p->mark.size || now.mtime_ns != p->mark.mtime_ns ? -ESTALE : r;
}

static int copy_part(const struct stage_part *p, int memfd)
{
	return check_mark(p, kexec_copy(p->fd, p->offset, p->size, memfd));
}

static int unpack_kernel(struct stage *s, const struct reason *why)
{
	const struct stage_part *p = &s->kernel;
	struct stage_part unpacked = {.fd = s->kernel_memfd};
	uint8_t head[KERNEL_HEAD_SIZE];
	struct fault fault;
	int r;

	r = check_mark(p,
		       unpack_file(s->image.compression, p->fd, p->offset + s->image.payload.offset,
				   s->image.payload.size, s->kernel_memfd));
	if (r == 0)
		r = dir_file_mark(unpacked.fd, &unpacked.mark);
	if (r < 0)
		return refuse_errno(why, r);
	unpacked.size = unpacked.mark.size;
	r = read_head(why, &unpacked, head, sizeof(head));
	if (r < 0)
		return r;
	r = kernel_parse(ARCH_NATIVE, head, (size_t)r, unpacked.size, &s->image, &fault);
	if (r < 0)
		return refuse_at(why, fault.where, fault.what);
	if (s->image.format == KERNEL_ZBOOT)
		return refuse(why, -EINVAL, "packed twice");
	set_needed(s, unpacked.size, s->image.init_size);
	return 0;
}

static int copy_kernel(struct stage *s, const struct reason *why)
{
	int r;

	s->kernel_memfd = kexec_memfd("bootassess-kernel");
	if (s->kernel_memfd < 0)
		return refuse_errno(why, s->kernel_memfd);
	if (is_zboot(s)) {
		r = unpack_kernel(s, why);
		if (r < 0)
			return r;
	} else {
		r = copy_part(&s->kernel, s->kernel_memfd);
	}
	if (r == 0)
		r = kexec_seal(s->kernel_memfd);
	return r < 0 ? refuse_errno(why, r) : 0;
}

static int copy_initrds(struct stage *s, const struct reason *why)
{
	int r = 0;

	s->initrd_memfd = kexec_memfd("bootassess-initrd");
	if (s->initrd_memfd < 0)
		return refuse_errno(why, s->initrd_memfd);
	for (unsigned int i = 0; i < s->n_initrds && r == 0; i++) {
		const struct stage_part *p = &s->initrd[i];

		r = copy_part(p, s->initrd_memfd);
		if (r == 0)
			r = kexec_append(s->initrd_memfd, NULL, padded(p->size) - p->size);
	}
	if (s->n_initrds == 0) {
		r = kexec_append(s->initrd_memfd, empty_archive, sizeof(empty_archive));
		if (r == 0)
			r = kexec_append(s->initrd_memfd, NULL,
					 s->initrd_size - sizeof(empty_archive));
	}
	if (r == 0)
		r = kexec_seal(s->initrd_memfd);
	return r < 0 ? refuse_errno(why, r) : 0;
}

int stage_copy(struct stage *s, char *why, size_t size)
{
	struct reason w = {
		.entry = s->entry, .file = {"kernel", strlen("kernel")}, .buf = why, .size = size};
	int r = copy_kernel(s, &w);

	if (r < 0)
		return r;
	w.file = (struct slice){"initrd", strlen("initrd")};
	return copy_initrds(s, &w);
}

/* 1 or 0 as the kernel says, or negative errno. */
static int is_loaded(const struct machine *m)
{
	char line[8];
	int r = root_read_line(m->root.fd, KEXEC_LOADED, line, sizeof(line));

	return r < 0 ? r : strcmp(line, "0") != 0;
}

static int check_loaded(const struct machine *m, struct reason *w, int wanted)
{
	int r = is_loaded(m);

	w->file = (struct slice){"/" KEXEC_LOADED, strlen("/" KEXEC_LOADED)};
	if (r < 0)
		return refuse_errno(w, r);
	return r == wanted
		       ? 0
		       : refuse(w, -EIO, wanted ? "0 after loading" : "still 1 after unloading");
}

int stage_load(const struct machine *m, const struct stage *s, bool may_be_raw, char *why,
	       size_t size)
{
	struct reason w = {
		.entry = s->entry, .file = {"unload", strlen("unload")}, .buf = why, .size = size};
	int r = 0;

	/* Only what is there: unloading, too, is one of the loads that the kernel counts. */
	if (is_loaded(m) == 1)
		r = kexec_unload();
	if (r < 0)
		return refuse_as(&w, r, load_errors);
	r = check_loaded(m, &w, 0);
	if (r < 0)
		return r;
	w.file = (struct slice){"load", strlen("load")};
	r = -ENOEXEC;
	if (may_be_raw && s->is_uki)
		r = kexec_load_file(s->kernel.fd, s->initrd_memfd, s->cmdline);
	if (r == -ENOEXEC || r == -EINVAL)
		r = kexec_load_file(s->kernel_memfd, s->initrd_memfd, s->cmdline);
	return r < 0 ? refuse_as(&w, r, load_errors) : check_loaded(m, &w, 1);
}

void stage_close(struct stage *s)
{
	for (unsigned int i = 0; i < s->n_initrds; i++)
		if (s->initrd[i].fd != s->kernel.fd)
			closep(&s->initrd[i].fd);
	closep(&s->kernel.fd);
	closep(&s->kernel_memfd);
	closep(&s->initrd_memfd);
	*s = (struct stage)STAGE_INIT;
}
