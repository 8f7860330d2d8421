// A file that is replaced whole, or not at all.
//
// What is written goes into a temporary file in the target's folder (nameless where the file system can do
// that, so that not even a killed program leaves it behind); commit() flushes it to disk and puts it in the
// target's place in one step. Without commit() the target stays what it was. "-" is standard output; that,
// devices, pipes and sockets are written in place. Not thread-safe. Small writes are buffered.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace landwarden::report {

class OutputFile {
 public:
  [[nodiscard]] static Result<OutputFile> open(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  ~OutputFile();

  /// After a failed write every later one fails too.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// Hands what is buffered to the system; for readers that wait at the other end of a pipe.
  [[nodiscard]] Result<void> flush();
  /// Makes what was written the target's content.
  [[nodiscard]] Result<void> commit();

  [[nodiscard]] bool in_place() const { return in_place_; }
  /// The last failure was that nobody reads at the other end any more (EPIPE).
  [[nodiscard]] bool reader_gone() const { return reader_gone_; }

 private:
  OutputFile() = default;
  [[nodiscard]] Result<void> open_temporary();
  [[nodiscard]] Result<void> write_through(std::string_view bytes);
  [[nodiscard]] Result<void> put_in_place();
  [[nodiscard]] Error failure(const char* what);
  void discard();

  std::string name_;       ///< as the user gave it, for messages
  std::string target_;     ///< links resolved
  std::string temporary_;  ///< empty while the temporary file has no name
  std::string buffer_;
  int descriptor_ = -1;
  bool in_place_ = false, owned_ = false, reader_gone_ = false, broken_ = false;
};

/// Opens, writes and commits.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text);

}  // namespace landwarden::report
