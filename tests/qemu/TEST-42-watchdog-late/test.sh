# shellcheck shell=bash
# stories: F13 F15 F16
# The watchdog goes on at the switch to the root file system, and systemd feeds it there. When PID 1
# crashes before the bless, it restarts the machine.
late="root=$(root_is late) rw"
machine esp late
watchdog
loader_conf 'default active*'
entry active+1-2 "$late" test.conf=Watchdog/Watchdog=30 test.pre=late-crash
entry passive+3 "$late" test.conf=Watchdog/Watchdog=30 test.late=watchdog,off
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3'
expect 'TEST: PID 1 crashes'
refute 'bootassess: deadline:'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect 'TEST: watchdog: active 30 30s 30s'
expect 'TEST: bless: loaded active'
expect_boots 3 3
expect_entries active+0-4 passive
