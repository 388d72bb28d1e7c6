# A project that has rcycle's source as a folder builds and runs, with nothing
# of rcycle but the library.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${WORK_DIR})
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR} -G ${GENERATOR}
        -DRCYCLE_SOURCE_DIR=${SOURCE_DIR} -DCMAKE_C_COMPILER=${C_COMPILER}
        -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR} --target run
    COMMAND_ERROR_IS_FATAL ANY)

foreach(folder tests examples)
    if(EXISTS ${WORK_DIR}/rcycle/${folder})
        message(FATAL_ERROR "rcycle's ${folder} are part of a project that only uses it")
    endif()
endforeach()
