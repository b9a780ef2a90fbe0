// not COMMAND...: succeeds if the command fails, though not if it dies of a signal.
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: not <command>\n");
    return 2;
  }
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || WIFSIGNALED(status))
    return 1;
  return WEXITSTATUS(status) == 0 ? 1 : 0;
}
