# Runs PROGRAM, through LAUNCHER if there is one, and compares what it prints
# with what the head comment of SOURCE says:
#
#  * Output:
#  *     first line
#  *
#  *     third line, the second being empty
#  */

cmake_minimum_required(VERSION 3.25)

file(READ ${SOURCE} text)
string(FIND "${text}" "\n * Output:\n" start)
if(start EQUAL -1)
    message(FATAL_ERROR "${SOURCE} has no line ' * Output:'")
endif()
string(SUBSTRING "${text}" ${start} -1 text)
string(REPLACE "\n * Output:\n" "\n" text "${text}")
string(FIND "${text}" "\n */\n" length)
if(length EQUAL -1)
    message(FATAL_ERROR "${SOURCE}: the comment with ' * Output:' has no line ' */'")
endif()
string(SUBSTRING "${text}" 1 ${length} rest)

# Line by line, and not as a list: lists take semicolons and brackets apart.
set(expected "")
while(NOT rest STREQUAL "")
    string(FIND "${rest}" "\n" end)
    string(SUBSTRING "${rest}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" ${end} -1 rest)
    if(line MATCHES "^ \\*     (.*)$")
        string(APPEND expected "${CMAKE_MATCH_1}\n")
    elseif(line STREQUAL " *")
        string(APPEND expected "\n")
    else()
        message(FATAL_ERROR "${SOURCE}: after ' * Output:' there is a line that is neither ' *' "
            "nor ' *     text':\n${line}")
    endif()
endwhile()

execute_process(COMMAND ${LAUNCHER} ${PROGRAM}
    OUTPUT_VARIABLE printed
    ERROR_VARIABLE errors
    RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
    message(FATAL_ERROR "${PROGRAM} ended with ${result}\n${printed}${errors}")
endif()
if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "${PROGRAM} does not print what ${SOURCE} says\n"
        "---- expected\n${expected}---- printed\n${printed}---- errors\n${errors}----")
endif()
