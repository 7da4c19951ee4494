// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/import/json_reader.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include "common/base/text.hpp"

namespace rostrum::cli::importing {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRemark = "rejected";
constexpr int kDeepest = 2;  // the object, and the array of groups in it

/// Thrown inside of this file only: what is wrong with a line.
struct Mistake {
  std::string what;
};

/// What the standard's parser lets pass: a key that is there twice, and depth without end.
class Strictness {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (depth >= kDeepest && (event == Event::object_start || event == Event::array_start))
      throw Mistake{"values inside of values; texts are wanted"};
    if (depth == 1 && event == Event::key && !keys_.insert(parsed.get<std::string>()).second)
      throw Mistake{"a key is there twice"};
    return true;
  }

 private:
  std::set<std::string> keys_;
};

std::string text_of(const std::string& key, const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) throw Mistake{key + ": a text is wanted"};
  return value.get<std::string>();
}

std::vector<std::string> groups_of(const Json& value) {
  if (!value.is_array()) return split_groups(text_of("groups", value));
  std::vector<std::string> groups;
  for (const auto& group : value) groups.push_back(text_of("groups", group));
  return groups;
}

Json parse(std::string_view line) {
  try {
    Strictness strictness;
    return Json::parse(line, [&strictness](int depth, Json::parse_event_t event, Json& parsed) {
      return strictness(depth, event, parsed);
    });
  } catch (const Json::parse_error& error) {  // its words quote the line, password and all
    throw Mistake{"not JSON in UTF-8, from byte " + std::to_string(error.byte) + " on"};
  }
}

Row row_of(std::string_view line) {
  const Json object = parse(line);
  if (!object.is_object()) throw Mistake{"not a JSON object: { … }"};
  Row row;
  for (const auto& [key, value] : object.items()) {
    if (key == "member_id") {
      row.member_id = text_of(key, value);
    } else if (key == "jid") {
      row.jid = text_of(key, value);
    } else if (key == "display_name") {
      row.display_name = text_of(key, value);
    } else if (key == "groups") {
      row.groups = groups_of(value);
    } else if (key == "password") {
      row.password = Secret(text_of(key, value));
    } else if (key != kRemark) {
      throw Mistake{"no such key: " + printable(key, 64)};
    }
  }
  return row;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

std::optional<Record> JsonReader::next() {
  while (!text_.empty()) {
    const auto end = std::min(text_.find('\n'), text_.size());
    auto line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    Record record{.line = line_, .raw = line, .row = {}, .mistake = {}};
    try {
      record.row = row_of(line);
    } catch (Mistake& mistake) {
      record.mistake = std::move(mistake.what);
    }
    return record;
  }
  return std::nullopt;
}

std::string JsonReader::with_remark(const Record& record, const std::string& remark) const {
  if (!record.row) return std::string(record.raw) + '\n';
  Json object = parse(record.raw);
  object[kRemark] = remark;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace rostrum::cli::importing
