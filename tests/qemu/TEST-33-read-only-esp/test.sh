# shellcheck shell=bash
# The ESP is mounted read-only, and stays so while the entry on it is blessed. Nor does the loader's
# random seed make trouble there.
machine esp late
late_script <<'END'
random=systemd-boot-random-seed.service
state() { echo "$(findmnt -n -o VFS-OPTIONS /efi | cut -d, -f1) $(ls /efi/loader/entries | paste -sd' ')"; }
echo "TEST: blessed: $(state)"
exec {watch}< <(exec /usr/lib/bootassess-test/watch /efi)
pid=$!
read -r -t 60 -u $watch seen && echo "TEST: watch: $seen"
bootassess rearm active
echo "TEST: re-armed: $(state)"
rm /run/bootassess/*.blessed
systemctl restart bootassess-bless.service
echo "TEST: blessed again: $(state)"
read -t 0 -u $watch && echo "TEST: watch: saw something" || echo "TEST: watch: saw nothing"
touch /efi/x 2>/dev/null || echo "TEST: not writable"
# Could it have seen it?
mount -o remount,rw /efi
read -r -t 60 -u $watch seen && echo "TEST: watch: $seen"
mount -o remount,ro /efi
kill $pid

rm /etc/systemd/system/$random
systemctl daemon-reload
systemctl start $random && echo "TEST: random seed: $(systemctl show -P Result $random) $(systemctl show -P ExecMainStatus $random)"
echo "TEST: units that failed: $(systemctl list-units --failed --plain --no-legend | wc -l)"
echo "TEST: generated: $(cd /run/systemd/generator && ls -d basic.target.wants/boota* boot-complete.target.d 2>/dev/null | paste -sd' ')"
systemctl poweroff -ff
END
late_entry active+3 fstab=no systemd.gpt_auto=no test.late=script \
	"systemd.mount-extra=PARTUUID=${PART_UUID[esp]}:/efi:vfat:ro,umask=0077"
boot
expect 'TEST: blessed: ro active\.conf$'
expect 'TEST: re-armed: ro active\+3-0\.conf$'
expect 'TEST: blessed again: ro active\.conf$'
expect 'TEST: watch: ready$'
expect 'TEST: watch: saw nothing$'
expect 'TEST: not writable$'
expect 'TEST: watch: /efi is writable$'
expect 'TEST: random seed: success 1$'
expect 'TEST: units that failed: 0$'
expect 'TEST: generated: basic\.target\.wants/bootassess-bless\.service basic\.target\.wants/bootassess-motd\.service$'
expect_entries active
