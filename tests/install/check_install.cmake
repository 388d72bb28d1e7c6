# Installs BUILD_DIR to FIRST_PREFIX and moves that to PREFIX. No file may say
# where it was built or first installed.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${FIRST_PREFIX} ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${FIRST_PREFIX}
    OUTPUT_QUIET
    COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${FIRST_PREFIX} ${PREFIX})

file(GLOB_RECURSE texts ${PREFIX}/*.h ${PREFIX}/*.cmake ${PREFIX}/*.pc)
if(NOT texts)
    message(FATAL_ERROR "Nothing was installed in ${PREFIX}")
endif()
foreach(path IN LISTS texts)
    file(READ ${path} text)
    foreach(place ${FIRST_PREFIX} ${BUILD_DIR} ${SOURCE_DIR})
        string(FIND "${text}" ${place} found)
        if(NOT found EQUAL -1)
            message(FATAL_ERROR "${path} names ${place}")
        endif()
    endforeach()
endforeach()
