# Compiles the C in DOCUMENT, a page or a header: the blocks after ```c, or between
# @code and @endcode. COMPILER with FLAGS compiles, in FOLDER; LIBRARY is linked.
#
#   begins with #include     a program of its own: compiled as it is, and run
#   begins with static       declarations: at file scope, and seen by the blocks behind
#   begins "struct name {"   the same, and seen by all blocks
#   anything else            statements: in a function, which is run in a heap of
#                            its own; assertions in it hold
#
# What is printed has to be what a block without a language says, if only blank lines
# or "It prints:" stand between. Nothing of a page with a main() of its own is run.
# The helper functions that the text takes for granted are in taken_for_granted.h.

cmake_minimum_required(VERSION 3.25)

separate_arguments(FLAGS UNIX_COMMAND "${FLAGS}")
cmake_path(GET DOCUMENT FILENAME document_name)
string(MAKE_C_IDENTIFIER ${document_name} stem)
file(MAKE_DIRECTORY ${FOLDER})

# Compiles `text`; runs it if `run` says so, and leaves what it prints in `printed`.
function(compile_and_run name text run)
    file(WRITE ${FOLDER}/${name}.c "${text}")
    execute_process(COMMAND ${COMPILER} ${FLAGS} ${FOLDER}/${name}.c ${LIBRARY} -pthread
            -o ${FOLDER}/${name}
        ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(NOT result STREQUAL "0")
        message(FATAL_ERROR "A snippet does not compile\n${errors}")
    endif()
    set(printed "")
    if(run)
        execute_process(COMMAND ${LAUNCHER} ${FOLDER}/${name}
            OUTPUT_VARIABLE printed
            ERROR_VARIABLE errors
            RESULT_VARIABLE result)
        if(NOT result STREQUAL "0")
            message(FATAL_ERROR
                "The snippets of ${DOCUMENT} end with ${result}\n${printed}${errors}")
        endif()
    endif()
    set(printed "${printed}" PARENT_SCOPE)
endfunction()

function(compare line printed expected)
    if(NOT printed STREQUAL expected)
        message(FATAL_ERROR "${DOCUMENT}:${line}: it does not print what is written there\n"
            "---- expected\n${expected}---- printed\n${printed}----")
    endif()
endfunction()

set(structs "#include \"taken_for_granted.h\"\n")
set(declarations "")
set(calls "")
set(lines_with_output "")
set(snippets 0)
set(whole_page_has_main FALSE)

# Takes in the block of C that begins behind `line`.
function(take_snippet line text)
    math(EXPR first "${line} + 1")
    set(place "#line ${first} \"${DOCUMENT}\"\n")
    if(text MATCHES "^#include")
        compile_and_run(${stem}_${line} "${place}${text}" TRUE)
        set(program_printed "${printed}" PARENT_SCOPE)
    elseif(text MATCHES "^struct [a-z_]+ {")
        string(APPEND structs "${place}${text}")
    elseif(text MATCHES "^static ")
        string(APPEND declarations "${place}${text}")
        if(text MATCHES "int main\\(")
            set(whole_page_has_main TRUE PARENT_SCOPE)
        endif()
    else()
        string(APPEND declarations
            "static void snippet_${line}(void)\n{\n${place}${text}}\n")
        string(APPEND calls "    run_snippet(${line}, snippet_${line});\n")
    endif()
    set(structs "${structs}" PARENT_SCOPE)
    set(declarations "${declarations}" PARENT_SCOPE)
    set(calls "${calls}" PARENT_SCOPE)
endfunction()

# ---- line by line, and not as a list: lists take semicolons and brackets apart ------

file(READ ${DOCUMENT} rest)
set(number 0)
set(state text) # or c, plain, other: in such a block
set(snippet 0)  # the line of the snippet that was seen last, 0 if its output cannot follow
while(NOT rest STREQUAL "")
    math(EXPR number "${number} + 1")
    string(FIND "${rest}" "\n" end)
    string(SUBSTRING "${rest}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" ${end} -1 rest)

    if(state STREQUAL "text")
        set(block "")
        set(begin ${number})
        if(line STREQUAL "```c" OR line MATCHES "^ \\* @code$")
            set(state c)
        elseif(line STREQUAL "```")
            set(state plain)
        elseif(line MATCHES "^```")
            set(state other)
        elseif(NOT line STREQUAL "" AND NOT line STREQUAL "It prints:")
            set(snippet 0)
        endif()
    elseif(line STREQUAL "```" OR line MATCHES "^ \\* @endcode$")
        if(state STREQUAL "c")
            math(EXPR snippets "${snippets} + 1")
            set(snippet ${begin})
            set(program_printed)
            take_snippet(${begin} "${block}")
        elseif(state STREQUAL "plain" AND snippet AND DEFINED program_printed)
            compare(${snippet} "${program_printed}" "${block}")
        elseif(state STREQUAL "plain" AND snippet)
            list(APPEND lines_with_output ${snippet})
            set(expected_${snippet} "${block}")
        endif()
        set(state text)
    else()
        string(REGEX REPLACE "^ \\*( |$)" "" line "${line}")
        string(APPEND block "${line}\n")
    endif()
endwhile()
if(snippets EQUAL 0)
    message(FATAL_ERROR "${DOCUMENT} has no C in it")
endif()

# ---- what is left is one program ---------------------------------------------------

if(whole_page_has_main)
    compile_and_run(${stem} "${structs}${declarations}" FALSE)
else()
    set(main "int main(void)\n{\n${calls}    return 0;\n}\n")
    compile_and_run(${stem} "${structs}${declarations}${main}" TRUE)
endif()
foreach(line IN LISTS lines_with_output)
    string(FIND "${printed}" "@ ${line}\n" start)
    string(SUBSTRING "${printed}" ${start} -1 output)
    string(REGEX REPLACE "^@ [0-9]+\n" "" output "${output}")
    string(FIND "${output}" "@ " length)
    string(SUBSTRING "${output}" 0 ${length} output)
    compare(${line} "${output}" "${expected_${line}}")
endforeach()
message(STATUS "${snippets} snippets of ${document_name}")
