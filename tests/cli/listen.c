// SPDX-License-Identifier: LGPL-2.1-or-later
/* listen SOCKET COMMAND...: runs the command, and prints the datagrams that it sent to the socket,
 * a blank line after each. Exit status: the command's. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int status, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char data[65536];
	ssize_t len;
	pid_t pid;

	if (argc < 3 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 125;
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 125;
	pid = fork();
	if (pid == 0) {
		execv(argv[2], argv + 2);
		_exit(126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 125;
	while ((len = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		fwrite(data, 1, (size_t)len, stdout);
		putchar('\n');
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 124;
}
