# shellcheck shell=bash
# The loader hides the target, so it ignores the one-shot: that is found out at the next boot, the
# next method follows, and the device ends in a rung that the loader does boot.
machine esp root
loader_conf 'default active*'
entry active+0-4
{
	echo 'title passive'
	echo 'sort-key 2'
	echo 'architecture aa64'
	echo 'linux /linux'
	echo 'initrd /initrd'
} | esp_put - /loader/entries/passive+3.conf
entry recovery+3
boot
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by firmware'
expect 'bootassess: assess: switch \(not-reached\): active\.conf \+0-6 -> passive\.conf by order'
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1'
expect 'bootassess: record closed passive\.conf order'
expect_root recovery
expect_boots 3
expect_entries active+0-9 passive+3 recovery+2-1
