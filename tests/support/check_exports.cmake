# SHARED exports exactly what the headers in HEADER_DIR declare, under names
# that begin with gc_ or zval_; what STATIC defines for other files begins so,
# or with rc__. NM lists their symbols.

cmake_minimum_required(VERSION 3.25)

function(list_symbols variable library prefixes)
    execute_process(COMMAND ${NM} ${ARGN} ${library}
        OUTPUT_VARIABLE output
        COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^\n]+" symbols "${output}")
    if(NOT symbols)
        message(FATAL_ERROR "${library} has no symbols")
    endif()
    list(TRANSFORM symbols REPLACE ".* " "")
    set(${variable} ${symbols} PARENT_SCOPE)
    list(FILTER symbols EXCLUDE REGEX "^(${prefixes})[A-Za-z0-9_]+$")
    if(symbols)
        message(FATAL_ERROR
            "${library} has symbols that do not begin with ${prefixes}:\n${symbols}")
    endif()
endfunction()

list_symbols(exported ${SHARED} "gc_|zval_" -D --defined-only)
list_symbols(ignored ${STATIC} "gc_|zval_|rc__" -g --defined-only)

set(declared)
file(GLOB headers ${HEADER_DIR}/*.h)
foreach(header IN LISTS headers)
    file(READ ${header} text)
    string(REGEX MATCHALL "RCYCLE_EXPORT[^][;()]+\\(" declarations "${text}")
    list(TRANSFORM declarations REPLACE ".*[ *\n]([A-Za-z0-9_]+)\\($" "\\1")
    list(APPEND declared ${declarations})
endforeach()

set(missing ${declared})
list(REMOVE_ITEM missing ${exported})
if(missing)
    message(FATAL_ERROR "${SHARED} does not export, though a header declares it:\n${missing}")
endif()
list(REMOVE_ITEM exported ${declared})
if(exported)
    message(FATAL_ERROR "${SHARED} exports, though no header declares it:\n${exported}")
endif()
