# shellcheck shell=bash
# Secure Boot, enforced: without leave there is no kexec. With it, nothing is added to what was
# signed, and the slot knows who it is by the record alone.

secure_machine() {
	machine -f secure -u esp root
	loader_conf 'default active*'
	uki active+0-4 "$1"
}

echo "by default:"
secure_machine test.pre=config-kexec
uki passive+3
boot
expect 'Kernel is locked down from EFI Secure Boot'
expect 'active\.efi \+0-5 -> passive\.efi by firmware; no kexec: lockdown secure-boot$'
expect_root passive
expect_boots 2 2
expect_entries active+0-5.efi passive+2-1.efi

echo "with SecureBootKexec=yes, and a kernel that is signed:"
secure_machine test.pre=config-kexec,config-secure-boot,config-append
uki passive+3
boot
expect 'bootassess: assess: switch \(exhausted\): active\.efi \+0-5 -> passive\.efi by kexec'
expect 'bootassess: assess: proceed \(trying\): passive\.efi \+2-1 via kexec'
expect "TEST: root reached cmdline=$(cat "$DIR/cmdline")\$"
expect_root passive
expect_boots 2 1
expect_entries active+0-5.efi passive+2-1.efi
