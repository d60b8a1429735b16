# shellcheck shell=bash
# stories: F18
# The watchdog outlives a kexec, also where the process that feeds it had not come to it yet: the
# decision starts it. The kernel that is started there hangs (a panic without panic=), and the
# machine comes back, remembers that, and goes to the same entry through the firmware.
machine esp root
watchdog
loader_conf 'default active*'
entry active+0-4 test.conf=Watchdog/Watchdog=30 test.no-deadline watchdog.stop_on_reboot=0
PANIC=panic=0 entry passive+3 test.pre=panic-after-kexec watchdog.stop_on_reboot=0
boot
expect 'bootassess: watchdog0 \(.*\) runs: without being fed for 30 s'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by kexec'
expect 'Kernel panic'
expect 'bootassess: assess: switch \((kexec-lost|not-reached)\): .* -> passive\.conf by firmware'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1'
expect_root passive
expect_boots 4 3
