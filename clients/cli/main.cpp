// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "clients/cli/commands.hpp"
#include "common/config/config.hpp"

int main(int argc, char** argv) {
  rostrum::cli::Session session(std::cin, std::cout, std::cerr,
                                rostrum::config::Config::process_environment());
  return rostrum::cli::run(argc, argv, session);
}
