// SPDX-License-Identifier: LGPL-2.1-or-later
/* The guard of late userspace with the fail that it asks for, and the end of the machine, played.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "companion/fail.h"
#include "doors/power.h"
#include "tap.h"

#define DIR   "/run/guard"
#define NOTES DIR "/run/bootassess/"
#define ID    "11111111-2222-4333-8444-555555555555"
#define RESET DIR "/proc/sysrq-trigger"
#define INIT  DIR "/proc/1"

static enum status played_status;
static enum verdict played_verdict;
static unsigned int played_s;
static bool plays_hold;

/* Runs in the guard's child. */
enum status fail_boot(struct machine *m, const struct request *q, enum event event,
		      enum verdict *ret_verdict, struct text *out)
{
	_cleanup_(closep) int wait = -1;

	(void)out;
	(void)put(DIR "/reason", q->reason, strlen(q->reason));
	(void)put(DIR "/event", event == EVENT_DEADLINE ? "deadline" : "other", 8);
	if (m->config.methods & METHOD_KEXEC)
		(void)put(DIR "/kexec", "1", 1);
	if (plays_hold)
		wait = root_lock(m->root.fd, "run/bootassess/wait", 1000);
	sleep(played_s);
	*ret_verdict = played_verdict;
	return played_status;
}

static void note_reboot(int command)
{
	(void)put(DIR "/reboot", command == (int)RB_AUTOBOOT ? "autoboot" : "other", 8);
}

static void hang_in_reboot(int command)
{
	note_reboot(command);
	sleep(100);
}

static void open_guard(struct machine *m)
{
	static const char *const names[] = {
		NOTES ID ".blessing", NOTES ID ".blessed", NOTES ID ".role", NOTES ID ".checking",
		DIR "/reason",	      DIR "/event",	   DIR "/reboot"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	(void)mkdir(DIR, 0755);
	(void)mkdir(DIR "/proc", 0755);
	(void)mkdir(INIT, 0755);
	EQ(put(INIT "/comm", "systemd\n", 8), 0, "setup");
	EQ(put(RESET, "", 0), 0, "setup");
	EQ(machine_open(DIR, m), 0, "setup");
	m->root.is_test = false;
	memcpy(m->boot_id, ID, sizeof(ID));
	m->config.esp_timeout_s = 0;
	m->config.boot_deadline_s = 1; /* long over: nothing is waited for */
	EQ(root_mkdirs(m->root.fd, "run/bootassess"), 0, "setup");
	played_status = STATUS_DONE;
	played_verdict = VERDICT_RETRY;
	played_s = 0;
	plays_hold = false;
	wrap_reboot(EPERM, note_reboot);
}

/* Returns how long it took, in milliseconds. */
static uint64_t watch(struct machine *m, enum status want, const char *name)
{
	const struct request q = {.id = NULL};
	uint64_t start_ms = power_awake_ms();
	static char buf[4096];
	pid_t self = getpid();
	enum status status;
	struct text out;

	text_init(&out, buf, sizeof(buf));
	status = guard_run(m, &q, &out);
	if (getpid() != self) /* a child returns to its main() */
		_exit(status);
	EQ(status, want, name);
	machine_close(m);
	return power_awake_ms() - start_ms;
}

static void check_file(const char *path, const char *want, const char *name)
{
	char buf[64] = "";

	(void)root_read(AT_FDCWD, path, buf, sizeof(buf), NULL);
	EQ_STR(buf, want, name);
}

static void test_blessed(void)
{
	struct machine m;
	pid_t pid;

	open_guard(&m);
	machine_set_note(&m, NOTE_BLESSING, "");
	OK(watch(&m, STATUS_DONE, "guard: blessed before") < 1000, "guard: ends at once");
	OK(!exists(DIR "/reason"), "guard: nothing was given up");
	open_guard(&m);
	m.config.boot_deadline_s = 3600;
	pid = fork();
	if (pid == 0) {
		sleep(1);
		machine_set_note(&m, "unrelated", "");
		sleep(1);
		machine_set_note(&m, NOTE_BLESSING, "");
		_exit(0);
	}
	OK(watch(&m, STATUS_DONE, "guard: blessed while it sleeps") < 4000,
	   "guard: ends when the note comes");
	(void)waitpid(pid, NULL, 0);
	OK(!exists(DIR "/reason"), "guard: nothing was given up");
}

static void test_roles(void)
{
	struct machine m;

	open_guard(&m);
	machine_set_note(&m, NOTE_ROLE, "recovery");
	m.config.recovery_deadline_s = 0;
	(void)watch(&m, STATUS_DONE, "guard: recovery has a deadline of its own");
	OK(!exists(DIR "/reason"), "guard: a repair is not ended");
	open_guard(&m);
	machine_set_note(&m, NOTE_ROLE, "system");
	played_verdict = VERDICT_PROCEED;
	(void)watch(&m, STATUS_DONE, "guard: proceed");
	check_file(DIR "/reason", "not blessed 1 s after the start", "guard: the reason");
	check_file(DIR "/event", "deadline", "guard: the event");
	OK(!exists(DIR "/kexec"), "guard: never by kexec");
	OK(!exists(DIR "/reboot"), "guard: a boot that may go on goes on");
	check_file(RESET, "", "guard: it is not reset");
}

static void set_busy(const struct machine *m, uint64_t until_s)
{
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_uint(&t, (unsigned long)until_s, 0);
	machine_set_note(m, "checking", buf);
}

/* The checks have limits of their own. */
static void test_checks(void)
{
	struct machine m;
	uint64_t took_ms;
	pid_t pid;

	open_guard(&m);
	played_verdict = VERDICT_PROCEED;
	set_busy(&m, power_awake_ms() / 1000 + 4);
	took_ms = watch(&m, STATUS_DONE, "guard: checks that may still run");
	OK(took_ms >= 2500 && took_ms < 7000, "guard: are waited for, no longer");
	check_file(DIR "/event", "deadline", "guard: then the boot is given up");

	open_guard(&m);
	played_verdict = VERDICT_PROCEED;
	set_busy(&m, power_awake_ms() / 1000 + 3600);
	pid = fork();
	if (pid == 0) {
		sleep(1);
		set_busy(&m, power_awake_ms() / 1000 + 1);
		_exit(0);
	}
	OK(watch(&m, STATUS_DONE, "guard: checks that come to their end") < 6000,
	   "guard: the deadline counts again");
	(void)waitpid(pid, NULL, 0);
	check_file(DIR "/event", "deadline", "guard: the boot is given up");
}

/* F16: systemd, or the disk, takes the restart and never comes to its end. */
static void test_force(void)
{
	struct machine m;
	uint64_t took_ms;

	open_guard(&m);
	took_ms = watch(&m, STATUS_REFUSED, "guard: a restart that does not come");
	OK(took_ms >= 2000 && took_ms < 8000, "guard: after the time of grace");
	check_file(DIR "/reboot", "autoboot", "guard: reboot(2) by force");
	check_file(RESET, "b", "guard: sysrq where that does not help");
	open_guard(&m);
	played_status = STATUS_REFUSED;
	took_ms = watch(&m, STATUS_REFUSED, "guard: a PID 1 that takes no restart");
	OK(took_ms < 2000, "guard: no time of grace for nothing");
	check_file(DIR "/reboot", "autoboot", "guard: reboot(2) at once");
	open_guard(&m);
	played_s = 100;
	took_ms = watch(&m, STATUS_REFUSED, "guard: a fail that hangs");
	OK(took_ms >= 3000 && took_ms < 9000, "guard: is not waited for");
	check_file(DIR "/reboot", "autoboot", "guard: reboot(2) without it");
	open_guard(&m);
	wrap_reboot(EPERM, hang_in_reboot);
	(void)watch(&m, STATUS_REFUSED, "guard: reboot(2) that hangs");
	check_file(RESET, "b", "guard: sysrq does not wait for it");
}

/* systemd-shutdown waits for what is left, so also for the guard. */
static void test_shutdown(void)
{
	struct machine m;
	pid_t pid;

	open_guard(&m);
	pid = fork();
	if (pid == 0) {
		sleep(1);
		(void)put(INIT "/comm", "systemd-shutdow\n", 16);
		_exit(0);
	}
	OK(watch(&m, STATUS_DONE, "guard: the services have ended") < 4000,
	   "guard: does not keep the shutdown waiting");
	(void)waitpid(pid, NULL, 0);
	check_file(DIR "/event", "deadline", "guard: it had given up the boot");
	OK(!exists(DIR "/reboot"), "guard: what is left is up to systemd-shutdown");
	check_file(RESET, "", "guard: it is not reset");
}

static void test_hold(void)
{
	struct machine m;

	open_guard(&m);
	plays_hold = true;
	played_s = 7;
	played_verdict = VERDICT_PROCEED;
	OK(watch(&m, STATUS_DONE, "guard: a wait on purpose") >= 7000, "guard: is waited for");
	OK(!exists(DIR "/reboot"), "guard: and not ended by force");
}

void test_guard(void)
{
	test_blessed();
	test_roles();
	test_checks();
	test_force();
	test_shutdown();
	test_hold();
}
