// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "doors/dir.h"
#include "fitness.h"
#include "install-job.h"
#include "kernel.h"

#define NUMBER_SIZE 24

static int refuse_at(struct job *j, const struct install_file *file, const struct fault *fault)
{
	char at[NUMBER_SIZE];
	struct text t;

	text_init(&t, at, sizeof(at));
	text_uint(&t, (unsigned long)fault->where, 0);
	return job_refuse(j, -EINVAL, "\"", file->path, "\": offset ", at, ": ", fault->what);
}

static ssize_t read_head(struct job *j, const struct install_file *file, uint64_t at, void *buf,
			 size_t size)
{
	ssize_t n = dir_read_at(file->fd, at, buf, size);

	if (n < 0)
		return job_refuse(j, (int)n, "cannot read \"", file->path,
				  "\": ", strerror((int)-n));
	return n;
}

static bool is_known_machine(void)
{
	return ARCH_NATIVE != ARCH_NONE;
}

/* The kernel of a UKI is looked at too: a file that was cut is whole up to there in its head. */
static int check_uki(struct job *j, const struct install_file *file)
{
	uint8_t head[PE_HEAD_SIZE], kernel[KERNEL_HEAD_SIZE];
	const struct pe_section *section;
	struct kernel_image image;
	struct fault fault;
	struct pe_uki uki;
	ssize_t n;
	int r;

	n = read_head(j, file, 0, head, sizeof(head));
	if (n < 0)
		return (int)n;
	r = pe_parse_uki(head, (size_t)n, file->size, &uki, &fault);
	if (r == -ENOENT)
		return job_refuse(j, -EINVAL, "\"", file->path,
				  "\" is no UKI: it has no section .linux");
	if (r < 0)
		return refuse_at(j, file, &fault);
	if (is_known_machine() && uki.machine != kernel_machine(ARCH_NATIVE))
		return job_refuse(j, -EINVAL, "\"", file->path, "\" is built for another machine");
	j->cost->is_unsigned = !pe_is_signed(head, (size_t)n, file->size);
	section = &uki.part[PE_LINUX];
	n = read_head(j, file, section->offset, kernel, sizeof(kernel));
	if (n < 0 || !is_known_machine())
		return n < 0 ? (int)n : 0;
	r = kernel_parse(ARCH_NATIVE, kernel, (size_t)n, section->size, &image, &fault);
	fault.where += section->offset;
	return r < 0 ? refuse_at(j, file, &fault) : 0;
}

static int check_kernel(struct job *j, const struct install_file *file)
{
	uint8_t head[KERNEL_HEAD_SIZE];
	struct kernel_image image;
	struct fault fault;
	ssize_t n;

	n = read_head(j, file, 0, head, sizeof(head));
	if (n < 0 || !is_known_machine())
		return n < 0 ? (int)n : 0;
	if (kernel_parse(ARCH_NATIVE, head, (size_t)n, file->size, &image, &fault) < 0)
		return refuse_at(j, file, &fault);
	j->cost->is_unsigned = !image.is_signed;
	return 0;
}

static int check_initrd(struct job *j, const struct install_file *file)
{
	uint8_t head[INITRD_HEAD_SIZE];
	ssize_t n = read_head(j, file, 0, head, sizeof(head));

	if (n < 0)
		return (int)n;
	if (!initrd_is_known(head, (size_t)n))
		return job_refuse(j, -EINVAL, "\"", file->path, "\" is no initrd");
	return 0;
}

/* A file without a signature would not be started. */
static int check_signature(struct job *j, const struct install_file *file)
{
	if (!j->cost->is_unsigned || j->what->force || !fitness_is_secure_boot(j->m))
		return 0;
	return job_refuse(j, -EKEYREJECTED, "\"", file->path,
			  "\" carries no signature, and Secure Boot is on (--force)");
}

int job_check_sources(struct job *j)
{
	const struct install *w = j->what;
	const struct install_file *image = w->uki.path ? &w->uki : &w->linux_file;
	int r;

	if (!image->path)
		return job_refuse(j, -EINVAL, "there is nothing to install");
	r = w->uki.path ? check_uki(j, image) : check_kernel(j, image);
	for (unsigned int i = 0; r == 0 && i < w->n_initrd; i++)
		r = check_initrd(j, &w->initrd[i]);
	return r < 0 ? r : check_signature(j, image);
}
