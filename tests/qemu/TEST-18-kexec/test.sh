# shellcheck shell=bash
# The loader's default is an exhausted slot: the next slot runs in the same power cycle, and knows
# who it is. A kexec that arrived is no failure: after a power cut the next boot does the same.
# images: bookworm
# soak: trixie trixie-plain
machine esp root
loader_conf 'default active*'
entry active+0-4 test.pre=config-kexec
PANIC='' entry passive+3

boot
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by kexec'
expect 'bootassess: stage passive\.conf'
expect 'bootassess: record open passive\.conf kexec'
expect 'bootassess: charge passive\.conf \+3 \+2-1'
expect 'bootassess: kexec passive\.conf'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1 via kexec'
expect 'bootassess: record arrived passive\.conf kexec'
expect_root passive
expect 'TEST: root reached.* panic=30 bootassess\.booted=passive\.conf bootassess\.txn=1 systemd\.mask=systemd-bless-boot\.service$'
expect_boots 2 1
expect_entries active+0-5 passive+2-1

boot
expect 'bootassess: record closed passive\.conf kexec'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-6 -> passive\.conf by kexec'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+1-2 via kexec'
expect_root passive
expect_boots 2 1
expect_entries active+0-6 passive+1-2
