/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "config.h"
#include "counter.h"
#include "sector.h"

/* One sector: written in place, so that a power cut leaves the old or the new record. */
#define RECORD_SIZE SECTOR_SIZE
/* So often a kexec may be lost before no kernel may try again. */
#define RECORD_LOSSES_MAX 2
#define RECORD_TRIED_MAX  5
/* What counts in one digit stays there. */
#define RECORD_COUNT_MAX 9

/* In the order of a life: of two records with the same txn the later state is the newer. */
enum record_state {
	RECORD_NONE,	/* no record, or not a valid one */
	RECORD_OPEN,	/* we left for the target, and nobody has arrived yet */
	RECORD_HOLD,	/* a hold began: the next boot with nothing left re-arms at once */
	RECORD_ARRIVED, /* the target's initramfs ran */
	RECORD_CLOSED,	/* over and done with; keeps txn and rounds */
};

/* The memory of a switch across the reboot: loader/bootassess/record on $BOOT, or the EFI variable
 * BootAssessRecord where $BOOT cannot be written. */
struct record {
	uint8_t state;	      /* enum record_state */
	uint8_t method;	      /* enum method of the last attempt */
	uint8_t methods_used; /* all methods tried for this target so far */
	uint8_t rounds;	      /* holds since the last bless, 0..255 */
	uint8_t refunds;  /* tries given back in a row since the last bless, 0..RECORD_COUNT_MAX */
	uint8_t relapses; /* how often the rung that runs failed after its bless, the same */
	uint8_t resets; /* resets that were begun since the last bless of a system rung, the same */
	uint32_t txn;	/* 1.., counts up */
	struct counter target_counter;	  /* the target's counter when we left */
	char target[NAME_SIZE];		  /* id of the target; "" in a hold */
	char boot_id[37];		  /* boot that wrote it, /proc/sys/kernel/random/boot_id */
	uint32_t tried[RECORD_TRIED_MAX]; /* record_hash() of targets that could not be reached */
	uint8_t n_tried;
	uint32_t kexec_kernel;	/* record_hash() of the release of the kernel that last left by
				   kexec; 0 = none did */
	bool kexec_lost;	/* that kexec never arrived: not again from that kernel */
	uint8_t kexec_losses;	/* how often that was so, 0..RECORD_LOSSES_MAX */
	uint32_t kexec_cmdline; /* record_hash() of its command line, where that says nothing of us
				   and this record alone does; 0 = it does */
};

/* A number that stands for an id or a kernel release: CRC-32 of it in
 * lower case, and 1 for 0, which stands for none. */
uint32_t record_hash(const char *id);

/* True if this id is among r->tried. */
bool record_has_tried(const struct record *r, const char *id);

/* Adds an id to r->tried once. A full list stays as it is; decide() takes it for "all of them". */
void record_add_tried(struct record *r, const char *id);

/* Writes the record as one sector: a line "bootassess record 1", then KEY=VALUE lines, newlines up
 * to a last line "crc=XXXXXXXX\n" at the very end (CRC-32 of all before the value). Text, so that a
 * person can read it in the field. Widths of the counter above 10 digits become 10. RECORD_NONE is
 * written too (it wipes an old record), and read as -EINVAL. */
void record_encode(const struct record *r, char sector[RECORD_SIZE]);

/* Reads a sector. 0, or -EINVAL if it is not a valid record of this version (wrong length, magic,
 * CRC or a value out of range); *ret is written only on 0. Unknown keys are skipped: another slot
 * may hold a later version. */
int record_decode(const char *sector, size_t len, struct record *ret);
