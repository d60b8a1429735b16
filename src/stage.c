// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stage.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "doors/kexec.h"
#include "doors/unpack.h"
#include "reason.h"

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

static const struct reason_error file_errors[] = {
	{ESTALE, "changed since it was checked"},
	{0, NULL},
};

static const struct reason_error unpack_errors[] = {
	{ESTALE, "changed since it was checked"},
	{EBADMSG, "its compressed kernel is broken"},
	{EFBIG, "its compressed kernel is longer than it says"},
	{EOPNOTSUPP, "its compression is not known here"},
	{0, NULL},
};

static const struct reason_error load_errors[] = {
	{ESTALE, "changed since it was checked"},
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

static int refuse_errno(const struct reason *w, int r)
{
	return reason_set(w, r, reason_errno(r, file_errors));
}

static int refuse_load(const struct reason *w, int r)
{
	return reason_set(w, r, reason_errno(r, load_errors));
}

static int refuse_at(const struct reason *w, uint64_t offset, const char *what)
{
	return reason_set_at(w, -EINVAL, offset, what);
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

/* Opens a file that the entry names, whole, or the entry itself. From here on the reasons speak of
 * it. */
static int open_file(struct check *c, struct slice path, struct stage_part *p)
{
	char buf[PATH_MAX];
	struct text t;
	int r;

	*p = (struct stage_part){.fd = -1};
	text_init(&t, p->file, sizeof(p->file));
	if (!slice_is(path, c->s->entry))
		text_slice(&t, path);
	c->why.file = p->file;
	r = slice_copy(path, buf, sizeof(buf));
	if (r == 0)
		r = p->fd = dir_open_file(c->dirfd, buf);
	if (r >= 0)
		r = dir_file_mark(p->fd, &p->mark);
	if (r < 0) {
		closep(&p->fd);
		return refuse_errno(&c->why, r);
	}
	p->size = p->mark.size;
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

static int check_kernel(const struct reason *why, const struct stage_part *p,
			struct kernel_image *ret)
{
	uint8_t head[KERNEL_HEAD_SIZE];
	struct fault fault;
	int n;

	n = read_head(why, p, head, sizeof(head));
	if (n < 0)
		return n;
	if (kernel_parse(ARCH_NATIVE, head, (size_t)n, p->size, ret, &fault) < 0)
		return refuse_at(why, p->offset + fault.where, fault.what);
	return 0;
}

static int check_initrd(const struct reason *why, const struct stage_part *p)
{
	uint8_t head[INITRD_HEAD_SIZE];
	int n;

	n = read_head(why, p, head, sizeof(head));
	if (n < 0)
		return n;
	return initrd_is_known(head, (size_t)n) ? 0 : refuse_at(why, p->offset, "no initrd");
}

static uint64_t padded(uint64_t size)
{
	return (size + INITRD_ALIGN - 1) / INITRD_ALIGN * INITRD_ALIGN;
}

/* The next part of s->initrd, which is filled in already. */
static int add_initrd(struct check *c)
{
	struct stage *s = c->s;
	const struct stage_part *p = &s->initrd[s->n_initrds++];

	s->initrd_size += padded(p->size);
	return check_initrd(&c->why, p);
}

static struct stage_part section_of(const struct stage_part *file, const struct pe_uki *uki,
				    enum pe_part n)
{
	struct stage_part part = *file;

	part.section = pe_part_name(n);
	part.offset = uki->part[n].offset;
	part.size = uki->part[n].size;
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
	struct stage *s = c->s;
	const struct stage_part file = s->kernel;
	uint8_t head[PE_HEAD_SIZE];
	struct fault fault;
	struct pe_uki uki;
	int r;

	r = read_head(&c->why, &file, head, sizeof(head));
	if (r < 0)
		return r;
	r = pe_parse_uki(head, (size_t)r, file.size, &uki, &fault);
	if (r == -ENOENT)
		return reason_set(&c->why, -EINVAL, "no UKI");
	if (r < 0)
		return refuse_at(&c->why, fault.where, fault.what);
	if (uki.machine != kernel_machine(ARCH_NATIVE))
		return reason_set(&c->why, -EINVAL, "built for another machine");
	if (uki.has_devicetree)
		return reason_set(&c->why, -EINVAL,
				  "sections .dtb or .dtbauto: a kexec keeps the devicetree");
	s->is_uki = true;
	s->kernel = section_of(&file, &uki, PE_LINUX);
	r = check_kernel(&c->why, &s->kernel, &s->image);
	for (unsigned int i = 0; i < 2 && r == 0; i++) {
		if (uki.part[initrds[i]].size == 0)
			continue;
		s->initrd[s->n_initrds] = section_of(&file, &uki, initrds[i]);
		r = add_initrd(c);
	}
	/* What an entry says wins, where the stub would let it. */
	if (r == 0 && uki.part[PE_CMDLINE].size > 0 && (c->cmdline.len == 0 || c->is_verbatim)) {
		struct stage_part part = section_of(&file, &uki, PE_CMDLINE);

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
		return reason_set(&c->why, -E2BIG, "the command line is too long");
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
	if (e->extra.len > 0)
		return "extra: a kexec takes no add-ons and credentials along";
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
	int r = 0;

	for (unsigned int i = 0; i < e->n_initrd && r == 0; i++) {
		r = open_file(c, e->initrd[i], &c->s->initrd[i]);
		if (r == 0)
			r = add_initrd(c);
	}
	return r;
}

static int check_type1(struct check *c, const struct rung *rung)
{
	char text[ENTRIES_TEXT_SIZE];
	struct bls_entry e;
	const char *unfit;
	struct slice path;
	bool is_kernel;
	int r;

	r = entries_read_type1(c->m, rung->place, rung->name, text, &e);
	if (r < 0)
		return refuse_errno(&c->why, r);
	unfit = unfit_key(&e);
	if (unfit)
		return reason_set(&c->why, -EINVAL, unfit);
	r = join_options(c, &e);
	if (r < 0)
		return r;
	path = e.linux_path.len > 0 ? e.linux_path : e.efi.len > 0 ? e.efi : e.uki;
	r = open_file(c, path, &c->s->kernel);
	if (r < 0)
		return r;
	is_kernel = e.linux_path.len > 0 && !has_linux_section(&c->s->kernel);
	if (!is_kernel && e.n_initrd > 0)
		return reason_set(&c->why, -EINVAL, "a UKI together with initrd lines");
	r = is_kernel ? check_kernel(&c->why, &c->s->kernel, &c->s->image) : check_uki(c);
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

/* A zboot image says how much it unpacks to: in the last 4 bytes of a gzip stream (RFC 1952 section
 * 2.3.1), or behind any other (kernel drivers/firmware/efi/libstub/Makefile.zboot). Copying makes
 * no more of it, and then knows better. */
static int estimate_needed(struct check *c)
{
	struct stage *s = c->s;
	const struct pe_section *payload = &s->image.payload;
	struct stage_part part = s->kernel;
	uint8_t head[4];
	int n;

	c->why.file = s->kernel.file;
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
	s->unpacked_size = head[0] | head[1] << 8 | head[2] << 16 | (uint64_t)head[3] << 24;
	if (s->unpacked_size > UNPACK_MAX_SIZE)
		return refuse_at(&c->why, part.offset, "unpacks to more than 256 MiB");
	set_needed(s, s->unpacked_size, s->unpacked_size);
	return 0;
}

int stage_check(const struct machine *m, const struct rung *r, uint32_t txn, bool is_verbatim,
		struct stage *s, char *why, size_t size)
{
	struct check c = {.m = m,
			  .dirfd = m->store[r->place].fd,
			  .s = s,
			  .why = {.entry = s->entry, .file = "", .buf = why, .size = size},
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
	c.why.file = "command line";
	e = kcmdline_compose(&k, s->cmdline, &what);
	return e < 0 ? reason_set(&c.why, e, what) : 0;
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

static struct reason in_memory(const struct reason *why)
{
	struct reason w = *why;

	w.part = "in memory";
	return w;
}

static int seal(const struct reason *why, int memfd)
{
	int r = kexec_seal(memfd);

	return r < 0 ? refuse_errno(why, r) : 0;
}

/* at: where reading it has stopped. */
static int check_copy(const struct reason *why, const struct stage_part *p, int r, uint64_t at,
		      const struct reason_error *errors)
{
	const char *what;

	r = check_mark(p, r);
	if (r == 0)
		return 0;
	what = reason_errno(r, errors);
	return r == -EIO ? reason_set_at(why, r, at, what) : reason_set(why, r, what);
}

/* The times of FAT are too coarse to show every change, so what counts is what is in memory now. */
static int check_copied_kernel(struct stage *s, const struct reason *why)
{
	const struct reason w = in_memory(why);
	struct stage_part copy = {.fd = s->kernel_memfd};
	int r;

	r = dir_file_mark(copy.fd, &copy.mark);
	if (r < 0)
		return refuse_errno(why, r);
	copy.size = copy.mark.size;
	r = check_kernel(&w, &copy, &s->image);
	if (r < 0)
		return r;
	if (is_zboot(s))
		return reason_set(&w, -EINVAL, "still packed");
	set_needed(s, copy.size, s->image.init_size);
	return 0;
}

static int copy_kernel(struct stage *s, struct reason *why)
{
	const struct stage_part *p = &s->kernel;
	const struct pe_section *payload = &s->image.payload;
	uint64_t at = 0;
	int r;

	why->file = p->file;
	r = s->kernel_memfd = kexec_memfd("bootassess-kernel");
	if (r < 0)
		return refuse_errno(why, r);
	if (is_zboot(s)) {
		r = unpack_file(s->image.compression, p->fd, p->offset + payload->offset,
				payload->size, s->unpacked_size, s->kernel_memfd, &at);
		r = check_copy(why, p, r, at, unpack_errors);
	} else {
		r = kexec_copy(p->fd, p->offset, p->size, s->kernel_memfd, &at);
		r = check_copy(why, p, r, at, file_errors);
	}
	if (r == 0)
		r = check_copied_kernel(s, why);
	return r < 0 ? r : seal(why, s->kernel_memfd);
}

/* Copies one initrd to where the memory file has it. */
static int copy_initrd(const struct stage *s, const struct stage_part *p, uint64_t offset,
		       struct reason *why)
{
	const struct stage_part copy = {.fd = s->initrd_memfd, .offset = offset, .size = p->size};
	struct reason w;
	uint64_t at;
	int r;

	why->file = p->file;
	w = in_memory(why);
	r = kexec_copy(p->fd, p->offset, p->size, s->initrd_memfd, &at);
	r = check_copy(why, p, r, at, file_errors);
	if (r == 0)
		r = check_initrd(&w, &copy);
	if (r < 0)
		return r;
	r = kexec_append(s->initrd_memfd, NULL, padded(p->size) - p->size);
	return r < 0 ? refuse_errno(why, r) : 0;
}

static int append_empty_archive(const struct stage *s, const struct reason *why)
{
	int r = kexec_append(s->initrd_memfd, empty_archive, sizeof(empty_archive));

	if (r == 0)
		r = kexec_append(s->initrd_memfd, NULL, s->initrd_size - sizeof(empty_archive));
	return r < 0 ? refuse_errno(why, r) : 0;
}

static int copy_initrds(struct stage *s, struct reason *why)
{
	uint64_t offset = 0;
	int r;

	why->file = "";
	r = s->initrd_memfd = kexec_memfd("bootassess-initrd");
	if (r < 0)
		return refuse_errno(why, r);
	r = s->n_initrds == 0 ? append_empty_archive(s, why) : 0;
	for (unsigned int i = 0; i < s->n_initrds && r == 0; i++) {
		r = copy_initrd(s, &s->initrd[i], offset, why);
		offset += padded(s->initrd[i].size);
	}
	return r < 0 ? r : seal(why, s->initrd_memfd);
}

int stage_copy(struct stage *s, char *why, size_t size)
{
	struct reason w = {.entry = s->entry, .buf = why, .size = size};
	int r = copy_kernel(s, &w);

	return r < 0 ? r : copy_initrds(s, &w);
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

	w->file = "/" KEXEC_LOADED;
	if (r < 0)
		return refuse_errno(w, r);
	return r == wanted ? 0
			   : reason_set(w, -EIO,
					wanted ? "0 after loading" : "still 1 after unloading");
}

/* The file that was checked, and no other that has come since. */
static int load_raw(const struct stage *s)
{
	int r = check_mark(&s->kernel, 0);

	return r < 0 ? r : kexec_load_file(s->kernel.fd, s->initrd_memfd, s->cmdline);
}

int stage_load(const struct machine *m, const struct stage *s, bool may_be_raw, char *why,
	       size_t size)
{
	struct reason w = {.entry = s->entry, .file = "unload", .buf = why, .size = size};
	int r = 0;

	/* Only what is there: unloading, too, is one of the loads that the kernel counts. */
	if (is_loaded(m) == 1)
		r = kexec_unload();
	if (r < 0)
		return refuse_load(&w, r);
	r = check_loaded(m, &w, 0);
	if (r < 0)
		return r;
	w.file = "load";
	r = may_be_raw && s->is_uki ? load_raw(s) : -ENOEXEC;
	if (r == -ENOEXEC || r == -EINVAL)
		r = kexec_load_file(s->kernel_memfd, s->initrd_memfd, s->cmdline);
	if (r < 0)
		return refuse_load(&w, r);
	r = check_loaded(m, &w, 1);
	if (r < 0) /* a later reboot(8) would start it */
		(void)kexec_unload();
	return r;
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
