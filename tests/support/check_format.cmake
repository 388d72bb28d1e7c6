# Every source in ROOT is laid out as CLANG_FORMAT would.

cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE sources
    ${ROOT}/include/*.h ${ROOT}/src/*.[ch] ${ROOT}/tests/*.[ch] ${ROOT}/examples/*.[ch])
if(NOT sources)
    message(FATAL_ERROR "No sources in ${ROOT}")
endif()
execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror ${sources} RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
    message(FATAL_ERROR "clang-format would lay this out differently; to have it done:\n"
        "clang-format -i $(git ls-files '*.[ch]')")
endif()
