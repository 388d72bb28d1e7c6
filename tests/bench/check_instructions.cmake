# Counts the instructions of a few workloads of PROGRAM under callgrind, VALGRIND,
# and compares them with RECORDED, a table with lines "compiler,workload,size,instructions".
# Unlike times they repeat. More than MARGIN percent above fails; as much below is said.
# Another COMPILER than those in the table, or another version, is not judged.
# With RECORD on, the numbers are written into the table instead.

cmake_minimum_required(VERSION 3.25)

set(workloads random-dead:20000 random-live:20000 list-live:20000 tree-live:20000 hub:20000
    churn-1:100000 churn-10:100000 binary-trees:9 build-again:100000 pair:100000 pair-zval:100000)
set(MARGIN 5)

# The instructions of the measured part alone.
function(count_instructions variable workload size)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env RCYCLE_POLICY=generational
            ${VALGRIND} --tool=callgrind --callgrind-out-file=/dev/null
            --toggle-collect=bench_measured_part ${PROGRAM} ${workload} ${size}
        OUTPUT_QUIET
        ERROR_VARIABLE report
        RESULT_VARIABLE result)
    if(NOT result STREQUAL "0" OR NOT report MATCHES "Collected : ([0-9]+)")
        message(FATAL_ERROR "callgrind ended with ${result}\n${report}")
    endif()
    set(${variable} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

set(faults 0)
set(recorded_now)
file(STRINGS ${RECORDED} lines)
foreach(entry IN LISTS workloads)
    string(REPLACE ":" ";" entry ${entry})
    list(GET entry 0 workload)
    list(GET entry 1 size)
    set(key "${COMPILER},${workload},${size}")
    set(found ${lines})
    list(FILTER found INCLUDE REGEX "^${key},")
    if(NOT found AND NOT RECORD)
        # The test's SKIP_REGULAR_EXPRESSION.
        message(STATUS "not judged: nothing is recorded for ${key}")
        return()
    endif()
    count_instructions(now ${workload} ${size})
    list(APPEND recorded_now "${key},${now}")
    if(found)
        string(REGEX REPLACE ".*," "" before "${found}")
        math(EXPR permille "(${now} - ${before}) * 1000 / ${before}")
        math(EXPR most "${MARGIN} * 10")
        set(verdict "as recorded")
        if(permille GREATER most)
            set(verdict "MORE")
            math(EXPR faults "${faults} + 1")
        elseif(permille LESS -${most})
            set(verdict "fewer: record it, so that it stays so")
        endif()
        message(STATUS "${workload} ${size}: ${before} -> ${now} (${permille} in 1000) ${verdict}")
    else()
        message(STATUS "${workload} ${size}: ${now}")
    endif()
endforeach()

if(RECORD)
    list(POP_FRONT lines heading)
    list(FILTER lines EXCLUDE REGEX "^${COMPILER},")
    list(APPEND lines ${recorded_now})
    list(SORT lines)
    list(JOIN lines "\n" text)
    file(WRITE ${RECORDED} "${heading}\n${text}\n")
elseif(faults)
    message(FATAL_ERROR "More than ${MARGIN} % above what is recorded. If that is meant, record it "
        "anew: cmake --build <dir> --target record-instructions")
endif()
