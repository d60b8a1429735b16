# shellcheck shell=bash
# With bootassess-reboot.service an ordinary restart is a kexec into what would boot next, without UEFI and
# with /boot on ext4 too; the one after it goes through the firmware by itself.
# images: grub-bios
# soak: uki
set_up late
late_script <<'END'
echo "TEST: started by $(cat /proc/sys/kernel/bootloader_type)"
systemctl reboot
END
slot active "root=$(root_is late)" rw fstab=no systemd.gpt_auto=no test.late=script,wait \
	systemd.wants=bootassess-reboot.service
slot passive+3
set_up_boot active -u 'Linux version' -n 3
expect 'bootassess: reboot: starting "active\.(conf|efi)" by kexec'
expect 'TEST: started by 208'
expect_boots 3 2
