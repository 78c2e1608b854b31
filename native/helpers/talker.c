/*
 * talker FILE
 *
 * Talks to itself over a TCP connection on loopback, and counts the answers in FILE: what a checkpoint and a restore
 * must not notice. It is saved and brought back to find out whether a CRIU works here. Ends by itself after a minute.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	char byte = 0;

	if (argc != 2)
		return 2;
	int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	if (file < 0 || listener < 0 || client < 0)
		return fail("open");
	if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0)
		return fail("listen");
	if (getsockname(listener, (struct sockaddr *)&address, &length) != 0)
		return fail("getsockname");
	if (connect(client, (struct sockaddr *)&address, length) != 0)
		return fail("connect");
	int server = accept(listener, 0, 0);
	if (server < 0)
		return fail("accept");
	for (int count = 1; count < 12000; count++) {
		if (write(client, "x", 1) != 1 || read(server, &byte, 1) != 1)
			return fail("there");
		if (write(server, "y", 1) != 1 || read(client, &byte, 1) != 1)
			return fail("back");
		if (dprintf(file, "%d\n", count) < 0)
			return fail("write");
		usleep(5000);
	}
	return 0;
}
