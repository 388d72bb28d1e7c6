#include <rcycle/result.h>

const char *gc_result_text(enum gc_result result)
{
    switch (result) {
    case GC_OK:
        return "done";
    case GC_ENOMEM:
        return "out of memory";
    case GC_ELIMIT:
        return "memory limit reached";
    case GC_EINVAL:
        return "invalid argument";
    case GC_ERANGE:
        return "out of range";
    case GC_EBUSY:
        return "not possible at this moment";
    case GC_ETYPE:
        return "value of the wrong type";
    case GC_ENOKEY:
        return "no such key";
    }
    return "unknown result";
}
