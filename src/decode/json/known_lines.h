// Knows a line of JSON by the last one of its kind, and says what differs in it.
//
// A kind is a skeleton (skeleton.h); two lines of a kind differ in a few values only, most of their bytes are
// the same. So a line is compared with the last line of the kind that came behind this one before: where they
// differ inside a value, its end is looked for, and the comparison goes on behind both. Where they differ
// elsewhere, it is of another kind: the one that it was when lines parted there before, or the one that the
// skeletons say. Nothing is ever guessed: what is found is what the skeletons would find. One worker's.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/skeleton.h"
#include "decode/json/token.h"

namespace landwarden::decode::json {

class KnownLines {
 public:
  static constexpr std::int32_t kUnknown = Skeletons::kUnknown;

  explicit KnownLines(Width width = widest());
  ~KnownLines();

  /// A record that was read: `tokens` are its values, those that it has no bytes for (they live for ever)
  /// among them. Gives the number of its kind, the next one for a new kind; kUnknown if it is not kept. The
  /// record's bytes stay until end_unit().
  std::int32_t learn(std::string_view record, std::span<const Token> tokens);
  void forget();

  /// Looks at the record that begins at the front of `text` and ends where its line ends; `readable` bytes
  /// may be read, and they stay until end_unit(). Gives the number of its kind. The rest is asked of that.
  [[nodiscard]] std::int32_t find(std::string_view text, std::size_t readable);
  /// Of the record found last.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Its values, whole: strings closed and UTF-8, though escapes, numbers and words may still be wrong.
  [[nodiscard]] std::span<const Place> places() const;
  /// Those that the record has no bytes for.
  [[nodiscard]] const char* const* elsewhere() const;
  /// That places refer to; they stay until the next record.
  [[nodiscard]] std::span<const std::string_view> texts() const;
  /// The values that are not those of the last record of its kind; all, for the first.
  [[nodiscard]] std::span<const std::uint32_t> changed() const { return changed_; }

  /// The bytes of the records may go: those of the last ones are kept elsewhere.
  void end_unit();
  [[nodiscard]] bool full() const;

 private:
  /// The last record of a skeleton.
  struct Kind {
    const char* bytes = nullptr;  ///< null: it is not kept
    std::size_t size = 0;
    std::vector<Place> places;
    std::vector<const char*> elsewhere;  ///< values that it has no bytes for
    std::vector<std::uint32_t> read;     ///< values that refer to a text, of this record only
    std::int32_t next = kUnknown;        ///< the kind that came behind it
    bool in_unit = false;
    std::unique_ptr<char[]> own;  ///< the bytes, from an earlier unit
    std::size_t own_size = 0;
  };
  /// A value that is not that of the last record.
  struct Change {
    std::uint32_t number = 0;
    Place place;
  };
  /// How a comparison ended: `differs` outside values at `at`, behind so many of them.
  struct Compared {
    enum : std::uint8_t { same, differs, broken } how = broken;
    const char* at = nullptr;
    std::size_t values = 0;
  };
  struct Parting {
    std::uint64_t key = 0;
    std::int32_t kind = kUnknown;
  };

  template <class Blocks>
  [[nodiscard]] Compared compare_by(const Kind& kind, std::string_view text, const char* last);
  [[nodiscard]] Compared compare_middle(const Kind& kind, std::string_view text, const char* last);
  [[nodiscard]] Compared compare_wide(const Kind& kind, std::string_view text, const char* last);
  [[nodiscard]] Compared compare(const Kind& kind, std::string_view text, const char* last);
  [[nodiscard]] std::int32_t find_by_last(std::string_view text, const char* last);
  [[nodiscard]] Parting& parting_at(std::int32_t kind, const Compared& compared);
  void accept_changes(Kind& kind, std::string_view record);
  void accept_tokens(Kind& kind, std::string_view record, std::span<const Token> tokens);
  void came(std::int32_t number);

  Width width_;
  Skeletons skeletons_;
  ValueTexts texts_;
  std::vector<std::unique_ptr<Kind>> kinds_;
  std::vector<Parting> partings_;   ///< by the last bits of their key
  std::int32_t before_ = kUnknown;  ///< the kind that came last
  std::size_t bytes_ = 0;           ///< of kinds
  std::size_t kept_bytes_ = 0;      ///< of records beyond their units
  std::vector<Change> changes_;     ///< of the record that is looked at, the first of these; room for all
  std::size_t changes_size_ = 0;
  std::size_t size_ = 0;
  const Kind* found_ = nullptr;
  std::vector<std::uint32_t> changed_;
  std::vector<std::int32_t> in_unit_;  ///< kinds whose last record stands in the unit
  /// Where the last record that was not known parted from known ones.
  std::array<Parting*, 4> missed_{};
  std::array<std::uint64_t, 4> missed_keys_{};
  std::size_t missed_size_ = 0;
};

}  // namespace landwarden::decode::json
