# shellcheck shell=bash
# Whatever the ESP, the variables or the config hold: the boot goes on.

echo "no ESP:"
machine root
direct
boot
expect 'bootassess: assess: proceed \('
expect_root direct
expect_boots 1

echo "two ESPs, and no boot loader that says which:"
machine esp esp2 root
direct
boot
expect 'bootassess: 2 ESPs, and nothing says which one was booted from'
expect 'bootassess: assess: proceed \(unknown-entry\)'
expect_root direct
expect_boots 1

echo "a FAT full of garbage:"
machine garbage root
direct
boot
expect 'bootassess: assess: proceed \('
expect_root direct
expect_boots 1

echo "garbage in every variable of the loader, 20 KiB each (the firmware's limit is 33):"
machine esp root
plain=("${QEMU_ARGS[@]}")
entry active+3
direct test.pre=efivars-garbage
boot
expect 'TEST: prepared efivars-garbage'
QEMU_ARGS=("${plain[@]}")
boot
expect 'bootassess: EFI variable LoaderBootCountPath-.* holds garbage'
expect 'bootassess: assess: proceed \(unknown-entry\)'
expect_root active
expect_boots 1

echo "an empty config:"
machine esp root
entry active+3 test.pre=config-empty
boot
expect 'TEST: prepared config-empty'
expect 'bootassess: assess: proceed \('
expect_root active
expect_boots 1

echo "a config with typos:"
machine esp root
entry active+3 test.pre=config-typo
boot
expect 'TEST: prepared config-typo'
expect 'bootassess: .*etc/bootassess/bootassess\.conf:4: Tries="many"'
expect 'bootassess: assess: proceed \('
expect_root active
expect_boots 1
