# Runs PROGRAM on INPUT again and again, each time with memory for one more
# allocation, until it gets through. Each time it has to end in order, with one
# line on standard error, and nothing may be left.

cmake_minimum_required(VERSION 3.25)

set(failures 0)
foreach(successes RANGE 5000)
    execute_process(COMMAND ${LAUNCHER} ${PROGRAM} --fail-after ${successes} ${INPUT}
        OUTPUT_VARIABLE printed
        ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(result STREQUAL "0")
        break()
    endif()
    math(EXPR failures "${failures} + 1")
    if(NOT result STREQUAL "1"
            OR NOT errors MATCHES "^[^\n]*(no|out of) memory[^\n]*\n$"
            OR NOT printed MATCHES "Nothing is left: 0 nodes, 0 bytes.\n$")
        message(FATAL_ERROR "--fail-after ${successes} gave ${result}\n${printed}${errors}")
    endif()
endforeach()
if(NOT result STREQUAL "0" OR failures LESS 10)
    message(FATAL_ERROR "after ${failures} failures the last call gave ${result}")
endif()
message(STATUS "It got through with memory for ${failures} allocations")
