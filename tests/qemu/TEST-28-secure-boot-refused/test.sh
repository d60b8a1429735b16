# shellcheck shell=bash
# SecureBootKexec=yes, but nobody vouches for the kernel in the UKI: the firmware path, where the
# signature of the whole file counts.
# images: trixie.unsigned
# soak: trixie.foreign

# refused REASON KERNEL
refused() {
	machine -f secure -u esp root
	loader_conf 'default active*'
	uki active+0-4 test.pre=config-kexec,config-secure-boot
	UKI_LINUX=$2 uki passive+3
	boot
	expect "active\\.efi \\+0-5 -> passive\\.efi by firmware; no kexec: $1\$"
	expect_root passive
	expect_boots 2 2
	expect_entries active+0-5.efi passive+2-1.efi
}

case $PART in
unsigned)
	cp "$WORK/parts/$IMAGE/linux" "$DIR.unsigned"
	sbattach --remove "$DIR.unsigned" 2>/dev/null
	refused signature "$DIR.unsigned"
	;;
foreign)
	refused load "$WORK/parts/$IMAGE/linux"
	;;
*) die "no part $PART" ;;
esac
