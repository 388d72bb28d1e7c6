# A project outside finds the package in PREFIX, in its own versions only, and
# runs with each of its libraries.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${WORK_DIR})

function(configure result_variable directory)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/${directory} -G ${GENERATOR}
            -DCMAKE_PREFIX_PATH=${PREFIX} -DCMAKE_C_COMPILER=${C_COMPILER}
            -DCMAKE_CXX_COMPILER=${CXX_COMPILER} ${ARGN}
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output
        RESULT_VARIABLE result)
    set(${result_variable} ${result} PARENT_SCOPE)
    set(output "${output}" PARENT_SCOPE)
endfunction()

foreach(shared DEFAULT ON OFF)
    set(choice)
    if(NOT shared STREQUAL "DEFAULT")
        set(choice -DBUILD_SHARED_LIBS=${shared})
    endif()
    configure(result ${shared} ${choice} -DRCYCLE_WANTED_VERSION=${VERSION})
    if(NOT result STREQUAL "0")
        message(FATAL_ERROR "The consumer cannot be configured:\n${output}")
    endif()
    execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR}/${shared} --target run
        COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# Versions that are not promised to be compatible, as of src/CMakeLists.txt.
string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" ignored ${VERSION})
math(EXPR major_above "${CMAKE_MATCH_1} + 1")
math(EXPR minor_above "${CMAKE_MATCH_2} + 1")
math(EXPR minor_below "${CMAKE_MATCH_2} - 1")
set(refused ${major_above}.0 ${CMAKE_MATCH_1}.${minor_above})
if(CMAKE_MATCH_1 EQUAL 0 AND CMAKE_MATCH_2 GREATER 0)
    list(APPEND refused 0.${minor_below})
endif()
foreach(wanted IN LISTS refused)
    configure(result version_${wanted} -DRCYCLE_WANTED_VERSION=${wanted})
    if(result STREQUAL "0" OR NOT output MATCHES "compatible")
        message(FATAL_ERROR "A consumer that wants ${wanted} is not turned away:\n${output}")
    endif()
endforeach()
