# shellcheck shell=bash
# F10, F16: a boot that does not come to its bless is given up at its deadline, without a watchdog.
late="root=$(root_is late) rw"

deadline_machine() {
	machine esp late
	loader_conf 'default active*'
	entry active+1-2 "$late" "test.pre=deadline,$1"
	entry passive+3 "$late"
}

echo "a hang with a systemd that lives:"
deadline_machine late-hang
boot
expect 'bootassess: deadline: this boot has not come to its bless, and is given up in 60 s'
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-3 -> passive\.conf by firmware; reason: not blessed 60 s after the start'
refute 'doing it by force'
expect 'TEST: root reached.* test\.entry=passive( |$)'
refute 'TEST: root reached.* test\.entry=active( |$)'
expect_boots 2 2

echo "a PID 1 that crashed:"
deadline_machine late-crash
boot
expect 'systemd\[1\]: Freezing execution'
expect 'bootassess: deadline: switch \(failed\): active\.conf \+0-3 -> passive\.conf by firmware'
expect 'bootassess: deadline: the machine has not restarted, doing it by force'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect_boots 2 2
