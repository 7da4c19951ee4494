# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings, sanitizers and ccache for every target of ours.

add_library(rostrum_compiler INTERFACE)
target_compile_options(rostrum_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
target_include_directories(rostrum_compiler INTERFACE ${PROJECT_SOURCE_DIR})

if(ROSTRUM_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ROSTRUM_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(ROSTRUM_SANITIZE)
  message(FATAL_ERROR "ROSTRUM_SANITIZE must be OFF, address or thread, not '${ROSTRUM_SANITIZE}'")
endif()

if(ROSTRUM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # libFuzzer is led by which branches of ours an input reached
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-gline-tables-only)  # stack traces with lines at a third of the object size
else()
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
endif()

if(ROSTRUM_CRASH_POINTS)
  add_compile_definitions(ROSTRUM_CRASH_POINTS)  # common/base/crash_point.hpp
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
