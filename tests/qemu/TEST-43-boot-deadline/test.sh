# shellcheck shell=bash
# stories: F10 F16
# A boot that does not come to its bless is given up at its deadline, without a watchdog.
deadline_machine() {
	machine esp late root
	loader_conf 'default active*'
	late_entry active+1-2 test.conf=Watchdog/BootDeadlineSec=60 \
		test.conf=Initrd/EspTimeoutSec=5 "test.pre=$1"
	entry passive+3
}

echo "a hang with a systemd that lives:"
deadline_machine late-hang
boot
expect 'bootassess: deadline: this boot has not come to its bless, and is given up in 60 s'
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-3 -> passive\.conf by firmware; reason: not blessed 60 s after the start'
refute 'doing it by force'
refute 'systemd-shutdown\[1\]: Waiting for process'
expect 'systemd-shutdown\[1\]: All filesystems unmounted'
expect 'TEST: root reached.* test\.entry=passive( |$)'
refute 'TEST: root reached.* test\.entry=active( |$)'
expect_boots 2 2

echo "a PID 1 that crashed:"
deadline_machine late-crash
boot
expect 'TEST: PID 1 crashes'
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-3 -> passive\.conf by firmware'
expect 'bootassess: deadline: the machine has not restarted, doing it by force'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect_boots 2 2
