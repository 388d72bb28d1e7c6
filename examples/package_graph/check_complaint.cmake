# Runs PROGRAM on INPUT, which is broken. The program has to end with 1, say the
# line on standard error that stands in the file beside INPUT, with the suffix
# .expected, and report that nothing is left.

cmake_minimum_required(VERSION 3.25)

cmake_path(GET INPUT PARENT_PATH folder)
cmake_path(GET INPUT FILENAME name)
cmake_path(REPLACE_EXTENSION INPUT LAST_ONLY .expected OUTPUT_VARIABLE expected_file)

execute_process(COMMAND ${LAUNCHER} ${PROGRAM} ${name}
    WORKING_DIRECTORY ${folder}
    OUTPUT_VARIABLE printed
    ERROR_VARIABLE errors
    RESULT_VARIABLE result)
file(READ ${expected_file} expected)
if(NOT result STREQUAL "1"
        OR NOT errors STREQUAL expected
        OR NOT printed STREQUAL "Nothing is left: 0 nodes, 0 bytes.\n")
    message(FATAL_ERROR "${name} gave ${result}\n---- expected on standard error\n${expected}"
        "---- errors\n${errors}---- printed\n${printed}----")
endif()
