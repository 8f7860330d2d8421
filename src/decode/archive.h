// The members of an archive (zip, tar, 7z, rar, cab, cpio) and what xz, bzip2 and lz4 hold, by libarchive.
//
// Only its own .cc knows libarchive. Members are streamed; of a zip file that can seek, the central directory
// is believed. A damaged member or archive gives what came before the damage, then the error. Not
// thread-safe.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "decode/stream.h"

namespace landwarden::decode {

struct Member {
  std::string name;      ///< UTF-8; empty for the content of a single compressed file
  bool regular = false;  ///< false: folder, link, device
  bool encrypted = false;
  std::optional<std::uint64_t> size;
  Time modified = Time::unknown();
};

class Archive {
 public:
  /// `stream` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Archive>> open(ByteStream& stream);
  virtual ~Archive() = default;

  /// Goes to the next member; nothing at the end. After an error there may be no more.
  [[nodiscard]] virtual Result<std::optional<Member>> next() = 0;
  /// The bytes of the member gone to last; valid until the next call of next().
  [[nodiscard]] virtual ByteStream& content() = 0;
};

}  // namespace landwarden::decode
