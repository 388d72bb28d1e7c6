# A program outside builds and runs with what pkg-config says of PREFIX, shared
# and static.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBDIR}/pkgconfig)
set(ENV{LD_LIBRARY_PATH} ${PREFIX}/${LIBDIR})

function(ask variable)
    execute_process(COMMAND ${PKG_CONFIG} ${ARGN} rcycle
        OUTPUT_VARIABLE answer
        OUTPUT_STRIP_TRAILING_WHITESPACE
        COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} ${answer} PARENT_SCOPE)
endfunction()

function(build_and_run name flags)
    separate_arguments(flags UNIX_COMMAND ${flags})
    execute_process(
        COMMAND ${C_COMPILER} -o ${WORK_DIR}/${name} ${CONSUMER_DIR}/consumer.c ${flags}
        COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND ${WORK_DIR}/${name} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

ask(version --modversion)
if(NOT version STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config says version ${version}; it is ${VERSION}")
endif()
ask(flags --cflags --libs)
build_and_run(shared "${flags}")
ask(flags --static --cflags --libs)
build_and_run(static "-static ${flags}")
