/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "image.h"
#include "stage.h"

/* What test-stage.c and test-copy.c have in common: a $BOOT with one entry of each type. */

#define UKI	 "EFI/Linux/passive+3-0.efi"
#define CONF	 "loader/entries/passive+3-0.conf"
#define INITRD_A "070701 first"	     /* 12 bytes */
#define INITRD_B "070701 second one" /* 17 */

extern struct machine machine;
extern const struct rung uki_rung, conf_rung;
extern char why[200];
extern uint8_t image[IMAGE_MAX], kernel[IMAGE_MAX]; /* the last UKI, the kernel of all */
extern size_t image_size, kernel_size;

/* Makes the directory that holds everything, also what plays /sys, and goes there. */
void set_up(const char *dir);
void set_up_vfat(void); /* the same on the kernel's vfat, as on an ESP */

/* Writes the files of the entries: .osrel, .cmdline, .initrd, .ucode (behind .initrd on purpose),
 * .linux; /linux, /a.img and /b.img. */
void make_uki(const char *ucode, const char *initrd, uint16_t pe_machine);
void put_conf(const char *text);
void put_files(void);

/* stage_check() with why. */
int check(const struct rung *r, struct stage *s);

int n_open(void); /* files of this process */

/* Its content is exactly this, and nobody can change it any more. */
void check_memfd(int fd, const void *data, size_t len, const char *name);
