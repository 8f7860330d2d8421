// Files of the evidence that are no event logs, for those who want to look into them.
//
// Stands between the reader and the pipeline, on the reading thread: scripts and programs that lie among logs
// are scanned with YARA as they are met, members of archives too. What they match has no time and no host.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/input.h"
#include "engine/yara_matcher.h"

namespace landwarden::engine {

/// A rule on a file.
struct FileMatch {
  std::string source;
  sigma::Match match;
};

class OtherFilesSink final : public decode::InputSink {
 public:
  /// Both must outlive it; `first_rule` as YaraMatcher has it.
  OtherFilesSink(decode::InputSink& to, const HuntedYara& yara, std::uint32_t first_rule,
                 std::vector<FileMatch>& found)
      : to_(to), yara_(yara), first_rule_(first_rule), found_(found), scanner_(yara.rules, yara.longest) {}

  event::SourceId begin_source(const std::string& name) override { return to_.begin_source(name); }
  bool unit(decode::WorkUnit unit) override { return to_.unit(std::move(unit)); }
  void end_source(event::SourceId source, event::Receipt receipt) override {
    to_.end_source(source, std::move(receipt));
  }
  void expect_bytes(std::uint64_t bytes) override { to_.expect_bytes(bytes); }
  void passed_over(std::uint64_t bytes) override { to_.passed_over(bytes); }
  bool stopped() override { return to_.stopped(); }
  void other_file(const std::string& name, std::string_view bytes) override;
  void other_file_left_out(const std::string& name) override;

 private:
  decode::InputSink& to_;
  const HuntedYara& yara_;
  std::uint32_t first_rule_;
  std::vector<FileMatch>& found_;
  intel::YaraScanner scanner_;
};

}  // namespace landwarden::engine
