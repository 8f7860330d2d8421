#include "cli/spare_evidence.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "decode/sniff.h"

namespace landwarden::cli {
namespace {

/// Whether two paths lead to one file, or the first to something in the folder that the second names.
bool lies_in(const std::filesystem::path& file, const std::filesystem::path& evidence) {
  std::error_code error;
  if (std::filesystem::equivalent(file, evidence, error)) return true;
  const auto inner = std::filesystem::canonical(file, error),
             outer = std::filesystem::canonical(evidence, error);
  if (error || outer.empty()) return false;
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

Result<void> spare_evidence(const std::string& output, const std::vector<std::string>& evidence,
                            const std::string& what) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(output, error)) return {};
  std::string head(decode::kSniffBytes, '\0');
  std::ifstream stream(output, std::ios::binary);
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(stream.gcount()));
  const decode::Sniffed there = decode::sniff(head, true);
  if (there.kind == decode::Kind::evtx || there.kind == decode::Kind::evtx_chunks) {
    return fail(ErrorCode::invalid, "would be replaced by " + what + ", and it is an event log",
                {output, 0, 0, {}}, "-o names the file to write; evidence is named without an option");
  }
  if (head.empty() || there.name == decode::kTimelineName) return {};
  const bool part = std::ranges::any_of(
      evidence, [&](const std::string& path) { return path != "-" && lies_in(output, path); });
  if (!part) return {};
  return fail(ErrorCode::invalid, "would be replaced by " + what + ", and it is part of the evidence",
              {output, 0, 0, {}}, "name another file with -o, best in a folder of its own");
}

Result<std::optional<report::OutputFile>> open_answer(const std::string& output,
                                                      const std::vector<std::string>& evidence) {
  if (output.empty()) return std::nullopt;
  if (auto spared = spare_evidence(output, evidence, "the answer"); !spared)
    return std::unexpected(std::move(spared.error()));
  auto opened = report::OutputFile::open(output);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return std::move(*opened);
}

}  // namespace landwarden::cli
