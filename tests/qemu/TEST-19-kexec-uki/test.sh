# shellcheck shell=bash
# The same with unified kernel images.
# images: trixie
# soak: bookworm
machine -u esp root
loader_conf 'default active*'
uki active+0-4 test.pre=config-kexec
uki passive+3
boot
expect 'bootassess: assess: switch \(exhausted\): active\.efi \+0-5 -> passive\.efi by kexec'
expect 'bootassess: charge passive\.efi \+3 \+2-1'
expect 'bootassess: assess: proceed \(trying\): passive\.efi \+2-1 via kexec'
expect_root passive
expect_boots 2 1
expect_entries active+0-5.efi passive+2-1.efi
