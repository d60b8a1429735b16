# shellcheck shell=bash
# XBOOTLDR holds the entries. What a kexec started is not blessed, but has its tries again: that the
# firmware can boot it is shown by the next boot through the firmware, which is a boot of this slot.
machine esp xbootldr late
loader_conf 'default active*'
late_script <<'END'
case $(cat /proc/sys/kernel/bootloader_type) in
208) systemctl reboot -ff ;;
*) [ "$1" = active ] && bootassess switch passive || systemctl poweroff -ff ;;
esac
END
late_entry -on xbootldr active fstab=no systemd.gpt_auto=no test.late=script
late_entry -on xbootldr passive+1-2 fstab=no systemd.gpt_auto=no test.late=script
late_entry -on xbootldr recovery+0-3
boot
expect 'bootassess: assess: proceed \(good\): active\.conf$'
expect 'bootassess: assess: proceed \(last-try\): passive\.conf \+0-3 via kexec$'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1$'
expect_boots 3 2
expect_entries -on xbootldr active passive recovery+3-0
