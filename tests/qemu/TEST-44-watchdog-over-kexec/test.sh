# shellcheck shell=bash
# F18: the watchdog that the initramfs started outlives a kexec. The kernel that is started there hangs (a panic without
# panic=), and the machine comes back, remembers that, and goes to the same entry through the firmware.
machine esp root
watchdog
loader_conf 'default active*'
entry active+0-4 test.pre=config-watchdog watchdog.stop_on_reboot=0
PANIC=panic=0 entry passive+3 test.pre=panic-after-kexec,config-watchdog watchdog.stop_on_reboot=0
boot
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf by kexec'
expect 'Kernel panic'
expect 'bootassess: assess: switch \((kexec-lost|not-reached)\): .* -> passive\.conf by firmware'
expect 'bootassess: assess: proceed \(trying\): passive\.conf'
expect_root passive
expect_boots 4 3
