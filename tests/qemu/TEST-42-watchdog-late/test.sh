# shellcheck shell=bash
# F13, F15, F16: the watchdog goes on at the switch to the root file system, and systemd feeds it there. When PID 1 crashes
# before the bless, it restarts the machine.
late="root=$(root_is late) rw"

echo "handed over:"
machine esp late
watchdog
entry active "$late" test.pre=config-watchdog test.late=watchdog,off
boot
expect 'bootassess: watchdog0 \(.*\) runs: without being fed for 30 s'
expect 'TEST: watchdog: active 30 30s 30s'
expect_boots 1

echo "a crash of PID 1 before the bless:"
machine esp late
watchdog
loader_conf 'default active*'
entry active+1-2 "$late" test.pre=config-watchdog,late-crash
entry passive+3 "$late" test.pre=config-watchdog
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3'
expect 'systemd\[1\]: Freezing execution'
refute 'bootassess: deadline:'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect_boots 3 3
