/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "facts.h"
#include "machine.h"
#include "stage.h"

/* Whether this machine may kexec now, as far as it can be said without the target. Fills in
 * f->against, f->locked and f->kernel. What cannot be read speaks against a kexec; whether the
 * kernel is locked down cannot be read without securityfs, then Secure Boot alone says so. Nothing
 * is read, and nothing speaks against it, where Method= has no kexec. */
void fitness_read(const struct machine *m, struct facts *f);

/* What speaks against this image: AGAINST_SIGNATURE, AGAINST_MEMORY. available: fitness_memory()
 * before anything of it was copied. */
unsigned int fitness_image(const struct facts *f, const struct stage *s, uint64_t available);

/* True if the kernel allows one load more than a kexec needs (kexec_load_limit_reboot counts also
 * those that fail). */
bool fitness_may_load_twice(const struct machine *m);

/* Bytes of memory that can be had without swapping (MemAvailable), 0 = unknown. */
uint64_t fitness_memory(const struct machine *m);

/* True if the firmware asks for signatures (Secure Boot). Source: UEFI 2.10 section 3.3. */
bool fitness_is_secure_boot(const struct machine *m);
