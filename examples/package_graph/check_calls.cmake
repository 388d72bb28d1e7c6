# Calls PROGRAM in the ways that no file of FOLDER stands for. What it needs is
# made in SCRATCH.

cmake_minimum_required(VERSION 3.25)

# expect(name result output-pattern error-pattern argument...)
function(expect name wanted output_pattern error_pattern)
    execute_process(COMMAND ${LAUNCHER} ${PROGRAM} ${ARGN}
        WORKING_DIRECTORY ${SCRATCH}
        INPUT_FILE ${input}
        OUTPUT_VARIABLE printed
        ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(NOT result STREQUAL wanted
            OR NOT printed MATCHES "${output_pattern}"
            OR NOT errors MATCHES "${error_pattern}")
        string(SUBSTRING "${printed}" 0 2000 printed)
        message(SEND_ERROR "${name} gave ${result}, not ${wanted}\n---- printed\n${printed}"
            "---- expected\n${output_pattern}\n---- errors\n${errors}"
            "---- expected\n${error_pattern}\n----")
    endif()
endfunction()

set(choices ${FOLDER}/unusual/choices.txt)
set(input ${choices})
set(nothing_left "Nothing is left: 0 nodes, 0 bytes.\n$")
set(only_nothing_left "^Nothing is left: 0 nodes, 0 bytes.\n$")

expect(help 0 "^Usage: package_graph " "^$" --help)
expect(times 0 "ms from text to graph\n.*ms for all answers\n.*ms counting .*ms collecting " "^$"
    ${choices})
expect(standard_input 0 "^THE GRAPH of -\n.* 5  packages\n.*${nothing_left}" "^$" -)
expect(several_files 0 " and 1 more\n.* 7  paragraphs gave way.*${nothing_left}" "^$"
    ${choices} ${choices})
expect(progress 0 "${nothing_left}" "^loading +[0-9]+ %, [0-9]+ packages\n" --progress ${choices})

expect(missing_file 1 "${only_nothing_left}"
    "^no/such/file: cannot be opened: [^\n]+\n$" no/such/file)
expect(second_file_missing 1 "${only_nothing_left}"
    "^no/such/file: cannot be opened: [^\n]+\n$" ${choices} no/such/file)
expect(folder 1 "${only_nothing_left}" "^[.]: cannot be read: [^\n]+\n$" .)
expect(unknown_package 1 "${only_nothing_left}"
    "^package_graph: there is no package nobody in this index\n$" --closure nobody ${choices})
expect(virtual_package 1 "${only_nothing_left}"
    "^package_graph: mail-transport-agent is a virtual package; postfix is one that provides it\n$"
    --closure mail-transport-agent ${choices})

expect(unknown_option 2 "^$" "^package_graph: [^\n]*: --nonsense [^\n]*\n$" --nonsense)
expect(missing_value 2 "^$" "^package_graph: [^\n]*: --closure [^\n]*\n$" --closure)
expect(bad_number 2 "^$" "^package_graph: [^\n]*: 1x [^\n]*\n$" --fail-after 1x)

# A line of more than a million bytes.
string(REPEAT "other (>= 1.0), " 65536 many)
set(long_line ${SCRATCH}/long_line.txt)
file(WRITE ${long_line}
    "Package: one\nVersion: 1\nDepends: ${many}other\n\nPackage: other\nVersion: 1\n")
expect(long_line 0 " 1  links to what a package needs.*${nothing_left}" "^$" ${long_line})

if(EXISTS /dev/full)
    execute_process(COMMAND ${LAUNCHER} ${PROGRAM} ${choices}
        OUTPUT_FILE /dev/full ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result STREQUAL "1" OR NOT errors MATCHES "the report cannot be written")
        message(SEND_ERROR "a full disk gave ${result}\n${errors}")
    endif()
endif()
