// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gloox/tag.h>

#include <memory>
#include <string>

namespace rostrum::test {

/// One element as gloox reads it.
std::unique_ptr<gloox::Tag> tag_of(std::string xml);

}  // namespace rostrum::test
