# shellcheck shell=bash
# stories: F17
# A file system of the running system does not come. local-fs.target fails, and systemd would wait
# for a person in emergency mode: the slot is left instead, and the next one is blessed.
machine esp late
late_entry active+1-2 test.late=wait \
	"systemd.mount-extra=$(root_is missing):/srv:ext4:x-systemd.device-timeout=1s"
late_entry passive+3
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3$'
expect 'bootassess: fail: switch \(failed\): active\.conf \+0-3 -> passive\.conf by (kexec|firmware)'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect 'TEST: bless: loaded active'
expect_boots 2
