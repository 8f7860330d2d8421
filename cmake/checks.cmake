# Tests that are not a room's own: what reads the sources ("papers"), the golden cases, and the libraries that setup
# fetches.
if(BUILD_TESTING)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

  function(lw_add_paper_test name)
    add_test(NAME papers.${name} COMMAND ${Python3_EXECUTABLE} ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(papers.${name} PROPERTIES LABELS papers SKIP_RETURN_CODE 77
      ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endfunction()
  lw_add_paper_test(layering tests/layering_test.py)
  lw_add_paper_test(layering_catches_bad_samples tests/layering_test.py --self-test)
  lw_add_paper_test(tidy tests/tidy_test.py)
  lw_add_paper_test(tidy_catches_bad_samples tests/tidy_test.py --self-test)
  lw_add_paper_test(golden_runner_catches_differences tests/golden_test.py --self-test)
  lw_add_paper_test(dev tests/dev_test.py)
  lw_add_paper_test(assurance tests/assurance_test.py)
  lw_add_paper_test(vectors tests/vectors_test.py)
  lw_add_paper_test(lint_codes tests/lint_codes_test.py)
  add_test(NAME golden.readme COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/readme_output.py
    --check --program ${CMAKE_BINARY_DIR}/landwarden)
  set_tests_properties(golden.readme PROPERTIES LABELS golden SKIP_RETURN_CODE 77
    ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  lw_add_paper_test(content tests/content_test.py)
  if(TARGET landwarden)  # the tests that the rules carry, run by the engine
    add_test(NAME content.rules COMMAND landwarden rules test ${CMAKE_SOURCE_DIR}/content/rules)
    add_test(NAME content.commands COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/advisory_commands_test.py
      $<TARGET_FILE:landwarden> ${CMAKE_SOURCE_DIR})
    set_tests_properties(content.commands PROPERTIES SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endif()

  # One test a case, so that a failure names it.
  set(lw_golden ${CMAKE_SOURCE_DIR}/tests/golden)
  file(GLOB lw_cases CONFIGURE_DEPENDS RELATIVE ${lw_golden} ${lw_golden}/*.case)
  foreach(case IN LISTS lw_cases)
    cmake_path(GET case STEM name)
    add_test(NAME golden.${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/golden_test.py
      --program ${CMAKE_BINARY_DIR}/landwarden ${lw_golden}/${case})
    set_tests_properties(golden.${name} PROPERTIES LABELS golden SKIP_RETURN_CODE 77
      ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endforeach()

  include(cmake/arrow.cmake)
  if(TARGET lw_parquet AND NOT LW_SANITIZE)  # the wheel's libraries are not built for the sanitizers
    add_executable(lw_arrow_smoke_test tests/arrow_smoke_test.cc)
    target_link_libraries(lw_arrow_smoke_test PRIVATE lw_parquet GTest::gtest GTest::gtest_main)
    gtest_discover_tests(lw_arrow_smoke_test TEST_PREFIX arrow. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120)
  endif()
endif()
