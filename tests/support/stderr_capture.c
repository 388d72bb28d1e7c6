#include "stderr_capture.h"

#include <stdio.h>
#include <unistd.h>

static int run_redirected(int file, void (*action)(void *argument), void *argument)
{
    fflush(stderr);
    int before = dup(STDERR_FILENO);
    if (before < 0 || dup2(file, STDERR_FILENO) < 0) {
        return -1;
    }
    action(argument);
    fflush(stderr);
    int restored = dup2(before, STDERR_FILENO);
    close(before);
    return restored < 0 ? -1 : 0;
}

int stderr_capture(void (*action)(void *argument), void *argument, char *text, size_t size)
{
    FILE *file = tmpfile();
    if (file == NULL) {
        return -1;
    }
    int result = run_redirected(fileno(file), action, argument);
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    return result;
}
