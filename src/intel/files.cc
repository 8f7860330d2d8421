#include "intel/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "intel/limits.h"

namespace landwarden::intel {

namespace fs = std::filesystem;

Result<std::string> read_whole(const std::string& path, std::size_t most) {
  std::error_code unknown;
  if (fs::is_directory(path, unknown))
    return fail(ErrorCode::io, "it is a folder", {path, 0, 0, {}}, "name a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::unexpected(io_error("cannot open", path));
  constexpr std::size_t kFirstPiece = 1
                                      << 16;  // most files end in it; each further one doubles what there is
  std::string out;
  while (stream && out.size() <= most) {
    const std::size_t have = out.size();
    out.resize(std::min(have + std::max(have, kFirstPiece), most + 1));
    stream.read(out.data() + have, static_cast<std::streamsize>(out.size() - have));
    out.resize(have + static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  }
  if (stream.bad()) return std::unexpected(io_error("cannot read", path));
  if (out.size() > most) {
    return fail(ErrorCode::limit, "larger than " + std::to_string(most >> 20) + " MiB", {path, 0, 0, {}},
                "split it");
  }
  return out;
}

Result<std::vector<std::string>> files_at(const std::string& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (failed || !fs::exists(status)) {
    return fail(ErrorCode::io,
                "cannot open: " + (failed ? failed.message() : std::string("No such file or directory")),
                {path, 0, 0, {}});
  }
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  std::vector<std::string> out;
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    std::error_code unknown;
    if (at->path().filename().native().starts_with('.')) {
      if (at->is_directory(unknown)) at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(unknown)) continue;
    if (out.size() == limits::kIntelFiles)
      return fail(ErrorCode::limit, "more files than can be read at once", {path, 0, 0, {}},
                  "name fewer folders");
    out.push_back(at->path().generic_string());
  }
  if (failed) return fail(ErrorCode::io, "cannot read: " + failed.message(), {path, 0, 0, {}});
  std::ranges::sort(out);
  return out;
}

}  // namespace landwarden::intel
