// OpenIOC 1.0 and 1.1: an XML tree of Indicator (OR, AND) and IndicatorItem.

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "decode/xml/scanner.h"
#include "intel/indicator_formats.h"
#include "intel/limits.h"

namespace landwarden::intel {
namespace {

using decode::xml::Scanner;

/// Names of elements without their prefix.
std::string_view local(std::string_view name) {
  return name.substr(name.find(':') + 1);
}

std::string attribute(const Scanner& scanner, std::string_view name) {
  for (const auto& [key, value] : scanner.attributes()) {
    if (key == name) return std::string(value);
  }
  return {};
}

std::optional<IndicatorKind> kind_of_search(std::string_view search) {
  using enum IndicatorKind;
  static constexpr std::array<std::pair<std::string_view, IndicatorKind>, 21> kSearches = {{
      {"fileitem/md5sum", md5},
      {"fileitem/sha1sum", sha1},
      {"fileitem/sha256sum", sha256},
      {"fileitem/filename", file_name},
      {"fileitem/fullpath", path},
      {"fileitem/peinfo/importhash", imphash},
      {"processitem/name", file_name},
      {"processitem/path", path},
      {"processitem/sectionlist/memorysection/md5sum", md5},
      {"serviceitem/path", path},
      {"serviceitem/pathmd5sum", md5},
      {"driveritem/drivername", file_name},
      {"network/dns", domain},
      {"dnsentryitem/host", domain},
      {"dnsentryitem/recordname", domain},
      {"network/uri", url},
      {"urlhistoryitem/url", url},
      {"network/useragent", user_agent},
      {"portitem/remoteip", ip},
      {"registryitem/keypath", registry},
      {"registryitem/path", registry},
  }};
  const std::string folded = text::folded(search);
  for (const auto& [name, kind] : kSearches) {
    if (folded == name) return kind;
  }
  return std::nullopt;
}

/// Reads one file; recursion is bounded.
class OpenIoc {
 public:
  OpenIoc(std::string_view xml, const std::string& file, IndicatorImport& to)
      : file_(file), to_(to), says_(to.provenance(file)) {
    scanner_.start(xml);
  }

  void read() {
    std::string element;
    for (;;) {
      switch (scanner_.next()) {
        case Scanner::Token::end:
          return wrong("it ends early");
        case Scanner::Token::wrong:
          return wrong(scanner_.reason());
        case Scanner::Token::close:
          // The scanner knows no end of a document: its first element says it.
          if (local(scanner_.name()) == root_) return finish();
          element.clear();
          break;
        case Scanner::Token::text:
          take(element, scanner_.value());
          break;
        case Scanner::Token::empty:
          break;
        case Scanner::Token::open:
          element = local(scanner_.name());
          if (root_.empty()) root_ = element;
          if (element == "ioc" || element == "OpenIOC") {
            is_ioc_ = true;
            id_ = attribute(scanner_, "id");
            if (const auto time = parse_time(attribute(scanner_, "last-modified"))) says_.seen = *time;
          }
          if (element != "Indicator") break;
          intel::add(all_, group(1));
          if (failed_) return;
          break;
      }
    }
  }

 private:
  void wrong(std::string why) {
    failed_ = true;
    to_.fail_file({ErrorCode::damaged, "XML: " + std::move(why), {file_, 0, 0, scanner_.position()}, {}});
  }

  void take(const std::string& element, std::string_view value) {
    std::string text;
    text::append_valid_utf8(text, value.substr(0, limits::kIndicatorBytes));
    if (element == "short_description") says_.about = refanged(text);
    if (element == "authored_by" && !refanged(text).empty()) says_.source = refanged(text);
    if (element == "authored_date") says_.seen = parse_time(refanged(text)).value_or(says_.seen);
  }

  void finish() {
    if (!is_ioc_) return wrong("no OpenIOC: there is no <ioc> in it");
    to_.put(std::move(all_), says_, file_, id_);
  }

  /// The children of an <Indicator>, up to its end.
  Alternatives group(std::size_t depth) {
    const std::string op = text::folded(attribute(scanner_, "operator"));
    if (depth > limits::kStixPatternDepth) {
      wrong("too many Indicators inside each other");
      return {};
    }
    Alternatives out;
    bool first = true;
    const auto take_one = [&](Alternatives one) {
      if (first || op != "and") {
        intel::add(out, std::move(one));
      } else {
        require(out, one);
      }
      first = false;
    };
    while (!failed_) {
      const auto token = scanner_.next();
      if (token == Scanner::Token::wrong) wrong(scanner_.reason());
      if (token == Scanner::Token::end) wrong("it ends inside an Indicator");
      if (token == Scanner::Token::close && local(scanner_.name()) == "Indicator") return out;
      if (token != Scanner::Token::open) continue;
      if (local(scanner_.name()) == "Indicator") take_one(group(depth + 1));
      if (local(scanner_.name()) == "IndicatorItem") take_one(item());
    }
    return out;
  }

  /// The rest of an <IndicatorItem>.
  Alternatives item() {
    const std::string condition = text::folded(attribute(scanner_, "condition"));
    const bool negated = text::folded(attribute(scanner_, "negate")) == "true";
    std::string search, content, element;
    while (!failed_) {
      const auto token = scanner_.next();
      if (token == Scanner::Token::wrong) wrong(scanner_.reason());
      if (token == Scanner::Token::end) wrong("it ends inside an IndicatorItem");
      if (token == Scanner::Token::open || token == Scanner::Token::empty) {
        element = local(scanner_.name());
        if (element == "Context") search = attribute(scanner_, "search");
      }
      if (token == Scanner::Token::text && element == "Content")
        text::append_valid_utf8(content, scanner_.value().substr(0, limits::kIndicatorBytes));
      if (token != Scanner::Token::close) continue;
      if (local(scanner_.name()) == "IndicatorItem") break;
      element.clear();
    }
    const auto kind = kind_of_search(search);
    if (!kind) return not_understood("no field of a log holds '" + search + "'");
    if (condition != "is" || negated)
      return not_understood("the condition '" + std::string(negated ? "not " : "") + condition + "' of " +
                            search);
    return one_of(*kind, content);
  }

  Scanner scanner_;
  const std::string& file_;
  IndicatorImport& to_;
  Provenance says_;
  Alternatives all_;
  std::string id_, root_;
  bool is_ioc_ = false, failed_ = false;
};

}  // namespace

void read_openioc(std::string_view xml, const std::string& file, IndicatorImport& to) {
  OpenIoc(xml, file, to).read();
}

}  // namespace landwarden::intel
