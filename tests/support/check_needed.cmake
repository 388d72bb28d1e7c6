# SHARED needs the C library, its loader and its threads, and nothing else.

cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${READELF} --dynamic --wide ${SHARED}
    OUTPUT_VARIABLE dynamic
    COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" needed "${dynamic}")
if(NOT needed)
    message(FATAL_ERROR "${SHARED} needs nothing at all, not even the C library?\n${dynamic}")
endif()
list(TRANSFORM needed REPLACE ".*\\[(.*)\\]" "\\1")
list(FILTER needed EXCLUDE REGEX "^(libc|libpthread|ld-linux.*)\\.so\\.[0-9]+$")
if(needed)
    message(FATAL_ERROR "${SHARED} needs ${needed}")
endif()
