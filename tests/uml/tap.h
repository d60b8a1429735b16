/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One line of the Test Anything Protocol on stdout; unnumbered, since groups are processes. */
void tap_ok(bool is_ok, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A comment line. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define OK(condition, ...) tap_ok((condition), __LINE__, __VA_ARGS__)
#define EQ(got, want, name)                                               \
	do {                                                              \
		long long got_ = (got), want_ = (want);                   \
		if (got_ != want_)                                        \
			tap_note("got %lld, expected %lld", got_, want_); \
		OK(got_ == want_, "%s", name);                            \
	} while (0)
#define EQ_STR(got, want, name) tap_eq_str((got), (want), __LINE__, (name))
void tap_eq_str(const char *got, const char *want, int line, const char *name);

/* Runs a group of tests as a process of its own; its death is a failure. */
void tap_group(const char *name, void (*function)(void));

/* Small helpers for the tests: 0 or -1 with errno. */
int put(const char *path, const void *data, size_t len);
bool exists(const char *path);

/* The figure behind a word of /proc/meminfo and the like, in KiB; -1 = not there. */
long memory_kib(const char *path, const char *word);

/* Resident memory of this process: now, and then whether its peak since is at most so much more. */
long memory_start(void);
void memory_check(long start_kib, long max_kib, const char *name);

/* What the program's system calls are replaced by (see wrap.c). */
void wrap_start(void);			 /* record from here on */
const char *wrap_trace(void);		 /* "fsync active.conf; rename a>b; ..." */
void wrap_fail_sync(int nth, int error); /* the nth fsync or fdatasync fails; 0: none, -1: all */
/* The nth call that changes something (fsync, rename, mkdir, unlink, pwrite, open with O_CREAT,
 * mount) fails; 0: none. How many there were since wrap_start(). */
void wrap_fail_call(int nth, int error);
int wrap_calls(void);
void wrap_watch(void (*before)(void)); /* called before each of them; NULL: no more */
void wrap_limit_pwrite(size_t max);    /* no more bytes at once; 0: as many as there are */
void wrap_interrupt_reads(int times);  /* so many read(2) fail with EINTR */
int wrap_reads(void);		       /* how many were tried */
/* pread(2) of a file of this name fails where it reaches behind `from`; error 0: no more. */
void wrap_fail_pread(const char *name, long long from, int error);
int wrap_reboot_command(void); /* of the last reboot(2); it never happens, EPERM */
/* From here on RB_KEXEC fails with this error; `before` is called first, also for the others. */
void wrap_reboot(int kexec_error, void (*before)(int command));

/* The next calls of kexec_file_load(2) give these errors (0 = done), the rest is up to the kernel.
 * done: called after those that are done; may be NULL. */
#define WRAP_KEXEC_END -1
void wrap_kexec(const int *errors, void (*done)(bool is_loaded));

void test_root(void);
void test_log(void);
void test_power(void);
void test_module(void);
void test_watchdog(void);
void test_guard(void);
void test_efivar(void);
void test_block(void);
void test_block_wait(void);
void test_block_none(void);
void test_boot(void);
void test_mount(void);
void test_esp(void);
void test_history(void);
void test_kexec(void);
void test_unpack(void);
void test_stage(void);
void test_stage_vfat(void);
void test_stage_copy(void);
void test_stage_copy_vfat(void);
void test_handover(void);
void test_wipe(void);
void test_volume(void);
void test_grow(void);
int play_hook(void);
void test_repair(void);
void test_hostile(void);
void test_mirror(void);
void test_settle(void);
void test_install(void);
void test_install_big(void);
void test_settings(void);
void test_settle_public(void);
