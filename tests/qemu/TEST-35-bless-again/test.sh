# shellcheck shell=bash
# One boot is blessed once: also when the unit is started again, after a soft-reboot, and when two
# come at once. A full ESP is no reason to refuse. Where the ESP is mounted writable, it stays so.
# What a person called bad is not blessed.
machine esp late
late_script <<'END'
unit=bootassess-bless.service
esp() { # COMMAND...: with the ESP at /mnt, for this command only
	unshare -m bash -euc 'mount -t vfat PARTUUID=e5900000-0000-4000-8000-000000000001 /efi; "$@"' sh "$@"
}
entries() { esp ls /efi/loader/entries | paste -sd' '; }
forget() { rm -f /run/bootassess/*.blessed; }

if [ ! -e /run/again ]; then
	touch /run/again
	echo "TEST: first: $(entries)"
	bootassess rearm active
	systemctl restart $unit
	echo "TEST: restarted: $(systemctl show -P Result $unit) $(entries)"
	systemctl soft-reboot
	exit
fi
echo "TEST: soft-reboot: $(systemctl show -P ActiveState $unit) $(systemctl show -P ConditionResult systemd-bless-boot.service) $(entries)"

# The kernel has to load it again, for a unit that may not.
modprobe -r vfat nls_cp437 nls_ascii
grep -c vfat /proc/filesystems | sed 's/^/TEST: vfat is there: /'
forget
systemctl restart $unit
echo "TEST: module: $(entries)"

bootassess rearm active
forget
bootassess bless &
bootassess bless &
wait -n; one=$?
wait -n; two=$?
echo "TEST: two at once: $one $two $(entries)"

bootassess rearm active
forget
esp dd if=/dev/zero of=/efi/full bs=64k 2>&1 | grep 'No space' | sed 's/^/TEST: /'
systemctl restart $unit
echo "TEST: full: $(systemctl show -P Result $unit) $(entries)"

mount PARTUUID=e5900000-0000-4000-8000-000000000001 /efi
rm /efi/full
bootassess rearm active
forget
systemctl restart $unit
touch /efi/x && echo "TEST: mounted: $(findmnt -n -o VFS-OPTIONS,FS-OPTIONS /efi | tr -s ' ,' '\n' | grep -cx rw) $(ls /efi/loader/entries)"
umount /efi

bootassess mark bad active
forget
systemctl restart $unit
echo "TEST: bad: $(systemctl show -P Result $unit) $(entries)"
systemctl poweroff -ff
END
late_entry active+3 fstab=no systemd.gpt_auto=no test.late=script
boot -m 2
expect 'TEST: first: active\.conf$'
expect 'TEST: restarted: success active\+3-0\.conf$'
expect 'TEST: soft-reboot: active no active\+3-0\.conf$'
expect 'TEST: vfat is there: 0$'
expect 'TEST: module: active\.conf$'
expect 'TEST: two at once: 0 0 active\.conf$'
expect 'TEST: .*No space left on device'
expect 'TEST: full: success active\.conf$'
expect 'TEST: mounted: 2 active\.conf$'
expect 'TEST: bad: exit-code active\+0-9\.conf$'
expect_boots 1 1
expect_entries active+0-9
