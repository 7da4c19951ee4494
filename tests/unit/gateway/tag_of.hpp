// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include <gloox/tag.h>

namespace rostrum::test {

/// One element as gloox reads it.
std::unique_ptr<gloox::Tag> tag_of(std::string xml);

}  // namespace rostrum::test
