# The floors of the house, lowest first. A room may use what stands below it; tests/layering_test.py holds the finer
# table.
set(LW_ALL_ROOMS base event decode command view sigma intel triage assess engine report range cli)
set(LW_ONLY_ROOMS "" CACHE STRING "Rooms to build, if not all; those whose folder is missing are left out")
set(LW_ROOMS ${LW_ALL_ROOMS})  # never in the cache: a build folder would not learn of new rooms
if(LW_ONLY_ROOMS)
  set(LW_ROOMS ${LW_ONLY_ROOMS})
endif()

# Headers of others that most files include, read once a target instead of once a file. Only where LW_PCH asks for it:
# a file that forgets to include one of them compiles all the same.
function(lw_precompile target)
  if(LW_PCH)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <atomic> <cstdint> <deque> <expected>
      <functional> <map> <memory> <mutex> <optional> <ranges> <set> <span> <string> <string_view> <thread>
      <unordered_map> <variant> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# Makes lw_<room> out of src/<room>/**.cc, and lw_<room>_test out of its *_test.cc and *_testing.cc (what tests share).
# Files named *_main.cc belong to programs and are left to the room's own CMakeLists.txt (included when it is there; it
# can add libraries with target_link_libraries(lw_<room> …), and set test_libraries, which the tests alone need).
function(lw_add_room room lower)
  set(folder ${CMAKE_SOURCE_DIR}/src/${room})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test(ing)?\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|testing|main)\\.cc$")
  if(sources)
    add_library(lw_${room} STATIC ${sources})
    lw_precompile(lw_${room})
    set(scope PUBLIC)
  else()
    add_library(lw_${room} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(lw_${room} ${scope} ${CMAKE_SOURCE_DIR}/src)
  foreach(floor IN LISTS lower)
    target_link_libraries(lw_${room} ${scope} lw_${floor})
  endforeach()
  set(test_libraries "")
  if(EXISTS ${folder}/CMakeLists.txt)
    include(${folder}/CMakeLists.txt)
  endif()
  if(tests AND BUILD_TESTING)
    add_executable(lw_${room}_test ${tests})
    target_link_libraries(lw_${room}_test PRIVATE lw_${room} ${test_libraries} GTest::gtest GTest::gtest_main)
    lw_precompile(lw_${room}_test <gtest/gtest.h>)
    target_compile_options(lw_${room}_test PRIVATE $<$<CONFIG:Release>:-O1>)  # a quarter less to compile
    gtest_discover_tests(lw_${room}_test TEST_PREFIX ${room}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120)
  endif()
endfunction()

# One benchmark: bench/<name>_main.cc, linked with the named rooms. Built with everything else, so that it stays whole;
# under a sanitizer only when asked for.
function(lw_add_bench name)
  add_executable(lw_${name} ${CMAKE_SOURCE_DIR}/bench/${name}_main.cc)
  target_link_libraries(lw_${name} PRIVATE ${ARGN})
  if(LW_SANITIZE)
    set_target_properties(lw_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# One libFuzzer program: fuzz/<name>_fuzz.cc, linked with the named rooms.
function(lw_add_fuzzer name)
  if(LW_FUZZ)
    add_executable(${name}_fuzz ${CMAKE_SOURCE_DIR}/fuzz/${name}_fuzz.cc)
    target_link_libraries(${name}_fuzz PRIVATE ${ARGN})
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()

macro(lw_add_rooms)
  find_package(fmt REQUIRED)
  find_package(Threads REQUIRED)
  if(BUILD_TESTING)
    find_package(GTest REQUIRED)
    include(GoogleTest)
  endif()
  set(lw_lower "")
  foreach(room IN LISTS LW_ALL_ROOMS)
    if(room IN_LIST LW_ROOMS AND IS_DIRECTORY ${CMAKE_SOURCE_DIR}/src/${room})
      lw_add_room(${room} "${lw_lower}")
      if(NOT room STREQUAL "range")  # the simulator is a room beside the others: nothing but the program stands on it
        list(APPEND lw_lower ${room})
      endif()
    endif()
  endforeach()
endmacro()
