// SPDX-License-Identifier: LGPL-2.1-or-later
/* Runs one fuzz target over every file of the directories given, for compilers without libFuzzer.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A buffer of just the file's size, so that AddressSanitizer finds one byte too far. */
static int replay_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0)
		data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	if (data)
		n = read(fd, data, (size_t)st.st_size);
	if (n >= 0 && n == st.st_size)
		(void)LLVMFuzzerTestOneInput(data, (size_t)n);
	else
		perror(name);
	free(data);
	if (fd >= 0)
		close(fd);
	return n < 0 || n != st.st_size ? -1 : 0;
}

/* Returns how many files were run, or -1. */
static int replay_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int files = 0;

	if (!dir) {
		perror(path);
		return -1;
	}
	while (files >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		files = replay_file(dirfd(dir), entry->d_name) < 0 ? -1 : files + 1;
	}
	closedir(dir);
	return files;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int files = replay_dir(argv[i]);

		if (files < 0)
			return EXIT_FAILURE;
		total += files;
	}
	printf("%d files\n", total);
	/* An empty corpus tests nothing. */
	return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
