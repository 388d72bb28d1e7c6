# Runs PROGRAM with few nodes and frames, in SCRATCH, and looks at what it
# prints and writes. How long frames take is not looked at.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})

# run(result argument...): sets `printed` and `errors`.
function(run wanted)
    execute_process(COMMAND ${LAUNCHER} ${PROGRAM} ${ARGN}
        WORKING_DIRECTORY ${SCRATCH}
        OUTPUT_VARIABLE printed
        ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(NOT result STREQUAL wanted)
        message(FATAL_ERROR "${ARGN}: ended with ${result}, not ${wanted}\n${printed}${errors}")
    endif()
    set(printed "${printed}" PARENT_SCOPE)
    set(errors "${errors}" PARENT_SCOPE)
endfunction()

run(0 --nodes 5000 --frames 150 --no-wait --plot "it's.svg")

# Every way has a line, and 120 of the 150 frames' effects, of 8 nodes each, have been dropped: not
# all need be collected yet, but much must be.
file(STRINGS ${SCRATCH}/frame_loop.tsv rows)
list(POP_FRONT rows heading)
string(REPLACE "\t" ";" ways "${heading}")
list(POP_FRONT ways)
foreach(way IN LISTS ways)
    if(NOT printed MATCHES "\n${way} +150 .* ([0-9]+) +[0-9.]+\n")
        message(SEND_ERROR "No line for ${way}\n${printed}")
    endif()
    string(REGEX MATCH "\n${way} +150 [^\n]* ([0-9]+) +[0-9.]+\n" line "${printed}")
    if(CMAKE_MATCH_1 LESS 10000)
        message(SEND_ERROR "${way}: ${CMAKE_MATCH_1} nodes collected\n${printed}")
    endif()
endforeach()

list(LENGTH rows frames)
if(NOT frames EQUAL 150)
    message(SEND_ERROR "frame_loop.tsv has ${frames} frames, not 150")
endif()
foreach(row IN LISTS rows)
    if(NOT row MATCHES "^[0-9]+(\t[0-9]+[.][0-9][0-9][0-9])+$")
        message(SEND_ERROR "frame_loop.tsv: ${row}")
    endif()
endforeach()

find_program(gnuplot gnuplot)
if(gnuplot)
    file(READ "${SCRATCH}/it's.svg" picture)
    if(NOT picture MATCHES "<svg.*classic.*</svg>")
        message(SEND_ERROR "The picture is none")
    endif()
elseif(NOT printed MATCHES "no picture: gnuplot is not there\n$")
    message(SEND_ERROR "Nothing is said of the missing picture\n${printed}")
endif()

run(1 --nodes 5 --frames 1 --no-wait --data no/such/folder/x)
if(NOT errors MATCHES "^frame_loop: no/such/folder/x: [^\n]+\n$")
    message(SEND_ERROR "${errors}")
endif()
foreach(arguments --nodes "--nodes;0" "--nodes;-18446744073709551615" "--frames;1x" --nonsense)
    run(2 ${arguments})
    if(NOT errors MATCHES "^usage: ")
        message(SEND_ERROR "${arguments}: ${errors}")
    endif()
endforeach()
