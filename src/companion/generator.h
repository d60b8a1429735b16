/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* systemd.generator(7): argv[1] is the directory that generated units go to; argv[4] may be
 * --root=DIR, for tests. Pulls in bootassess-bless.service, bootassess-check.service,
 * bootassess-guard.service and bootassess-motd.service, and gives boot-complete.target and
 * local-fs.target OnFailure=bootassess-fail.service, where this machine has a ladder: the assess
 * event of this boot found one, or, where it did not run, what the loader says it booted is on a
 * rung. A boot that was blessed is not given up any more: then, after a soft-reboot or a reload,
 * there is no OnFailure=, check or guard; the unit that blesses stays, which keeps the one of
 * systemd away, and finds nothing to do. Writes nothing in an initramfs, a container, and with
 * bootassess=0. What goes wrong is said in the kernel's log. Exit status 0, also where it could not
 * tell; 2 without a directory. */
int generator_run(int argc, char **argv);
