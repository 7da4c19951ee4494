# SPDX-License-Identifier: GPL-3.0-or-later
# One folder, one target. The three helpers say what kind of target a folder is.

# rostrum_library(<name> SOURCES … [LINK …] [PRIVATE_LINK …]): a static library rostrum_<name>, alias rostrum::<name>.
function(rostrum_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(rostrum_${name} STATIC ${ARG_SOURCES})
  add_library(rostrum::${name} ALIAS rostrum_${name})
  target_link_libraries(rostrum_${name} PUBLIC rostrum_compiler ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()

# rostrum_executable(<name> SOURCES … LINK …): an executable in <build>/bin.
function(rostrum_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE rostrum_compiler ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(NOT ROSTRUM_CRASH_POINTS)  # what is given away cannot be told to die (common/base/crash_point.hpp)
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
      COMMAND sh -c "! grep -q ROSTRUM_CRASH_AT \"$1\" || { echo \"$1 has crash points in it\" >&2; exit 1; }" -- $<TARGET_FILE:${name}>)
  endif()
endfunction()

# rostrum_test(<name> SOURCES … LINK … [LABEL unit|contract|service]): one GoogleTest executable; CTest sees one test per executable, so that
# a cold run does not start hundreds of processes under ASan.
function(rostrum_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINK;COMMAND" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE rostrum_compiler GTest::gtest GTest::gmock GTest::gtest_main ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${ARG_LABEL}.${name} COMMAND ${ARG_COMMAND} $<TARGET_FILE:${name}>)
  set_tests_properties(${ARG_LABEL}.${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()
