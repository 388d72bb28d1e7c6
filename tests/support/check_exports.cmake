# What SHARED exports begins with gc_ or zval_; what STATIC defines for other
# files, with rc__ too. NM lists them.

cmake_minimum_required(VERSION 3.25)

function(check library names)
    execute_process(COMMAND ${NM} ${ARGN} ${library}
        OUTPUT_VARIABLE symbols
        COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^\n]+" symbols "${symbols}")
    if(NOT symbols)
        message(FATAL_ERROR "${library} has no symbols")
    endif()
    list(FILTER symbols EXCLUDE REGEX " (${names})[A-Za-z0-9_]+$")
    if(symbols)
        list(JOIN symbols "\n" symbols)
        message(FATAL_ERROR "${library} has symbols that do not begin with ${names}:\n${symbols}")
    endif()
endfunction()

check(${SHARED} "gc_|zval_" -D --defined-only)
check(${STATIC} "gc_|zval_|rc__" -g --defined-only)
