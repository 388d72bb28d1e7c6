# Runs PROGRAM on INPUT, or on its sample, and compares the report with the file
# EXPECTED. CLOSURE is the package whose needs are listed, if any. How many bytes objects take is the library's business and may
# change, so in the rows about that a figure other than 0 is written as #.

cmake_minimum_required(VERSION 3.25)

set(arguments --no-times)
set(folder .)
if(DEFINED INPUT)
    cmake_path(GET INPUT PARENT_PATH folder)
    cmake_path(GET INPUT FILENAME name)
    list(APPEND arguments ${name})
endif()
if(CLOSURE)
    list(APPEND arguments --closure ${CLOSURE})
endif()

execute_process(COMMAND ${LAUNCHER} ${PROGRAM} ${arguments}
    WORKING_DIRECTORY ${folder}
    OUTPUT_VARIABLE rest
    ERROR_VARIABLE errors
    RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
    message(FATAL_ERROR "${PROGRAM} ended with ${result}\n${rest}${errors}")
endif()

# Line by line, and not as a list: lists take semicolons and brackets apart.
set(printed "")
while(NOT rest STREQUAL "")
    string(FIND "${rest}" "\n" end)
    string(SUBSTRING "${rest}" 0 ${end} line)
    string(LENGTH "${line}" columns)
    if(columns GREATER 80)
        message(FATAL_ERROR "${columns} columns:\n${line}")
    endif()
    if(line MATCHES "^ +[0-9,]+  bytes$|^  bytes")
        string(REGEX REPLACE "[1-9][0-9,]*" "#" line "${line}")
        string(REGEX REPLACE " +" " " line "${line}")
    endif()
    string(APPEND printed "${line}\n")
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" ${end} -1 rest)
endwhile()

if(DEFINED WRITE)
    file(WRITE ${EXPECTED} "${printed}")
endif()
file(READ ${EXPECTED} expected)
if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "the report is not that of ${EXPECTED}\n"
        "---- expected\n${expected}---- printed\n${printed}---- errors\n${errors}----")
endif()
