# In ROOT, no two files have the same name, but for those that must.

cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE files RELATIVE ${ROOT}
    ${ROOT}/include/* ${ROOT}/src/* ${ROOT}/tests/* ${ROOT}/examples/*)
set(faults "")
foreach(file IN LISTS files)
    cmake_path(GET file FILENAME name)
    if(name MATCHES "^(CMakeLists\\.txt|README\\.md)$")
        continue()
    endif()
    if(DEFINED "path_of_${name}")
        string(APPEND faults "${path_of_${name}} and ${file}\n")
    endif()
    set("path_of_${name}" ${file})
endforeach()

if(NOT files)
    message(FATAL_ERROR "No files in ${ROOT}")
endif()
if(faults)
    message(FATAL_ERROR "Files of the same name:\n${faults}")
endif()
